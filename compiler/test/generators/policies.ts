import { type Family, families } from "@hpl/runtime/facts";
import fc from "fast-check";
import type {
  Approval,
  CheckedAttribute,
  CheckedDefault,
  CheckedEffect,
  CheckedException,
  CheckedModule,
  CheckedPolicy,
  CheckedRule,
  Condition,
  FactPath,
  Limit,
  Transform,
} from "../../src/3-check/checked.js";
import { condition, glob } from "./conditions.js";
import { crowdedCondition } from "./crowded.js";
import { instant, mapKeys, words, zoneNames } from "./facts.js";

export const span = { file: 0, start: 0, end: 1 };
const source = { path: "generated.hpl", text: "policy generated governs sql\n" };

const approval: fc.Arbitrary<Approval> = fc.record({
  all: fc.constantFrom([{ group: "dba", count: 1 }], [{ group: "dba", count: 2 }], [{ group: "sec", count: 1 }]),
  within_s: fc.constantFrom(60, 600),
});

const transform: fc.Arbitrary<Transform> = fc.constantFrom<Transform>(
  { kind: "null" },
  { kind: "redact" },
  { kind: "clear" },
  { kind: "partial", keep: "domain" },
  { kind: "partial", keep: "ends", first: 0, last: 4 },
  { kind: "partial", keep: "of", text: 'hmac(key: "pii-2026")' },
  { kind: "partial", keep: "of", text: 'fixed("a \\"b\\" \\\\ é")' },
);

const amount = fc.constantFrom(null, 1, 10, 1_000);
const limit: fc.Arbitrary<Limit> = fc
  .record({ rows: amount, time_ms: amount, bytes: amount })
  .filter((own) => Object.values(own).some((value) => value !== null));

const labelPaths = ["pci", "pii.email", "pii.ssn"];
const labels = fc
  .array(fc.array(glob, { minLength: 1, maxLength: 2 }), { minLength: 3, maxLength: 3 })
  .map((columns) => labelPaths.map((path, i) => ({ path, columns: columns[i] ?? [], span })));
const labelSet = fc.subarray([0, 1, 2], { minLength: 1 });

function effectFor(family: Family): fc.Arbitrary<CheckedEffect> {
  const plain = fc.oneof(
    fc.boolean().map((evenIfIncomplete): CheckedEffect => ({ kind: "allow", evenIfIncomplete })),
    fc.constant<CheckedEffect>({ kind: "block" }),
    approval.map((own): CheckedEffect => ({ kind: "approve", approval: own })),
    limit.map((own): CheckedEffect => ({ kind: "limit", limit: own })),
    transform.map(
      (own): CheckedEffect => ({
        kind: "detect",
        detect: { set: "m0.secrets", detectors: [0], transform: own },
      }),
    ),
  );
  if (family !== "sql") return plain;
  const tier = fc.record({
    transform,
    labels: fc.option(labelSet, { nil: null }),
    condition: condition("sql", 1),
  });
  const mask = fc.record({
    labels: labelSet,
    transform,
    tiers: fc.array(tier, { maxLength: 2 }),
    predicates: fc.constantFrom(
      "deny" as const,
      "deny" as const,
      "scan" as const,
      "equality" as const,
      "allow" as const,
    ),
  });
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 2, arbitrary: mask.map((own): CheckedEffect => ({ kind: "mask", mask: own })) },
  );
}

const moduleDefault: fc.Arbitrary<CheckedDefault | null> = fc.oneof(
  fc.constantFrom<CheckedDefault | null>(null, { verdict: "allow", span }, { verdict: "block", span }),
  approval.map((own): CheckedDefault => ({ verdict: "approve", approval: own, span })),
);

const moduleNamed = (name: string): fc.Arbitrary<CheckedModule> =>
  fc.record({
    name: fc.constant(name),
    families: fc.subarray([...families], { minLength: 1 }),
    scope: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Condition>({ kind: "Constant", value: true, span }) },
      { weight: 1, arbitrary: condition(null, 1) },
    ),
    default: moduleDefault,
    span: fc.constant(span),
  });

const restrictOnly = fc.constantFrom<CheckedRule["onUnknown"]>("restrict", "restrict", "ignore");

function onUnknownFor({ kind }: CheckedEffect): fc.Arbitrary<CheckedRule["onUnknown"]> {
  if (kind === "allow") return fc.constant("restrict");
  return kind === "block" ? fc.oneof(restrictOnly, approval) : restrictOnly;
}

/** How many rules a policy has, and what they say of an action of a family. */
interface Shape {
  readonly rules_max: number;
  readonly condition: (family: Family) => fc.Arbitrary<Condition>;
}

/** One rule, or the two that an `allow .. after approval` is. */
function rulesIn(
  module: CheckedModule,
  index: number,
  number: number,
  shape: Shape,
): fc.Arbitrary<readonly CheckedRule[]> {
  return fc
    .constantFrom(...module.families)
    .chain((family) => fc.tuple(fc.constant(family), effectFor(family)))
    .chain(([family, effect]) =>
      fc.record({
        id: fc.constant(`${module.name}/r${number}`),
        module: fc.constant(index),
        families: fc.constant<readonly Family[]>([family]),
        level: fc.constantFrom("hard" as const, "soft" as const, "soft" as const, "soft" as const, "advisory" as const),
        condition: shape.condition(family),
        effect: fc.constant(effect),
        why: fc.constantFrom(null, "because"),
        fix: fc.constantFrom(null, "do not"),
        controls: fc.constant([]),
        onUnknown: onUnknownFor(effect),
        audit: fc.constantFrom(null, "durable" as const, "timely" as const),
        span: fc.constant(span),
      }),
    )
    .chain((rule) => {
      const isPair = rule.effect.kind === "allow" ? fc.boolean() : fc.constant(false);
      return fc.tuple(isPair, approval).map(([both, own]): readonly CheckedRule[] => {
        return both ? [rule, { ...rule, effect: { kind: "approve", approval: own } }] : [rule];
      });
    });
}

/** Exceptions to any rules, those that have none among them: such ones must do nothing. */
function exceptionsTo(
  rules: readonly CheckedRule[],
  modules: readonly CheckedModule[],
): fc.Arbitrary<readonly CheckedException[]> {
  const targets = rules.filter((rule) => rule.effect.kind !== "allow");
  if (targets.length === 0) return fc.constant([]);
  const one = fc.constantFrom(...targets).chain((rule) =>
    fc.record({
      module: fc.nat(modules.length - 1),
      rule: fc.constant(rule.id),
      condition: condition(rule.families[0] ?? null, 1),
      until_ms: instant,
    }),
  );
  return fc.array(one, { maxLength: 3 }).map((list) =>
    list.map((own, i) => ({
      ...own,
      id: `${modules[own.module]?.name}/INC-${i}`,
      reason: "backfill",
      approved_by: "bob",
      span,
    })),
  );
}

const pathTo = (root: string, ...steps: string[]): FactPath => ({ root, steps });
const env = (members: readonly string[] | null): CheckedAttribute => ({
  path: pathTo("connection", "env"),
  members,
  optional: false,
});

/** `connection.env`, always; keys of labels and claims, sometimes. */
const attributes: fc.Arbitrary<readonly CheckedAttribute[]> = fc
  .tuple(
    fc.constantFrom(env(["a", "b", "ab"]), env(null)),
    ...mapKeys
      .flatMap((key) => [pathTo("connection", "labels", key), pathTo("principal", "claims", key)])
      .map((path) =>
        fc.option(
          fc.record({
            path: fc.constant(path),
            members: fc.constantFrom(null, words.slice(0, 4)),
            optional: fc.boolean(),
          }),
          { nil: null, freq: 2 },
        ),
      ),
  )
  .map((all) => all.filter((each) => each !== null));

/** What a gateway keeps for the policy: it travels in the module, and decides nothing by itself. */
const kept: Pick<CheckedPolicy, "grants" | "counters" | "detectors" | "zones"> = {
  grants: [{ id: "m0.glass", to: ["dba"], approval: null, asking: "why", lasting_s: 60, telling: [], span }],
  counters: [{ id: "m0.rows", what: "rows", labels: [0], per: "principal", over_s: 3_600, span }],
  detectors: [
    { id: "m0.key", patterns: ["AKIA[A-Z]{4}"], checks: [{ name: "luhn", arguments: [] }], context: [], span },
  ],
  zones: zoneNames,
};

const byIdAndKind = (a: CheckedRule, b: CheckedRule): number =>
  `${a.id} ${a.effect.kind}` < `${b.id} ${b.effect.kind}` ? -1 : 1;

/** A policy of up to two modules, everything sorted as the checker sorts it. */
const policyOf = (shape: Shape): fc.Arbitrary<CheckedPolicy> =>
  fc
    .array(fc.nat(1), { minLength: 1, maxLength: 2 })
    .chain((names) => fc.tuple(...names.map((_, i) => moduleNamed(`m${i}`))))
    .chain((modules) =>
      fc
        .array(fc.nat(modules.length - 1), { maxLength: shape.rules_max })
        .chain((owners) =>
          fc.tuple(...owners.map((owner, number) => rulesIn(modules[owner] as CheckedModule, owner, number, shape))),
        )
        .chain((rules) => fc.tuple(fc.constant(rules.flat()), exceptionsTo(rules.flat(), modules)))
        .chain(([rules, exceptions]) =>
          fc.record({
            sources: fc.constant([source]),
            modules: fc.constant(modules),
            rules: fc.constant(rules.toSorted(byIdAndKind)),
            exceptions: fc.constant(exceptions.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
            labels,
            attributes,
          }),
        )
        .map((parts) => ({ ...parts, ...kept, examples: [], tests: [], proofs: [], assumptions: [], comparisons: [] })),
    );

/** Few rules, each of which may say anything. */
export const policy = policyOf({ rules_max: 6, condition: (family) => condition(family, 2) });

/** Many rules that say much the same of the same facts. */
export const crowdedPolicy = policyOf({ rules_max: 40, condition: crowdedCondition });

import { loadPolicy } from "@hpl/runtime";
import type { Decision } from "@hpl/runtime/abi";
import type { Action, Request } from "@hpl/runtime/facts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import decisionSchema from "../../spec/decision.schema.json" with { type: "json" };
import type {
  Approval,
  CheckedEffect,
  CheckedException,
  CheckedPolicy,
  CheckedRule,
  Condition,
  Mask,
} from "../src/3-check/checked.js";
import { lower } from "../src/4-lower/lower.js";
import { emit, semanticDigest } from "../src/5-emit/emit.js";
import { decide as evaluate } from "../src/reference/evaluate.js";

// What decisions look like, written out by hand, on the reference evaluator and on the compiled module at once.
const span = { file: 0, start: 0, end: 1 };
const always: Condition = { kind: "Constant", value: true, span };
const never: Condition = { kind: "Constant", value: false, span };
const isMfa: Condition = { kind: "IsTrue", path: { root: "principal", steps: ["mfa"] }, span };
const counted: Condition = {
  kind: "Compare",
  operator: ">",
  path: { root: "session", steps: ["counters", "m.rows"] },
  value: 10,
  span,
};
const dba: Approval = { all: [{ group: "dba", count: 1 }], within_s: 600 };
const until_ms = Date.parse("2026-12-01T00:00Z");

const rule = (name: string, effect: CheckedEffect, more: Partial<CheckedRule> = {}): CheckedRule => ({
  id: `m/${name}`,
  module: 0,
  families: ["sql"],
  level: "soft",
  condition: always,
  effect,
  why: null,
  fix: null,
  controls: [],
  onUnknown: "restrict",
  audit: null,
  span,
  ...more,
});

const exception = (of: string, more: Partial<CheckedException> = {}): CheckedException => ({
  id: "m/INC-1",
  module: 0,
  rule: `m/${of}`,
  condition: always,
  until_ms,
  reason: "backfill",
  approved_by: "bob",
  span,
  ...more,
});

const policyOf = (rules: readonly CheckedRule[], exceptions: readonly CheckedException[] = []): CheckedPolicy => ({
  sources: [{ path: "m.hpl", text: "policy m governs sql" }],
  modules: [{ name: "m", families: ["sql"], scope: always, default: { verdict: "allow", span }, span }],
  rules: rules.toSorted((a, b) => (`${a.id} ${a.effect.kind}` < `${b.id} ${b.effect.kind}` ? -1 : 1)),
  labels: [{ path: "pii", columns: [{ text: "**.email", separator: "." }], span }],
  exceptions,
  attributes: [{ path: { root: "connection", steps: ["env"] }, members: ["prod", "dev"], optional: false }],
  grants: [],
  counters: [{ id: "m.rows", what: "rows", labels: [], per: "session", over_s: 3_600, span }],
  detectors: [{ id: "m.key", patterns: ["AKIA"], checks: [], context: [], span }],
  zones: [],
  examples: [],
  tests: [],
  proofs: [],
  assumptions: [],
  comparisons: [],
});

const select = {
  family: "sql",
  opaque: false,
  facts: { kind: "select", columns: [], columns_complete: true, predicate_columns: [], complete: true, reasons: [] },
} as unknown as Action;

const requestWith = (more: object = {}, actions: readonly Action[] = [select]): Request =>
  ({
    principal: { mfa: true },
    session: { counters: { "m.rows": 3 } },
    connection: { env: "prod" },
    now: Date.parse("2026-11-20T00:00Z"),
    actions,
    ...more,
  }) as unknown as Request;

const isDecision = new Ajv2020({ strict: false }).compile(decisionSchema);

function decide(policy: CheckedPolicy, request = requestWith()): Decision {
  const lowered = lower(policy);
  const loaded = loadPolicy(emit(lowered, policy));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const decision = loaded.policy.decide(request);
  expect(decision).toEqual(evaluate(policy, request, semanticDigest(lowered)));
  expect(isDecision(decision), JSON.stringify(isDecision.errors)).toBe(true);
  return decision;
}

const rulesOf = ({ rules }: Decision) => rules.map(({ id, effect, certainty }) => `${id} ${effect} ${certainty}`);
const unknownMfa = requestWith({ principal: {} });
const noCount = requestWith({ session: { counters: {} } });
const block: CheckedEffect = { kind: "block" };

test("an exception that is true lifts its rule, and is listed", () => {
  const decision = decide(policyOf([rule("b", block)], [exception("b", { condition: isMfa })]));
  expect(decision.verdict).toBe("allow");
  expect(rulesOf(decision)).toEqual(["m/INC-1 exception must", "m/default allow must"]);
  expect(decision.message).toContain("by exception `m/INC-1`");
});

test("an exception that is not certain, is over, or cannot tell the time lifts nothing", () => {
  const policy = policyOf([rule("b", block)], [exception("b", { condition: isMfa })]);
  expect(rulesOf(decide(policy, unknownMfa))).toEqual(["m/b block may", "m/default allow must"]);
  expect(rulesOf(decide(policy, requestWith({ now: until_ms })))).toEqual(["m/b block must", "m/default allow must"]);
  expect(decide(policy, requestWith({ now: until_ms - 1 })).verdict).toBe("allow");
  expect(decide(policy, requestWith({ now: undefined })).verdict).toBe("block");
});

test("an exception to a rule that does not fire is not listed", () => {
  const decision = decide(policyOf([rule("b", block, { condition: never })], [exception("b")]));
  expect(rulesOf(decision)).toEqual(["m/default allow must"]);
});

test("an exception excuses no hard rule, and of an allow after approval the approval alone", () => {
  expect(decide(policyOf([rule("b", block, { level: "hard" })], [exception("b")])).verdict).toBe("block");
  const pair = [rule("a", { kind: "allow", evenIfIncomplete: false }), rule("a", { kind: "approve", approval: dba })];
  expect(decide(policyOf(pair)).verdict).toBe("approve");
  const excused = decide(policyOf(pair, [exception("a")]));
  expect(excused.verdict).toBe("allow");
  expect(rulesOf(excused)).toEqual(["m/INC-1 exception must", "m/a allow must"]);
});

test("an unknown exception does not turn a certain rule into one that ignores or asks", () => {
  for (const onUnknown of ["ignore", dba] as const) {
    const policy = policyOf([rule("b", block, { onUnknown })], [exception("b", { condition: isMfa })]);
    expect(decide(policy, unknownMfa).verdict).toBe("block");
  }
});

test("on unknown ignore: the rule does nothing while it does not know, and all it says when it does", () => {
  const policy = policyOf([rule("b", block, { condition: counted, onUnknown: "ignore" })]);
  expect(rulesOf(decide(policy, noCount))).toEqual(["m/default allow must"]);
  expect(decide(policy, requestWith({ session: { counters: { "m.rows": 11 } } })).verdict).toBe("block");
});

test("on unknown require approval: a block that does not know asks", () => {
  const policy = policyOf([rule("b", block, { condition: counted, onUnknown: dba, why: "Too many rows." })]);
  const asked = decide(policy, noCount);
  expect(asked).toMatchObject({ verdict: "approve", message: "Too many rows." });
  expect(rulesOf(asked)).toEqual(["m/b approve may", "m/default allow must"]);
  expect(asked.obligations).toMatchObject([{ type: "approval", all: dba.all, within_s: 600 }]);
  expect(decide(policy).verdict).toBe("allow");
  expect(decide(policy, requestWith({ session: { counters: { "m.rows": 11 } } })).verdict).toBe("block");
});

const limit = (rows: number | null, time_ms: number | null, bytes: number | null = null): CheckedEffect => ({
  kind: "limit",
  limit: { rows, time_ms, bytes },
});

test("limits join by minimum, amount by amount; advisory ones are listed and limit nothing", () => {
  const rules = [
    rule("l1", limit(100, null)),
    rule("l2", limit(1_000, 5_000)),
    rule("l3", limit(1, 1, 1), { level: "advisory" }),
    rule("l4", limit(null, null, 7), { condition: never }),
  ];
  const decision = decide(policyOf(rules));
  expect(decision.obligations).toEqual([{ type: "limit", action: 0, rows: 100, time_ms: 5_000 }]);
  expect(decision.rules.map(({ id, effect, advisory }) => [id, effect, advisory])).toEqual([
    ["m/default", "allow", undefined],
    ["m/l1", "limit", undefined],
    ["m/l2", "limit", undefined],
    ["m/l3", "limit", true],
  ]);
  expect(decision.message).toContain("limited by `m/l1`, `m/l2`");
});

test("a limit fires while it may apply; a blocked request has no obligations", () => {
  const limited = rule("l", limit(5, null), { condition: counted });
  expect(decide(policyOf([limited]), noCount).obligations).toEqual([{ type: "limit", action: 0, rows: 5 }]);
  expect(decide(policyOf([limited, rule("b", block)]), noCount).obligations).toEqual([]);
});

test("a mask of values is one obligation a rule, behind approval and limit", () => {
  const detect: CheckedEffect = {
    kind: "detect",
    detect: { set: "m.keys", detectors: [0], transform: { kind: "partial", keep: "ends", first: 0, last: 4 } },
  };
  const rules = [
    rule("d1", detect),
    rule("d2", detect),
    rule("l", limit(5, null)),
    rule("r", { kind: "approve", approval: dba }),
  ];
  const decision = decide(policyOf(rules));
  expect(decision.obligations.map(({ type }) => type)).toEqual(["approval", "limit", "detect", "detect"]);
  expect(decision.obligations[2]).toEqual({
    type: "detect",
    action: 0,
    set: "m.keys",
    transform: "partial(last: 4)",
    rule: "m/d1",
  });
  expect(rulesOf(decision)).toContain("m/d1 mask must");
});

test("predicates allow: the mask hides the column and lets it be compared, unless another mask does not", () => {
  const facts = {
    ...("facts" in select ? select.facts : {}),
    columns: [{ name: "email", sources: ["public.users.email"], exact: true }],
    predicate_columns: ["public.users.email"],
  };
  const asked = requestWith({}, [{ ...select, facts } as unknown as Action]);
  const mask = (predicates: Mask["predicates"]): CheckedEffect => ({
    kind: "mask",
    mask: { labels: [0], transform: { kind: "redact" }, tiers: [], predicates },
  });
  const allowed = decide(policyOf([rule("m1", mask("allow"))]), asked);
  expect(allowed.verdict).toBe("allow");
  expect(allowed.obligations).toMatchObject([{ type: "mask", name: "email", transform: "redact" }]);
  for (const predicates of ["deny", "scan", "equality"] as const) {
    const refused = decide(policyOf([rule("m1", mask("allow")), rule("m2", mask(predicates))]), asked);
    expect(refused).toMatchObject({ verdict: "block", reasons: ["masked_predicate"] });
  }
});

test("an environment that is not declared is unknown: a restriction to another one may still apply", () => {
  const inProduction: Condition = {
    kind: "Compare",
    operator: "==",
    path: { root: "connection", steps: ["env"] },
    value: "prod",
    span,
  };
  const policy = policyOf([rule("b", block, { condition: inProduction })]);
  expect(rulesOf(decide(policy, requestWith({ connection: { env: "prd" } })))).toContain("m/b block may");
  expect(decide(policy, requestWith({ connection: { env: "dev" } })).verdict).toBe("allow");
});

test("the digest covers what decides, and no explanation", () => {
  const digest = (policy: CheckedPolicy) => semanticDigest(lower(policy));
  const base = policyOf([rule("b", block), rule("l", limit(5, null))], [exception("b")]);
  const excused = (more: Partial<CheckedException>) => ({ ...base, exceptions: [exception("b", more)] });
  const changes: readonly CheckedPolicy[] = [
    excused({ until_ms: 1 }),
    excused({ condition: isMfa }),
    { ...base, exceptions: [] },
    policyOf([rule("b", block), rule("l", limit(6, null))], [exception("b")]),
    policyOf([rule("b", block, { onUnknown: "ignore" }), rule("l", limit(5, null))], [exception("b")]),
    policyOf([rule("b", block, { audit: "durable" }), rule("l", limit(5, null))], [exception("b")]),
    { ...base, attributes: [] },
    { ...base, zones: ["Europe/Berlin"] },
    { ...base, counters: [] },
    { ...base, detectors: [] },
  ];
  for (const changed of changes) expect(digest(changed)).not.toBe(digest(base));
  expect(digest(excused({ reason: "another", approved_by: "eve" }))).toBe(digest(base));
});

test("the module says what a gateway keeps and enforces", () => {
  const policy: CheckedPolicy = {
    ...policyOf([rule("l", limit(5, null), { audit: "durable" })], [exception("l")]),
    grants: [{ id: "m.glass", to: ["oncall"], approval: dba, asking: "why", lasting_s: 60, telling: ["sec"], span }],
    zones: ["Europe/Berlin"],
  };
  const loaded = loadPolicy(emit(lower(policy), policy));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { meta } = loaded.policy;
  expect(meta.grants).toEqual([
    { id: "m.glass", to: ["oncall"], approval: dba, asking: "why", lasting_s: 60, telling: ["sec"] },
  ]);
  expect(meta.counters).toEqual([{ id: "m.rows", what: "rows", labels: [], per: "session", over_s: 3_600 }]);
  expect(meta.detectors).toEqual([{ id: "m.key", patterns: ["AKIA"], checks: [], context: [] }]);
  expect(meta.attributes).toEqual([{ path: ["connection", "env"], members: ["prod", "dev"], optional: false }]);
  expect(meta.zones).toEqual(["Europe/Berlin"]);
  expect(meta.exceptions).toEqual([{ id: "m/INC-1", rule: "m/l", until_ms, reason: "backfill", approved_by: "bob" }]);
  expect(meta.rules[0]).toMatchObject({ effect: "limit", audit: "durable", limit: { rows: 5 }, detect: null });
});

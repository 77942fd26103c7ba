import { type Decision, type Obligation, type Verdict, verdicts } from "@hpl/runtime/abi";
import { type Action, isUnknown, type Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy, CheckedRule, Condition } from "../src/3-check/checked.js";
import { decide as evaluate } from "../src/reference/evaluate.js";
import { request } from "./generators/facts.js";
import { policy } from "./generators/policies.js";

// The theorems of spec/semantics.md, on the reference evaluator; the compiled module equals it by a property of its own.
const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const decide = (checked: CheckedPolicy, asked: Request): Decision => evaluate(checked, asked, "digest");
const strictness = (verdict: Verdict): number => verdicts.indexOf(verdict);

const hold = (statement: (checked: CheckedPolicy, asked: Request) => void): void =>
  fc.assert(fc.property(policy, request, statement), { numRuns });

/** The policy with other rules, sorted as the checker sorts them. */
const withRules = (checked: CheckedPolicy, rules: readonly CheckedRule[]): CheckedPolicy => ({
  ...checked,
  rules: rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
});

/** What must be done, without saying which rule wants it; once, however many rules do. */
const duties = ({ obligations }: Decision): readonly string[] => [
  ...new Set(obligations.map((obligation) => JSON.stringify({ ...obligation, rule: "" }))),
];

test("1: a rule said twice under another name, its exceptions too, changes no verdict and no obligation", () => {
  hold((checked, asked) => {
    const again = <T extends { readonly id: string }>(list: readonly T[]): readonly T[] =>
      list.map((each) => ({ ...each, id: `${each.id}-again` }));
    const exceptions = again(checked.exceptions).map((each) => ({ ...each, rule: `${each.rule}-again` }));
    const twice = {
      ...withRules(checked, [...checked.rules, ...again(checked.rules)]),
      exceptions: [...checked.exceptions, ...exceptions],
    };
    const [before, after] = [decide(checked, asked), decide(twice, asked)];
    expect(after.verdict).toBe(before.verdict);
    expect(duties(after)).toEqual(duties(before));
  });
});

test("2: taking a restriction away never strengthens a decision, taking an allow away never weakens it", () => {
  hold((checked, asked) => {
    const before = strictness(decide(checked, asked).verdict);
    for (const gone of checked.rules) {
      const rules = checked.rules.filter((rule) => rule !== gone);
      const after = strictness(decide(withRules(checked, rules), asked).verdict);
      if (gone.effect.kind === "allow") expect(after).toBeGreaterThanOrEqual(before);
      else expect(after).toBeLessThanOrEqual(before);
    }
  });
});

test("2: taking a `but` away never weakens a verdict", () => {
  hold((checked, asked) => {
    const rules = checked.rules.map(
      (rule): CheckedRule =>
        rule.effect.kind === "mask"
          ? { ...rule, effect: { kind: "mask", mask: { ...rule.effect.mask, tiers: [] } } }
          : rule,
    );
    const [before, after] = [decide(checked, asked), decide(withRules(checked, rules), asked)];
    expect(strictness(after.verdict)).toBeGreaterThanOrEqual(strictness(before.verdict));
  });
});

test("2: taking an exception away never weakens a decision", () => {
  hold((checked, asked) => {
    const before = decide(checked, asked);
    for (const gone of checked.exceptions) {
      const without = { ...checked, exceptions: checked.exceptions.filter((each) => each !== gone) };
      expectNotWeaker(decide(without, asked), before);
    }
  });
});

test("2: adding a limit changes no verdict, and no amount grows", () => {
  const rows = fc.constantFrom(null, 1, 10, 1_000);
  const amounts = fc.record({ rows, time_ms: rows, bytes: fc.constant(5) });
  fc.assert(
    fc.property(policy, request, amounts, (checked, asked, limit) => {
      const [rule] = checked.rules.filter(({ effect }) => effect.kind !== "allow");
      fc.pre(rule !== undefined);
      const added: CheckedRule = { ...rule, id: `${rule.id}-limit`, effect: { kind: "limit", limit } };
      const [before, after] = [decide(checked, asked), decide(withRules(checked, [...checked.rules, added]), asked)];
      expect(after.verdict).toBe(before.verdict);
      expectNotWeaker(after, before);
    }),
    { numRuns },
  );
});

/** A verdict at least as strict, and where something runs, no mask or detector gone and no limit wider. */
function expectNotWeaker(after: Decision, before: Decision): void {
  expect(strictness(after.verdict)).toBeGreaterThanOrEqual(strictness(before.verdict));
  if (after.verdict === "block") return;
  const shape = (each: Obligation) => [
    each.type,
    each.action,
    "index" in each ? each.index : "set" in each ? each.set : "",
  ];
  const held = new Set(after.obligations.map((each) => shape(each).join(" ")));
  for (const each of before.obligations) expect(held).toContain(shape(each).join(" "));
  for (const amount of ["rows", "time_ms", "bytes"] as const)
    for (const limit of limitsOf(before)) {
      const [now] = limitsOf(after).filter(({ action }) => action === limit.action);
      expect(now?.[amount] ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(limit[amount] ?? Number.POSITIVE_INFINITY);
    }
}

const limitsOf = ({ obligations }: Decision) => obligations.filter((each) => each.type === "limit");

test("an exception that is not certain never helps: it changes nothing that is decided", () => {
  hold((checked, asked) => {
    const unsure = checked.exceptions.map((each) => ({ ...each, condition: nobodyKnows }));
    const [with_, without] = [unsure, []].map((exceptions) => decide({ ...checked, exceptions }, asked));
    expect(with_?.verdict).toBe(without?.verdict);
    expect(with_?.obligations).toEqual(without?.obligations);
  });
});

/** Unknown in every request: no session has this count. */
const nobodyKnows: Condition = {
  kind: "Compare",
  operator: "<",
  path: { root: "session", steps: ["counters", "nobody.counts"] },
  value: 1,
  span: { file: 0, start: 0, end: 1 },
};

test("3: the decision on a list of actions is the join of the decisions on each", () => {
  hold((checked, asked) => {
    fc.pre(asked.actions.length > 0);
    // What an action is part of belongs to its context: taken from there, it starts from nothing.
    const apart = { ...asked, actions: asked.actions.map(({ parent: _, ...action }) => action as Action) };
    const each = apart.actions.map((action) => strictness(decide(checked, { ...apart, actions: [action] }).verdict));
    expect(strictness(decide(checked, apart).verdict)).toBe(Math.max(...each));
  });
});

test("4: the same request gives the same decision", () => {
  hold((checked, asked) => {
    expect(decide(checked, asked)).toEqual(decide(checked, structuredClone(asked)));
  });
});

test("6: an advisory rule changes neither verdict nor obligations", () => {
  hold((checked, asked) => {
    const without = withRules(
      checked,
      checked.rules.filter((rule) => rule.level !== "advisory" || rule.effect.kind === "allow"),
    );
    const [before, after] = [decide(checked, asked), decide(without, asked)];
    expect(after.verdict).toBe(before.verdict);
    expect(after.obligations).toEqual(before.obligations);
  });
});

test("8: refining an unknown never gives a stricter verdict", () => {
  const refined = fc.tuple(
    policy,
    request,
    fc.infiniteStream(fc.constantFrom<unknown>(true, false, "a", "a.b.c", 1, [], ["a"], { items: ["a"], open: true })),
  );
  fc.assert(
    fc.property(refined, ([checked, asked, values]) => {
      const strict = withRules(checked, checked.rules.map(plain));
      const known = refine(asked, values) as Request;
      expect(strictness(decide(strict, known).verdict)).toBeLessThanOrEqual(strictness(decide(strict, asked).verdict));
    }),
    { numRuns },
  );
});

/** Without `even if incomplete` and `on unknown`, which look at what is known. */
const plain = (rule: CheckedRule): CheckedRule => ({
  ...rule,
  onUnknown: "restrict",
  effect: rule.effect.kind === "allow" ? { kind: "allow", evenIfIncomplete: false } : rule.effect,
});

/** Every unknown below `value` replaced by a value; one of the wrong type stays as unknown as it was. */
function refine(value: unknown, values: Iterator<unknown>): unknown {
  if (isUnknown(value)) return values.next().value;
  if (Array.isArray(value)) return value.map((item) => refine(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, refine(field, values)]));
}

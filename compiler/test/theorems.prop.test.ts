import { type Decision, type Verdict, verdicts } from "@hpl/runtime/abi";
import { isUnknown, type Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy, CheckedRule } from "../src/3-check/checked.js";
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

test("1: a rule said twice under another name changes no verdict and no mask", () => {
  hold((checked, asked) => {
    const copies = checked.rules.map((rule) => ({ ...rule, id: `${rule.id}-again` }));
    const [before, after] = [decide(checked, asked), decide(withRules(checked, [...checked.rules, ...copies]), asked)];
    expect(after.verdict).toBe(before.verdict);
    expect(after.obligations).toEqual(before.obligations);
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

test("3: the decision on a list of actions is the join of the decisions on each", () => {
  hold((checked, asked) => {
    fc.pre(asked.actions.length > 0);
    const each = asked.actions.map((action) => strictness(decide(checked, { ...asked, actions: [action] }).verdict));
    expect(strictness(decide(checked, asked).verdict)).toBe(Math.max(...each));
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
      const strict = withRules(checked, checked.rules.map(withoutEvenIfIncomplete));
      const known = refine(asked, values) as Request;
      expect(strictness(decide(strict, known).verdict)).toBeLessThanOrEqual(strictness(decide(strict, asked).verdict));
    }),
    { numRuns },
  );
});

const withoutEvenIfIncomplete = (rule: CheckedRule): CheckedRule =>
  rule.effect.kind === "allow" ? { ...rule, effect: { kind: "allow", evenIfIncomplete: false } } : rule;

/** Every unknown below `value` replaced by a value; one of the wrong type stays as unknown as it was. */
function refine(value: unknown, values: Iterator<unknown>): unknown {
  if (isUnknown(value)) return values.next().value;
  if (Array.isArray(value)) return value.map((item) => refine(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, refine(field, values)]));
}

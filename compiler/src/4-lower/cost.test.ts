import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkText } from "../../test/check-text.js";
import { countItems, countSteps } from "../../test/count-steps.js";
import { request } from "../../test/generators/facts.js";
import { policy as anyPolicy } from "../../test/generators/policies.js";
import { costOf, LIST_ITEMS_MAX } from "../cost.js";
import { type Steps, stepsAt } from "./cost.js";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

function costOfText(...items: readonly string[]) {
  const { policy, diagnostics } = checkText(["policy shop governs sql", "default block", ...items].join("\n"));
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return costOf(policy);
}

/** Of the one rule with this condition, beside the step to look at the rule. */
function costOfCondition(condition: string): Steps {
  const [rule] = costOfText(`block "one" when ${condition}`).rules;
  const [fixed = 0, ...rest] = rule?.steps ?? [];
  return [fixed - 1, ...rest];
}

test.each<readonly [string, Steps]>([
  ["statement.kind == drop", [1]],
  ["not statement.kind == drop", [2]],
  ["statement.kind == drop and principal.kind == agent", [4]],
  ["statement.kind in {drop, alter, create}", [4]],
  ['connection.name like {"a*", "b*"}', [3]],
  ["statement.effects has any {drop, alter}", [1, 2]],
  ["any t in statement.targets where (t.change == delete)", [1, 2]],
  ['any c in statement.columns where (c.sources has "a.b.c")', [1, 3]],
  ['any c in statement.columns where (any s in c.sources where (s like "a.*"))', [1, 5]],
  ["any t in statement.targets where (any r in statement.relations where (r.name == t.name))", [1, 2, 2]],
])("%s costs %j", (condition, steps) => {
  expect(costOfCondition(condition)).toEqual(steps);
});

test("one rule more costs more, in the rule's family and in every other", () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const [rule] = policy.rules;
      if (rule === undefined) return;
      const before = costOf(policy);
      const after = costOf({ ...policy, rules: [...policy.rules, { ...rule, id: `${rule.id}-more` }] });
      before.families.forEach(({ steps }, i) => {
        expect(stepsAt(after.families[i]?.steps ?? [], 0)).toBeGreaterThan(stepsAt(steps, 0) ?? 0);
      });
    }),
    { numRuns },
  );
});

test("masks cost for each column, each label and each tier", () => {
  const label = 'label pii.a on column "**.a"';
  const plain = costOfText(label, 'mask "m" pii.a with redact');
  const tiered = costOfText(label, 'mask "m" pii.a with redact but clear when principal.kind == human');
  expect(plain.rules[0]?.steps).toEqual([1 + 1 + 2 * 2, 2]);
  expect(tiered.rules[0]?.steps).toEqual([1 + 1 + 2 * 4, 4]);
  expect(plain.labels).toEqual([0, 2]);
});

test("the bound is never below what the reference counts, and the same each time", () => {
  fc.assert(
    fc.property(anyPolicy, request, (policy, asked: Request) => {
      const cost = costOf(policy);
      expect(costOf(policy)).toEqual(cost);
      for (const action of asked.actions) {
        const steps = cost.families.find(({ family }) => family === action.family)?.steps;
        if (steps === undefined) continue;
        const bound = stepsAt(steps, countItems(policy, asked, action)) ?? Number.POSITIVE_INFINITY;
        expect(bound).toBeGreaterThanOrEqual(countSteps(policy, asked, action));
      }
    }),
    { numRuns },
  );
});

test("more steps than a number can tell are none", () => {
  expect(stepsAt([1, 2, 3], 10)).toBe(321);
  expect(stepsAt([], 10)).toBe(0);
  expect(stepsAt([0, 0, 0, 0, 1], LIST_ITEMS_MAX)).toBeNull();
});

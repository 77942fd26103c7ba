import type { Action, Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findRuleProblems } from "../../src/analysis/findings.js";
import { invariants } from "../../src/analysis/invariants.js";
import { evaluate } from "../../src/reference/condition.js";
import { judge } from "../../src/reference/judge.js";
import { request } from "../generators/facts.js";
import { crowdedPolicy } from "../generators/policies.js";

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);

/** Requests as they can be: what holds of every action holds of theirs. */
const isPossible = (asked: Request, action: Action, policy: Parameters<typeof judge>[0]): boolean => {
  const { scope } = judge(policy, asked, action);
  return invariants.every((each) => {
    return (
      each.family !== action.family || evaluate(each.if, scope) === "false" || evaluate(each.implies, scope) === "true"
    );
  });
};

test("what is said never to fire does not, and what is said to be shadowed fires with the other", () => {
  let said_count = 0;
  fc.assert(
    fc.property(crowdedPolicy, fc.array(request, { minLength: 4, maxLength: 12 }), (policy, requests: Request[]) => {
      const found = findRuleProblems(policy);
      said_count += found.length;
      for (const asked of requests) {
        for (const action of asked.actions.filter((each) => isPossible(asked, each, policy))) {
          const { truths } = judge(policy, asked, action);
          const truthOf = (id: string) => [...truths].find(([rule]) => rule.id === id)?.[1].truth;
          for (const { code, rule, message } of found) {
            if (code === "HPL4002") expect(truthOf(rule ?? "")).not.toBe("true");
            const by = message.match(/: `(.*)` fires/)?.[1];
            if (code === "HPL5008" && truthOf(rule ?? "") === "true") expect(truthOf(by ?? "")).toBe("true");
          }
        }
      }
    }),
    { numRuns },
  );
  expect(said_count).toBeGreaterThan(0);
});

import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedProof, Condition } from "../../src/3-check/checked.js";
import { claimHolds } from "../../src/analysis/claims.js";
import { decideProof } from "../../src/analysis/prove.js";
import { evaluate } from "../../src/reference/condition.js";
import { decide } from "../../src/reference/evaluate.js";
import { judge } from "../../src/reference/judge.js";
import { crowdedCondition } from "../generators/crowded.js";
import { request } from "../generators/facts.js";
import { crowdedPolicy } from "../generators/policies.js";
import { isPlain } from "./plain-request.js";

const numRuns = Number(process.env.FUZZ_RUNS ?? 60);
const span = { file: 0, start: 0, end: 1 };

const claim: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .constantFrom("allow", "approve", "block")
    .map(
      (value): Condition => ({ kind: "Compare", operator: "==", path: { root: "decision", steps: [] }, value, span }),
    ),
  fc
    .tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">=") as fc.Arbitrary<"==">, fc.nat(4))
    .map(([operator, value]): Condition => {
      return { kind: "Compare", operator, path: { root: "approvals", steps: ["quorum"] }, value, span };
    }),
  fc.constantFrom("dba", "sec").map((group): Condition => {
    const list = { root: "approvals", steps: ["groups"] };
    return { kind: "Has", quantifier: "any", list, values: [group], span };
  }),
);

const proof: fc.Arbitrary<CheckedProof> = fc.record({
  id: fc.constant("m0/p"),
  quantifier: fc.constantFrom("always" as const, "never" as const),
  claim,
  when: crowdedCondition("sql"),
  span: fc.constant(span),
});

test("what is proved no request contradicts, and a counterexample does", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(crowdedPolicy, proof, fc.array(request, { minLength: 20, maxLength: 20 }), (policy, made, requests) => {
      const result = decideProof(policy, made, []);
      kinds.add(result.kind);
      const contradicts = (asked: Request): boolean => {
        const [action] = asked.actions;
        if (action === undefined || evaluate(made.when, judge(policy, asked, action).scope) !== "true") return false;
        return claimHolds(made.claim, decide(policy, asked, ""), policy.labels) !== (made.quantifier === "always");
      };
      if (result.kind === "false") expect(contradicts(result.counterexample.request)).toBe(true);
      if (result.kind === "true")
        for (const asked of requests.filter((each) => isPlain(policy, each) && each.actions[0]?.family === "sql"))
          expect(contradicts(asked)).toBe(false);
    }),
    { numRuns },
  );
  expect(kinds).toContain("true");
  expect(kinds).toContain("false");
});

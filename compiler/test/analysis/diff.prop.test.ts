import { verdicts } from "@hpl/runtime/abi";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedRule } from "../../src/3-check/checked.js";
import { diffPolicies } from "../../src/analysis/diff.js";
import { decide } from "../../src/reference/evaluate.js";
import { request } from "../generators/facts.js";
import { crowdedPolicy } from "../generators/policies.js";
import { isPlain } from "./plain-request.js";

const numRuns = Number(process.env.FUZZ_RUNS ?? 60);

/** One edit of a policy, as authors make them. */
const edit: fc.Arbitrary<(rules: readonly CheckedRule[]) => readonly CheckedRule[]> = fc
  .tuple(fc.constantFrom("remove", "negate", "nothing"), fc.nat(40))
  .map(([what, at]) => (rules) => {
    if (what === "nothing" || rules.length === 0) return rules;
    const index = at % rules.length;
    if (what === "remove") return rules.filter((_, i) => i !== index);
    return rules.map((rule, i): CheckedRule => {
      if (i !== index) return rule;
      return { ...rule, condition: { kind: "Not", operand: rule.condition, span: rule.span } };
    });
  });

test("every region is a decision that changed, and where nothing is said nothing did", () => {
  let unchanged_count = 0;
  fc.assert(
    fc.property(
      crowdedPolicy,
      edit,
      fc.array(request, { minLength: 20, maxLength: 20 }),
      (before, change, requests) => {
        const after = { ...before, rules: change(before.rules) };
        const { regions, undecided } = diffPolicies(before, after, []);
        for (const region of regions) {
          const [old, now] = [before, after].map((policy) => decide(policy, region.request, ""));
          expect(old).toEqual(region.before);
          expect(now).toEqual(region.after);
          const difference = verdicts.indexOf(region.after.verdict) - verdicts.indexOf(region.before.verdict);
          if (difference !== 0) expect(region.change).toBe(difference < 0 ? "weaker" : "stricter");
        }
        if (regions.length > 0 || undecided.length > 0) return;
        unchanged_count++;
        for (const asked of requests.filter((each) => isPlain(before, each) && isPlain(after, each)))
          expect(decide(after, asked, "").verdict).toBe(decide(before, asked, "").verdict);
      },
    ),
    { numRuns },
  );
  expect(unchanged_count).toBeGreaterThan(0);
});

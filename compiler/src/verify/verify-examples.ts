/**
 * Examples: do the `hit` and `miss` lines of a policy say what the policy does?
 *
 * In: a checked policy, and a judge that runs one example through the production evaluator. Out: a diagnostic for each line
 * that is wrong. The compiler neither parses statements nor decides; whoever calls has a front end and an engine.
 */
import type { Decision } from "@hpl/runtime/abi";
import type { CheckedExample, CheckedPolicy } from "../3-check/checked.js";
import { exampleNotRun, hitMissed, hitUncertain, missFired } from "../diagnostics/catalog/4-examples.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";

/** Decides on one example; null when there is no front end for its family. */
export type ExampleJudge = (example: CheckedExample) => Decision | null;

/** Runs every example of `policy`. One decision each. */
export function verifyExamples(policy: CheckedPolicy, judge: ExampleJudge): readonly Diagnostic[] {
  return policy.examples.flatMap((example) => {
    const decision = judge(example);
    const diagnostic = decision === null ? exampleNotRun(example.span, example) : verify(example, decision);
    return diagnostic === null ? [] : [{ ...diagnostic, rule: example.rule }];
  });
}

function verify(example: CheckedExample, decision: Decision): Diagnostic | null {
  const { rule, expect, span } = example;
  const fired = decision.rules.filter(({ id }) => id === rule);
  const isCertain = fired.some(({ certainty }) => certainty === "must");
  const details = { rule, outcome: describe(decision) };
  if (expect === "miss") return fired.length === 0 ? null : missFired(span, details);
  if (fired.length === 0) return hitMissed(span, details);
  return expect === "hit" && !isCertain ? hitUncertain(span, details) : null;
}

/** What happened instead: the verdict, the rules that took part, and what was not certain. */
function describe({ verdict, rules, reasons, complete }: Decision): string {
  const names = rules.map(({ id, certainty }) => (certainty === "may" ? `${id} (may)` : id));
  const by = names.length === 0 ? "no rule" : names.map((name) => `\`${name}\``).join(", ");
  const doubts = complete || reasons.length === 0 ? "" : `; not certain: ${reasons.join(", ")}`;
  return `the decision is ${verdict}, by ${by}${doubts}`;
}

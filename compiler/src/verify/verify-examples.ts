import type { Decision } from "@hpl/runtime/abi";
import type { CheckedExample, CheckedPolicy } from "../3-check/checked.js";
import { exampleNotRun, hitMissed, hitUncertain, missFired } from "../diagnostics/catalog/4-examples.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { explainRule } from "./decisive.js";
import { describeOutcome } from "./outcome-text.js";
import type { Answer } from "./question.js";

/** What is wrong with one `hit` or `miss`, given the evaluator's answer; null when it holds. */
export function verifyExample(
  policy: CheckedPolicy,
  example: CheckedExample,
  answer: Answer | null,
): Diagnostic | null {
  const { rule, span, subject } = example;
  if (answer === null) return { ...exampleNotRun(span, subject), rule };
  const found = judgeExample(example, answer.decision);
  return found === null ? null : { ...found, rule, notes: explainRule(policy, rule, answer) };
}

function judgeExample({ rule, expect, span }: CheckedExample, decision: Decision): Diagnostic | null {
  const fired = decision.rules.filter(({ id }) => id === rule);
  const isCertain = fired.some(({ certainty }) => certainty === "must");
  const details = { rule, outcome: describeOutcome(decision) };
  if (expect === "miss") return fired.length === 0 ? null : missFired(span, details);
  if (fired.length === 0) return hitMissed(span, details);
  return expect === "hit" && !isCertain ? hitUncertain(span, details) : null;
}

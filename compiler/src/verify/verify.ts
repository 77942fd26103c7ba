/**
 * Verification: does a policy do what its examples and tests say?
 *
 * In: a checked policy, and a judge that puts one question to the production evaluator. Out: a result for each `hit`, `miss`
 * and case of a test, with a diagnostic for each that is wrong: it points at the line, and its notes are the clauses that
 * decided and the values they saw. On request, which tests of which conditions were seen true and false. The compiler neither
 * parses statements nor decides here: whoever calls has a front end and an engine. Absent: proofs, which are about all requests.
 */
import type { CheckedPolicy } from "../3-check/checked.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Span } from "../source/source-file.js";
import { type Coverage, coverageOf } from "./coverage.js";
import type { Answer, QuestionJudge } from "./question.js";
import { verifyExample } from "./verify-examples.js";
import { verifyTestCase } from "./verify-tests.js";

/** One `hit`, one `miss`, or one case of a test. */
export interface VerificationResult {
  readonly kind: "hit" | "hit unknown" | "miss" | "test";
  /** `module/id` of the rule or the test. */
  readonly id: string;
  readonly span: Span;
  readonly outcome: "passed" | "failed" | "not run";
  readonly diagnostics: readonly Diagnostic[];
}

export interface Verification {
  /** Examples, then tests, each in source order. */
  readonly results: readonly VerificationResult[];
  /** Null unless asked for. */
  readonly coverage: Coverage | null;
}

/** Runs every example and test of `policy`. One decision each. */
export function verify(
  policy: CheckedPolicy,
  judge: QuestionJudge,
  options: { readonly coverage: boolean },
): Verification {
  const answers: Answer[] = [];
  const ask: QuestionJudge = (question) => {
    const answer = judge(question);
    if (answer !== null) answers.push(answer);
    return answer;
  };
  const examples = policy.examples.map((example): VerificationResult => {
    const answer = ask(example);
    const diagnostic = verifyExample(policy, example, answer);
    return resultOf(example.expect, example.rule, example.span, answer, diagnostic === null ? [] : [diagnostic]);
  });
  const tests = policy.tests.flatMap(({ id, cases }) =>
    cases.map((each): VerificationResult => {
      const answer = ask(each);
      return resultOf("test", id, each.span, answer, verifyTestCase(policy, id, each, answer));
    }),
  );
  return { results: [...examples, ...tests], coverage: options.coverage ? coverageOf(policy, answers) : null };
}

function resultOf(
  kind: VerificationResult["kind"],
  id: string,
  span: Span,
  answer: Answer | null,
  diagnostics: readonly Diagnostic[],
): VerificationResult {
  const outcome = answer === null ? "not run" : diagnostics.length === 0 ? "passed" : "failed";
  return { kind, id, span, outcome, diagnostics };
}

import type { ApproverCount, Decision } from "@hpl/runtime/abi";
import type { CheckedExpectation, CheckedObligation, CheckedPolicy, CheckedTestCase } from "../3-check/checked.js";
import { exampleNotRun, expectationNotMet } from "../diagnostics/catalog/4-examples.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { explainRule } from "./decisive.js";
import { describeOutcome } from "./outcome-text.js";
import type { Answer } from "./question.js";

/** What is wrong with one case of the test `id`, a diagnostic for each part of an expectation that does not hold. */
export function verifyTestCase(
  policy: CheckedPolicy,
  id: string,
  { subject, expectations, span }: CheckedTestCase,
  answer: Answer | null,
): readonly Diagnostic[] {
  if (answer === null) return [{ ...exampleNotRun(span, subject), rule: id }];
  return expectations.flatMap((expectation) =>
    unmetParts(expectation, answer.decision).map((problem) => ({
      ...expectationNotMet(problem.span, {
        test: id,
        problem: problem.text,
        outcome: describeOutcome(answer.decision),
      }),
      rule: id,
      notes: rulesToExplain(expectation, answer.decision).flatMap((rule) => explainRule(policy, rule, answer)),
    })),
  );
}

interface Problem {
  readonly text: string;
  readonly span: CheckedExpectation["span"];
}

function unmetParts(expectation: CheckedExpectation, decision: Decision): readonly Problem[] {
  const { verdict, by, span } = expectation;
  const problems: Problem[] = [];
  if (decision.verdict !== verdict)
    problems.push({ text: `expected ${verdict}, and the decision is ${decision.verdict}`, span });
  if (by !== null && !decision.rules.some(({ id }) => id === by))
    problems.push({ text: `\`${by}\` takes no part in the decision`, span });
  for (const wanted of expectation.with) {
    const text = unmetObligation(wanted, decision);
    if (text !== null) problems.push({ text, span: wanted.span });
  }
  return problems;
}

/** The rule that should have taken part, else those that made the decision what it is. */
function rulesToExplain({ by }: CheckedExpectation, { verdict, rules }: Decision): readonly string[] {
  if (by !== null && !rules.some(({ id }) => id === by)) return [by];
  return rules.flatMap(({ id, effect }) => (effect === verdict ? [id] : []));
}

function unmetObligation(wanted: CheckedObligation, { obligations }: Decision): string | null {
  switch (wanted.kind) {
    case "mask": {
      const masks = obligations.filter((each) => each.type === "mask" && each.name === wanted.column);
      if (masks.length === 0) return `column \`${wanted.column}\` is not masked`;
      const isBy = masks.some((each) => each.type === "mask" && (wanted.by === null || each.rule === wanted.by));
      return isBy ? null : `column \`${wanted.column}\` is not masked by \`${wanted.by}\``;
    }
    case "no mask": {
      const mask = obligations.find(
        (each) => each.type === "mask" && (wanted.column === null || each.name === wanted.column),
      );
      return mask?.type === "mask" ? `column \`${mask.name}\` is masked by \`${mask.rule}\`` : null;
    }
    case "approval": {
      const asked = obligations.find((each) => each.type === "approval");
      const [expected, found] = [approversText(wanted.all), asked === undefined ? "nobody" : approversText(asked.all)];
      return expected === found ? null : `expected to ask ${expected}, and the decision asks ${found}`;
    }
    case "limit": {
      const limit = obligations.find((each) => each.type === "limit");
      const found = limit?.[wanted.of];
      return found === wanted.value ? null : `expected a limit of ${wanted.value}, and it is ${found ?? "none"}`;
    }
  }
}

const approversText = (all: readonly ApproverCount[]): string =>
  all
    .map(({ group, count }) => `${count} of ${group}`)
    .toSorted()
    .join(" and ");

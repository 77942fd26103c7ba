import type { Expectation, ObligationClause, TestCase, TestItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { impossibleExpectation } from "../../diagnostics/catalog.js";
import type { CheckedExpectation, CheckedObligation, CheckedTest, CheckedTestCase } from "../checked.js";
import { choiceOf } from "../choices.js";
import { peopleOf } from "../items/approval.js";
import { decidingIdNamed } from "../items/rule-names.js";
import { type Checker, newSite, type Place, placeIn, report } from "../site.js";
import { circumstancesOf, subjectOf } from "./subjects.js";

/** A `test` with the facts of its fixtures and the ids of its rules. A case with a mistake is left out: it is reported. */
export function testOf(item: TestItem, module: ResolvedModule, checker: Checker): CheckedTest {
  const id = `${module.name}/${item.id.value}`;
  const place = placeIn(newSite(checker, module, null, false));
  return { id, cases: item.cases.flatMap((found) => caseOf(found, place) ?? []), span: item.span };
}

function caseOf({ subject, circumstances, expectations, span }: TestCase, place: Place): CheckedTestCase | null {
  const about = subjectOf(subject, place);
  const given = circumstancesOf(circumstances, place);
  const expected = expectations.flatMap((expectation) => expectationOf(expectation, place) ?? []);
  if (about === null || given === null) return null;
  return { subject: about, circumstances: given, expectations: expected, span };
}

function expectationOf(expectation: Expectation, place: Place): CheckedExpectation | null {
  const verdict = choiceOf(expectation.verdict, ["allow", "approve", "block"], "a verdict", place);
  const by = expectation.by === null ? null : decidingIdNamed(expectation.by, place);
  const obligations = expectation.with.map((clause) => obligationOf(clause, place));
  if (verdict === null) return null;
  reportImpossible(expectation, verdict, place);
  return { verdict, by, with: obligations, span: expectation.span };
}

function obligationOf(clause: ObligationClause, place: Place): CheckedObligation {
  const { span } = clause;
  switch (clause.kind) {
    case "mask":
      return { kind: "mask", column: clause.column.value, by: clause.by && decidingIdNamed(clause.by, place), span };
    case "no mask":
      return { kind: "no mask", column: clause.column?.value ?? null, span };
    case "approval":
      return { kind: "approval", all: peopleOf(clause.all, place), span };
    case "limit":
      return { kind: "limit", of: clause.of === "time" ? "time_ms" : clause.of, value: clause.value, span };
  }
}

/** An expectation no decision can meet would fail whatever the policy said (HPL4026). */
function reportImpossible(expectation: Expectation, verdict: CheckedExpectation["verdict"], { site }: Place): void {
  for (const { kind, span } of expectation.with) {
    const isImpossible = kind === "approval" ? verdict !== "approve" : verdict === "block" && kind !== "no mask";
    if (isImpossible)
      report(site, impossibleExpectation(span, { verdict, obligation: `${kind === "approval" ? "an" : "a"} ${kind}` }));
  }
}

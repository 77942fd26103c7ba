import {
  type ActionTrace,
  type ClauseTrace,
  type ExceptionTrace,
  observedText,
  type RuleTrace,
  type Span,
} from "@hpl/compiler";

/** The policy's own words at a place, and where that is. */
export type TextOf = (span: Span) => { readonly text: string; readonly place: string };

/** A trace as text: each rule with its truth and place, below it each clause with its truth and what it saw. */
export function renderTrace({ action, modules, rules }: ActionTrace, textOf: TextOf): string {
  const kind = action.opaque ? `opaque (${action.reasons.join(", ")})` : kindOf(action.facts);
  return [
    `${action.family} action: ${kind}`,
    ...modules.map(({ name, scope }) => `  module ${name}: in scope ${scope.truth}`),
    ...rules.flatMap((rule) => renderRule(rule, textOf)),
  ].join("\n");
}

const kindOf = (facts: object): string => ("kind" in facts && typeof facts.kind === "string" ? facts.kind : "known");

function renderRule(
  { rule, truth, scope, condition, exceptions, nearMiss }: RuleTrace,
  textOf: TextOf,
): readonly string[] {
  const outside = scope === "true" ? "" : `, its module in scope: ${scope}`;
  const near = nearMiss === null ? "" : ", one clause away";
  return [
    `  ${rule.effect.kind} ${rule.id}: ${truth}${outside}${near}  (${textOf(rule.span).place})`,
    ...renderClause(condition, textOf, 2),
    ...exceptions.flatMap((each) => renderException(each, textOf)),
  ];
}

function renderException({ exception, truth, live, condition }: ExceptionTrace, textOf: TextOf): readonly string[] {
  const until = new Date(exception.until_ms).toISOString();
  return [
    `    exception ${exception.id}: ${truth}, not over: ${live} (until ${until})  (${textOf(exception.span).place})`,
    ...renderClause(condition, textOf, 3),
  ];
}

function renderClause(clause: ClauseTrace, textOf: TextOf, depth: number): readonly string[] {
  const indent = "  ".repeat(depth);
  if (clause.parts.length > 0 && clause.kind !== "Not") {
    const word = clause.kind === "And" ? "all of" : "any of";
    return [
      `${indent}${clause.truth.padEnd(8)}${word}`,
      ...clause.parts.flatMap((part) => renderClause(part, textOf, depth + 1)),
    ];
  }
  if (clause.kind === "Not") {
    return [
      `${indent}${clause.truth.padEnd(8)}not`,
      ...clause.parts.flatMap((part) => renderClause(part, textOf, depth + 1)),
    ];
  }
  if (clause.kind === "Constant") return [`${indent}${clause.truth.padEnd(8)}always`];
  const seen = clause.observed.map(observedText).join("; ");
  return [`${indent}${clause.truth.padEnd(8)}${textOf(clause.span).text}${seen === "" ? "" : `   # ${seen}`}`];
}

import type { ActionTrace, ClauseTrace, RuleTrace, Span, Value } from "@hpl/compiler";

/** The policy's own words at a place, and where that is. */
export type TextOf = (span: Span) => { readonly text: string; readonly place: string };

/** Longest value shown whole, in characters: the rest is counted. */
const shownLengthMax = 120;

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

function renderRule({ rule, truth, scope, condition }: RuleTrace, textOf: TextOf): readonly string[] {
  const outside = scope === "true" ? "" : `, its module in scope: ${scope}`;
  return [
    `  ${rule.effect.kind} ${rule.id}: ${truth}${outside}  (${textOf(rule.span).place})`,
    ...renderClause(condition, textOf, 2),
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
  const seen = clause.observed.map(({ path, value }) => `${path} is ${valueText(value)}`).join("; ");
  return [`${indent}${clause.truth.padEnd(8)}${textOf(clause.span).text}${seen === "" ? "" : `   # ${seen}`}`];
}

function valueText(value: Value): string {
  const text = fullText(value);
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax)}... (${text.length} characters)`;
}

function fullText(value: Value): string {
  if (value.kind === "scalar") return JSON.stringify(value.value);
  if (value.kind === "list")
    return `{${value.items.map(fullText).join(", ")}${value.open ? ", and perhaps more" : ""}}`;
  if (value.kind !== "record") return value.kind;
  return `{${Object.entries(value.fields)
    .map(([name, field]) => `${name}: ${JSON.stringify(field)}`)
    .join(", ")}}`;
}

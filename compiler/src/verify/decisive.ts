import type { CheckedPolicy } from "../3-check/checked.js";
import { locate } from "../diagnostics/render.js";
import { type ClauseTrace, traceRequest } from "../reference/trace.js";
import { observedText } from "../reference/value-text.js";
import type { Answer } from "./question.js";

/** Clauses shown of one rule: the first ones already say what to look at. */
const clauses_max = 4;

/**
 * The tests that made `clause` come out as it did: those that are false of a false `and`, all of a true one, and the other
 * way round for `or`. In source order.
 */
export function decisiveClauses(clause: ClauseTrace): readonly ClauseTrace[] {
  if (clause.parts.length === 0) return [clause];
  const deciding = clause.parts.filter((part) => clause.kind === "Not" || part.truth === clause.truth);
  return deciding.flatMap(decisiveClauses);
}

/** Why the rule `id` came out as it did on `answer`: one line a deciding clause, with the values it saw. */
export function explainRule(policy: CheckedPolicy, id: string, answer: Answer): readonly string[] {
  const traces = traceRequest(policy, answer.request).flatMap(({ modules, rules }) =>
    rules.flatMap((trace) => (trace.rule.id === id ? [{ trace, modules }] : [])),
  );
  const lines = traces.flatMap(({ trace, modules }) => {
    const module = modules.find(({ name }) => name === policy.modules[trace.rule.module]?.name);
    if (module !== undefined && trace.scope === "false") return decisiveClauses(module.scope);
    return decisiveClauses(trace.condition);
  });
  return [...new Set(lines.map((clause) => describeClause(clause, policy)))].slice(0, clauses_max);
}

function describeClause({ span, truth, observed }: ClauseTrace, policy: CheckedPolicy): string {
  const written = (policy.sources[span.file]?.text.slice(span.start, span.end) ?? "").replaceAll(/\s+/g, " ");
  const seen = observed.map(observedText).join(", ");
  const { file, line } = locate(span, policy.sources);
  return `\`${written}\` is ${truth}${seen === "" ? "" : `: ${seen}`} (${file}:${line})`;
}

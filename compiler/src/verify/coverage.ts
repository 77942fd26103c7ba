import type { CheckedPolicy } from "../3-check/checked.js";
import { type ClauseTrace, traceRequest } from "../reference/trace.js";
import type { Truth } from "../reference/truth.js";
import type { Span } from "../source/source-file.js";
import type { Answer } from "./question.js";

/** One test in the condition of a rule, and what examples and tests have seen it come out as. */
export interface AtomCoverage {
  readonly rule: string;
  readonly span: Span;
  readonly seen: ReadonlySet<Truth>;
}

/**
 * Condition coverage: each atom should be seen true, and seen false. A `let` of another file is one atom, where it is used:
 * its own parts are covered by its own tests.
 */
export interface Coverage {
  /** In source order. */
  readonly atoms: readonly AtomCoverage[];
  /** Of two outcomes an atom. */
  readonly outcomes_seen_count: number;
}

/** Coverage of all rules of `policy` by `answers`. O(answers x conditions). */
export function coverageOf(policy: CheckedPolicy, answers: readonly Answer[]): Coverage {
  const atoms = new Map<string, { rule: string; span: Span; seen: Set<Truth> }>();
  for (const rule of policy.rules) for (const span of atomSpans(rule.condition)) note(atoms, rule.id, span, null);
  for (const { request } of answers)
    for (const { rules } of traceRequest(policy, request))
      for (const { rule, condition } of rules)
        for (const atom of atomsOf(condition)) note(atoms, rule.id, atom.span, atom.truth);
  const found = [...atoms.values()].toSorted((a, b) => a.span.file - b.span.file || a.span.start - b.span.start);
  const seen = found.map((atom) => Number(atom.seen.has("true")) + Number(atom.seen.has("false")));
  return { atoms: found, outcomes_seen_count: seen.reduce((sum, count) => sum + count, 0) };
}

type Atoms = Map<string, { rule: string; span: Span; seen: Set<Truth> }>;

function note(atoms: Atoms, rule: string, span: Span, truth: Truth | null): void {
  const key = `${rule} ${span.file}:${span.start}:${span.end}`;
  const atom = atoms.get(key) ?? { rule, span, seen: new Set<Truth>() };
  if (truth !== null) atom.seen.add(truth);
  atoms.set(key, atom);
}

const isInside = (inner: Span, outer: Span): boolean =>
  inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;

function atomsOf(clause: ClauseTrace): readonly ClauseTrace[] {
  if (clause.kind === "Constant") return [];
  const parts = clause.parts.filter((part) => isInside(part.span, clause.span));
  return parts.length === 0 ? [clause] : parts.flatMap(atomsOf);
}

/** The atoms of a condition that nothing has asked about yet. */
function atomSpans(condition: CheckedPolicy["rules"][number]["condition"]): readonly Span[] {
  if (condition.kind === "Constant") return [];
  const operands = condition.kind === "Not" ? [condition.operand] : "operands" in condition ? condition.operands : [];
  const parts = operands.filter((part) => isInside(part.span, condition.span));
  return parts.length === 0 ? [condition.span] : parts.flatMap(atomSpans);
}

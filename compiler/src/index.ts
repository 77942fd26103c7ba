/**
 * The compiler: policy files in, diagnostics and one WebAssembly module out. Five phases, each a function that knows only
 * the ones before it: parse, resolve, check (`check.ts`), lower, emit. Pure: no files, clock or randomness.
 */
import { lower } from "./4-lower/lower.js";
import { emit } from "./5-emit/emit.js";
import { emitOpa } from "./5-emit/opa/emit-opa.js";
import { type CheckInput, type CheckOutput, check } from "./check.js";
import { compilerBug } from "./diagnostics/catalog.js";

export interface CompileOutput extends CheckOutput {
  /** Null exactly when a diagnostic is an error. */
  readonly module: Uint8Array<ArrayBuffer> | null;
}

/** What a module is for: our own engine, or the SDKs of the Open Policy Agent. Both decide the same. */
export const targets = ["native", "opa"] as const;
export type Target = (typeof targets)[number];

const emitters = { native: emit, opa: emitOpa } as const;

/** Compiles a policy. The same files give the same bytes on every machine. Never throws: our own mistakes are HPL9001. */
export function compile(input: CheckInput, target: Target = "native"): CompileOutput {
  const checked = check(input);
  if (checked.policy === null) return { ...checked, module: null };
  try {
    return { ...checked, module: emitters[target](lower(checked.policy), checked.policy) };
  } catch (error) {
    const bug = compilerBug({ file: 0, start: 0, end: 0 }, { error: String(error) });
    return { ...checked, policy: null, diagnostics: [...checked.diagnostics, bug], module: null };
  }
}

export type { CheckedExample, CheckedPolicy } from "./3-check/checked.js";
export { type PolicyCost, type Steps, stepsAt } from "./4-lower/cost.js";
export type { GroupStats, PlanStats } from "./4-lower/diagram/stats.js";
export { embeddedText, embedText, type PolicyText } from "./5-emit/source-section.js";
export { type AnalysisOptions, analyse, compare, type ReadStatement } from "./analysis/analyse.js";
export { askable } from "./analysis/askable.js";
export type { AnalysisCache } from "./analysis/cache.js";
export type { LoadPolicy } from "./analysis/comparisons.js";
export type { ChangedRegion, PolicyDiff } from "./analysis/diff.js";
export type { ConnectionFacts } from "./analysis/findings/connections.js";
export type { StatementText } from "./analysis/statements.js";
export type { KnownStatement } from "./analysis/witness.js";
export { type CheckInput, type CheckOutput, check } from "./check.js";
export { costOf, LIST_ITEMS_MAX, statsOf } from "./cost.js";
export { dataPathsIn } from "./data-paths.js";
export type { Diagnostic } from "./diagnostics/diagnostic.js";
export { locate, renderDiagnostics } from "./diagnostics/render.js";
export { type PolicyInModule, policyInModule } from "./explain.js";
export { type FormatOutput, format } from "./format/format.js";
export { suppress } from "./lint/suppress.js";
export type { Mutant } from "./mutate/mutants.js";
export { type MutationReport, mutate } from "./mutate/mutate.js";
export {
  type ActionTrace,
  type ClauseTrace,
  type ExceptionTrace,
  type RuleTrace,
  traceRequest,
} from "./reference/trace.js";
export type { Truth } from "./reference/truth.js";
export { observedText } from "./reference/value-text.js";
export type { SourceFile, Span } from "./source/source-file.js";
export type { AtomCoverage, Coverage } from "./verify/coverage.js";
export type { Answer, Question, QuestionJudge } from "./verify/question.js";
export { type Verification, type VerificationResult, verify } from "./verify/verify.js";

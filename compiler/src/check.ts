/**
 * The front of the compiler on one screen: sources -> the checked policy, or what is wrong with them.
 *
 * `sources` are the files of the policy folder, all in force; `libraries` are the files of the standard library, in force
 * only when a module in force uses them. Out comes the tree the back of the compiler and the reference evaluator work on,
 * and diagnostics in the order of the files. Spans, in both, index `[...sources, ...libraries]`, which is also
 * `CheckedPolicy.sources`. No I/O: who calls has read the files.
 */
import { parse } from "./1-parse/parse.js";
import { resolve } from "./2-resolve/resolve.js";
import { checkPolicy } from "./3-check/check-policy.js";
import type { CheckedPolicy } from "./3-check/checked.js";
import { compilerBug } from "./diagnostics/catalog.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { findLookAlikes } from "./lint/look-alikes.js";
import { limits } from "./source/limits.js";
import type { SourceFile } from "./source/source-file.js";

export interface CheckInput {
  /** Files of the policy, all in force. */
  readonly sources: readonly SourceFile[];
  /** Library files, in force only when used. */
  readonly libraries: readonly SourceFile[];
  /** The JSON files that `data` items name, and their schemas, by the paths `dataPathsIn` gives. */
  readonly data?: readonly SourceFile[];
  /** What time it is, in milliseconds since 1970: then exceptions that have ended are warned of. */
  readonly now_ms?: number;
}

export interface CheckOutput {
  /** Null exactly when a diagnostic is an error. */
  readonly policy: CheckedPolicy | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Those of the input that are in force. */
  readonly libraries: readonly SourceFile[];
}

/** Checks a policy. Never throws, whatever the text: our own mistakes are HPL9001, and then there is no policy either. */
export function check(input: CheckInput): CheckOutput {
  try {
    return runPhases(input);
  } catch (error) {
    const span = { file: 0, start: 0, end: 0 };
    const message = error instanceof Error ? error.message : String(error);
    return { policy: null, diagnostics: [compilerBug(span, { error: message })], libraries: [] };
  }
}

function runPhases({ sources, libraries, data = [], now_ms }: CheckInput): CheckOutput {
  const files = [...sources, ...libraries];
  const parsed = files.map(parse);
  const resolved = resolve(
    parsed.map((output) => output.tree),
    sources.length,
  );
  const syntax = parsed.flatMap((output, file) => (resolved.filesInForce.has(file) ? output.diagnostics : []));
  const errors = [...syntax, ...resolved.diagnostics];
  const options = { data, now_ms: now_ms ?? null, hasErrors: errors.some(isError) };
  const checked = checkPolicy(resolved.policy, files, options);
  const found = [...errors, ...checked.diagnostics];
  const diagnostics = found.some(isError) ? found : [...found, ...sources.flatMap(findLookAlikes)];
  return {
    policy: diagnostics.some(isError) ? null : checked.policy,
    diagnostics: inOrder(diagnostics),
    libraries: libraries.filter((_, i) => resolved.filesInForce.has(sources.length + i)),
  };
}

const isError = (diagnostic: Diagnostic): boolean => diagnostic.severity === "error";

/** By place, then code, and no more than the limit. What is said twice (of a `let` and of its user, say) counts once. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyOf = ({ span, code, message }: Diagnostic) => `${span.file}:${span.start}:${code}:${message}`;
  const distinct = [...new Map(diagnostics.map((found) => [keyOf(found), found])).values()];
  const kept = [...distinct.filter(isError), ...distinct.filter((found) => !isError(found))];
  return kept.slice(0, limits.diagnostics_max).sort(byPlace);
}

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  a.span.file - b.span.file || a.span.start - b.span.start || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);

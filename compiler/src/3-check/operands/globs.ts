import { badGlob, columnGlobSegments, globTooLong, globTooWide } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import type { Glob } from "../checked.js";

/** The globs a pattern stands for, or what is wrong with it. */
export interface GlobOutput {
  readonly globs: readonly Glob[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Which character `*` stops at in a fact of this format; null where it never stops. */
export function separatorOf(format: string | null): string | null {
  if (format === "sql_name" || format === "host") return ".";
  return format === "path" || format === "url_path" ? "/" : null;
}

/**
 * Expands `{a,b}` in `text`, nested braces included. Reports HPL3009, HPL6005 and HPL6006. Bounded by the limits on length
 * and results.
 */
export function globsOf(text: string, separator: string | null, span: Span): GlobOutput {
  const fail = (diagnostic: Diagnostic): GlobOutput => ({ globs: [], diagnostics: [diagnostic] });
  if (text.length > limits.glob_length_max) return fail(globTooLong(span, { length: text.length }));
  const shown = text.slice(0, 64);
  const problem = text === "" ? "is empty" : problemOf(text);
  if (problem !== null) return fail(badGlob(span, { glob: shown, problem }));
  const expanded = expand(text);
  if (expanded === null) return fail(globTooWide(span, { glob: shown }));
  return { globs: [...new Set(expanded)].map((glob) => ({ text: glob, separator })), diagnostics: [] };
}

/** Globs over `schema.table.column`: three segments, unless `**` stands for several. Reports HPL3010 too. */
export function columnGlobsOf(text: string, span: Span): GlobOutput {
  const output = globsOf(text, ".", span);
  const wrong = output.globs.find((glob) => !isColumnGlob(glob.text));
  if (wrong === undefined) return output;
  const segments = segmentsOf(wrong.text);
  const suggestion = `**.${segments.findLast((segment) => segment !== "") ?? "email"}`;
  return {
    globs: [],
    diagnostics: [columnGlobSegments(span, { glob: wrong.text, count: segments.length, suggestion })],
  };
}

function isColumnGlob(glob: string): boolean {
  const segments = segmentsOf(glob);
  return !segments.includes("") && (segments.length === 3 || /(?:^|[^\\])(?:\\\\)*\*\*/.test(glob));
}

/** `glob` cut at each `.` that is not escaped. */
const segmentsOf = (glob: string): readonly string[] => {
  const parts = glob.match(/(?:\\[\s\S]|[^.\\])+|\./g) ?? [];
  const segments = [""];
  for (const part of parts)
    if (part === ".") segments.push("");
    else segments[segments.length - 1] += part;
  return segments;
};

function problemOf(text: string): string | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") {
      at++;
      if (at >= text.length) return "ends with a single `\\`";
    } else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth < 0) return "closes a brace it never opens";
  }
  return depth > 0 ? "opens a brace it never closes" : null;
}

/** All alternatives of `text`, or null beyond the limit. Each round takes the first brace group apart. */
function expand(text: string): readonly string[] | null {
  const done: string[] = [];
  const pending = [text];
  for (let glob = pending.pop(); glob !== undefined; glob = pending.pop()) {
    const group = firstGroup(glob);
    if (group === null) done.push(glob);
    else pending.push(...group.toReversed());
    if (done.length + pending.length > limits.glob_results_max) return null;
  }
  return done;
}

/** `x{a,b}y` as `xay`, `xby`; null without a brace. By INVARIANT of `problemOf` the braces match. */
function firstGroup(glob: string): readonly string[] | null {
  let open = -1;
  let depth = 0;
  const cuts: number[] = [];
  for (let at = 0; at < glob.length; at++) {
    const sign = glob[at];
    if (sign === "\\") at++;
    else if (sign === "{" && depth++ === 0) open = at;
    else if (sign === "," && depth === 1) cuts.push(at);
    else if (sign === "}" && --depth === 0) return alternatives(glob, open, [...cuts, at]);
  }
  return null;
}

function alternatives(glob: string, open: number, cuts: readonly number[]): readonly string[] {
  const [before, after] = [glob.slice(0, open), glob.slice((cuts.at(-1) ?? open) + 1)];
  return cuts.map((cut, i) => `${before}${glob.slice((cuts[i - 1] ?? open) + 1, cut)}${after}`);
}

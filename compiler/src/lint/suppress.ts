/**
 * Suppressions: `# hpl-ignore HPL5002: reason` hides the warnings of one code on its own line, or, where it stands on a line
 * alone, on the next line that holds more than comments. Errors cannot be hidden. A suppression without a reason hides nothing,
 * and one that hides nothing is a finding: otherwise they outlive what they were for. In: all diagnostics of a run, those of
 * examples included. Out: what is left of them, and what is wrong with the suppressions.
 */
import { badSuppression, unusedSuppression } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceFile } from "../source/source-file.js";
import { type Comment, commentsOf } from "./comments.js";

interface Suppression {
  readonly comment: Comment;
  readonly code: string;
  /** Half-open range of the line it is for. */
  readonly line: { readonly start: number; readonly end: number };
}

/** `diagnostics` without what the sources suppress. `sources` are the files of the policy, libraries not among them. */
export function suppress(diagnostics: readonly Diagnostic[], sources: readonly SourceFile[]): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const suppressions = sources.flatMap((source, file) => suppressionsOf(source, file, problems));
  const used = new Set<Suppression>();
  const kept = diagnostics.filter((diagnostic) => {
    const hiding = suppressions.find((suppression) => hides(suppression, diagnostic));
    if (hiding !== undefined) used.add(hiding);
    return hiding === undefined;
  });
  // What a suppression was for may be among the warnings that a policy with errors does not get.
  const isWhole = !kept.some(({ severity }) => severity === "error");
  const unused = suppressions.filter((suppression) => isWhole && !used.has(suppression));
  return [...kept, ...problems, ...unused.map(({ comment, code }) => unusedSuppression(comment.span, { code }))];
}

const hides = ({ code, line, comment }: Suppression, { span, severity, ...found }: Diagnostic): boolean =>
  severity === "warning" &&
  found.code === code &&
  span.file === comment.span.file &&
  span.start >= line.start &&
  span.start < line.end;

const marker = /^hpl-ignore\b\s*(HPL\d{4})?\s*:?\s*(.*)$/;

function suppressionsOf(source: SourceFile, file: number, problems: Diagnostic[]): readonly Suppression[] {
  if (!source.text.includes("hpl-ignore")) return [];
  return commentsOf(source, file).flatMap((comment) => {
    const [whole, code, reason] = marker.exec(comment.text) ?? [];
    if (whole === undefined) return [];
    const problem =
      code === undefined
        ? "does not say which code: write `# hpl-ignore HPL5002: why`"
        : !code.startsWith("HPL5")
          ? "names an error, and errors cannot be hidden"
          : reason === ""
            ? "needs a reason after the code"
            : null;
    if (problem !== null) problems.push(badSuppression(comment.span, { problem }));
    if (problem !== null || code === undefined) return [];
    return [{ comment, code, line: lineFor(comment, source.text) }];
  });
}

/** The comment's own line, or the next one that holds more than comments. */
function lineFor({ span }: Comment, text: string): Suppression["line"] {
  let start = text.lastIndexOf("\n", span.start - 1) + 1;
  while (start < text.length && /^\s*(?:#.*)?$/.test(text.slice(start, endOfLine(text, start)).trimEnd()))
    start = endOfLine(text, start) + 1;
  return { start, end: endOfLine(text, start) };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

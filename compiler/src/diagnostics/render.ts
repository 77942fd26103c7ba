import type { SourceSpan } from "@hpl/runtime/abi";
import type { SourceFile, Span } from "../source/source-file.js";
import type { Diagnostic } from "./diagnostic.js";

/**
 * Diagnostics as text for a person, in their order, a blank line between two:
 *
 *     error[HPL2003]: unknown fact `statement.kindd`
 *       --> policy/prod.hpl:12:8
 *        |
 *     12 |   when statement.kindd == drop
 *        |        ^^^^^^^^^^^^^^^
 *        = help: did you mean `statement.kind`?
 *
 * `sources` is the list that spans index. A span over several lines is underlined to the end of its first.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  { colors }: { readonly colors: boolean },
): string {
  const paint = colors ? inColor : plain;
  return diagnostics.map((diagnostic) => renderOne(diagnostic, sources, paint)).join("\n");
}

/** Lines and characters of `span`, both from 1, in UTF-16 code units; `end_character` is exclusive. O(log lines) after the first. */
export function locate(span: Span, sources: readonly SourceFile[]): SourceSpan {
  const source = sources[span.file];
  const [start, end] = [span.start, span.end].map((offset) => positionOf(source, offset));
  if (start === undefined || end === undefined) throw new Error("HPL9001: a span has two ends");
  return {
    file: source?.path ?? "",
    line: start.line,
    character: start.character,
    end_line: end.line,
    end_character: end.character,
  };
}

/** Characters of a source line that are shown. */
const width_max = 200;

type Style = "error" | "warning" | "frame" | "strong";
type Paint = (text: string, style: Style) => string;

const plain: Paint = (text) => text;
const ansi = { error: "1;31", warning: "1;33", frame: "34", strong: "1" } as const;
const inColor: Paint = (text, style) => `\u001b[${ansi[style]}m${text}\u001b[0m`;

function renderOne(diagnostic: Diagnostic, sources: readonly SourceFile[], paint: Paint): string {
  const { severity, code, message, help, notes, span } = diagnostic;
  const place = locate(span, sources);
  const whole = lineAt(sources[span.file]?.text ?? "", span.start);
  // A long line is shown from shortly before the span.
  const cut = whole.length > width_max ? Math.max(0, place.character - 41) : 0;
  const line = whole.slice(cut, cut + width_max);
  const margin = " ".repeat(String(place.line).length);
  const bar = paint("|", "frame");
  const lines = [
    `${paint(`${severity}[${code}]`, severity)}${paint(`: ${visible(message)}`, "strong")}`,
    `${margin}${paint("-->", "frame")} ${place.file}:${place.line}:${place.character}`,
    `${margin} ${bar}`,
    `${paint(String(place.line), "frame")} ${bar} ${visible(line)}`,
    `${margin} ${bar} ${paint(underline(line, cut, place), severity)}`,
  ];
  if (help !== null) lines.push(`${margin} ${paint("=", "frame")} help: ${visible(help)}`);
  for (const note of notes) lines.push(`${margin} ${paint("=", "frame")} note: ${visible(note)}`);
  return `${lines.map((text) => text.trimEnd()).join("\n")}\n`;
}

/** Spaces up to the span, keeping tabs, and carets under it: at least one, none beyond `line`, which lacks `cut` characters. */
function underline(line: string, cut: number, place: SourceSpan): string {
  const start = place.character - 1 - cut;
  const end = place.end_line === place.line ? place.end_character - 1 - cut : line.length;
  const indent = line.slice(0, start).replaceAll(/[^\t]/g, " ");
  return indent + "^".repeat(Math.max(1, Math.min(end, line.length) - start));
}

// A terminal must not act on what a policy file holds: control characters and bidirectional marks are shown as a box.
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  text.replaceAll(/[\0-\x08\x0B-\x1F\x7F-\x9F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g, "\u25A1");

function lineAt(text: string, offset: number): string {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", Math.max(start, offset));
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
}

/** Where the lines of a source start. Every rule of a policy is located: counting anew each time would be quadratic. */
const lineStarts = new WeakMap<SourceFile, readonly number[]>();

function lineStartsOf(source: SourceFile): readonly number[] {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at !== -1; at = source.text.indexOf("\n", at + 1)) starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}

function positionOf(
  source: SourceFile | undefined,
  offset: number,
): { readonly line: number; readonly character: number } {
  if (source === undefined) return { line: 1, character: offset + 1 };
  const starts = lineStartsOf(source);
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, character: offset - (starts[low] ?? 0) + 1 };
}

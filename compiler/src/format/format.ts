/**
 * The formatter: one way to write a policy.
 *
 * In: a file without syntax errors. Out: the same words in the same lines, with one indentation and one spacing; comments
 * stay where they are. It moves white space and nothing else, so it cannot change a decision: the tokens before and after
 * are the same, and a property says so. Where a line breaks stays the author's choice. Absent: a tree, and any preference
 * about the order of rules.
 */
import type { IToken } from "chevrotain";
import { parse } from "../1-parse/parse.js";
import { scan } from "../1-parse/scan.js";
import { cutIntoItems } from "../1-parse/segments.js";
import * as tokens from "../1-parse/tokens.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceFile } from "../source/source-file.js";
import { alignRows, columnsOf, type Row } from "./align.js";
import { spaceBetween } from "./spacing.js";

export interface FormatOutput {
  /** Null when the file has syntax errors: what is not understood is not touched. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Formats one file. Idempotent. O(text). */
export function format(source: SourceFile): FormatOutput {
  const { diagnostics } = parse(source, 0);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { text: null, diagnostics: errors };
  return { text: layOut(linesOf(source.text)), diagnostics: [] };
}

interface Line {
  /** Tokens that start on this line; none on a blank line or one with a comment alone. */
  readonly tokens: readonly IToken[];
  readonly comment: string | null;
  readonly startsItem: boolean;
}

function linesOf(text: string): readonly Line[] {
  const found = scan(text, 0).tokens;
  const starts = new Set(cutIntoItems(found, text).flatMap(({ tokens: [first] }) => first ?? []));
  const lines: Line[] = [];
  let current: IToken[] = [];
  const end = (comment: string | null): void => {
    const [first] = current;
    lines.push({ tokens: current, comment, startsItem: first !== undefined && starts.has(first) });
    current = [];
  };
  let offset = 0;
  for (const token of [...found, null]) {
    const gap = text.slice(offset, token?.startOffset ?? text.length);
    for (const part of gap.split("\n").slice(0, -1)) end(commentIn(part));
    if (token === null) end(commentIn(gap.slice(gap.lastIndexOf("\n") + 1)));
    else {
      current.push(token);
      offset = token.startOffset + token.image.length;
    }
  }
  return lines;
}

function commentIn(gap: string): string | null {
  const at = gap.indexOf("#");
  return at < 0 ? null : gap.slice(at).trimEnd();
}

/** Open brackets, innermost last: a body holds lines of its own, a set or parentheses hold a list. */
type Bracket = "body" | "list";

function layOut(lines: readonly Line[]): string {
  const open: Bracket[] = [];
  const rows: Row[] = [];
  const alone = (indent: string, text: string): Row => ({
    indent: text === "" ? "" : indent,
    cells: [text],
    sort: null,
  });
  let pending: string[] = []; // Comments wait for the line they stand before, whose indentation they share.
  for (const line of lines) {
    if (line.tokens.length === 0) {
      pending.push(line.comment ?? "");
      continue;
    }
    const indent = "  ".repeat(levelOf(line, open));
    const aside = isCloser(line.tokens[0]) ? `${indent}  ` : indent;
    rows.push(...pending.map((comment) => alone(aside, comment)));
    pending = [];
    rows.push({ indent, ...cellsOf(line, open) });
  }
  rows.push(...pending.map((comment) => alone("", comment)));
  const joined = alignRows(rows)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return joined === "" ? "" : `${joined}\n`;
}

/** Levels of indentation: the open brackets, and one more for a line that goes on with what the line before began. */
function levelOf({ tokens: [first], startsItem }: Line, open: readonly Bracket[]): number {
  if (startsItem || first === undefined) return 0;
  if (isCloser(first)) return open.length - 1;
  const isBodyLine = open.at(-1) === "body" && bodyWords.has(first.tokenType);
  const goesOn = open.length === 0 || (open.at(-1) === "body" && !isBodyLine && !isField(first));
  return open.length + (goesOn ? 1 : 0);
}

const bodyWords: ReadonlySet<unknown> = new Set(Object.values(tokens.body));
const isCloser = (token: IToken | undefined): boolean =>
  token?.tokenType === tokens.RightBrace || token?.tokenType === tokens.RightParenthesis;
/** Lines of a fixture are fields. */
const isField = (token: IToken): boolean => token.tokenType === tokens.Identifier;

/** A line's tokens with their spacing, cut where its columns start; brackets open and close on the way. */
function cellsOf({ tokens: own, comment, startsItem }: Line, open: Bracket[]): Pick<Row, "cells" | "sort"> {
  if (startsItem) open.length = 0;
  const columns = columnsOf(own);
  const cells = [""];
  own.forEach((token, i) => {
    const before = own[i - 1];
    const closesBody = isCloser(token) && open.at(-1) === "body";
    if (isCloser(token)) open.pop();
    const space = before === undefined ? "" : spaceBetween(before, token, opensBody(own, i - 1), closesBody);
    if (columns?.starts.includes(i)) cells.push(token.image);
    else cells.push(`${cells.pop()}${space}${token.image}`);
    if (token.tokenType === tokens.LeftBrace) open.push(opensBody(own, i) ? "body" : "list");
    if (token.tokenType === tokens.LeftParenthesis) open.push("list");
  });
  if (comment !== null) cells.push(`${cells.pop()} ${comment}`);
  return { cells, sort: columns?.sort ?? null };
}

/** Words and signs a set follows; any other brace opens a body. */
const beforeSets: ReadonlySet<unknown> = new Set([
  tokens.reserved.in,
  tokens.reserved.any,
  tokens.reserved.all,
  tokens.reserved.only,
  tokens.reserved.like,
  tokens.clause.cidr,
  tokens.Equals,
  tokens.Colon,
  tokens.Comma,
  tokens.LeftBrace,
]);

function opensBody(own: readonly IToken[], index: number): boolean {
  const before = own[index - 1];
  return own[index]?.tokenType === tokens.LeftBrace && before !== undefined && !beforeSets.has(before.tokenType);
}

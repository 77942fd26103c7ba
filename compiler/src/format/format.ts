/**
 * The formatter: one way to write a policy.
 *
 * In: a file without syntax errors. Out: the same words in the same lines, with one indentation and one spacing; comments
 * stay where they are. It moves white space and nothing else, so it cannot change a decision: the tokens before and after
 * are the same, and a property says so. Where a line breaks stays the author's choice. Absent: a tree, and any preference
 * about the order of rules.
 */
import type { IToken, TokenType } from "chevrotain";
import { parse } from "../1-parse/parse.js";
import { scan } from "../1-parse/scan.js";
import { cutIntoItems } from "../1-parse/segments.js";
import * as tokens from "../1-parse/tokens.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceFile } from "../source/source-file.js";
import { alignRows, type Columns, columnsOf, type Row } from "./align.js";
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
  let last: IToken | undefined;
  let item: TokenType | undefined;
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
    if (line.startsItem) {
      item = line.tokens[0]?.tokenType;
      open.length = 0;
    }
    rows.push({ indent, ...cellsOf(line, open, last, columnsOf(line.tokens, item)) });
    last = line.tokens.at(-1);
  }
  rows.push(...pending.map((comment) => alone("", comment)));
  const joined = alignRows(rows)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return joined === "" ? "" : `${joined}\n`;
}

/** Levels of indentation: the open brackets, and one more for a line that goes on with what the line before began. */
function levelOf({ tokens: own, startsItem }: Line, open: readonly Bracket[]): number {
  const [first] = own;
  if (startsItem || first === undefined) return 0;
  if (isCloser(first)) return open.length - 1;
  const goesOn = open.length === 0 || (open.at(-1) === "body" && !startsBodyLine(own));
  return open.length + (goesOn ? 1 : 0);
}

const bodyWords: ReadonlySet<unknown> = new Set(Object.values(tokens.body));
/** Lines of a body start with their word, those of a record with the name of a field. */
function startsBodyLine([first, second]: readonly IToken[]): boolean {
  if (first === undefined) return false;
  if (bodyWords.has(first.tokenType) || second?.tokenType === tokens.Colon) return true;
  return first.tokenType === tokens.clause.on && second?.tokenType === tokens.clause.unknown;
}

const isCloser = (token: IToken | undefined): boolean =>
  token?.tokenType === tokens.RightBrace || token?.tokenType === tokens.RightParenthesis;

/**
 * A line's tokens with their spacing, cut where its columns start; brackets open and close on the way. `last` is the token
 * that ended the line before; `columns` is how the line reads as a part of a table.
 */
function cellsOf(
  { tokens: own, comment }: Line,
  open: Bracket[],
  last: IToken | undefined,
  columns: Columns | null,
): Pick<Row, "cells" | "sort"> {
  const cells = [""];
  own.forEach((token, i) => {
    const opens = opensBody(token, own[i - 1] ?? last);
    const space = spaceAt(own, i, open);
    if (isCloser(token)) open.pop();
    if (columns?.starts.includes(i)) cells.push(token.image);
    else cells.push(`${cells.pop()}${space}${token.image}`);
    if (token.tokenType === tokens.LeftBrace) open.push(opens ? "body" : "list");
    if (token.tokenType === tokens.LeftParenthesis) open.push("list");
  });
  if (comment !== null) cells.push(`${cells.pop()} ${comment}`);
  return { cells, sort: columns?.sort ?? null };
}

/** The space before the token at `index`, with the brackets that are open there. */
function spaceAt(own: readonly IToken[], index: number, open: readonly Bracket[]): string {
  const [before, token] = [own[index - 1], own[index]];
  if (before === undefined || token === undefined) return "";
  const inBody = open.at(-1) === "body";
  if (inBody && startsShortLine(before, token, own[index + 1])) return "  ";
  return spaceBetween(before, token, inBody && before.tokenType === tokens.LeftBrace, inBody && isCloser(token));
}

/** Lines of a body that are short enough to share one, two spaces apart, and what follows their word. */
const shortLines: ReadonlyMap<unknown, readonly unknown[]> = new Map([
  [tokens.body.rows, [tokens.Integer]],
  [tokens.body.time, [tokens.Duration]],
  [tokens.body.bytes, [tokens.Size]],
  [tokens.body.pattern, [tokens.Text]],
  [tokens.body.check, [tokens.Identifier]],
  [tokens.body.context, [tokens.LeftBrace]],
  [tokens.body.why, [tokens.Text]],
  [tokens.body.expect, [tokens.item.allow, tokens.clause.approve, tokens.item.block]],
]);

/** `limit rows 5` is what a test expects, and no line of its own. */
function startsShortLine(before: IToken, word: IToken, after: IToken | undefined): boolean {
  const follows = shortLines.get(word.tokenType)?.includes(after?.tokenType) === true;
  return follows && before.tokenType !== tokens.LeftBrace && before.tokenType !== tokens.item.limit;
}

/** Words and signs a set follows; any other brace opens a body. */
const beforeSets: ReadonlySet<unknown> = new Set([
  tokens.reserved.in,
  tokens.reserved.any,
  tokens.reserved.all,
  tokens.reserved.only,
  tokens.reserved.like,
  tokens.reserved.has,
  tokens.reserved.matches,
  tokens.clause.cidr,
  tokens.body.context,
  tokens.Equals,
  tokens.Colon,
  tokens.Comma,
  tokens.LeftBrace,
]);

const opensBody = (token: IToken, before: IToken | undefined): boolean =>
  token.tokenType === tokens.LeftBrace && before !== undefined && !beforeSets.has(before.tokenType);

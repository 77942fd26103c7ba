/**
 * A place in a statement's tokens, and the few ways to move on. Whatever is not understood is thrown as `NotUnderstood` and
 * caught where a statement begins: it is opaque then.
 */

import type { TokenKind, Tokens } from "../lexer/lexer.js";
import type { TokenRange } from "../lexer/statements.js";
import { limits } from "../limits.js";
import { isPlainName } from "./catalog.js";
import type { Grammar } from "./grammar.js";
import type { Path } from "./tree.js";

export interface Cursor {
  readonly grammar: Grammar;
  readonly tokens: Tokens;
  /** By token: a word in upper case, an operator as it is, else empty. */
  readonly words: readonly string[];
  /** First token of the statement, and the one behind its last. */
  readonly start: number;
  readonly end: number;
  at: number;
  levels_left: number;
}

/** The statement is not one that we know to read. */
export class NotUnderstood extends Error {}
/** Reading goes deeper than the limit. */
export class TooDeep extends Error {}

/** Upper case for ASCII alone: no keyword hides behind letters that merely look like one when folded. */
const upper = (word: string): string => (isPlainName(word) ? word.toUpperCase() : word);

/** By token of `tokens`: see `Cursor.words`. */
export function wordsOf({ text, kinds, starts, ends }: Tokens): readonly string[] {
  const convert = isPlainName(text) ? (word: string) => word.toUpperCase() : upper;
  return kinds.map((kind, i) => {
    if (kind === "word") return convert(text.slice(starts[i], ends[i]));
    return kind === "operator" ? text.slice(starts[i], ends[i]) : "";
  });
}

export const openCursor = (grammar: Grammar, tokens: Tokens, words: readonly string[], range: TokenRange): Cursor => ({
  grammar,
  tokens,
  words,
  start: range.start,
  at: range.start,
  end: range.end,
  levels_left: limits.depth,
});

export function notUnderstood(): never {
  throw new NotUnderstood();
}

/** The word or operator `ahead` tokens on; empty for any other token and behind the end. */
export function peek(cursor: Cursor, ahead = 0): string {
  const i = cursor.at + ahead;
  return i < cursor.end ? (cursor.words[i] ?? "") : "";
}

export const kindAhead = (cursor: Cursor, ahead = 0): TokenKind | null =>
  cursor.at + ahead < cursor.end ? (cursor.tokens.kinds[cursor.at + ahead] ?? null) : null;

export const isAtEnd = (cursor: Cursor): boolean => cursor.at >= cursor.end;

/** Whether the next words are `words`. */
export const sees = (cursor: Cursor, ...words: readonly string[]): boolean =>
  words.every((word, i) => peek(cursor, i) === word);

export const seesOneOf = (cursor: Cursor, words: ReadonlySet<string>): boolean => words.has(peek(cursor));

/** Moves over `words` if all of them come next. */
export function accept(cursor: Cursor, ...words: readonly string[]): boolean {
  if (!sees(cursor, ...words)) return false;
  cursor.at += words.length;
  return true;
}

/** Moves over the next word if it is one of `words`, and gives it; else null. */
export function acceptOneOf(cursor: Cursor, words: ReadonlySet<string>): string | null {
  const word = peek(cursor);
  if (word === "" || !words.has(word)) return null;
  cursor.at++;
  return word;
}

export function expect(cursor: Cursor, ...words: readonly string[]): void {
  if (!accept(cursor, ...words)) notUnderstood();
}

export const textAt = ({ tokens }: Cursor, i: number): string => tokens.text.slice(tokens.starts[i], tokens.ends[i]);

/** Whether token `i` follows the one before it without a blank. */
export const isAdjacent = ({ tokens }: Cursor, i: number): boolean => tokens.starts[i] === tokens.ends[i - 1];

/** The name in a quoted token. */
export function unquoted(written: string): string {
  const quote = written.charAt(written.length - 1);
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Whether a name that nothing announces can stand here: a quoted one, or a word that is not reserved. */
export const seesName = (cursor: Cursor): boolean => {
  const kind = kindAhead(cursor);
  return kind === "quoted" || (kind === "word" && !cursor.grammar.reserved.has(peek(cursor)));
};

/** One name. Behind a dot or AS every word is one. */
export function readName(cursor: Cursor, options: { readonly any_word: boolean } = { any_word: false }): string {
  const kind = kindAhead(cursor);
  if (kind !== "quoted" && !(kind === "word" && (options.any_word || seesName(cursor)))) notUnderstood();
  const written = textAt(cursor, cursor.at++);
  return kind === "quoted" ? unquoted(written) : written;
}

/** `a.b.c`. Stops before `.*`. */
export function readPath(cursor: Cursor): Path {
  const path = [readName(cursor)];
  while (peek(cursor) === "." && peek(cursor, 1) !== "*") {
    cursor.at++;
    path.push(readName(cursor, { any_word: true }));
  }
  return path;
}

/** `( .. )`. */
export function inBrackets<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  expect(cursor, "(");
  const value = read(cursor);
  expect(cursor, ")");
  return value;
}

/** `a, b, c`. */
export function listOf<T>(cursor: Cursor, read: (cursor: Cursor) => T): readonly T[] {
  const items = [read(cursor)];
  while (accept(cursor, ",")) items.push(read(cursor));
  return items;
}

/** Reads one level deeper. */
export function deeper<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  if (--cursor.levels_left < 0) throw new TooDeep();
  const value = read(cursor);
  cursor.levels_left++;
  return value;
}

/** Reads with `read` if it understands, else stays where it is and gives null. */
export function attempt<T>(cursor: Cursor, read: (cursor: Cursor) => T): T | null {
  const [at, levels_left] = [cursor.at, cursor.levels_left];
  try {
    return read(cursor);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    cursor.at = at;
    cursor.levels_left = levels_left;
    return null;
  }
}

/** Skips one balanced `( .. )`; gives the tokens inside. */
export function skipBrackets(cursor: Cursor): TokenRange {
  expect(cursor, "(");
  const start = cursor.at;
  for (let depth = 1; !isAtEnd(cursor); cursor.at++) {
    const word = peek(cursor);
    if (word === "(") depth++;
    else if (word === ")" && --depth === 0) return { start, end: cursor.at++ };
  }
  return notUnderstood();
}

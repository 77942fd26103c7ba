/**
 * After a syntax error: the same item without the part that is wrong, so that what is wrong elsewhere in it is said too.
 *
 * In: the tokens of one item and the place of the parser's error. Out: tokens to parse again. An item is cut into parts
 * whose starts are sure without a parser (`when`, `unless`, the braces of the body, a line of the body that starts with its
 * word), and the part with the error is taken out, or replaced by the shortest thing that is right there. A part is given
 * up once, so this ends; what it costs is one parse for each error, and `limits` bounds those. Absent: items without parts,
 * whose first error is their only one, and any use of what a repaired item holds: it stays broken.
 */
import type { IToken, TokenType } from "chevrotain";
import { scan } from "./scan.js";
import { isFirstOnLine } from "./segments.js";
import {
  body,
  Colon,
  Comma,
  clause,
  Dot,
  Equals,
  item,
  LeftBrace,
  LeftParenthesis,
  Operator,
  RightBrace,
  RightParenthesis,
  reserved,
} from "./tokens.js";

export interface Part {
  readonly kind: "head" | "clause" | "brace" | "line" | "tail";
  readonly tokens: readonly IToken[];
  /** Already taken out or replaced. */
  readonly isRepaired: boolean;
}

/** Items with parts, and the shortest head each may have. */
const heads: ReadonlyMap<TokenType, string> = new Map([
  [item.allow, 'allow "a"'],
  [item.block, 'block "a"'],
  [item.require, 'require approval "a" from a within 1h'],
  [item.mask, 'mask "a" a with a'],
  [item.limit, 'limit "a"'],
  [item.exception, 'exception "a" to "a"'],
  [item.detector, "detector a"],
  [item.test, 'test "a"'],
  [item.prove, 'prove "a" always true'],
]);

/** The parts of an item whose brackets match; null for one without parts. O(tokens). */
export function partsOf(tokens: readonly IToken[], text: string): readonly Part[] | null {
  const itemType = tokens[0]?.tokenType;
  if (itemType === undefined || !heads.has(itemType)) return null;
  const open = tokens.findIndex((_, index) => opensBody(tokens, index));
  const close = open < 0 ? tokens.length : closerOf(tokens, open);
  const header = cut(tokens.slice(0, open < 0 ? undefined : open), (own, i) => startsClause(own, i, itemType));
  const parts = header.map((own, i) => partOf(i === 0 ? "head" : "clause", own));
  if (open < 0) return parts;
  const lines = cut(tokens.slice(open + 1, close), (own, i) => startsLine(own, i, text));
  return [
    ...parts,
    partOf("brace", tokens.slice(open, open + 1)),
    ...lines.map((own) => partOf("line", own)),
    partOf("brace", tokens.slice(close, close + 1)),
    partOf("tail", tokens.slice(close + 1)),
  ].filter((part) => part.tokens.length > 0);
}

const partOf = (kind: Part["kind"], tokens: readonly IToken[]): Part => ({ kind, tokens, isRepaired: false });

/** `tokens` cut before each index that `starts` something, outside of brackets. */
function cut(
  tokens: readonly IToken[],
  starts: (tokens: readonly IToken[], index: number) => boolean,
): readonly (readonly IToken[])[] {
  const bounds = [0];
  let depth = 0;
  tokens.forEach((found, index) => {
    if (depth === 0 && index > 0 && starts(tokens, index)) bounds.push(index);
    depth += depthOf(found);
  });
  return bounds.map((start, i) => tokens.slice(start, bounds[i + 1]));
}

function depthOf({ tokenType }: IToken): number {
  if (tokenType === LeftBrace || tokenType === LeftParenthesis) return 1;
  return tokenType === RightBrace || tokenType === RightParenthesis ? -1 : 0;
}

function closerOf(tokens: readonly IToken[], open: number): number {
  let depth = 0;
  return tokens.findIndex((found, index) => {
    if (index >= open) depth += depthOf(found);
    return index > open && depth === 0;
  });
}

/** What a set follows; any other brace opens a body, unless it holds what only a set can. */
const beforeSets: ReadonlySet<TokenType> = new Set([
  ...[reserved.in, reserved.has, reserved.any, reserved.all, reserved.only, reserved.like, reserved.matches],
  ...[clause.cidr, Equals, Colon, Comma, Operator, LeftBrace, LeftParenthesis],
]);
const insideSets: ReadonlySet<TokenType | undefined> = new Set([Comma, RightBrace, Dot, Colon]);
const bodyWords: ReadonlySet<TokenType | undefined> = new Set(Object.values(body));

function opensBody(tokens: readonly IToken[], index: number): boolean {
  const [before, found, first, second] = [-1, 0, 1, 2].map((step) => tokens[index + step]?.tokenType);
  if (found !== LeftBrace || before === undefined) return false;
  const isLine = bodyWords.has(first) && !insideSets.has(second);
  const isOther = first === RightBrace || !insideSets.has(second);
  return isLine || (!beforeSets.has(before) && isOther);
}

const exceptionTerms: readonly TokenType[] = [clause.until, clause.reason, clause.approved];

function startsClause(tokens: readonly IToken[], index: number, itemType: TokenType): boolean {
  const type = tokens[index]?.tokenType;
  if (type === undefined || tokens[index - 1]?.tokenType === Dot) return false;
  if (type === reserved.when || type === reserved.unless) return true;
  if (itemType === item.mask) return type === clause.but;
  // They follow each other in one order, so they are one part.
  const isTerm = (found: IToken): boolean => exceptionTerms.includes(found.tokenType);
  return itemType === item.exception && exceptionTerms.includes(type) && tokens.findIndex(isTerm) === index;
}

function startsLine(tokens: readonly IToken[], index: number, text: string): boolean {
  const [found, next] = [tokens[index], tokens[index + 1]];
  if (found === undefined || !isFirstOnLine(tokens[index - 1], found, text)) return false;
  return bodyWords.has(found.tokenType) || (found.tokenType === clause.on && next?.tokenType === clause.unknown);
}

/**
 * `parts` with the one to blame for an error at `found` repaired; null when there is none left. An error at the first word
 * of a part, or right after the first of a line, which an unfinished line may have taken for a name, blames the part before
 * it and only the second time the part itself.
 */
export function repair(parts: readonly Part[], found: IToken, inBody: boolean): readonly Part[] | null {
  const at = parts.findIndex((part) => part.tokens.includes(found));
  const here = at < 0 ? parts.length : at;
  const isFirst = parts[here]?.tokens[0] === found || at < 0;
  const before = parts.findLastIndex((part, i) => i < here && part.tokens.length > 0);
  const isLine = parts[here]?.kind === "line";
  const isSecond = isLine && parts[here]?.tokens[1] === found;
  const header = parts.findLastIndex((part) => part.kind === "head" || part.kind === "clause");
  const blamed = [
    ...(isLine && !inBody ? [header] : []),
    ...((isFirst || isSecond) && before >= 0 && parts[before]?.kind !== "brace" ? [before] : []),
    here,
  ].find((index) => parts[index]?.isRepaired === false && parts[index]?.kind !== "brace");
  if (blamed === undefined) return null;
  const isUnexpected = isFirst && blamed === here;
  return parts.map((part, index) =>
    index === blamed ? { ...part, tokens: replacement(parts, index, isUnexpected), isRepaired: true } : part,
  );
}

const tokensOf = (text: string): readonly IToken[] => scan(text, 0).tokens;

function replacement(parts: readonly Part[], index: number, isUnexpected: boolean): readonly IToken[] {
  const part = parts[index];
  const first = part?.tokens[0]?.tokenType;
  const itemType = parts[0]?.tokens[0]?.tokenType;
  if (part === undefined || first === undefined || itemType === undefined) return [];
  if (part.kind === "head") return tokensOf(heads.get(itemType) ?? "");
  if (part.kind === "line" && itemType === item.test && (isUnexpected || first !== body.expect))
    return tokensOf('given sql "" as a on a');
  if (part.kind !== "clause" || isUnexpected) return [];
  if (first === reserved.when) return tokensOf("when true");
  if (first === reserved.unless) return tokensOf("unless true");
  if (first === clause.but) return parts[index + 1]?.tokens[0]?.tokenType === reserved.when ? tokensOf("but a") : [];
  return tokensOf('until 2026-01-01T00:00Z reason "a" approved by "a"');
}

import type { IToken } from "chevrotain";
import { limits } from "../source/limits.js";
import {
  BadWord,
  body,
  Colon,
  Comma,
  clause,
  Dot,
  Equals,
  futureItem,
  Identifier,
  item,
  LeftBrace,
  LeftParenthesis,
  Operator,
  RightBrace,
  RightParenthesis,
  reserved,
  Text,
  Unterminated,
} from "./tokens.js";

/** The tokens of one item, its word first; the first segment of a file may start with anything. */
export interface Segment {
  readonly tokens: readonly IToken[];
  /** Opening brackets without a closing one, outermost first. */
  readonly unclosed: readonly IToken[];
  /** The first bracket beyond the limit of nesting. */
  readonly tooDeep: IToken | null;
}

/**
 * Cuts a file into its items, so that an error in one never reaches the next. An item starts with an item word at the start
 * of a line where the next token makes it one (`grant x`, `block "id"`), or where the line before is finished and no bracket
 * is open. So a missing `}` ends with its item, and `grant` on a line of its own inside a set stays a member. O(n).
 */
export function cutIntoItems(tokens: readonly IToken[], text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  let depth = 0;
  tokens.forEach((found, index) => {
    const isObligation = depth > 0 && tokens[start]?.tokenType === item.test && goesOnInTest(tokens[index - 1]);
    if (index > start && !isObligation && startsItem(tokens, index, text, depth)) {
      segments.push(segmentOf(tokens.slice(start, index)));
      [start, depth] = [index, 0];
    }
    if (found.tokenType === LeftBrace || found.tokenType === LeftParenthesis) depth++;
    if (found.tokenType === RightBrace || found.tokenType === RightParenthesis) depth = Math.max(0, depth - 1);
  });
  if (start < tokens.length) segments.push(segmentOf(tokens.slice(start)));
  return segments;
}

const itemTypes = new Set([...Object.values(item), ...Object.values(futureItem)]);
const wordTypes = new Set([
  Identifier,
  BadWord,
  ...[item, futureItem, body, clause].flatMap((words) => Object.values(words)),
]);

// What a line cannot end with: the item goes on.
const unfinished = new Set([
  ...[Operator, Comma, Dot, Colon, Equals, LeftBrace, LeftParenthesis],
  ...Object.values(reserved).filter((type) => type !== reserved.true && type !== reserved.false),
  ...[clause.from, clause.of, clause.within, clause.with, clause.as, clause.on, clause.governs, clause.for],
  ...[clause.to, clause.until, clause.reason, clause.approved, clause.by],
  ...[clause.asking, clause.lasting, clause.telling, clause.labelled, clause.per, clause.over],
]);

/** `expect allow with` and `and` take an obligation, which may be a `mask "name"` on a line of its own. */
const goesOnInTest = (previous: IToken | undefined): boolean =>
  previous?.tokenType === clause.with || previous?.tokenType === reserved.and;

function startsItem(tokens: readonly IToken[], index: number, text: string, depth: number): boolean {
  const [previous, found, next] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (found === undefined || !itemTypes.has(found.tokenType) || !isFirstOnLine(previous, found, text)) return false;
  if (next !== undefined && confirms(found, next)) return true;
  return depth === 0 && (previous === undefined || !unfinished.has(previous.tokenType));
}

/** Whether a line starts between `previous` and `found`. */
export function isFirstOnLine(previous: IToken | undefined, found: IToken, text: string): boolean {
  if (previous === undefined) return true;
  return text.slice(previous.startOffset + previous.image.length, found.startOffset).includes("\n");
}

const namedByText = new Set([
  ...[item.allow, item.block, item.mask, item.limit, item.exception, item.test, item.prove, item.assume],
  ...Object.values(futureItem),
]);

function confirms(word: IToken, next: IToken): boolean {
  if (namedByText.has(word.tokenType)) return next.tokenType === Text || next.tokenType === Unterminated;
  if (word.tokenType === item.require) return next.tokenType === clause.approval;
  return wordTypes.has(next.tokenType);
}

function segmentOf(tokens: readonly IToken[]): Segment {
  const open: IToken[] = [];
  let tooDeep: IToken | null = null;
  for (const found of tokens) {
    if (found.tokenType === LeftBrace || found.tokenType === LeftParenthesis) {
      open.push(found);
      if (open.length > limits.nesting_max) tooDeep ??= found;
    }
    if (found.tokenType === RightBrace || found.tokenType === RightParenthesis) open.pop();
  }
  return { tokens, unclosed: open, tooDeep };
}

/** Whether `found` is the first token of its line in `segment`. */
export function isLineStart(segment: Segment, found: IToken, text: string): boolean {
  const index = segment.tokens.indexOf(found);
  return index >= 0 && isFirstOnLine(segment.tokens[index - 1], found, text);
}

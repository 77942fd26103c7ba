import type { IToken } from "chevrotain";
import * as tokens from "../1-parse/tokens.js";

const noneBefore: ReadonlySet<unknown> = new Set([
  ...[tokens.Comma, tokens.Dot, tokens.Colon, tokens.Question],
  tokens.RightParenthesis,
]);
const noneAfter: ReadonlySet<unknown> = new Set([tokens.Dot, tokens.LeftParenthesis]);

/**
 * The space between two tokens of one line. `afterBody`: `before` opened a body; `closesBody`: `after` closes one. A body has
 * a space inside its braces, a set has none; a bracket follows its name at once, and a word of the language with a space.
 */
export function spaceBetween(before: IToken, after: IToken, afterBody: boolean, closesBody: boolean): "" | " " {
  const [left, right] = [before.tokenType, after.tokenType];
  if (noneBefore.has(right) || noneAfter.has(left)) return "";
  if (left === tokens.LeftBrace) return afterBody && right !== tokens.RightBrace ? " " : "";
  if (right === tokens.RightBrace) return closesBody ? " " : "";
  if (right === tokens.LeftParenthesis) return isName(before) ? "" : " ";
  return " ";
}

/** Words that stand before a condition in parentheses; any other word there is the name of what is called. */
const beforeConditions: ReadonlySet<unknown> = new Set([
  ...Object.values(tokens.reserved),
  ...[tokens.clause.always, tokens.clause.never, tokens.clause.for],
]);
const isName = ({ tokenType }: IToken): boolean =>
  tokenType.CATEGORIES?.includes(tokens.Word) === true && !beforeConditions.has(tokenType);

import type { IToken } from "chevrotain";
import * as tokens from "../1-parse/tokens.js";

const reserved: ReadonlySet<unknown> = new Set(Object.values(tokens.reserved));
const noneBefore: ReadonlySet<unknown> = new Set([tokens.Comma, tokens.Dot, tokens.Colon, tokens.RightParenthesis]);
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

/** A dot makes any word a name; so does being no word of the language. */
const isName = ({ tokenType }: IToken): boolean => tokenType === tokens.Identifier && !reserved.has(tokenType);

import { type IParserErrorMessageProvider, type IToken, type TokenType, tokenLabel, tokenMatcher } from "chevrotain";
import { Text } from "./tokens.js";

/**
 * What chevrotain says about a syntax error: only what was expected, in HPL's words. `describeFound` says what stood there;
 * `syntax-errors.ts` puts the two together. An empty text means that nothing more was expected.
 */
export const parserErrorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => "",
  buildNoViableAltMessage: ({ customUserDescription, expectedPathsPerAlt }) =>
    customUserDescription ?? expectedOneOf(expectedPathsPerAlt),
  buildEarlyExitMessage: ({ customUserDescription, expectedIterationPaths }) =>
    customUserDescription ?? expectedOneOf([expectedIterationPaths]),
};

function expectedOneOf(paths: readonly (readonly (readonly TokenType[])[])[]): string {
  const labels = paths.flat().flatMap((path) => path.slice(0, 1).map(tokenLabel));
  return [...new Set(labels)].join(" or ");
}

/** A token as a message names it. */
export function describeFound(found: IToken): string {
  return tokenMatcher(found, Text) ? "text in quotes" : `\`${found.image.slice(0, 64)}\``;
}

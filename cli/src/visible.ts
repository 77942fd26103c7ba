/**
 * Characters that a terminal obeys instead of showing, or that make text look like another: controls (a line break and a tab
 * too), format characters such as the right-to-left override, separators, lone surrogates.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** `text` as it is safe to print: what a terminal would obey is shown as `\u{1b}`. One line stays one line. */
export const visible = (text: string): string =>
  text.replace(invisible, (character) => `\\u{${codeOf(character).toString(16)}}`);

/** Like `visible`, line by line: line breaks stay, and a tab is a space. */
export const visibleLines = (text: string): readonly string[] =>
  text.split("\n").map((line) => visible(line.replaceAll("\t", " ")));

/** JSON that is safe to print and still says the same. */
export function visibleJson(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/gu, (character) =>
    character.split("").map(escaped).join(""),
  );
}

/** A text as HPL writes it; anything but what a keyboard has as a code point. */
export const quote = (text: string): string => `"${text.replaceAll(/[^ !#-[\]-~]/gu, escaped)}"`;

const escaped = (character: string): string =>
  character === '"' || character === "\\" ? `\\${character}` : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** A set of texts. */
export const quotedSet = (texts: readonly string[]): string => `{${texts.map(quote).join(", ")}}`;

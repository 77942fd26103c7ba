/** What a terminal obeys instead of showing, or what makes text look like another: controls, format characters, separators. */
const unsafe = /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Other people's text as it can be shown in a terminal: line feeds stay, whatever could deceive is written out. */
export const printable = (text: string): string =>
  text.replaceAll("\t", "    ").replace(unsafe, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);

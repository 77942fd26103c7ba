import { type IToken, Lexer } from "chevrotain";
import { badName, hiddenCharacter, unknownCharacter } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Span } from "../source/source-file.js";
import { BadWord, tokenTypes } from "./tokens.js";

const lexer = new Lexer([...tokenTypes], { positionTracking: "onlyOffset" });

export interface ScanOutput {
  readonly tokens: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The tokens of `text`. Characters without meaning are reported and skipped; text is never lost silently. O(n). */
export function scan(text: string, file: number): ScanOutput {
  // A byte order mark at the very start is what some editors write; as one space it keeps every offset.
  const { tokens, errors } = lexer.tokenize(text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text);
  const diagnostics = [...hiddenCharacters(text, file)];
  const reported = new Set(diagnostics.map((diagnostic) => diagnostic.span.start));
  for (const { offset, length } of errors) {
    const unseen = Array.from(text.slice(offset, offset + length)).join("");
    if (!reported.has(offset))
      diagnostics.push(unknownCharacter({ file, start: offset, end: offset + length }, { text: unseen.slice(0, 20) }));
  }
  for (const found of tokens)
    if (found.tokenType === BadWord) diagnostics.push(badName(spanOf(found, file), { name: found.image }));
  return { tokens, diagnostics };
}

/** The half-open span of a token. */
export function spanOf(found: IToken, file: number): Span {
  return { file, start: found.startOffset, end: found.startOffset + found.image.length };
}

// What a reviewer cannot see, or sees in another place than the compiler: control characters but tab and line ends, a
// carriage return without its line feed and the other line separators (an editor may show the rest of a comment as a line
// of its own), zero-width and bidirectional characters (Unicode TR 36, CVE-2021-42574), halves of surrogate pairs.
const hiddenPattern =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\xAD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}\p{Cs}]|\r(?!\n)/gu;

function* hiddenCharacters(text: string, file: number): Generator<Diagnostic> {
  for (const { 0: found, index } of text.matchAll(hiddenPattern)) {
    if (found === "\uFEFF" && index === 0) continue;
    yield hiddenCharacter({ file, start: index, end: index + found.length }, { codePoint: found.codePointAt(0) ?? 0 });
  }
}

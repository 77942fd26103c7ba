import { badEscape, unterminatedText } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Span } from "../source/source-file.js";

export interface DecodedText {
  readonly value: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What a text literal stands for. `"..."` has the escapes `\" \\ \n \t \u{1F600}`; `'...'` and `"""..."""` are raw. `span`
 * is the literal with its quotes, `image` its text.
 */
export function decodeText(image: string, span: Span, terminated: boolean): DecodedText {
  if (!terminated) return { value: "", diagnostics: [unterminatedText(span, { triple: image.startsWith('"""') })] };
  if (image.startsWith('"""')) return { value: image.slice(3, -3), diagnostics: [] };
  const content = image.slice(1, -1);
  if (image.startsWith("'") || !content.includes("\\")) return { value: content, diagnostics: [] };
  return decodeEscapes(content, { ...span, start: span.start + 1 });
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["t", "\t"],
]);
const escapePattern = /\\(?:u\{([0-9a-fA-F]{1,6})\}|([\s\S]))/g;

function decodeEscapes(content: string, contentSpan: Span): DecodedText {
  const diagnostics: Diagnostic[] = [];
  const value = content.replace(
    escapePattern,
    (found: string, hex: string | undefined, sign: string, offset: number) => {
      const decoded = hex === undefined ? escapes.get(sign) : characterOf(Number.parseInt(hex, 16));
      if (decoded !== undefined) return decoded;
      const start = contentSpan.start + offset;
      diagnostics.push(badEscape({ ...contentSpan, start, end: start + found.length }, { escape: found }));
      return "";
    },
  );
  return { value, diagnostics };
}

/** A Unicode scalar value as text; a surrogate or a number beyond Unicode is none. */
function characterOf(code: number): string | undefined {
  const isScalar = code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
  return isScalar ? String.fromCodePoint(code) : undefined;
}

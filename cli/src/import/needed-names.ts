/**
 * Which names a text must hold to be matched by a pattern over texts.
 *
 * In: a word that is looked for anywhere, or a regular expression. Out: a condition on the names of a text (SQL words, tables,
 * columns, functions) that holds of every text the pattern matches, and of some more. A class of characters, `.` or an optional
 * part says nothing, and what stands on both sides of it may be parts of names. Null where nothing is needed, or where the
 * pattern looks inside quoted texts or comments, which hold no names. Absent: what RE2 and Python read differently.
 */
export type Needed =
  | { readonly kind: "name"; readonly text: string; readonly open_left: boolean; readonly open_right: boolean }
  | { readonly kind: "all" | "any"; readonly parts: readonly Needed[] };

/** Characters of a pattern, and groups in groups: what people write has a tenth of it. */
export const PATTERN_LETTERS_MAX = 1_024;
export const GROUPS_DEEP_MAX = 32;

/** Quotes and comments: behind them stands what is no name. */
const noNames = /['"`#]|--|\/\*|\*\/|\$\$/;

/** Names without which no text holds `word`, whatever its case. */
export function namesInWord(word: string): Needed | null {
  if (word.length > PATTERN_LETTERS_MAX || noNames.test(word)) return null;
  return usable(namesIn([...word].map((letter) => ({ kind: "letter", letter }))));
}

/** Names without which `pattern` matches no text, whatever its case. Null also for what is no expression we read. */
export function namesInPattern(pattern: string): Needed | null {
  if (pattern.length > PATTERN_LETTERS_MAX || noNames.test(pattern.replaceAll("\\", ""))) return null;
  const reader = { text: pattern, at: 0 };
  const found = readChoice(reader, 0);
  return found === null || reader.at < pattern.length ? null : usable(found);
}

/** What one place of a pattern stands for. `edge`: a name ends there. `anything`: no telling. */
type Piece =
  | { readonly kind: "letter"; readonly letter: string }
  | { readonly kind: "edge" | "anything" }
  | { readonly kind: "needed"; readonly needed: Needed };

function namesIn(pieces: readonly Piece[]): Needed {
  const parts: Needed[] = [];
  let [text, open_left] = ["", true];
  const end = (open: boolean): void => {
    // A name has a letter first: what begins with a digit may be a number, which is no name.
    if (/^[a-z_]/.test(text)) parts.push({ kind: "name", text, open_left, open_right: open });
    [text, open_left] = ["", open];
  };
  for (const piece of pieces) {
    if (piece.kind === "letter" && /\w/.test(piece.letter)) text += piece.letter.toLowerCase();
    else if (piece.kind === "letter") end(!isAscii(piece.letter));
    else if (piece.kind === "edge") end(false);
    else {
      end(true);
      if (piece.kind === "needed") parts.push(piece.needed);
    }
  }
  end(true);
  return { kind: "all", parts };
}

/** A letter that is not ASCII may be a part of a name. */
const isAscii = (letter: string): boolean => (letter.codePointAt(0) ?? 0) < 0x80 && letter !== "$";

/** Null when it holds of every text. */
function usable(needed: Needed): Needed | null {
  if (needed.kind === "name") return needed;
  const parts = needed.parts.map(usable);
  if (needed.kind === "any")
    return parts.includes(null) ? null : { kind: "any", parts: parts.filter((part) => part !== null) };
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.length === 1 ? (known[0] ?? null) : { kind: "all", parts: known };
}

interface Reader {
  readonly text: string;
  at: number;
}

function readChoice(reader: Reader, depth: number): Needed | null {
  if (depth > GROUPS_DEEP_MAX) return null;
  const parts: Needed[] = [];
  for (;;) {
    const part = readSequence(reader, depth);
    if (part === null) return null;
    parts.push(part);
    if (reader.text[reader.at] !== "|") break;
    reader.at += 1;
  }
  return parts.length === 1 ? (parts[0] ?? null) : { kind: "any", parts };
}

function readSequence(reader: Reader, depth: number): Needed | null {
  const pieces: Piece[] = [];
  while (reader.at < reader.text.length && !"|)".includes(reader.text[reader.at] ?? "")) {
    const piece = readPiece(reader, depth);
    if (piece === null) return null;
    const times = readTimes(reader);
    if (times === null) return null;
    pieces.push(...repeated(piece, times));
  }
  return namesIn(pieces);
}

type Times = "once" | "perhaps" | "more";

function repeated(piece: Piece, times: Times): readonly Piece[] {
  if (times === "once") return [piece];
  if (times === "perhaps") return [{ kind: "anything" }];
  return piece.kind === "edge" ? [piece] : [piece, { kind: "anything" }];
}

/** How often what stands before may come; lazy or possessive, it matches the same texts or fewer. */
function readTimes(reader: Reader): Times | null {
  const found = /^(?:[?*+]|\{\d+(?:,\d*)?\})[?+]?/.exec(reader.text.slice(reader.at))?.[0];
  if (found === undefined) return /^[?*+]/.test(reader.text.slice(reader.at)) ? null : "once";
  reader.at += found.length;
  const least = found.startsWith("{") ? Number.parseInt(found.slice(1), 10) : found.startsWith("+") ? 1 : 0;
  return least === 0 ? "perhaps" : "more";
}

function readPiece(reader: Reader, depth: number): Piece | null {
  const sign = reader.text[reader.at] ?? "";
  if (sign === "(") return readGroup(reader, depth);
  if (sign === "[") return readClass(reader);
  if (sign === "\\") return readEscape(reader);
  if ("?*+".includes(sign)) return null;
  const letter = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0);
  reader.at += letter.length;
  if (sign === ".") return { kind: "anything" };
  return sign === "^" || sign === "$" ? { kind: "edge" } : { kind: "letter", letter };
}

function readGroup(reader: Reader, depth: number): Piece | null {
  const flags = /^\(\?[imsU]+\)/.exec(reader.text.slice(reader.at))?.[0];
  if (flags !== undefined) {
    reader.at += flags.length;
    return { kind: "anything" };
  }
  const opening = /^\((?:\?(?:[imsU]*:|P?<\w+>))?(?!\?)/.exec(reader.text.slice(reader.at))?.[0];
  if (opening === undefined) return null;
  reader.at += opening.length;
  const needed = readChoice(reader, depth + 1);
  if (needed === null || reader.text[reader.at] !== ")") return null;
  reader.at += 1;
  return { kind: "needed", needed };
}

/** One character of some: only blanks are sure to end a name. */
function readClass(reader: Reader): Piece | null {
  const found = /^\[\^?\]?(?:[^\]\\[]|\\[\s\S]|\[:\^?\w+:\]|\[)*\]/.exec(reader.text.slice(reader.at))?.[0];
  if (found === undefined) return null;
  reader.at += found.length;
  return { kind: /^\[(?:\\[snrt]| )+\]$/.test(found) ? "edge" : "anything" };
}

function readEscape(reader: Reader): Piece | null {
  const letter = reader.text[reader.at + 1];
  if (letter === undefined || /[QEpPxuUkg1-9]/.test(letter)) return null;
  reader.at += 2;
  if ("sWbntrfvAzZ".includes(letter)) return { kind: "edge" };
  return /\w/.test(letter) ? { kind: "anything" } : { kind: "letter", letter };
}

/** Where one statement ends and the next begins, and where that is in the text's UTF-8 bytes. */
import type { ByteRange } from "../../facts/index.js";
import type { Tokens } from "./lexer.js";

/** Tokens `[start, end)` of one statement, without its semicolon. Never empty. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts at semicolons. O(tokens). */
export function splitStatements(tokens: Tokens): readonly TokenRange[] {
  return split(tokens, () => true);
}

/**
 * Cuts as PostgreSQL does: not inside brackets, where a rule has its list of commands, and not between BEGIN ATOMIC and END
 * of a function's body. O(tokens).
 */
export function splitPostgresStatements(tokens: Tokens): readonly TokenRange[] {
  const blocks = { depth: 0, routine: false, body: 0 };
  return split(tokens, (i, start) => {
    if (i === start) Object.assign(blocks, { depth: 0, body: 0, routine: isRoutine(tokens, start) });
    const character = tokens.text.charCodeAt(tokens.starts[i] ?? 0);
    if (tokens.kinds[i] === "operator") {
      if (character === 40) blocks.depth++;
      else if (character === 41) blocks.depth--;
    } else if (blocks.routine && tokens.kinds[i] === "word") blocks.body += bodyStep(tokens, i, blocks.body);
    return blocks.depth <= 0 && blocks.body <= 0;
  });
}

/** `mayCut` sees every token in order, with the first token of its statement. */
function split(tokens: Tokens, mayCut: (i: number, start: number) => boolean): readonly TokenRange[] {
  const ranges: TokenRange[] = [];
  let start = 0;
  tokens.kinds.forEach((kind, i) => {
    const may = mayCut(i, start);
    if (!may || kind !== "operator" || tokens.text.charCodeAt(tokens.starts[i] ?? 0) !== 59) return;
    if (i > start) ranges.push({ start, end: i });
    start = i + 1;
  });
  if (tokens.kinds.length > start) ranges.push({ start, end: tokens.kinds.length });
  return ranges;
}

const wordAt = (tokens: Tokens, i: number): string =>
  tokens.kinds[i] === "word" ? tokens.text.slice(tokens.starts[i], tokens.ends[i]).toLowerCase() : "";

/** CREATE [OR REPLACE] FUNCTION | PROCEDURE. */
function isRoutine(tokens: Tokens, start: number): boolean {
  if (wordAt(tokens, start) !== "create") return false;
  const object = wordAt(tokens, start + (wordAt(tokens, start + 1) === "or" ? 3 : 1));
  return object === "function" || object === "procedure";
}

function bodyStep(tokens: Tokens, i: number, body: number): number {
  const word = wordAt(tokens, i);
  if (body === 0) return word === "begin" && wordAt(tokens, i + 1) === "atomic" ? 1 : 0;
  if (word === "case") return 1;
  return word === "end" ? -1 : 0;
}

/** The bytes of each of `ranges`, from its first to its last token. One pass over the text. */
export function byteRangesOf(tokens: Tokens, ranges: readonly TokenRange[], bytes_count: number): readonly ByteRange[] {
  const { text, starts, ends } = tokens;
  const isAscii = bytes_count === text.length;
  let [unit, byte] = [0, 0];
  const byteOf = (position: number): number => {
    if (isAscii) return position;
    for (; unit < position; unit++) byte += bytesOf(text.charCodeAt(unit));
    return byte;
  };
  return ranges.map(({ start, end }) => ({ start: byteOf(starts[start] ?? 0), end: byteOf(ends[end - 1] ?? 0) }));
}

/** UTF-8 bytes of one UTF-16 code unit; a surrogate is half of four. */
function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

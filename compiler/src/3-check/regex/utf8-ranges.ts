import type { CharacterSet } from "./regex-tree.js";

/** Bytes from the first to the second, both included. */
export type ByteRange = readonly [first: number, last: number];

/** Last code point with an encoding of one, two, three and four bytes. */
const lastOfLength = [0x7f, 0x7ff, 0xffff, 0x10ffff] as const;

/**
 * The UTF-8 encodings of the characters of `set`, as sequences of byte ranges: a text is one character of the set exactly
 * when its bytes lie, one after the other, in the ranges of one sequence. The sequences share no text. At most a handful
 * for each range: it is cut where the length changes, and where a continuation byte is not free to be any.
 */
export function utf8Sequences(set: CharacterSet): readonly (readonly ByteRange[])[] {
  return set.flatMap(([first, last]) =>
    lastOfLength.flatMap((end, i) => {
      const from = Math.max(first, i === 0 ? 0 : (lastOfLength[i - 1] ?? 0) + 1);
      const to = Math.min(last, end);
      return from > to ? [] : ofOneLength(from, to, i + 1);
    }),
  );
}

/** Ranges of `from` to `to`, whose encodings have `length` bytes. */
function ofOneLength(from: number, to: number, length: number): readonly (readonly ByteRange[])[] {
  for (let free_count = 1; free_count < length; free_count++) {
    const mask = (1 << (6 * free_count)) - 1;
    if ((from & ~mask) === (to & ~mask)) continue;
    // The lowest `free_count` bytes must run from all zeros to all ones, or the range is cut there.
    if ((from & mask) !== 0)
      return [...ofOneLength(from, from | mask, length), ...ofOneLength((from | mask) + 1, to, length)];
    if ((to & mask) !== mask)
      return [...ofOneLength(from, (to & ~mask) - 1, length), ...ofOneLength(to & ~mask, to, length)];
  }
  const [low, high] = [encode(from, length), encode(to, length)];
  return [low.map((byte, i): ByteRange => [byte, high[i] ?? byte])];
}

const leadByte = [0, 0xc0, 0xe0, 0xf0] as const;

function encode(code: number, length: number): readonly number[] {
  const bytes: number[] = [];
  let rest = code;
  for (let i = 1; i < length; i++) {
    bytes.unshift(0x80 | (rest & 0x3f));
    rest >>>= 6;
  }
  return [(leadByte[length - 1] ?? 0) | rest, ...bytes];
}

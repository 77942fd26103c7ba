// Texts: two words, the address of UTF-8 and its size in bytes. Tables hold them, and so does every string of the input.
import { sameBytes } from "../bytes";

export function bytesOf(text: i32): i32 {
  return load<i32>(text);
}
export function sizeOf(text: i32): i32 {
  return load<i32>(text + 4);
}

export function isSameText(a: i32, b: i32): bool {
  const size = sizeOf(a);
  if (size != sizeOf(b)) return false;
  const bytesA = bytesOf(a);
  const bytesB = bytesOf(b);
  let at = 0;
  for (; at + 8 <= size; at += 8) if (load<u64>(bytesA + at) != load<u64>(bytesB + at)) return false;
  return sameBytes(bytesA + at, bytesB + at, size - at);
}

/** Index of `text` among the `count` texts at `texts`, which stand `stride` bytes apart; -1 when it is none of them. */
export function indexOfText(text: i32, count: i32, texts: i32, stride: i32): i32 {
  for (let i = 0; i < count; i++) if (isSameText(text, texts + i * stride)) return i;
  return -1;
}

/**
 * Order of two texts as JavaScript sorts strings: by UTF-16 code units. Bytes of UTF-8 are in the order of code points, which
 * differs in one place: what is written as a surrogate pair comes before U+E000 to U+FFFF, whose first bytes are EE and EF.
 */
function isBefore(a: i32, b: i32): bool {
  const sizeA = sizeOf(a);
  const sizeB = sizeOf(b);
  const size = min(sizeA, sizeB);
  for (let i = 0; i < size; i++) {
    const byteA: i32 = load<u8>(bytesOf(a) + i);
    const byteB: i32 = load<u8>(bytesOf(b) + i);
    if (byteA == byteB) continue;
    const isMixed = byteA >= 0xee && byteB >= 0xee && byteA >= 0xf0 != byteB >= 0xf0;
    return isMixed ? byteA > byteB : byteA < byteB;
  }
  return sizeA < sizeB;
}

/**
 * Sorts `count` addresses of texts at `list`, with as much room again at `spare`. Merges runs of doubling length, so that no
 * input makes it slow. O(count x log count) comparisons. Returns where the sorted addresses are: at `list` or at `spare`.
 */
export function sortTexts(list: i32, count: i32, spare: i32): i32 {
  let from = list;
  let to = spare;
  for (let run = 1; run < count; run <<= 1) {
    for (let start = 0; start < count; start += run << 1) {
      mergeRuns(from, to, start, min(start + run, count), min(start + (run << 1), count));
    }
    const merged = to;
    to = from;
    from = merged;
  }
  return from;
}

function mergeRuns(from: i32, to: i32, start: i32, middle: i32, end: i32): void {
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    const takesRight = left == middle || (right < end && isBefore(load<i32>(from + right * 4), load<i32>(from + left * 4)));
    store<i32>(to + i * 4, load<i32>(from + (takesRight ? right++ : left++) * 4));
  }
}

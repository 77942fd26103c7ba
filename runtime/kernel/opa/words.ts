// Eight bytes at a time. Each function marks bytes of a word by their highest bit. The lowest mark is always right; a byte
// above it may be marked by a borrow, so that only whether there is a mark, and where the first one is, may be asked
// (S. Anderson, Bit Twiddling Hacks, "Determine if a word has a byte less than n").
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

function bytesBelow(word: u64, limit: i32): u64 {
  return (word - ONES * <u64>limit) & ~word & HIGH_BITS;
}

/** Bytes of `word` that are `byte`. */
export function bytesEqual(word: u64, byte: i32): u64 {
  return bytesBelow(word ^ (ONES * <u64>byte), 1);
}

/** Bytes of `word` that do not stand for themselves in a JSON string: controls, quote, backslash, and what is not ASCII. */
export function specialBytes(word: u64): u64 {
  return bytesBelow(word, 0x20) | bytesEqual(word, 0x22) | bytesEqual(word, 0x5c) | (word & HIGH_BITS);
}

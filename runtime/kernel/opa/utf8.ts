/** A byte of a character beyond its first: 80 to BF. */
function isContinuation(at: i32): bool {
  return (load<u8>(at) & 0xc0) == 0x80;
}

/**
 * Size in bytes of the character beyond ASCII that begins at `at`, or 0 when there is none before `end`: the well-formed byte
 * sequences of the Unicode Standard, table 3-7. Overlong forms, surrogates and what lies past U+10FFFF are not among them.
 */
export function sizeOfCharacter(at: i32, end: i32): i32 {
  const first: i32 = load<u8>(at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (end - at < size) return 0;
  const second: i32 = load<u8>(at + 1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  for (let i = 1; i < size; i++) if (!isContinuation(at + i)) return 0;
  return size;
}

/** How far from a match a context word may stand, in bytes. */
const near_bytes = 80;

/** Each byte as a character, letters small: enough to find words of ASCII in any case, and others as they are written. */
const decoder = new TextDecoder("latin1");
const plain = (bytes: Uint8Array): string => decoder.decode(bytes).toLowerCase();

/** Tells whether one of `words` stands near a match: before it or behind it, in any case, and not as part of a longer word. */
export function contextOf(words: readonly string[]): (text: Uint8Array, start: number, end: number) => boolean {
  const wanted = words.map((word) => plain(new TextEncoder().encode(word)));
  const isIn = (bytes: Uint8Array): boolean => {
    const around = plain(bytes);
    return wanted.some((word) => standsIn(around, word));
  };
  return (text, start, end) =>
    isIn(text.subarray(Math.max(0, start - near_bytes), start)) || isIn(text.subarray(end, end + near_bytes));
}

function standsIn(around: string, word: string): boolean {
  for (let at = around.indexOf(word); at >= 0; at = around.indexOf(word, at + 1)) {
    if (!isLetter(around[at - 1]) && !isLetter(around[at + word.length])) return true;
  }
  return false;
}

const isLetter = (character: string | undefined): boolean =>
  character !== undefined && character >= "a" && character <= "z";

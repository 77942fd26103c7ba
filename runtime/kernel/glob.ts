// Globs over UTF-8 bytes. `*` is any run without the separator, `**` any run, `\` makes the next byte plain.
//
// On a mismatch the last `*` takes one more byte; when the next byte is the separator, the last `**` does, and the `*`
// behind it start over. That is complete: between two `**` the leftmost match of each piece leaves the most room for the
// rest, and a `*` can never reach over a separator, whichever match of an earlier piece was taken. Cost: O(text² x glob).
import * as abi from "../src/abi/layout";

const STAR: i32 = 0x2a;
const BACKSLASH: i32 = 0x5c;

export function matchesGlob(glob: i32, text: i32, size: i32): bool {
  const pattern = load<i32>(glob);
  const patternEnd = pattern + load<i32>(glob + 4);
  const separator = load<i32>(glob + 8);
  const textEnd = text + size;
  let p = pattern;
  let t = text;
  let starPattern = 0; // Behind the last `*`, 0 when there is none since the last `**`.
  let starText = 0;
  let starsPattern = 0; // Behind the last `**`.
  let starsText = 0;
  while (true) {
    if (p == patternEnd && t == textEnd) return true;
    if (p < patternEnd && load<u8>(p) == STAR) {
      if (p + 1 < patternEnd && load<u8>(p + 1) == STAR) {
        p += 2;
        starsPattern = p;
        starsText = t;
        starPattern = 0;
      } else {
        p += 1;
        starPattern = p;
        starText = t;
      }
      continue;
    }
    if (p < patternEnd && t < textEnd) {
      const plain = load<u8>(p) == BACKSLASH && p + 1 < patternEnd ? p + 1 : p;
      if (load<u8>(plain) == load<u8>(t)) {
        p = plain + 1;
        t += 1;
        continue;
      }
    }
    if (starPattern != 0 && starText < textEnd && load<u8>(starText) != separator) {
      starText += 1;
      t = starText;
      p = starPattern;
    } else if (starsPattern != 0 && starsText < textEnd) {
      starsText += 1;
      t = starsText;
      p = starsPattern;
      starPattern = 0;
    } else {
      return false;
    }
  }
}

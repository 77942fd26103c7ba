// Automata over UTF-8 bytes: whether a text, from its first byte to its last, is one that a pattern matches. One step a byte;
// the dead state ends it. The tables are laid out as src/abi/layout.ts says.
import * as abi from "../src/abi/layout";

export function matchesRegex(regex: i32, text: i32, size: i32): bool {
  const classes = load<i32>(regex + abi.REGEX_CLASSES * 4);
  const count = load<i32>(regex + abi.REGEX_CLASSES_COUNT * 4);
  const next = load<i32>(regex + abi.REGEX_NEXT * 4);
  let state = load<i32>(regex + abi.REGEX_START * 4);
  for (let i = 0; i < size && state != 0; i++) {
    const kind: i32 = load<u8>(classes + load<u8>(text + i));
    state = load<u16>(next + (state * count + kind) * 2);
  }
  return state != 0 && load<u8>(load<i32>(regex + abi.REGEX_ACCEPTING * 4) + state) != 0;
}

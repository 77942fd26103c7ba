import { MATCH_BYTES_MAX, OUTPUT_RIGHT_DIGIT, OUTPUT_RIGHT_WORD } from "../abi/detect-layout.js";
import type { DetectTables } from "./tables.js";

/**
 * Where else than at `end`, and before it, matches of `output` that begin at `start` end: the longest first. The automaton runs
 * once more, here, because the kernel keeps only the longest.
 */
export function endsBefore(
  { machines, outputs }: DetectTables,
  machine: number,
  output: number,
  text: Uint8Array,
  start: number,
  end: number,
): readonly number[] {
  const own = machines[machine];
  const flags = outputs[output]?.flags ?? 0;
  if (own === undefined) return [];
  const ends: number[] = [];
  let state = own.start;
  for (let at = start; at < Math.min(end, start + MATCH_BYTES_MAX) - 1 && state !== 0; at++) {
    state = own.next[(state << own.shift) | (own.classes[text[at] ?? 0] ?? 0)] ?? 0;
    if (state < own.first_accepting) continue;
    const list = own.lists[state - own.first_accepting] ?? 0;
    const count = own.lists[list] ?? 0;
    if (own.lists.subarray(list + 1, list + 1 + count).includes(output) && isApart(text[at + 1] ?? 0, flags))
      ends.push(at + 1);
  }
  return ends.reverse();
}

/** Whether `byte` may stand right behind a match. */
function isApart(byte: number, flags: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  if ((flags & OUTPUT_RIGHT_WORD) !== 0) return !isDigit && !((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
  return (flags & OUTPUT_RIGHT_DIGIT) === 0 || !isDigit;
}

import type { Finding } from "@hpl/runtime";

/** A finding with its place for people: lines and characters (code points) from 1, the end exclusive. */
export interface PlacedFinding extends Finding {
  readonly line: number;
  readonly character: number;
  readonly end_line: number;
  readonly end_character: number;
}

/**
 * `findings` of `text`, which are in the order of their starts, with their places. O(text + findings * the longest of them): each
 * place is counted on from the one before.
 */
export function placesIn(text: Uint8Array, findings: readonly Finding[]): readonly PlacedFinding[] {
  let known: Place = { at: 0, line: 1, character: 1 };
  return findings.map((finding) => {
    known = placeOf(text, finding.start, known);
    const { line: end_line, character: end_character } = placeOf(text, finding.end, known);
    return { ...finding, line: known.line, character: known.character, end_line, end_character };
  });
}

interface Place {
  readonly at: number;
  readonly line: number;
  readonly character: number;
}

const newline = 0x0a;

/** The place of byte `end`, counted on from `from`, which is not behind it. Bytes that go on a character are none. */
function placeOf(text: Uint8Array, end: number, from: Place): Place {
  let { line, character } = from;
  for (let at = from.at; at < end; at++) {
    const byte = text[at] ?? 0;
    if (byte === newline) [line, character] = [line + 1, 1];
    else if ((byte & 0xc0) !== 0x80) character++;
  }
  return { at: end, line, character };
}

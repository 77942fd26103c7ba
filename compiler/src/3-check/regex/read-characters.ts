import { fail, peek, type Reader } from "./regex-reader.js";
import { type CharacterSet, characterSet, otherCharacters, type RegexNode, withBothCases } from "./regex-tree.js";

/** The parts of a regular expression that stand for one character: escapes, and classes in brackets. */

export const single = (character: string): CharacterSet => {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
};

const digits: CharacterSet = [[0x30, 0x39]];
const wordCharacters = characterSet([...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
/** Tab, line feed, form feed, carriage return, space: as RE2 has it, without the vertical tab. */
const blanks = characterSet([
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
]);

const escapedSets: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", digits],
  ["D", otherCharacters(digits)],
  ["w", wordCharacters],
  ["W", otherCharacters(wordCharacters)],
  ["s", blanks],
  ["S", otherCharacters(blanks)],
]);
const escapedCharacters: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
]);

/** What follows a `\`; null, and a problem, when it means nothing. */
export function readEscape(reader: Reader): CharacterSet | null {
  const sign = peek(reader) ?? "";
  reader.at++;
  const set = escapedSets.get(sign);
  if (set !== undefined) reader.isPlain = false;
  if (set !== undefined) return set;
  if (sign === "x") return readHexadecimal(reader);
  const character = escapedCharacters.get(sign) ?? (/^[!-/:-@[-`{-~ ]$/.test(sign) ? sign : null);
  if (character !== null) return single(character);
  fail(reader, sign === "" ? "ends with a single `\\`" : `has the unknown escape \`\\${sign}\``, escapeHelp(sign));
  return null;
}

function escapeHelp(sign: string): string {
  if (/^[bBAzZ]$/.test(sign))
    return "there are no anchors and no word boundaries: write out what stands beside the word";
  if (/^[0-9k]$/.test(sign)) return "there is no way to refer to an earlier group: write two tests";
  return "the escapes are `\\d \\w \\s \\D \\W \\S \\n \\t \\r \\x{1F600}`, and `\\` before a sign";
}

function readHexadecimal(reader: Reader): CharacterSet | null {
  const rest = reader.characters.slice(reader.at, reader.at + 10).join("");
  const found = rest.match(/^\{([0-9A-Fa-f]{1,6})\}/);
  const code = Number.parseInt(found?.[1] ?? "", 16);
  if (found === null || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    fail(reader, "has a `\\x` that is no character", "write its code point in braces: `\\x{1F600}`");
    return null;
  }
  reader.at += found[0].length;
  return [[code, code]];
}

/** After the `[`. A `-` is itself at either end, and between two characters a range. */
export function readClass(reader: Reader): RegexNode {
  reader.isPlain = false;
  const isNegated = peek(reader) === "^";
  if (isNegated) reader.at++;
  const start = reader.at;
  const ranges: (readonly [number, number])[] = [];
  for (let next = peek(reader); next !== "]"; next = peek(reader)) {
    if (next === undefined) return fail(reader, "opens a `[` it never closes", "for the sign itself, write `\\[`");
    ranges.push(...readMember(reader, start));
  }
  if (reader.problem !== null) return { kind: "sequence", parts: [] };
  if (ranges.length === 0) return fail(reader, "has an empty `[]`", "for the sign itself, write `\\]`");
  reader.at++;
  const folded = reader.bothCases ? withBothCases(ranges) : ranges;
  return { kind: "set", set: isNegated ? otherCharacters(folded) : characterSet(folded) };
}

function readMember(reader: Reader, start: number): CharacterSet {
  const isFirst = reader.at === start;
  const sign = peek(reader) ?? "";
  if (sign === "[" && reader.characters[reader.at + 1] === ":") {
    fail(reader, "has a named class", "write its members, for instance `[a-z]`");
    return [];
  }
  const from = readClassCharacter(reader);
  const isRange = peek(reader) === "-" && reader.characters[reader.at + 1] !== "]";
  if (from === null || (sign === "-" && isFirst && !isRange)) return from ?? [];
  const isLast = peek(reader) === "]";
  if (sign === "-" && !isFirst && !isLast) return rangeProblem(reader);
  if (!isRange) return from;
  reader.at++;
  const to = readClassCharacter(reader);
  const [[first] = [0], [last] = [0]] = [from[0], to?.[0]];
  if (to === null) return [];
  if (!isOne(from) || !isOne(to) || last < first) return rangeProblem(reader);
  return [[first, last]];
}

const isOne = (set: CharacterSet): boolean => set.length === 1 && set[0]?.[0] === set[0]?.[1];

function rangeProblem(reader: Reader): CharacterSet {
  fail(
    reader,
    "has a `-` that is no range",
    "a range has the lesser character first; for the sign itself, write `\\-`",
  );
  return [];
}

function readClassCharacter(reader: Reader): CharacterSet | null {
  const sign = peek(reader);
  reader.at++;
  return sign === "\\" ? readEscape(reader) : single(sign ?? "");
}

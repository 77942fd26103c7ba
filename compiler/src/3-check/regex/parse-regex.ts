import { readClass, readEscape, single } from "./read-characters.js";
import { fail, peek, type Reader } from "./regex-reader.js";
import { anyCharacter, type CharacterSet, type RegexNode, withBothCases } from "./regex-tree.js";

/**
 * Reads a regular expression of the subset of RE2 that policies use:
 *
 *     a  \.  \n  \t  \r  \x{1F600}       one character
 *     .                                any character, line ends included
 *     [a-z_]  [^/]  \d \w \s \D \W \S   one of a set; the letters stand for ASCII sets
 *     (..)  (?:..)  a|b                groups, alternatives
 *     *  +  ?  {2}  {2,}  {2,4}        how often, at most 1,000 times
 *     (?i)                             at the start: ASCII letters of either case
 *
 * What RE2 and JavaScript read differently, or either reads in a surprising way (`{` and `]` alone, `[]`, `[a-\d]`, a second
 * `*`), is refused, with what to write instead. Depth of recursion is at most half the length, which has its limit.
 */
export type ParseRegexOutput =
  | { readonly kind: "tree"; readonly tree: RegexNode; readonly isPlain: boolean }
  | { readonly kind: "problem"; readonly problem: string; readonly help: string | null };

/** More repetitions than this are refused, as RE2 does. */
const repetitions_max = 1000;

export function parseRegex(text: string): ParseRegexOutput {
  const bothCases = text.startsWith("(?i)");
  const reader: Reader = {
    characters: [...(bothCases ? text.slice("(?i)".length) : text)],
    at: 0,
    bothCases,
    isPlain: !bothCases,
    problem: null,
  };
  if (reader.characters.length === 0) fail(reader, "is empty", 'for empty text, write `== ""`');
  const tree = readEither(reader);
  if (peek(reader) === ")") fail(reader, "closes a group it never opens", "for the sign itself, write `\\)`");
  if (reader.problem !== null) return { kind: "problem", ...reader.problem };
  return { kind: "tree", tree, isPlain: reader.isPlain };
}

function readEither(reader: Reader): RegexNode {
  const options = [readSequence(reader)];
  while (peek(reader) === "|") {
    reader.at++;
    reader.isPlain = false;
    options.push(readSequence(reader));
  }
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { kind: "either", options };
}

function readSequence(reader: Reader): RegexNode {
  const parts: RegexNode[] = [];
  for (let next = peek(reader); next !== undefined && next !== "|" && next !== ")"; next = peek(reader))
    parts.push(readRepeated(reader));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "sequence", parts };
}

const quantifiers: ReadonlySet<string | undefined> = new Set(["*", "+", "?", "{"]);

function readRepeated(reader: Reader): RegexNode {
  const atom = readAtom(reader);
  if (!quantifiers.has(peek(reader))) return atom;
  reader.isPlain = false;
  const counts = readCounts(reader);
  if (counts === null) return atom;
  if (peek(reader) === "?" || peek(reader) === "+")
    return fail(
      reader,
      `has \`${peek(reader)}\` after a repetition`,
      "take it out: it changes where matches end, and here the whole text matches or not",
    );
  if (quantifiers.has(peek(reader))) return fail(reader, "repeats a repetition", "put the inner one in parentheses");
  return { kind: "repeat", of: atom, ...counts };
}

interface Counts {
  readonly min: number;
  readonly max: number | null;
}

function readCounts(reader: Reader): Counts | null {
  const sign = peek(reader);
  if (sign === "{") return readBraces(reader);
  reader.at++;
  return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : null };
}

function readBraces(reader: Reader): Counts | null {
  const rest = reader.characters.slice(reader.at, reader.at + 16).join("");
  const found = rest.match(/^\{(\d{1,6})(,)?(\d{1,6})?\}/);
  if (found === null || (found[2] === undefined && found[3] !== undefined)) {
    fail(
      reader,
      "has a `{` that is no repetition",
      "repetitions are `{2}`, `{2,}` and `{2,4}`; for the sign itself, write `\\{`",
    );
    return null;
  }
  const min = Number(found[1]);
  const max = found[3] === undefined ? (found[2] === undefined ? min : null) : Number(found[3]);
  reader.at += found[0].length;
  if (Math.max(min, max ?? 0) > repetitions_max)
    fail(reader, `repeats more than ${repetitions_max} times`, "use `*` or `+`");
  else if (max !== null && max < min)
    fail(reader, `repeats \`${found[0]}\`: the second number is the greater one`, null);
  return { min, max };
}

function readAtom(reader: Reader): RegexNode {
  const sign = peek(reader) ?? "";
  reader.at++;
  switch (sign) {
    case "(":
      return readGroup(reader);
    case "[":
      return readClass(reader);
    case ".":
      reader.isPlain = false;
      return { kind: "set", set: anyCharacter };
    case "\\":
      return setNode(readEscape(reader), reader);
    case "^":
    case "$":
      return fail(reader, `has \`${sign}\`, and a pattern is about the whole text anyway`, anchorHelp(reader));
    case "*":
    case "+":
    case "?":
      return fail(reader, `has a \`${sign}\` with nothing before it`, `for the sign itself, write \`\\${sign}\``);
    case "{":
    case "}":
    case "]":
      return fail(reader, `has a \`${sign}\` that opens or closes nothing`, `for the sign itself, write \`\\${sign}\``);
    default:
      return setNode(single(sign), reader);
  }
}

/** The same pattern without its anchors: where one is missing, the author meant that anything may stand there. */
function anchorHelp({ characters }: Reader): string {
  const whole = characters.join("");
  const [start, end] = [
    whole.startsWith("^") ? 1 : 0,
    /(?:^|[^\\])(?:\\\\)*\$$/.test(whole) ? whole.length - 1 : whole.length,
  ];
  const inner = whole.slice(start, end);
  if (/[\^$]/.test(inner.replaceAll(/\\.|\[\^?[^\]]*\]/gs, "")))
    return "take it out; for the sign itself, write `\\^` or `\\$`";
  return `write \`${start === 1 ? "" : ".*"}${inner}${end < whole.length ? "" : ".*"}\``;
}

const setNode = (set: CharacterSet | null, reader: Reader): RegexNode =>
  set === null ? { kind: "sequence", parts: [] } : { kind: "set", set: reader.bothCases ? withBothCases(set) : set };

function readGroup(reader: Reader): RegexNode {
  reader.isPlain = false;
  if (peek(reader) === "?") {
    const rest = reader.characters.slice(reader.at, reader.at + 3).join("");
    if (!rest.startsWith("?:")) return fail(reader, `has \`(${rest}\``, groupHelp(rest));
    reader.at += 2;
  }
  const inside = readEither(reader);
  if (reader.problem === null && peek(reader) !== ")")
    return fail(reader, "opens a group it never closes", "for the sign itself, write `\\(`");
  reader.at++;
  return inside;
}

function groupHelp(rest: string): string {
  if (/^\?(?:=|!|<=|<!)/.test(rest))
    return "there is no looking ahead or back: write two tests, joined with `and` or `and not`";
  if (rest.startsWith("?i")) return "`(?i)` stands at the start, and is for the whole pattern";
  return "groups are `(..)` and `(?:..)`, without names or flags";
}

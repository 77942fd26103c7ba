/**
 * Brace expansion, which bash does on the text of a word before anything else: `{rm,-rf,/srv}` is three words. Quotes,
 * escapes and expansions inside are left as they are for the next step to read.
 */
import { limits } from "./limits.js";

/** The words `text` stands for, as raw text. One of them, itself, when there is nothing to expand; null for too many. */
export function expandBraces(text: string): readonly string[] | null {
  let tried_count = 0;
  for (let at = nextOpening(text, 0); at >= 0; at = nextOpening(text, at + 1)) {
    if (++tried_count > limits.braces_count_max) return null;
    const group = readGroup(text, at);
    if (group === null) continue;
    const alternatives = alternativesOf(group, text.slice(at, group.end));
    const tails = expandBraces(text.slice(group.end));
    if (alternatives === null || tails === null) return null;
    if (alternatives.length * tails.length > limits.expanded_count_max) return null;
    const start = text.slice(0, at);
    return alternatives.flatMap((each) => tails.map((tail) => start + each + tail));
  }
  return [text];
}

interface Group {
  /** What stands between its commas. */
  readonly items: readonly string[];
  /** Offset behind the closing brace. */
  readonly end: number;
}

/** A list, a sequence, or the group as it stands. Of `{{a,b}..c}` bash drops the outer braces, and so do we. */
function alternativesOf({ items }: Group, whole: string): readonly string[] | null {
  const [only = "", ...more] = items;
  if (more.length === 0 && !/(?<!\\),/.test(only)) return sequence(only, whole);
  const expanded = items.map(expandBraces);
  return expanded.includes(null) ? null : expanded.flatMap((each) => each ?? []);
}

/** Offset of the next `{` that is neither quoted nor part of `${`; -1 without one. */
function nextOpening(text: string, from: number): number {
  let at = 0;
  while (at < text.length) {
    if (text[at] === "{" && at >= from) return at;
    at = skip(text, at);
  }
  return -1;
}

/**
 * The group that opens at `open`; null if it never closes. A closing brace counts only behind a comma or two dots of its own
 * level, so that `{a}b,c}` is a group.
 */
function readGroup(text: string, open: number): Group | null {
  const items: string[] = [];
  let depth = 0;
  let start = open + 1;
  let isList = false;
  for (let at = start; at < text.length; at = skip(text, at)) {
    const letter = text[at];
    if (letter === "}" && depth === 0 && isList) return { items: [...items, text.slice(start, at)], end: at + 1 };
    if (letter === "{") depth++;
    else if (letter === "}" && depth > 0) depth--;
    else if (depth > 0) continue;
    else if (letter === ",") {
      items.push(text.slice(start, at));
      start = at + 1;
      isList = true;
    } else if (text.startsWith("..", at) && text[at + 2] !== "}") isList = true;
  }
  return null;
}

const closers: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };

/** Offset behind what stands at `at`: a character, an escape, a quoted text or an expansion. */
function skip(text: string, at: number): number {
  const letter = text[at] ?? "";
  if (letter === "\\") return at + 2;
  if (letter === "'") return behind(text, at + 1, "'", false);
  if (letter === '"' || letter === "`") return behind(text, at + 1, letter, true);
  if (letter === "$" && text[at + 1] === "'") return behind(text, at + 2, "'", true);
  const closer = letter === "$" || letter === "<" || letter === ">" ? closers[text[at + 1] ?? ""] : undefined;
  return closer === undefined ? at + 1 : behindNested(text, at + 2, closer);
}

function behind(text: string, from: number, closer: string, hasEscapes: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === closer) return at + 1;
    if (hasEscapes && text[at] === "\\") at++;
  }
  return text.length;
}

function behindNested(text: string, from: number, closer: string): number {
  const opener = Object.keys(closers).find((each) => closers[each] === closer);
  let depth = 1;
  for (let at = from; at < text.length; ) {
    if (text[at] === opener) depth++;
    if (text[at] === closer && --depth === 0) return at + 1;
    at = skip(text, at);
  }
  return text.length;
}

/** `{1..5}`, `{a..e..2}`; the group as it stands when `body` is no sequence. */
function sequence(body: string, whole: string): readonly string[] | null {
  const found = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/.exec(body);
  if (found === null) return [whole];
  const [, first, last, from, to, by] = found;
  const isLetters = from !== undefined;
  const start = isLetters ? (from.codePointAt(0) ?? 0) : Number(first);
  const end = isLetters ? (to?.codePointAt(0) ?? 0) : Number(last);
  const step = Math.max(1, Math.abs(Number(by ?? 1)));
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return [whole];
  const count = Math.floor(Math.abs(end - start) / step) + 1;
  if (count > limits.expanded_count_max) return null;
  const width = isLetters ? 0 : paddedWidth(first ?? "", last ?? "");
  const numbers = Array.from({ length: count }, (_, i) => (start <= end ? start + i * step : start - i * step));
  // A backslash from a range of letters such as {Z..a} would be an escape again; it is quoted, as bash leaves it.
  return numbers.map((n) => (isLetters ? quoted(String.fromCodePoint(n)) : padded(n, width)));
}

const quoted = (letter: string): string => (/[A-Za-z]/.test(letter) ? letter : `'${letter}'`);

const paddedWidth = (first: string, last: string): number =>
  /^-?0\d/.test(first) || /^-?0\d/.test(last) ? Math.max(first.length, last.length) : 0;

function padded(n: number, width: number): string {
  const sign = n < 0 ? "-" : "";
  return sign + String(Math.abs(n)).padStart(width - sign.length, "0");
}

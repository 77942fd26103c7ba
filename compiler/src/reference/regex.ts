/**
 * Patterns of `matches`, through JavaScript's regular expressions.
 *
 * In: a pattern of the subset of RE2 that policies write. Out: whether it matches the whole of a text. It reads the pattern's
 * text alone, and knows nothing of the automaton the compiled module runs. Escapes and classes are rewritten piece by piece,
 * because JavaScript's own reach beyond ASCII (`\s`, and every letter under its `i` flag).
 */
import type { Regex } from "../3-check/checked.js";

/** Whether one of `patterns` matches the whole of `text`. */
export const matchesOneOf = (patterns: readonly Regex[], text: string): boolean =>
  patterns.some((pattern) => expressionOf(pattern.text).test(text));

const FOLDING = "(?i)";

function expressionOf(pattern: string): RegExp {
  const folds = pattern.startsWith(FOLDING);
  const body = folds ? pattern.slice(FOLDING.length) : pattern;
  const pieces = body.match(/\[\^?(?:\\x\{[^}]*\}|\\.|[^\]\\])*\]|\\x\{[^}]*\}|\\.|\(\?:|./gsu) ?? [];
  return new RegExp(`^(?:${pieces.map((piece) => translate(piece, folds)).join("")})$`, "su");
}

function translate(piece: string, folds: boolean): string {
  if (piece.startsWith("[")) return classOf(piece, folds);
  if (piece.startsWith("\\")) return classOf(`[${piece}]`, folds);
  return /^[a-z]$/i.test(piece) && folds ? classOf(`[${piece}]`, folds) : piece;
}

/** The negated sets are written out, because a class in a class cannot be negated. */
const sets: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "0-9A-Za-z_",
  s: "\\t\\n\\f\\r\\x20",
  D: "\\0-\\/:-\\u{10ffff}",
  W: "\\0-\\/:-@\\[-\\^`\\{-\\u{10ffff}",
  S: "\\0-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}",
};

/** A class, `[..]`, as JavaScript writes the same set of characters. */
function classOf(piece: string, folds: boolean): string {
  const isNegated = piece.startsWith("[^");
  const members = piece.slice(isNegated ? 2 : 1, -1).match(/\\x\{[^}]*\}|\\.|./gsu) ?? [];
  const parts: string[] = [];
  for (let i = 0; i < members.length; i++) {
    const member = members[i] ?? "";
    const set = member.startsWith("\\") ? sets[member.slice(1)] : undefined;
    if (set !== undefined) parts.push(set);
    else if (members[i + 1] === "-" && i + 2 < members.length) {
      parts.push(rangeOf(pointOf(member), pointOf(members[i + 2] ?? ""), folds));
      i += 2;
    } else parts.push(rangeOf(pointOf(member), pointOf(member), folds));
  }
  return `[${isNegated ? "^" : ""}${parts.join("")}]`;
}

const controls: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** The code point that a member of a class stands for. */
function pointOf(member: string): number {
  const hex = /^\\x\{([0-9a-fA-F]+)\}$/.exec(member)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  const plain = member.startsWith("\\") ? (controls[member.slice(1)] ?? member.slice(1)) : member;
  return plain.codePointAt(0) ?? 0;
}

/** The characters from `first` to `last`, and where letters fold, those of ASCII in their other case. */
function rangeOf(first: number, last: number, folds: boolean): string {
  const own = `${escaped(first)}-${escaped(last)}`;
  if (!folds) return own;
  const lower = overlap(first, last, 0x41, 0x5a).map(([from, to]) => `${escaped(from + 32)}-${escaped(to + 32)}`);
  const upper = overlap(first, last, 0x61, 0x7a).map(([from, to]) => `${escaped(from - 32)}-${escaped(to - 32)}`);
  return [own, ...lower, ...upper].join("");
}

/** What the two ranges share: one range, or none. */
function overlap(first: number, last: number, from: number, to: number): readonly (readonly [number, number])[] {
  const [start, end] = [Math.max(first, from), Math.min(last, to)];
  return start <= end ? [[start, end]] : [];
}

const escaped = (point: number): string => `\\u{${point.toString(16)}}`;

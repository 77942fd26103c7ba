/**
 * Values: what is known of a text before it exists. A literal is certain; `one_of` is a short list; a pattern has holes. Every
 * function here is sound: whatever text the shell may build is among those that the result stands for.
 */
import { limits } from "./limits.js";

/**
 * A part of a text that is not known. `any`: whatever. `name`: what a glob puts there, never a slash. `letter`: one character
 * of it. `below`: a path that does not climb, as `find` prints it.
 */
export interface Hole {
  readonly may_be: "any" | "name" | "letter" | "below";
  /** Why it is not known, in the words of a decision's reasons. */
  readonly why: string;
}

export type Part = string | Hole;

export type Value =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one_of"; readonly texts: readonly string[] }
  | { readonly kind: "pattern"; readonly parts: readonly Part[] };

/**
 * A word of a command. `count` says how many arguments it becomes: `one`; `glob`, one or more that each match; `any`, some number
 * of them, about which nothing is certain: an unquoted `$X`.
 */
export interface Word {
  readonly value: Value;
  readonly count: "one" | "glob" | "any";
}

export const literal = (text: string): Value => ({ kind: "literal", text });
export const hole = (why: string, may_be: Hole["may_be"] = "any"): Value => ({
  kind: "pattern",
  parts: [{ may_be, why }],
});
export const empty: Value = literal("");
export const one = (value: Value): Word => ({ value, count: "one" });

/** The text, if it is certain; else null. */
export const textOf = (value: Value): string | null => (value.kind === "literal" ? value.text : null);

/** Every text it may be, if they can be listed; else null. */
export function textsOf(value: Value): readonly string[] | null {
  if (value.kind === "literal") return [value.text];
  return value.kind === "one_of" ? value.texts : null;
}

export const partsOf = (value: Value): readonly Part[] => {
  if (value.kind === "literal") return value.text === "" ? [] : [value.text];
  return value.kind === "pattern" ? value.parts : [{ may_be: "any", why: "one_of_several" }];
};

/** The certain text a value begins with: all of it for a literal. */
export function prefixOf(value: Value): string {
  if (value.kind === "literal") return value.text;
  if (value.kind === "one_of") return commonPrefix(value.texts);
  const [first] = value.parts;
  return typeof first === "string" ? first : "";
}

function commonPrefix([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

/** Why a value is not certain; null for a literal. */
export function whyOf(value: Value): string | null {
  if (value.kind === "literal") return null;
  if (value.kind === "one_of") return "one_of_several";
  const found = value.parts.find((part): part is Hole => typeof part !== "string");
  return found?.why ?? null;
}

export function oneOf(texts: readonly string[]): Value {
  const [first, ...others] = [...new Set(texts)];
  if (first === undefined) return hole("nothing");
  if (others.length === 0) return literal(first);
  return texts.length > limits.alternatives_count_max
    ? hole("too_many")
    : { kind: "one_of", texts: [first, ...others] };
}

export function pattern(parts: readonly Part[]): Value {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  if (joined.length === 0) return empty;
  const [only] = joined;
  return joined.length === 1 && typeof only === "string" ? literal(only) : { kind: "pattern", parts: joined };
}

/** `a` followed by `b`. */
export function concat(a: Value, b: Value): Value {
  if (a.kind === "literal" && b.kind === "literal")
    return a.text.length + b.text.length > limits.text_size_max ? hole("too_long") : literal(a.text + b.text);
  const [left, right] = [textsOf(a), textsOf(b)];
  if (left !== null && right !== null && left.length * right.length <= limits.alternatives_count_max)
    return oneOf(left.flatMap((start) => right.map((end) => start + end)));
  const [start, end] = [partsOf(a), partsOf(b)];
  // A value that doubles again and again is not worth its parts.
  if (start.length + end.length > limits.parts_count_max) return hole(whyOf(a) ?? whyOf(b) ?? "too_long");
  return pattern([...start, ...end]);
}

export const concatAll = (values: readonly Value[]): Value => values.reduce(concat, empty);

/** Either of two: where two ways through a line meet. */
export function either(a: Value, b: Value): Value {
  if (a === b) return a;
  const [left, right] = [textsOf(a), textsOf(b)];
  if (left !== null && right !== null) return oneOf([...left, ...right]);
  return hole(whyOf(a) ?? whyOf(b) ?? "one_of_several");
}

/** Splits a value at the first `separator` of its certain start; null when there is none there. */
export function splitAt(value: Value, separator: string): readonly [string, Value] | null {
  const start = prefixOf(value);
  const at = start.indexOf(separator);
  if (at < 0) return null;
  return [start.slice(0, at), dropStart(value, at + separator.length)];
}

/** The value without its first `size` characters, which must be certain. */
export function dropStart(value: Value, size: number): Value {
  if (value.kind === "literal") return literal(value.text.slice(size));
  if (value.kind === "one_of") return oneOf(value.texts.map((text) => text.slice(size)));
  const [first, ...rest] = value.parts;
  return typeof first === "string" ? pattern([first.slice(size), ...rest]) : value;
}

/** Whether `value` certainly is (true), certainly is not (false), or may be `text` (null). */
export function equals(value: Value, text: string): boolean | null {
  if (value.kind === "literal") return value.text === text;
  if (value.kind === "one_of") return value.texts.includes(text) ? null : false;
  return mayMatch(value.parts, text) ? null : false;
}

/** Whether the holes of `parts` can be filled so that `text` comes out. */
export function mayMatch(parts: readonly Part[], text: string): boolean {
  const source = parts.map((part) => (typeof part === "string" ? escapeRegExp(part) : holeExpressions[part.may_be]));
  return new RegExp(`^${source.join("")}$`, "s").test(text);
}

const holeExpressions = { any: ".*", name: "[^/]*", letter: "[^/]", below: ".*" } as const;

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * Transforms as a policy writes them.
 *
 * In: a call, `partial(last: 4)`. Out: the transform as decisions name it, in one canonical text; or a finding, and what hides
 * all. What a transform does to a value is the runtime's (runtime/src/mask); here is only what it takes.
 */
import { digitBases, documentPathPattern, keyIdPattern } from "@hpl/runtime/abi";
import type { TransformArgument, TransformCall } from "../../1-parse/ast.js";
import { badTransform, unknownTransform } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Transform } from "../checked.js";
import { type Place, report, suggest, textOf } from "../site.js";

type Reader = (call: TransformCall, place: Place) => Transform;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["redact", plain("redact")],
  ["null", plain("null")],
  ["clear", plain("clear")],
  ["partial", partialOf],
  ["truncate", truncateOf],
  ["round", withArguments({ to: between(1, 1_000_000_000) })],
  ["bucket", withArguments({ size: between(1, 1_000_000_000) })],
  ["network", withArguments({ v4: between(0, 32), v6: between(0, 128) })],
  ["fixed", fixedOf],
  ["hmac", withArguments({ key: keyName() })],
  ["surrogate", withArguments({ key: keyName() })],
  ["ff1", withArguments({ key: keyName(), radix: oneOf(digitBases) })],
  ["date_shift", withArguments({ key: keyName(), days: between(1, limits.date_shift_days_max) })],
  ["json", keepOf(documentPath())],
  ["composite", keepOf(between(1, limits.composite_fields_max))],
  ["elements", elementsOf],
]);

/** What `call` says; of a call that is not understood, the transform that hides all. Reports HPL2015 and HPL3011. */
export function transformOf(call: TransformCall, place: Place): Transform {
  const name = call.name.text;
  const read = readers.get(name);
  if (read !== undefined) return read(call, place);
  report(
    place.site,
    unknownTransform(call.name.span, { name, nearest: suggest(place.site, name, [...readers.keys()]) }),
  );
  return { kind: "redact" };
}

function problem(call: TransformCall, text: string, place: Place): Transform {
  report(place.site, badTransform(call.span, { text: textOf(place.site, call.span), problem: text }));
  return { kind: "redact" };
}

function plain(kind: "redact" | "null" | "clear"): Reader {
  return (call, place) => (call.arguments.length > 0 ? problem(call, "takes no arguments", place) : { kind });
}

const middle = (text: string): Transform => ({ kind: "partial", keep: "of", text });

/** The word that is the one argument of `call`; null when it has others. */
function onlyWord({ arguments: all }: TransformCall): string | null {
  const [only] = all;
  const isWord = all.length === 1 && only?.kind === "call" && only.call.arguments.length === 0;
  return isWord ? only.call.name.text : null;
}

type Named = Extract<TransformArgument, { kind: "named" }>;

/** The arguments of `call` by name; null when one has no name, or has it twice. */
function namedOf({ arguments: all }: TransformCall): ReadonlyMap<string, Named["value"]> | null {
  const named = new Map(all.flatMap((each) => (each.kind === "named" ? [[each.name.text, each.value] as const] : [])));
  return named.size === all.length ? named : null;
}

/** `partial(keep_domain)`, `partial(country)`, or the number of characters kept at either end. */
function partialOf(call: TransformCall, place: Place): Transform {
  const word = onlyWord(call);
  if (word === "keep_domain") return { kind: "partial", keep: "domain" };
  if (word === "country") return middle("partial(country)");
  const kept = namedOf(call) ?? new Map<string, number | string>();
  const [first = 0, last = 0] = [kept.get("first"), kept.get("last")];
  const isKnown = kept.size === call.arguments.length && [...kept.keys()].every((name) => /^(first|last)$/.test(name));
  if (!isKnown || typeof first !== "number" || typeof last !== "number" || first + last === 0)
    return problem(call, "does not say what to keep", place);
  if (Math.max(first, last) > limits.partial_keep_max)
    return problem(call, `keeps more than ${limits.partial_keep_max} characters at one end`, place);
  return { kind: "partial", keep: "ends", first, last };
}

const units: readonly string[] = ["year", "month", "day", "hour"];

/** `truncate(month)`: a date or a time becomes the start of its month. */
function truncateOf(call: TransformCall, place: Place): Transform {
  const word = onlyWord(call);
  if (word === null || !units.includes(word)) return problem(call, `takes one of ${units.join(", ")}`, place);
  return middle(`truncate(${word})`);
}

/** What one argument may be. */
interface Wanted {
  readonly shown: string;
  readonly accepts: (value: number | string) => boolean;
  /** Taken where the argument is left out; null when it must be there. */
  readonly standard: number | null;
}

function between(min: number, max: number): Wanted {
  const accepts = (value: number | string): boolean => typeof value === "number" && value >= min && value <= max;
  return { shown: `${min} to ${max}`, accepts, standard: null };
}

/** The first of `numbers` where nothing is said. */
function oneOf(numbers: readonly [number, ...number[]]): Wanted {
  const accepts = (value: number | string): boolean => typeof value === "number" && numbers.includes(value);
  return { shown: numbers.join(" or "), accepts, standard: numbers[0] };
}

function keyName(): Wanted {
  const accepts = (value: number | string): boolean => typeof value === "string" && keyIdPattern.test(value);
  return { shown: `"the name of a key"`, accepts, standard: null };
}

function documentPath(): Wanted {
  const accepts = (value: number | string): boolean => typeof value === "string" && documentPathPattern.test(value);
  return { shown: `"$.a.path[*]"`, accepts, standard: null };
}

const shown = (name: string, value: number | string): string => `${name}: ${JSON.stringify(value)}`;

/** `round(to: 100)`, `network(v4: 24, v6: 48)`, `hmac(key: "pii-2026")`: each argument once, whatever their order. */
function withArguments(wanted: Readonly<Record<string, Wanted>>): Reader {
  const names = Object.entries(wanted);
  const shape = names.map(([name, { shown: values }]) => `\`${name}: ${values}\``).join(" and ");
  return (call, place) => {
    const given = namedOf(call);
    const isKnown = given !== null && [...given.keys()].every((name) => Object.hasOwn(wanted, name));
    const values = names.map(([name, { standard }]) => given?.get(name) ?? standard);
    const isRight = names.every(([, { accepts }], i) => {
      const value = values[i] ?? null;
      return value !== null && accepts(value);
    });
    if (!isKnown || !isRight) return problem(call, `takes ${shape}`, place);
    return middle(`${call.name.text}(${names.map(([name], i) => shown(name, values[i] ?? 0)).join(", ")})`);
  };
}

/** `fixed("n/a")`: the same text for all, read as a value of the column's type. */
function fixedOf(call: TransformCall, place: Place): Transform {
  const [only] = call.arguments;
  const isText = call.arguments.length === 1 && only?.kind === "text";
  if (!isText) return problem(call, "takes one text, as it would be written in the column", place);
  // PostgreSQL has no text with U+0000 in it, and an unpaired surrogate is no UTF-8.
  if (/\0/.test(only.value) || !only.value.isWellFormed())
    return problem(call, "is no text PostgreSQL can hold", place);
  if (only.value.length > limits.fixed_length_max)
    return problem(call, `is longer than ${limits.fixed_length_max} characters`, place);
  return middle(`fixed(${JSON.stringify(only.value)})`);
}

/** `json(keep: "$.city", keep: "$.items[*].sku")`, `composite(keep: 1)`: nothing else remains. */
function keepOf({ shown: values, accepts }: Wanted): Reader {
  return (call, place) => {
    const all = call.arguments;
    const kept = all.flatMap((each) => (each.kind === "named" && each.name.text === "keep" ? [each.value] : []));
    const isRight = kept.length === all.length && kept.length > 0 && kept.every(accepts);
    if (!isRight) return problem(call, `takes \`keep: ${values}\`, once or more`, place);
    if (kept.length > limits.transform_keep_max)
      return problem(call, `keeps more than ${limits.transform_keep_max} parts`, place);
    const sorted = [...new Set(kept)].toSorted((a, b) => (a < b ? -1 : 1));
    return middle(`${call.name.text}(${sorted.map((value) => shown("keep", value)).join(", ")})`);
  };
}

/** Transforms of a whole array or document, or of nothing: not for one element. */
const notForElements: ReadonlySet<string> = new Set(["clear", "json", "composite", "elements"]);

/** `elements(partial(last: 4))`: each element of an array on its own. */
function elementsOf(call: TransformCall, place: Place): Transform {
  const [only] = call.arguments;
  if (call.arguments.length !== 1 || only?.kind !== "call" || notForElements.has(only.call.name.text))
    return problem(call, "takes one transform, for each element", place);
  const inner = transformOf(only.call, place);
  return middle(`elements(${transformText(inner)})`);
}

/** The text of a transform as decisions show it and maskers read it. */
export function transformText(transform: Transform): string {
  if (transform.kind !== "partial") return transform.kind;
  if (transform.keep === "domain") return "partial(keep_domain)";
  if (transform.keep === "of") return transform.text;
  const ends = [
    ...(transform.first > 0 ? [`first: ${transform.first}`] : []),
    ...(transform.last > 0 ? [`last: ${transform.last}`] : []),
  ];
  return `partial(${ends.join(", ")})`;
}

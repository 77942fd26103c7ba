import { type FactSchema, isMap, schemaOfRoot, schemaOfStep } from "@hpl/runtime/facts";
import type { CidrRange, Condition, Constant, FactPath, Window } from "../3-check/checked.js";
import { type Atom, keyOfFact } from "./atoms.js";
import { automatonOfGlob, isPlainAscii, sampleTexts } from "./texts.js";

/**
 * Values that one fact may have, enough of them to make every test of it come out in every way it can. `isExact` says that
 * these are all there are to tell apart: only then is something that none of them does impossible. `undefined` is absent.
 */
export interface Candidates {
  readonly values: readonly unknown[];
  readonly isExact: boolean;
}

/** Of a list with so many members that are told apart, all subsets are tried; of one with more, small ones. */
const MEMBERS_MAX = 10;
/** Different items of a list of records. */
const ITEMS_MAX = 48;
/** Longer lists show no more than several short ones, as a rule. */
const LIST_LENGTH_MAX = 3;
const LISTS_MAX = 1_000;

/** Candidates for the fact at `path`, told apart by `atoms`. */
export function candidatesFor(path: FactPath, atoms: readonly Atom[]): Candidates {
  const { schema, isRequired } = schemaAt(path);
  const tests = atoms.flatMap(({ condition }) => testsOn(condition, path));
  const found = valuesOf(schema, tests, path);
  const values = [...found.values, ...(isRequired ? [] : [undefined])];
  return { values: unique(values), isExact: found.isExact };
}

const unique = (values: readonly unknown[]): readonly unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value) ?? "absent", value])).values(),
];

interface PlaceSchema {
  readonly schema: FactSchema;
  readonly isRequired: boolean;
}

function schemaAt({ root, steps }: FactPath): PlaceSchema {
  let schema = (typeof root === "string" ? schemaOfRoot(root) : null) ?? {};
  let isRequired = true;
  for (const step of steps) {
    isRequired = isRequired && !isMap(schema) && (schema.required?.includes(step) ?? false);
    if (isMap(schema) && schema["x-hpl-required-keys"] === true) isRequired = true;
    schema = schemaOfStep(schema, step) ?? {};
  }
  return { schema, isRequired };
}

/** The parts of `condition` that read the fact at `path`; of an item's field, `path` is relative to the item. */
function testsOn(condition: Condition, path: FactPath): readonly Condition[] {
  const isHere = (other: FactPath): boolean => keyOfFact(other) === keyOfFact(path);
  switch (condition.kind) {
    case "Not":
      return testsOn(condition.operand, path);
    case "And":
    case "Or":
      return condition.operands.flatMap((operand) => testsOn(operand, path));
    case "Quantified":
      return isHere(condition.list) ? [condition] : testsOn(condition.body, path);
    case "Has":
    case "Only":
      return isHere(condition.list) ? [condition] : [];
    case "CompareFacts":
      return isHere(condition.left) || isHere(condition.right) ? [condition] : [];
    case "InWindow":
      return path.root === "now" ? [condition] : [];
    case "Constant":
      return [];
    default:
      return isHere(condition.path) ? [condition] : [];
  }
}

function valuesOf(schema: FactSchema, tests: readonly Condition[], path: FactPath): Candidates {
  if (schema.enum !== undefined) return { values: schema.enum, isExact: true };
  if (schema.type === "boolean") return { values: [true, false], isExact: true };
  if (schema.type === "integer") return numbers(tests);
  if (schema.type === "array") return lists(schema.items ?? {}, tests);
  if (schema.type === "object") return { values: [{}], isExact: false };
  return texts(tests, schema, path);
}

const constantsOf = (tests: readonly Condition[]): readonly Constant[] =>
  tests.flatMap((test) => {
    if (test.kind === "Compare") return [test.value];
    return test.kind === "In" || test.kind === "Has" || test.kind === "Only" ? test.values : [];
  });

/** Whole numbers at, before and after each that is compared. */
function numbers(tests: readonly Condition[]): Candidates {
  const windows = tests.flatMap((test) => (test.kind === "InWindow" ? test.windows : []));
  const bounds = [
    0,
    ...constantsOf(tests).filter((value) => typeof value === "number"),
    ...windows.flatMap(boundsOfWindow),
  ];
  const isWeekly = windows.some(({ kind }) => kind === "weekly");
  const isCompared = tests.some(({ kind }) => kind === "CompareFacts");
  return {
    values: bounds.toSorted((a, b) => a - b).flatMap((bound) => [bound - 1, bound, bound + 1]),
    isExact: !isWeekly && !isCompared,
  };
}

const MINUTE_MS = 60_000;
/** A Monday, 00:00 in UTC. */
const monday_ms = Date.UTC(2026, 10, 23);

function boundsOfWindow(window: Window): readonly number[] {
  if (window.kind === "range") return [window.from_ms, window.to_ms];
  return [0, 1, 2, 3, 4, 5, 6].flatMap((day) =>
    [window.from_min, window.to_min, 720].map((minute) => monday_ms + (day * 1_440 + minute) * MINUTE_MS),
  );
}

/** Constants, one text for each way to match the patterns, and one that is none of them. */
function texts(tests: readonly Condition[], schema: FactSchema, path: FactPath): Candidates {
  const names = constantsOf(tests).filter((value) => typeof value === "string");
  const globs = tests.flatMap((test) => (test.kind === "Like" ? test.globs : []));
  const automata = [
    ...globs.map(automatonOfGlob),
    ...tests.flatMap((test) => (test.kind === "Matches" ? test.patterns.map(({ automaton }) => automaton) : [])),
  ];
  const known = automata.filter((automaton) => automaton !== null);
  const addresses = tests.flatMap((test) => (test.kind === "InCidr" ? test.ranges.flatMap(boundsOfRange) : []));
  const isAddress = addresses.length > 0 || schema["x-hpl-format"] === "ip";
  const sampled = isAddress ? { texts: [], isExact: known.length === 0 } : sampleTexts(known);
  const other = isAddress ? ["192.0.2.1", ...addresses] : [`other-${path.steps.at(-1) ?? "text"}`];
  const isCompared = tests.some(({ kind }) => kind === "CompareFacts");
  const isAscii = patternsOf(tests).every(isPlainAscii);
  return {
    values: [...other, ...names, ...sampled.texts],
    isExact: sampled.isExact && known.length === automata.length && !isCompared && isAscii,
  };
}

const patternsOf = (tests: readonly Condition[]): readonly string[] =>
  tests.flatMap((test) => {
    if (test.kind === "Like") return test.globs.map(({ text }) => text);
    return test.kind === "Matches" ? test.patterns.map(({ text }) => text) : [];
  });

/** The first address of a range, and those before and behind it: every range holds or leaves out one of all of these. */
function boundsOfRange({ address, prefix }: CidrRange): readonly string[] {
  const bits = address.length * 8;
  const first = address.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  const size = 1n << BigInt(bits - prefix);
  const last = (1n << BigInt(bits)) - 1n;
  return [first, first + size - 1n, first + size, first - 1n]
    .filter((value) => value >= 0n && value <= last)
    .map((value) => addressText(value, bits));
}

function addressText(value: bigint, bits: number): string {
  const part_bits = bits === 32 ? 8n : 16n;
  const parts = Array.from({ length: bits / Number(part_bits) }, (_, i) => {
    const part = (value >> (BigInt(bits) - part_bits * BigInt(i + 1))) & ((1n << part_bits) - 1n);
    return part.toString(bits === 32 ? 10 : 16);
  });
  return parts.join(bits === 32 ? "." : ":");
}

function lists(items: FactSchema, tests: readonly Condition[]): Candidates {
  const quantified = tests.flatMap((test) => (test.kind === "Quantified" ? [test.body] : []));
  return items.type === "object" ? listsOfRecords(items, quantified) : listsOfValues(items, tests, quantified);
}

/** Every subset of the members that are named and of one that is not, as far as there are few. */
function listsOfValues(items: FactSchema, tests: readonly Condition[], bodies: readonly Condition[]): Candidates {
  const item: FactPath = { root: { item: 0 }, steps: [] };
  const ofBodies = valuesOf(
    items,
    bodies.flatMap((body) => testsOn(body, item)),
    item,
  );
  const named = [...new Set([...constantsOf(tests), ...(bodies.length > 0 ? ofBodies.values : [])])];
  const groups = hasAll(tests) || bodies.length > 0 ? named.map((each) => [each]) : sameTests(named, tests);
  const rest =
    items.enum === undefined ? ["other"] : items.enum.filter((member) => !named.includes(member)).slice(0, 1);
  const members = [...groups.map(([first]) => first), ...rest];
  const isExact = members.length <= MEMBERS_MAX && (bodies.length === 0 || ofBodies.isExact);
  return { values: subsets(members), isExact };
}

const hasAll = (tests: readonly Condition[]): boolean =>
  tests.some((test) => test.kind === "Has" && test.quantifier === "all" && test.values.length > 1);

/** Members that every test names together: one of them stands for all. */
function sameTests(members: readonly unknown[], tests: readonly Condition[]): readonly (readonly unknown[])[] {
  const groups = new Map<string, unknown[]>();
  for (const member of members) {
    const key = tests.map((test) => "values" in test && test.values.includes(member as Constant)).join();
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.values()];
}

function subsets(members: readonly unknown[]): readonly (readonly unknown[])[] {
  if (members.length > MEMBERS_MAX) {
    const pairs = members.flatMap((a, i) => members.slice(i + 1).map((b) => [a, b]));
    return [[], ...members.map((member) => [member]), ...pairs, members];
  }
  const all = Array.from({ length: 1 << members.length }, (_, bits) => members.filter((_, i) => (bits >> i) & 1));
  return all.toSorted((a, b) => a.length - b.length);
}

/** Lists of a few items, whose fields have the values that the tests of items tell apart. */
function listsOfRecords(schema: FactSchema, bodies: readonly Condition[]): Candidates {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const path: FactPath = { root: { item: 0 }, steps: [name] };
    const tests = bodies.flatMap((body) => testsOn(body, path));
    const isAsked = tests.length > 0;
    return { name, ...(isAsked ? valuesOf(field, tests, path) : { values: [plainValue(field)], isExact: true }) };
  });
  const records = fields.reduce<readonly Record<string, unknown>[]>(
    (all, { name, values }) =>
      all.flatMap((record) => values.map((value) => ({ ...record, [name]: value }))).slice(0, ITEMS_MAX),
    [{}],
  );
  const count = fields.reduce((product, { values }) => product * values.length, 1);
  const wanted = new Set(
    bodies.filter(({ kind }) => kind !== "Constant").map((body) => JSON.stringify(body, withoutSpans)),
  );
  const found = listsOf(records, Math.min(wanted.size, LIST_LENGTH_MAX));
  const isWhole = count <= ITEMS_MAX && found.isWhole && wanted.size <= LIST_LENGTH_MAX;
  return { values: found.lists, isExact: isWhole && fields.every((field) => field.isExact) };
}

const withoutSpans = (key: string, value: unknown): unknown => (key === "span" ? undefined : value);

/** Lists of different items up to a length: a list of as many items as there are demands on it can show every one of them. */
function listsOf(items: readonly unknown[], length_max: number): { lists: readonly unknown[]; isWhole: boolean } {
  let longest: readonly (readonly number[])[] = [[]];
  const all: (readonly number[])[] = [[]];
  for (let length = 1; length <= Math.max(1, length_max); length++) {
    longest = longest.flatMap((list) => items.flatMap((_, i) => (i > (list.at(-1) ?? -1) ? [[...list, i]] : [])));
    all.push(...longest.slice(0, LISTS_MAX));
    if (all.length > LISTS_MAX) break;
  }
  const lists = all.slice(0, LISTS_MAX).map((list) => list.map((i) => items[i]));
  return { lists, isWhole: all.length <= LISTS_MAX };
}

/** A value of `schema` that says as little as possible. */
export function plainValue(schema: FactSchema): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === "boolean") return false;
  if (schema.type === "integer") return 0;
  if (schema.type === "array") return [];
  if (schema.type === "object") return plainRecord(schema);
  return "other";
}

/** All required fields, and none of the others. */
export const plainRecord = (schema: FactSchema): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name, field]) => (schema.required?.includes(name) ?? false) && field["x-hpl-derived"] !== true)
      .map(([name, field]) => [name, plainValue(field)]),
  );

import * as abi from "@hpl/runtime/abi";
import type { Reach } from "../4-lower/diagram/formula.js";
import type { Variable } from "../4-lower/diagram/variables.js";
import { unreachable } from "../diagnostics/unreachable.js";
import type { TableWriter } from "./table-writer.js";
import { writePath, writeProgram } from "./write-program.js";

const reaches: Readonly<Record<Reach, number>> = {
  context: abi.REACH_CONTEXT,
  action: abi.REACH_ACTION,
  item: abi.REACH_ITEM,
};

const encoder = new TextEncoder();

/** Lays out how the kernel finds the class of each variable. O(values). */
export const writeVariables = (writer: TableWriter, variables: readonly Variable[]): number =>
  writer.words(variables.flatMap((variable) => wordsOf(writer, variable)));

/** Kind, reach, path, table, count, gram size. */
function wordsOf(writer: TableWriter, variable: Variable): readonly number[] {
  const reach = reaches[variable.reach];
  switch (variable.kind) {
    case "family":
      return [abi.VARIABLE_FAMILY, reach, 0, 0, 0, 0];
    case "item":
      return [abi.VARIABLE_ITEM, reach, 0, 0, 0, 0];
    case "test":
      return [abi.VARIABLE_TEST, reach, 0, writeProgram(writer, variable.program), 0, 0];
    case "constants": {
      const { table, count } = writeSlots(writer, variable.values);
      return [abi.VARIABLE_CONSTANTS, reach, writePath(writer, variable.path), table, count, 0];
    }
    case "order": {
      const path = writePath(writer, variable.path);
      return [abi.VARIABLE_ORDER, reach, path, writer.numbers(variable.bounds), variable.bounds.length, 0];
    }
    case "prefix":
    case "suffix": {
      const kind = variable.kind === "prefix" ? abi.VARIABLE_PREFIX : abi.VARIABLE_SUFFIX;
      const table = writeAffixes(writer, variable.kind, variable.texts);
      return [kind, reach, writePath(writer, variable.path), table, variable.texts.length, 0];
    }
    case "infix": {
      const { table, count, gramSize } = writeInfixes(writer, variable.texts);
      return [abi.VARIABLE_INFIX, reach, writePath(writer, variable.path), table, count, gramSize];
    }
    default:
      return unreachable(variable);
  }
}

/** A hash table at most half full. */
function writeSlots(writer: TableWriter, values: readonly (string | boolean)[]): { table: number; count: number } {
  let count = 2;
  while (count < 2 * values.length) count *= 2;
  const slots = new Array<number>(count * abi.SLOT_WORDS).fill(0);
  values.forEach((value, i) => {
    let at = hashOf(value) & (count - 1);
    while (slots[at * abi.SLOT_WORDS + abi.SLOT_CELL] !== 0) at = (at + 1) & (count - 1);
    slots[at * abi.SLOT_WORDS + abi.SLOT_CELL] = writer.cells([value]);
    slots[at * abi.SLOT_WORDS + abi.SLOT_CLASS] = abi.CLASS_OWN + i;
  });
  return { table: writer.words(slots), count };
}

/** As the kernel hashes a cell: the bytes of a text, or 0 and 1. */
const hashOf = (value: string | boolean): number =>
  hashOfBytes(typeof value === "string" ? encoder.encode(value) : Uint8Array.of(value ? 1 : 0));

const hashOfBytes = (bytes: Uint8Array): number =>
  bytes.reduce((hash, byte) => Math.imul(hash ^ byte, abi.HASH_FACTOR), abi.HASH_START);

/** More bytes than these tell no more texts apart than they cost to hash. */
const gram_size_max = 8;

/** Each text stands at the hash of those of its bytes that fewest others have. */
function writeInfixes(
  writer: TableWriter,
  texts: readonly string[],
): { table: number; count: number; gramSize: number } {
  const all = texts.map((text) => encoder.encode(text));
  const gramSize = Math.min(gram_size_max, ...all.map(({ length }) => length));
  const gramsOf = (bytes: Uint8Array): readonly number[] =>
    Array.from({ length: bytes.length - gramSize + 1 }, (_, i) => hashOfBytes(bytes.subarray(i, i + gramSize)));
  const frequency = new Map<number, number>();
  for (const gram of all.flatMap(gramsOf)) frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
  let count = 2;
  while (count < 2 * texts.length) count *= 2;
  const slots = new Array<number>(count * abi.INFIX_WORDS + 1).fill(0);
  texts.forEach((text, i) => {
    const grams = gramsOf(all[i] ?? new Uint8Array(gramSize));
    const rarest = Math.min(...grams.map((gram) => frequency.get(gram) ?? 0));
    const offset = grams.findIndex((gram) => frequency.get(gram) === rarest);
    let at = (grams[offset] ?? 0) & (count - 1);
    while (slots[at * abi.INFIX_WORDS] !== 0) at = (at + 1) & (count - 1);
    const { address, size } = writer.text(text);
    slots.splice(at * abi.INFIX_WORDS, abi.INFIX_WORDS, address, size, offset, abi.CLASS_OWN + i);
  });
  slots[count * abi.INFIX_WORDS] = abi.CLASS_OWN + texts.length;
  return { table: writer.words(slots), count, gramSize };
}

interface Entry {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly own: number;
}

/** Entries in the order in which the kernel searches, each with the one before it that it goes on from. */
function writeAffixes(writer: TableWriter, kind: "prefix" | "suffix", texts: readonly string[]): number {
  const entries = texts
    .map((text, i): Entry => {
      const bytes = encoder.encode(text);
      return { text, own: abi.CLASS_OWN + i, bytes: kind === "prefix" ? bytes : bytes.toReversed() };
    })
    .toSorted((a, b) => compareBytes(a.bytes, b.bytes));
  const parents = parentsOf(entries);
  return writer.words(
    entries.flatMap(({ text, own }, i) => {
      const { address, size } = writer.text(text);
      return [address, size, parents[i] ?? -1, own];
    }),
  );
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The longest entry that each begins with, or -1. In sorted order it is the one before, or one of those that goes on from. */
function parentsOf(entries: readonly Entry[]): readonly number[] {
  const parents: number[] = [];
  entries.forEach(({ bytes }, i) => {
    let at = i - 1;
    while (at >= 0 && !isPrefix(entries[at]?.bytes ?? bytes, bytes)) at = parents[at] ?? -1;
    parents.push(at);
  });
  return parents;
}

const isPrefix = (a: Uint8Array, b: Uint8Array): boolean => a.length <= b.length && a.every((byte, i) => byte === b[i]);

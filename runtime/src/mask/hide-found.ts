/**
 * Cells in which something was found: what was found is hidden, and the cell keeps its type.
 *
 * In: one value as PostgreSQL sends it, and a search that gives ranges of bytes. Out: the value with these hidden; the same
 * bytes where nothing was found. In plain text the ranges are replaced. A document or an array is text with a form: it stays
 * one, or its stand-in takes its place, as for every other type. A number is searched as it is written: a card's number may
 * stand in a column of numbers.
 */

import { binaryBytes } from "./bytea.js";
import type { Cell } from "./mask-cell.js";
import { decimalText } from "./numbers.js";
import { isTextType, standInFor } from "./postgres-types.js";

/** Half-open ranges of bytes, in ascending order and apart. */
export type FindIn = (bytes: Uint8Array) => readonly { readonly start: number; readonly end: number }[];

const HIDDEN = new TextEncoder().encode("***");
const [json, jsonb, bytea] = [114, 3802, 17];

/** Types of which no value can hold anything to find: bool, dates, times, intervals, uuid, void. */
const harmless: ReadonlySet<number> = new Set([16, 1082, 1083, 1266, 1114, 1184, 1186, 2278]);

/** Whether cells of this type need searching at all. */
export const isSearched = (type_oid: number): boolean => !harmless.has(type_oid);

/** `cell` with what `find` finds hidden; null is SQL NULL. O(bytes), and what the search costs. */
export function hideFound(cell: Cell, find: FindIn): Uint8Array | null {
  const { type_oid, format, bytes } = cell;
  if (!isSearched(type_oid)) return bytes;
  if (isTextType(type_oid)) return hidden(bytes, find(bytes));
  if (type_oid === json || type_oid === jsonb) return hideInDocument(cell, find);
  const found = find(plainBytes(cell));
  if (found.length === 0) return bytes;
  return standInFor(type_oid, format);
}

function hidden(bytes: Uint8Array, ranges: ReturnType<FindIn>): Uint8Array {
  if (ranges.length === 0) return bytes;
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of ranges) {
    pieces.push(bytes.subarray(from, start), HIDDEN);
    from = end;
  }
  return joined([...pieces, bytes.subarray(from)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  pieces.reduce((at, piece) => {
    all.set(piece, at);
    return at + piece.length;
  }, 0);
  return all;
}

/** The cell as the text, or the bytes, that it stands for. */
function plainBytes({ type_oid, format, bytes }: Cell): Uint8Array {
  if (format === 1) return decimalText(type_oid, bytes) ?? bytes;
  return type_oid === bytea ? (binaryBytes(bytes, format) ?? bytes) : bytes;
}

/**
 * A document is searched as it is written, for a key beside its value, and value by value, for what escapes hide
 * (`"ann\u0040corp.io"`). What is found is hidden where it stands if a document remains; else in the values, which are written
 * anew; and where something remains to be found, or a number would not be the same, the document is hidden whole.
 */
function hideInDocument({ type_oid, format, bytes }: Cell, find: FindIn): Uint8Array | null {
  const version = type_oid === jsonb && format === 1 ? bytes.subarray(0, 1) : new Uint8Array(0);
  const text = bytes.subarray(version.length);
  const found = find(text);
  if (found.length === 0 && !text.includes(backslash)) return bytes;
  const parsed = parse(text);
  if (parsed === undefined) return standInFor(type_oid, format);
  const inPlace = hidden(text, found);
  if (isClean(inPlace, find)) return found.length === 0 ? bytes : joined([version, inPlace]);
  const anew = new TextEncoder().encode(JSON.stringify(hideInValue(parsed, find)));
  if (find(anew).length > 0 || !hasPlainNumbers(text)) return standInFor(type_oid, format);
  return joined([version, anew]);
}

const backslash = 0x5c;

/** Whether `text` is a document in which nothing is found, as it is written or value by value. */
function isClean(text: Uint8Array, find: FindIn): boolean {
  const parsed = parse(text);
  if (parsed === undefined || find(text).length > 0) return false;
  return !text.includes(backslash) || JSON.stringify(hideInValue(parsed, find)) === JSON.stringify(parsed);
}

/** Whether reading and writing the document leaves its numbers what they are: those of more digits may be rounded. */
function hasPlainNumbers(text: Uint8Array): boolean {
  const outside = new TextDecoder().decode(text).replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = outside.match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.every((number) => number.replaceAll(/\D/g, "").length <= 15 || String(Number(number)) === number);
}

function parse(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    return undefined;
  }
}

function hideInValue(value: unknown, find: FindIn): unknown {
  if (typeof value === "string") return hideInText(value, find);
  if (typeof value === "number") return hideInText(String(value), find) === String(value) ? value : 0;
  if (Array.isArray(value)) return value.map((item) => hideInValue(item, find));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [hideInText(name, find), hideInValue(item, find)]),
  );
}

function hideInText(text: string, find: FindIn): string {
  const bytes = new TextEncoder().encode(text);
  const ranges = find(bytes);
  return ranges.length === 0 ? text : new TextDecoder().decode(hidden(bytes, ranges));
}

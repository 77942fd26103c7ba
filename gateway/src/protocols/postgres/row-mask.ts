/**
 * Masks cells of rows by position. Pure.
 *
 * In: what the decision says of a statement's columns, and what the server says of its result: how many fields, their types,
 * and the formats, which come from Bind and never from a description. Out: a plan for the result, or the reason why its rows
 * must not pass; then rows with the masked cells replaced. What a column's cells become is decided once for the result, so that
 * a row is walked over its lengths and copied around the masked cells, and no cell is read that need not be. A cell may change
 * its length. NULL stays NULL where the value is a column as it is; of a derived value (`nullif(email, 'guess')`) whether it is
 * NULL says something, so NULL is hidden too. A statement whose values are searched has every column looked through, a masked one after it was masked.
 */
import type { JudgedStatement, ValueSearch } from "../../session/enforcement.js";
import { handOut, makeRoom, type RowArena } from "./row-arena.js";
import type { RowField } from "./server-messages.js";

/** What becomes of a column's cells. */
export type CellMask =
  | { readonly kind: "keep" }
  /** Null is SQL NULL. */
  | { readonly kind: "constant"; readonly bytes: Uint8Array | null }
  | { readonly kind: "each"; readonly mask: (bytes: Uint8Array) => Uint8Array | null };

/** How cells are masked: handed in, so that a protocol need not know types. */
export interface CellMasks {
  /** By a transform, for a type and format; what it leaves is searched where values are. */
  open(transform: string, type_oid: number, format: 0 | 1, search: ValueSearch | null): CellMask;
  /** By what is found in them. */
  search(search: ValueSearch, type_oid: number, format: 0 | 1): CellMask;
  /** Opens a digest of a column's cells as the server sent them. */
  originals(type_oid: number, format: 0 | 1): Originals;
}

export interface Originals {
  /** The next cell with its length in front: the bytes of `message` from `start` to before `end`. */
  add(message: Uint8Array, start: number, end: number): void;
  end(): string;
}

export interface MaskedColumn {
  readonly index: number;
  /** Null where values are searched. */
  readonly name: string | null;
  readonly source: readonly string[];
  readonly transform: string;
  readonly rule: string;
  readonly type_oid: number;
  readonly format: 0 | 1;
  readonly mask: CellMask;
  /** Whether NULL stays NULL. */
  readonly exact: boolean;
  /** Of a column that is masked as a whole. */
  readonly originals: Originals | null;
  rows: number;
  /** Rows in which the server sent NULL. */
  nulls: number;
  /** Cells masked so far. */
  cells: number;
  /** Of these, the cells that were not of their type's form. */
  unreadable: number;
}

export interface RowMask {
  readonly fieldsCount: number;
  /** By position, each position once. */
  readonly columns: readonly MaskedColumn[];
  /** Of the row at hand, for each cell that is replaced: its start, its end, and what takes its place. Reused row by row. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly cells: (Uint8Array | null)[];
}

/** `resultFormats` as in Bind; empty for a simple query. A text is the reason why no row may pass. */
export function planRowMask(
  statement: JudgedStatement,
  fields: readonly RowField[] | null,
  resultFormats: readonly number[],
  masks: CellMasks,
): RowMask | string {
  if (fields === null) return "the server did not describe a result that must be masked";
  if (statement.masks.length > 0 && statement.columns_count !== fields.length) {
    return `the server sends ${fields.length} columns where the policy saw ${statement.columns_count ?? "an unknown number"}`;
  }
  const stray = statement.masks.find(({ index }) => fields[index] === undefined);
  if (stray !== undefined) return `a mask names column ${stray.index + 1} of ${fields.length}`;
  const columns: MaskedColumn[] = [];
  for (const [index, { typeOid }] of fields.entries()) {
    const [own, second] = statement.masks.filter((mask) => mask.index === index);
    if (second !== undefined) return `two masks are on column ${index + 1}`;
    if (own === undefined && statement.search === null) continue;
    const format = formatOf(index, resultFormats);
    if (format === null) return `the result format of column ${index + 1} is not known`;
    const type = { index, type_oid: typeOid, format, ...nothingYet };
    if (own !== undefined) {
      const mask = masks.open(own.transform, typeOid, format, statement.search);
      const exact = own.exact || own.transform === "clear";
      columns.push({ ...type, ...own, mask, exact, originals: masks.originals(typeOid, format) });
    } else if (statement.search !== null) {
      const { transform, rule } = statement.search;
      const mask = masks.search(statement.search, typeOid, format);
      const found = { name: null, source: [], transform, rule, mask, exact: true, originals: null };
      if (mask.kind !== "keep") columns.push({ ...type, ...found });
    }
  }
  const room = columns.length;
  return {
    fieldsCount: fields.length,
    columns,
    starts: new Int32Array(room),
    ends: new Int32Array(room),
    cells: Array.from({ length: room }, () => null),
  };
}

const nothingYet = { rows: 0, nulls: 0, cells: 0, unreadable: 0 };

function formatOf(index: number, resultFormats: readonly number[]): 0 | 1 | null {
  if (resultFormats.length === 0) return 0;
  const format = resultFormats.length === 1 ? resultFormats[0] : resultFormats[index];
  return format === 0 || format === 1 ? format : null;
}

/** First cell of a DataRow: behind type, length and the number of cells. */
const firstCell = 7;

/**
 * The DataRow `message` with its masked cells replaced, in memory of `arena`; the message itself when nothing changes; null when
 * it is not a row of this result. What stays is copied piece by piece, once.
 */
export function maskRow(mask: RowMask, message: Uint8Array, arena: RowArena): Uint8Array | null {
  const count = findReplacements(mask, message);
  if (count <= 0) return count < 0 ? null : message;
  const { starts, ends, cells } = mask;
  const size = message.length + growthOf(mask, count);
  makeRoom(arena, size);
  const { piece, used } = arena;
  let from = 0;
  let to = used;
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? 0;
    const cell = cells[i] ?? null;
    copy(message, from, start, piece, to);
    to += start - from;
    writeInt32(piece, to, cell === null ? -1 : cell.length);
    to += 4;
    if (cell !== null) {
      copy(cell, 0, cell.length, piece, to);
      to += cell.length;
    }
    from = ends[i] ?? 0;
  }
  copy(message, from, message.length, piece, to);
  writeInt32(piece, used + 1, size - 1);
  return handOut(arena, size);
}

/** Below this many bytes a loop is faster than a call. */
const loop_bytes_max = 48;

/** Copies the bytes of `source` from `from` to before `end` to `to` in `piece`. */
function copy(source: Uint8Array, from: number, end: number, piece: Uint8Array, to: number): void {
  if (end - from > loop_bytes_max) piece.set(source.subarray(from, end), to);
  else for (let i = from, at = to; i < end; i++, at++) piece[at] = source[i] ?? 0;
}

/** By how many bytes the row grows. */
function growthOf({ starts, ends, cells }: RowMask, count: number): number {
  let growth = 0;
  for (let i = 0; i < count; i++) growth += 4 + (cells[i]?.length ?? 0) - ((ends[i] ?? 0) - (starts[i] ?? 0));
  return growth;
}

const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);

function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

/**
 * Notes the cells to replace in `mask`, and gives how many there are. Walks all cells, so that a row whose lengths do not add up
 * is seen: -1 then.
 */
function findReplacements(mask: RowMask, message: Uint8Array): number {
  const { fieldsCount, columns } = mask;
  if (message.length < firstCell || (((message[5] ?? 0) << 8) | (message[6] ?? 0)) !== fieldsCount) return -1;
  let at = firstCell;
  let [next, count] = [0, 0];
  let column = columns[0];
  for (let index = 0; index < fieldsCount; index++) {
    if (at + 4 > message.length) return -1;
    const size = readInt32(message, at);
    const end = at + 4 + (size > 0 ? size : 0);
    if (size < -1 || end > message.length) return -1;
    if (column !== undefined && column.index === index) {
      column.rows++;
      if (size < 0) column.nulls++;
      column.originals?.add(message, at, end);
      if (size >= 0 || !column.exact) count += noteCell(mask, column, message, at, end, count);
      column = columns[++next];
    }
    at = end;
  }
  return at === message.length ? count : -1;
}

/** Notes what takes the place of one cell, as entry `entry`; 1, or 0 when it stays as it is. */
function noteCell(
  mask: RowMask,
  column: MaskedColumn,
  message: Uint8Array,
  start: number,
  end: number,
  entry: number,
): number {
  const change = column.mask;
  let cell: Uint8Array | null = null;
  if (change.kind === "constant") cell = change.bytes;
  else if (change.kind === "each") {
    const bytes = message.subarray(start + 4, end);
    cell = change.mask(bytes);
    if (cell === bytes) return 0;
    if (cell === null && column.transform !== "null") column.unreadable++;
  }
  column.cells++;
  if (change.kind === "keep") return 0;
  mask.starts[entry] = start;
  mask.ends[entry] = end;
  mask.cells[entry] = cell;
  return 1;
}

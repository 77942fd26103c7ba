/**
 * Masks cells of rows by position. Pure.
 *
 * In: what the decision says of a statement's columns, and what the server says of its result: how many fields, their types,
 * and the formats, which come from Bind and never from a description. Out: a plan for the result, or the reason why its rows
 * must not pass; then rows with the masked cells replaced. A cell may change its length. NULL stays NULL where the value is a
 * column as it is; of a derived value (`nullif(email, 'guess')`) whether it is NULL says something, so NULL is hidden too.
 */
import type { JudgedStatement } from "../../session/enforcement.js";
import type { RowField } from "./server-messages.js";

/** Replaces the bytes of one cell; null is SQL NULL. Throws when the transform does not fit: then no row passes. */
export type MaskCell = (
  transform: string,
  cell: { readonly type_oid: number; readonly format: 0 | 1; readonly bytes: Uint8Array },
) => Uint8Array | null;

export interface MaskedColumn {
  readonly index: number;
  readonly transform: string;
  readonly rule: string;
  readonly type_oid: number;
  readonly format: 0 | 1;
  /** Whether NULL stays NULL. */
  readonly exact: boolean;
  /** Cells masked so far. */
  cells: number;
}

export interface RowMask {
  readonly fieldsCount: number;
  /** By position, each position once. */
  readonly columns: readonly MaskedColumn[];
}

/** `resultFormats` as in Bind; empty for a simple query. A text is the reason why no row may pass. */
export function planRowMask(
  statement: JudgedStatement,
  fields: readonly RowField[] | null,
  resultFormats: readonly number[],
): RowMask | string {
  if (fields === null) return "the server did not describe a result that must be masked";
  if (statement.columns_count !== fields.length) {
    return `the server sends ${fields.length} columns where the policy saw ${statement.columns_count ?? "an unknown number"}`;
  }
  const columns: MaskedColumn[] = [];
  for (const { index, transform, rule, exact } of [...statement.masks].sort((a, b) => a.index - b.index)) {
    if (columns.at(-1)?.index === index) return `two masks are on column ${index + 1}`;
    const field = fields[index];
    if (field === undefined) return `a mask names column ${index + 1} of ${fields.length}`;
    const format = formatOf(index, resultFormats);
    if (format === null) return `the result format of column ${index + 1} is not known`;
    columns.push({
      index,
      transform,
      rule,
      type_oid: field.typeOid,
      format,
      exact: exact || transform === "clear",
      cells: 0,
    });
  }
  return { fieldsCount: fields.length, columns };
}

function formatOf(index: number, resultFormats: readonly number[]): 0 | 1 | null {
  if (resultFormats.length === 0) return 0;
  const format = resultFormats.length === 1 ? resultFormats[0] : resultFormats[index];
  return format === 0 || format === 1 ? format : null;
}

/** What takes the place of the cell whose length field is at `start` and whose last byte is before `end`. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly cell: Uint8Array | null;
}

/** First cell of a DataRow: behind type, length and the number of cells. */
const firstCell = 7;

/** The DataRow `message` with its masked cells replaced; null when it is not a row of this result. One copy of the row. */
export function maskRow(mask: RowMask, message: Uint8Array, maskCell: MaskCell): Uint8Array | null {
  const replacements = replacementsIn(mask, message, maskCell);
  if (replacements === null) return null;
  const growth = replacements.reduce((sum, { start, end, cell }) => sum + 4 + (cell?.length ?? 0) - (end - start), 0);
  const row = Buffer.allocUnsafe(message.length + growth);
  let [from, to] = [0, 0];
  for (const { start, end, cell } of replacements) {
    row.set(message.subarray(from, start), to);
    to = row.writeInt32BE(cell?.length ?? -1, to + start - from);
    if (cell !== null) row.set(cell, to);
    to += cell?.length ?? 0;
    from = end;
  }
  row.set(message.subarray(from), to);
  row.writeInt32BE(row.length - 1, 1);
  return row;
}

/** Walks all cells, so that a row whose lengths do not add up is seen; null then. */
function replacementsIn(mask: RowMask, message: Uint8Array, maskCell: MaskCell): readonly Replacement[] | null {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length < firstCell || view.getInt16(5) !== mask.fieldsCount) return null;
  const replacements: Replacement[] = [];
  let at = firstCell;
  let next = 0;
  for (let index = 0; index < mask.fieldsCount; index += 1) {
    if (at + 4 > message.length) return null;
    const size = view.getInt32(at);
    const end = at + 4 + Math.max(size, 0);
    if (size < -1 || end > message.length) return null;
    const column = mask.columns[next];
    if (column?.index === index) {
      next += 1;
      if (size >= 0 || !column.exact)
        replacements.push({ start: at, end, cell: maskOne(column, message.subarray(at + 4, end), maskCell) });
    }
    at = end;
  }
  return at === message.length ? replacements : null;
}

function maskOne(column: MaskedColumn, bytes: Uint8Array, maskCell: MaskCell): Uint8Array | null {
  column.cells += 1;
  return maskCell(column.transform, { type_oid: column.type_oid, format: column.format, bytes });
}

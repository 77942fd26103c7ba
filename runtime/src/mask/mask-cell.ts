/**
 * Masking: cells in, cells out.
 *
 * In: a transform as a decision names it, and one value as PostgreSQL sends it. Out: the value that may be seen, of the same
 * type and in the same format, or SQL NULL. A transform that is not understood, a type it is not for: the most that could be
 * hidden is hidden. A type that is not known, a cell that is not of its type's form: NULL. Nothing here keeps, logs or compares
 * values.
 */
import { applied, cellMasksWith } from "./cell-mask.js";
import { type MaskKeys, noKeys } from "./keys.js";
import type { CellFormat } from "./postgres-types.js";

/** One value of a result row. `bytes` is never SQL NULL: NULL stays NULL, and says so by itself. */
export interface Cell {
  readonly type_oid: number;
  readonly format: CellFormat;
  readonly bytes: Uint8Array;
}

/**
 * The cell as `transform` leaves it; null is SQL NULL. `clear` returns the bytes as they are. O(bytes of the cell), and what it
 * costs to understand the transform: for a column of many cells, open its mask once.
 */
export const maskCell = (transform: string, { type_oid, format, bytes }: Cell, keys: MaskKeys = noKeys) =>
  applied(cellMasksWith(keys)(transform, type_oid, format), bytes);

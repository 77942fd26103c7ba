import { type Cell, maskCell } from "./mask-cell.js";
import { type CellFormat, standInFor } from "./postgres-types.js";

/** What a transform does to the cells of one column, decided once for all of its rows. */
export type CellMask =
  /** They stay as they are. */
  | { readonly kind: "keep" }
  /** All become the same: null is SQL NULL. */
  | { readonly kind: "constant"; readonly bytes: Uint8Array | null }
  /** Each on its own; null is SQL NULL. */
  | { readonly kind: "each"; readonly mask: (bytes: Uint8Array) => Uint8Array | null };

/** What `transform` does to the cells of a column of this type and format. Does per cell what `maskCell` does. */
export function openCellMask(transform: string, type_oid: number, format: CellFormat): CellMask {
  if (transform === "clear") return { kind: "keep" };
  if (transform === "null") return { kind: "constant", bytes: null };
  if (transform === "redact") return { kind: "constant", bytes: standInFor(type_oid, format) };
  return { kind: "each", mask: (bytes) => maskCell(transform, { type_oid, format, bytes } satisfies Cell) };
}

import { maskElements } from "./array-elements.js";
import { fixedCell } from "./fixed.js";
import { type MaskKeys, noKeys } from "./keys.js";
import { type CellFormat, elementTypeOf, standInFor } from "./postgres-types.js";
import { parseTransform, type Transform } from "./transform.js";

/** What a transform does to the cells of one column, decided once for all of its rows. */
export type CellMask =
  /** They stay as they are. */
  | { readonly kind: "keep" }
  /** All become the same: null is SQL NULL. */
  | { readonly kind: "constant"; readonly bytes: Uint8Array | null }
  /** Each on its own; null, SQL NULL, is what becomes of a cell that is not of its type's form. */
  | { readonly kind: "each"; readonly mask: (bytes: Uint8Array) => Uint8Array | null };

/**
 * Masks of columns: what `transform` does to the cells of a column of this type and format. A transform that is not understood,
 * whose key is missing, or that is not for the type, hides all.
 */
export type OpenCellMask = (transform: string, type_oid: number, format: CellFormat) => CellMask;

/** With `keys`, for transforms that take one. */
export function cellMasksWith(keys: MaskKeys): OpenCellMask {
  /** By its text: what a policy's decisions name is few. Null for one that is not understood. */
  const known = new Map<string, Transform | null>();
  const transformOf = (text: string): Transform | null => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const parsed = parseTransform(text, keys);
    known.set(text, parsed);
    return parsed;
  };
  const open: OpenCellMask = (text, type_oid, format) => {
    if (text === "clear") return { kind: "keep" };
    if (text === "null") return { kind: "constant", bytes: null };
    const redacted = { kind: "constant", bytes: standInFor(type_oid, format) } as const;
    const transform = text === "redact" ? null : transformOf(text);
    if (transform === null) return redacted;
    if (transform.kind === "elements") return elementsMask(transform.transform, type_oid, format, open) ?? redacted;
    if (transform.kind === "fixed") {
      const bytes = fixedCell(transform.text, type_oid, format);
      return bytes === null ? redacted : { kind: "constant", bytes };
    }
    if (!transform.isFor(type_oid)) return redacted;
    return { kind: "each", mask: (bytes) => transform.mask({ type_oid, format, bytes }) };
  };
  return open;
}

/** Without keys. */
export const openCellMask: OpenCellMask = cellMasksWith(noKeys);

/** What becomes of one cell that is not NULL; null is SQL NULL. */
export function applied(mask: CellMask, bytes: Uint8Array): Uint8Array | null {
  if (mask.kind === "keep") return bytes;
  return mask.kind === "constant" ? mask.bytes : mask.mask(bytes);
}

/** Null for a type that is no array. */
function elementsMask(transform: string, type_oid: number, format: CellFormat, open: OpenCellMask): CellMask | null {
  const element_oid = elementTypeOf(type_oid);
  if (element_oid === null) return null;
  const element = open(transform, element_oid, format);
  return { kind: "each", mask: (bytes) => maskElements(bytes, format, (own) => applied(element, own)) };
}

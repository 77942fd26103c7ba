/**
 * How the cells of a result are masked, for protocols: the runtime's transforms with the keys of this gateway, its way to hide
 * what was found, and digests of what was there.
 *
 * What a transform leaves of a value is searched like any other value: a mask that keeps a part must not show what would be hidden
 * without it. But for stand-ins that a key made: they hold nothing to find, and may look like anything.
 */
import { type CellMask, cellMasksWith, hideFound, isSearched, keyNameOf, type MaskKeys } from "@hpl/runtime";
import type { OpenOriginals } from "../audit/originals.js";
import type { ValueSearch } from "./enforcement.js";

type CellFormat = 0 | 1;

export function createCellMasks(keys: MaskKeys, originals: OpenOriginals) {
  const openTransform = cellMasksWith(keys);
  const open = (transform: string, type_oid: number, format: CellFormat, search: ValueSearch | null): CellMask => {
    const mask = openTransform(transform, type_oid, format);
    if (search === null || mask.kind !== "each" || keyNameOf(transform) !== null) return mask;
    const rest = searched(search, type_oid, format);
    return rest.kind === "keep" ? mask : { kind: "each", mask: inTurn(mask.mask, rest.mask) };
  };
  return { open, originals, search: searched };
}

type MaskOne = (bytes: Uint8Array) => Uint8Array | null;

const inTurn =
  (first: MaskOne, second: MaskOne): MaskOne =>
  (bytes) => {
    const masked = first(bytes);
    return masked === null ? null : second(masked);
  };

export function searched({ transform, find }: ValueSearch, type_oid: number, format: CellFormat) {
  if (!isSearched(type_oid)) return { kind: "keep" } as const;
  const mask: MaskOne = (bytes) => {
    const hidden = hideFound({ type_oid, format, bytes }, find);
    return hidden !== bytes && transform === "null" ? null : hidden;
  };
  return { kind: "each", mask } as const;
}

/** How the cells of a result are masked, for protocols: the runtime's transforms, and its way to hide what was found. */
import { hideFound, isSearched, openCellMask } from "@hpl/runtime";
import type { ValueSearch } from "./enforcement.js";

type CellFormat = 0 | 1;

export const cellMasks = {
  open: openCellMask,
  search: ({ transform, find }: ValueSearch, type_oid: number, format: CellFormat) => {
    if (!isSearched(type_oid)) return { kind: "keep" } as const;
    const mask = (bytes: Uint8Array): Uint8Array | null => {
      const hidden = hideFound({ type_oid, format, bytes }, find);
      return hidden !== bytes && transform === "null" ? null : hidden;
    };
    return { kind: "each", mask } as const;
  },
};

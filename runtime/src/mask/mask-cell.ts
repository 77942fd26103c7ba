/**
 * Masking: cells in, cells out.
 *
 * In: a transform as a decision names it, and one value as PostgreSQL sends it. Out: the value that may be seen, of the same
 * type and in the same format, or SQL NULL. A transform that is not understood, a type it is not for, a value that is not of its
 * type's form: the most that could be hidden is hidden. Nothing here keeps, logs or compares values.
 */
import { networkCell } from "./addresses.js";
import { coarseCell } from "./coarse-numbers.js";
import { dateUnits, truncateCell } from "./dates.js";
import { type CellFormat, isTextType, standInFor } from "./postgres-types.js";
import { keepCountry, keepDomain, keepEnds, type TextTransform } from "./text-parts.js";

/** One value of a result row. `bytes` is never SQL NULL: NULL stays NULL, and says so by itself. */
export interface Cell {
  readonly type_oid: number;
  readonly format: CellFormat;
  readonly bytes: Uint8Array;
}

/** What remains of a cell; null when nothing of it may, because the value or its type is none the transform is for. */
type Transform = (cell: Cell) => Uint8Array | null;

/** By its text: what a policy's decisions name is few. Null for one that is not understood. */
const transforms = new Map<string, Transform | null>();

/**
 * The cell as `transform` leaves it; null is SQL NULL. `clear` returns the bytes as they are. O(bytes of the cell).
 */
export function maskCell(transform: string, cell: Cell): Uint8Array | null {
  if (transform === "clear") return cell.bytes;
  if (transform === "null") return null;
  const known = transforms.get(transform);
  const applied = known === undefined ? parseTransform(transform) : known;
  if (known === undefined) transforms.set(transform, applied);
  return applied?.(cell) ?? standInFor(cell.type_oid, cell.format);
}

function parseTransform(text: string): Transform | null {
  if (text === "partial(keep_domain)") return onText(keepDomain);
  if (text === "partial(country)") return onText(keepCountry);
  const [ends, first = "0", last = "0"] = /^partial\((?:first: (\d+))?(?:, )?(?:last: (\d+))?\)$/.exec(text) ?? [];
  if (ends !== undefined) return onText(keepEnds(Number(first), Number(last)));
  const [, how, step] = /^(round|bucket)\((?:to|size): ([1-9]\d*)\)$/.exec(text) ?? [];
  if (step !== undefined) {
    const coarseness = { how: how === "round" ? "round" : "bucket", step: BigInt(step) } as const;
    return (cell) => coarseCell(cell, coarseness);
  }
  const [, v4, v6] = /^network\(v4: (\d+), v6: (\d+)\)$/.exec(text) ?? [];
  if (v4 !== undefined) return (cell) => networkCell(cell, { v4: Number(v4), v6: Number(v6) });
  const unit = dateUnits.find((each) => text === `truncate(${each})`);
  return unit === undefined ? null : (cell) => truncateCell(cell, unit);
}

const onText =
  (transform: TextTransform): Transform =>
  ({ type_oid, bytes }) => {
    if (!isTextType(type_oid)) return null;
    try {
      return new TextEncoder().encode(transform(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    } catch {
      return null;
    }
  };

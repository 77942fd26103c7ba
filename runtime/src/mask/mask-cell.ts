/**
 * Masking: cells in, cells out.
 *
 * In: a transform as a decision names it, and one value as PostgreSQL sends it. Out: the value that may be seen, of the same
 * type and in the same format, or SQL NULL. A transform that is not understood, a type that has no stand-in, text that is
 * not UTF-8: the most that could be hidden is hidden. Nothing here keeps, logs or compares values.
 */
import { type CellFormat, isTextType, standInFor } from "./postgres-types.js";

/** One value of a result row. `bytes` is never SQL NULL: NULL stays NULL, and says so by itself. */
export interface Cell {
  readonly type_oid: number;
  readonly format: CellFormat;
  readonly bytes: Uint8Array;
}

type Partial = (text: string) => string;

const HIDDEN = "***";
const partials = new Map<string, Partial | null>();

/**
 * The cell as `transform` leaves it; null is SQL NULL. `clear` returns the bytes as they are. O(bytes of the cell).
 */
export function maskCell(transform: string, cell: Cell): Uint8Array | null {
  if (transform === "clear") return cell.bytes;
  if (transform === "null") return null;
  const partial = partialOf(transform);
  if (partial === null || !isTextType(cell.type_oid)) return standInFor(cell.type_oid, cell.format);
  try {
    return new TextEncoder().encode(partial(new TextDecoder("utf-8", { fatal: true }).decode(cell.bytes)));
  } catch {
    return standInFor(cell.type_oid, cell.format);
  }
}

/** What `partial(..)` keeps; null when `transform` is not a partial one. */
function partialOf(transform: string): Partial | null {
  const known = partials.get(transform);
  if (known !== undefined) return known;
  const partial = parsePartial(transform);
  partials.set(transform, partial);
  return partial;
}

function parsePartial(transform: string): Partial | null {
  if (transform === "partial(keep_domain)") return keepDomain;
  const ends = /^partial\((?:first: (\d+))?(?:, )?(?:last: (\d+))?\)$/.exec(transform);
  return ends === null ? null : keepEnds(Number(ends[1] ?? 0), Number(ends[2] ?? 0));
}

/** `ann@corp.io` -> `***@corp.io`. Text without exactly one `@` is hidden whole. */
function keepDomain(text: string): string {
  const parts = text.split("@");
  return parts.length === 2 && parts[0] !== "" ? `${HIDDEN}@${parts[1]}` : HIDDEN;
}

/** Keeps code points at both ends; text that would show whole is hidden whole. The hidden part's length does not show. */
const keepEnds =
  (first: number, last: number): Partial =>
  (text) => {
    const points = [...text];
    if (first + last >= points.length) return HIDDEN;
    return points.slice(0, first).join("") + HIDDEN + points.slice(points.length - last).join("");
  };

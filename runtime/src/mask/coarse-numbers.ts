/**
 * Numbers made coarse: rounded to a multiple of a whole number, or cut down to one, so that only their neighbourhood shows. Whole
 * numbers and numerics are exact, whatever their size; NaN, infinity and what is not of its form give null.
 */
import type { Cell } from "./mask-cell.js";
import { decimalText, encodeDecimal } from "./numbers.js";

const [int2, int4, int8, float4, float8, numeric] = [21, 23, 20, 700, 701, 1700];
const coarseTypes: ReadonlySet<number> = new Set([int2, int4, int8, float4, float8, numeric]);

export const isCoarseType = (type_oid: number): boolean => coarseTypes.has(type_oid);

/** `round`: to the nearest multiple, halves away from zero. `bucket`: down to the next multiple. */
export type Coarseness = { readonly how: "round" | "bucket"; readonly step: bigint };

/** `cell` made coarse, of the same type and format; null when that cannot be done, or the type has no room for it. */
export function coarseCell(cell: Cell, { how, step }: Coarseness): Uint8Array | null {
  const { type_oid, format, bytes } = cell;
  if (type_oid === float4 || type_oid === float8) return coarseFloat(cell, how, Number(step));
  const text = format === 0 ? bytes : decimalText(type_oid, bytes);
  const multiple = text && multipleOf(new TextDecoder().decode(text), how, step);
  return multiple === null ? null : encodeDecimal(multiple, type_oid, format);
}

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

function multipleOf(text: string, how: Coarseness["how"], step: bigint): bigint | null {
  const [matched, sign, whole = "", fraction = ""] = decimal.exec(text) ?? [];
  if (matched === undefined) return null;
  // In units of the last digit, so that nothing is lost.
  const unit = 10n ** BigInt(fraction.length);
  const size = BigInt(whole + fraction);
  const step_units = step * unit;
  if (how === "round") {
    const nearest = ((size + step_units / 2n) / step_units) * step;
    return sign === "-" ? -nearest : nearest;
  }
  const isExact = size % step_units === 0n;
  const below = (size / step_units) * step;
  return sign === "-" ? -(isExact ? below : below + step) : below;
}

function coarseFloat({ type_oid, format, bytes }: Cell, how: Coarseness["how"], step: number): Uint8Array | null {
  const size = type_oid === float4 ? 4 : 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 1 && bytes.length !== size) return null;
  const value =
    format === 0 ? Number(new TextDecoder().decode(bytes)) : size === 4 ? view.getFloat32(0) : view.getFloat64(0);
  const parts = Math.abs(value) / step;
  const multiple = how === "bucket" ? Math.floor(value / step) * step : Math.sign(value) * Math.round(parts) * step;
  if (!Number.isFinite(multiple)) return null;
  if (format === 0) return new TextEncoder().encode(String(multiple + 0));
  const coarse = new DataView(new ArrayBuffer(size));
  if (size === 4) coarse.setFloat32(0, multiple + 0);
  else coarse.setFloat64(0, multiple + 0);
  return new Uint8Array(coarse.buffer);
}

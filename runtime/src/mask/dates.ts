/**
 * Dates and times cut to the start of their year, month, day or hour. PostgreSQL counts days and microseconds from 2000-01-01;
 * as text it writes ISO 8601 (`DateStyle` ISO, the default). What is written otherwise, and years that are no date here, give
 * null. Infinity stays what it is.
 */
import type { Cell } from "./mask-cell.js";

export const dateUnits = ["year", "month", "day", "hour"] as const;
export type DateUnit = (typeof dateUnits)[number];

const [date, timestamp, timestamptz] = [1082, 1114, 1184];
const day_ms = 86_400_000;
const epoch2000_ms = Date.UTC(2000, 0, 1);

export const isDateType = (type_oid: number): boolean =>
  type_oid === date || type_oid === timestamp || type_oid === timestamptz;

/** `cell` cut to its `unit`, of the same type and format; null when that cannot be done. With a zone: in UTC, or as written. */
export function truncateCell({ type_oid, format, bytes }: Cell, unit: DateUnit): Uint8Array | null {
  if (format === 0) return truncateText(bytes, unit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type_oid === date) return bytes.length === 4 ? truncateDays(view.getInt32(0), bytes, unit) : null;
  return bytes.length === 8 ? truncateMicroseconds(view.getBigInt64(0), bytes, unit) : null;
}

function truncateDays(days: number, bytes: Uint8Array, unit: DateUnit): Uint8Array | null {
  if (days === 0x7fffffff || days === -0x80000000) return bytes;
  const start_ms = startOf(epoch2000_ms + days * day_ms, unit);
  return start_ms === null ? null : written(4, (view) => view.setInt32(0, (start_ms - epoch2000_ms) / day_ms));
}

function truncateMicroseconds(microseconds: bigint, bytes: Uint8Array, unit: DateUnit): Uint8Array | null {
  if (microseconds === 2n ** 63n - 1n || microseconds === -(2n ** 63n)) return bytes;
  const start_ms = startOf(epoch2000_ms + Number(floorDivided(microseconds, 1000n)), unit);
  if (start_ms === null) return null;
  return written(8, (view) => view.setBigInt64(0, BigInt(start_ms - epoch2000_ms) * 1000n));
}

const floorDivided = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

/** Null outside of what a `Date` can be. */
function startOf(time_ms: number, unit: DateUnit): number | null {
  const start = new Date(time_ms);
  if (unit !== "hour") start.setUTCHours(0);
  start.setUTCMinutes(0, 0, 0);
  if (unit === "year") start.setUTCMonth(0, 1);
  if (unit === "month") start.setUTCDate(1);
  return Number.isNaN(start.getTime()) ? null : start.getTime();
}

function written(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

const iso = /^(\d{4,7})-(\d{2})-(\d{2})(?:( )(\d{2}):\d{2}:\d{2}(?:\.\d{1,6})?([+-]\d{2}(?::\d{2}){0,2})?)?( BC)?$/;

function truncateText(bytes: Uint8Array, unit: DateUnit): Uint8Array | null {
  const text = new TextDecoder().decode(bytes);
  if (text === "infinity" || text === "-infinity") return bytes;
  const [matched, year, month = "", day = "", space, hour = "", zone = "", era = ""] = iso.exec(text) ?? [];
  if (matched === undefined) return null;
  const start = `${year}-${unit === "year" ? "01" : month}-${unit === "year" || unit === "month" ? "01" : day}`;
  const time = space === undefined ? "" : ` ${unit === "hour" ? hour : "00"}:00:00${zone}`;
  return new TextEncoder().encode(`${start}${time}${era}`);
}

/**
 * Dates and times moved by whole days: each key moves all of its dates by the same number of days, at most so many to either
 * side and never by none.
 *
 * In: a cell, and the days. Out: a date or time of the same type and format. What lies between two dates, and the time of day,
 * stay and show; whoever knows one true date knows all. As text, a time with a zone comes back in UTC: its offset would say
 * whether the true date was in summer. Infinity stays. Null: text that is not ISO 8601 (`DateStyle` ISO, the default), and dates
 * that the type, or a `Date` of JavaScript, cannot hold.
 */
import { keyFor } from "./keys.js";
import type { Cell } from "./mask-cell.js";

const [date, timestamptz] = [1082, 1184];
const day_ms = 86_400_000;
const day_us = 86_400_000_000n;
const epoch2000_ms = Date.UTC(2000, 0, 1);

/** What PostgreSQL can hold, in days from 2000-01-01 (datatype/timestamp.h): from 4714-11-24 BC to 5874897 or, with a time, 294276. */
const day_min = -2_451_545;
const dateDay_max = 2_145_031_948;
const timeDay_max = 106_751_982;

/** By how many days `key` moves dates: from `-days` to `days`, and not 0. */
export function shiftOf(key: Uint8Array, days: number): number {
  const view = new DataView(keyFor(key, `date_shift/${days}`).slice(0, 8).buffer);
  const place = Number(view.getBigUint64(0) % BigInt(2 * days)) - days;
  return place < 0 ? place : place + 1;
}

/** `cell` moved by `days`, of the same type and format; null when that cannot be done. */
export function shiftCell({ type_oid, format, bytes }: Cell, days: number): Uint8Array | null {
  if (format === 0) return shiftText(bytes, type_oid, days);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type_oid === date) return bytes.length === 4 ? shiftDays(bytes, view.getInt32(0), days) : null;
  return bytes.length === 8 ? shiftMicroseconds(bytes, view.getBigInt64(0), days) : null;
}

function shiftDays(bytes: Uint8Array, own: number, days: number): Uint8Array | null {
  if (own === 0x7fffffff || own === -0x80000000) return bytes;
  const moved = own + days;
  if (moved < day_min || moved > dateDay_max) return null;
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, moved);
  return new Uint8Array(view.buffer);
}

function shiftMicroseconds(bytes: Uint8Array, own: bigint, days: number): Uint8Array | null {
  if (own === 2n ** 63n - 1n || own === -(2n ** 63n)) return bytes;
  const moved = own + BigInt(days) * day_us;
  if (moved < BigInt(day_min) * day_us || moved >= BigInt(timeDay_max + 1) * day_us) return null;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, moved);
  return new Uint8Array(view.buffer);
}

const iso =
  /^(\d{4,7})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2})(\.\d{1,6})?(?:([+-])(\d{2})(?::(\d{2}))?(?::(\d{2}))?)?)?( BC)?$/;

function shiftText(bytes: Uint8Array, type_oid: number, days: number): Uint8Array | null {
  const text = new TextDecoder().decode(bytes);
  if (text === "infinity" || text === "-infinity") return bytes;
  const [matched, year, month, day, hour, minute, second, fraction = "", sign, ...offset] = iso.exec(text) ?? [];
  const hasRightParts =
    (hour !== undefined) === (type_oid !== date) && (sign !== undefined) === (type_oid === timestamptz);
  if (matched === undefined || !hasRightParts) return null;
  const [offsetHours, offsetMinutes, offsetSeconds, era] = offset;
  const east_s = numberOf(offsetHours) * 3600 + numberOf(offsetMinutes) * 60 + numberOf(offsetSeconds);
  const time = new Date(0);
  time.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day) + days);
  time.setUTCHours(numberOf(hour), numberOf(minute), numberOf(second) - (sign === "-" ? -east_s : east_s));
  // Past the year 275760 a `Date` is NaN; that is less than what the types can hold.
  if (Number.isNaN(time.getTime()) || time.getTime() < epoch2000_ms + day_min * day_ms) return null;
  const zone = type_oid === timestamptz ? "+00" : "";
  return new TextEncoder().encode(written(time, hour === undefined ? "" : `${fraction}${zone}`, hour !== undefined));
}

const numberOf = (digits: string | undefined): number => Number(digits ?? 0);

/** As PostgreSQL writes it: years of at least four digits, those before the year 1 counted backwards. */
function written(time: Date, behind: string, hasTime: boolean): string {
  const year = time.getUTCFullYear();
  const two = (number: number): string => String(number).padStart(2, "0");
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0");
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  const day = `${shown}-${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())}`;
  return `${day}${hasTime ? ` ${clock}${behind}` : ""}${year > 0 ? "" : " BC"}`;
}

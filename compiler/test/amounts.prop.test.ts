import fc from "fast-check";
import { expect, test } from "vitest";
import { durationOf, instantOf, integerOf, sizeOf, timeOfDayOf } from "../src/1-parse/amounts.js";

const two = (value: number): string => String(value).padStart(2, "0");
const instant = fc.date({
  min: new Date("1970-01-02T00:00Z"),
  max: new Date("9999-12-30T00:00Z"),
  noInvalidDate: true,
});

test("a point in time means what RFC 3339 says, with and without an offset", () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: -1_439, max: 1_439 }), (date, offset_min) => {
      const time_ms = Math.floor(date.getTime() / 1_000) * 1_000;
      expect(instantOf(`${new Date(time_ms).toISOString().slice(0, 19)}Z`)).toEqual({ kind: "Value", value: time_ms });
      const east = Math.abs(offset_min);
      const zone = `${offset_min < 0 ? "-" : "+"}${two(Math.floor(east / 60))}:${two(east % 60)}`;
      const local = new Date(time_ms + offset_min * 60_000).toISOString().slice(0, 19);
      expect(instantOf(`${local}${zone}`)).toEqual({ kind: "Value", value: time_ms });
    }),
  );
});

test("a day is a day of its month, in leap years too", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1970, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
      const image = `${year}-${two(month)}-${two(day)}`;
      const date = new Date(Date.UTC(year, month - 1, day));
      const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      expect(instantOf(`${image}T00:00Z`).kind).toBe(exists ? "Value" : "Wrong");
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ...["2026-12-01", "2026-12-01T00:00", "2026-12-01t00:00z", "2026-12-01T24:00Z", "2026-12-01T00:00:60Z"],
  ...[
    "2026-12-01T00:00:00.5Z",
    "1969-12-31T23:59Z",
    "2026-12-01T00:00+24:00",
    "2026-12-01T00:00+0100",
    "2026-1-1T00:00Z",
  ],
])("%s is no point in time", (image) => {
  expect(instantOf(image).kind).toBe("Wrong");
});

test("times of day are 00:00 to 24:00", () => {
  for (let minute = 0; minute <= 24 * 60; minute++)
    expect(timeOfDayOf(`${two(Math.floor(minute / 60))}:${two(minute % 60)}`)).toEqual({
      kind: "Value",
      value: minute,
    });
  for (const image of ["24:01", "25:00", "00:60", "9:00", "09:00:00"]) expect(timeOfDayOf(image).kind).toBe("Wrong");
});

test.each([
  ["500ms", durationOf, 500],
  ["30m", durationOf, 1_800_000],
  ["1_000h", durationOf, 3_600_000_000],
  ["7d", durationOf, 604_800_000],
  ["007d", durationOf, null],
  ["9_007_199_254_740_991d", durationOf, null],
  ["10 GB", sizeOf, 10_000_000_000],
  ["1kB", sizeOf, 1_000],
  ["1KB", sizeOf, 1_000],
  ["2 GiB", sizeOf, 2_147_483_648],
  ["0B", sizeOf, 0],
  ["9_000 TiB", sizeOf, null],
  ["1_000", integerOf, 1_000],
  ["1__0", integerOf, null],
  ["01", integerOf, null],
  ["9007199254740992", integerOf, null],
] as const)("%s", (image, decode, value) => {
  expect(decode(image)).toBe(value);
});

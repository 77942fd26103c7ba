import { expect, test } from "vitest";
import { minuteOfWeek } from "./week.js";

const at = (time: string) => Date.parse(time);
const day_min = 24 * 60;

test.each([
  ["2026-11-23T00:00Z", "UTC", 0],
  ["2026-11-22T23:59:59.999Z", "UTC", 7 * day_min - 1],
  ["2026-11-20T09:30Z", "UTC", 4 * day_min + 9 * 60 + 30],
  ["1970-01-01T00:00Z", "UTC", 3 * day_min],
  ["1969-12-31T23:59Z", "UTC", 3 * day_min - 1],
  ["2026-11-22T23:30Z", "Europe/Berlin", 30],
  ["2026-11-23T03:00Z", "America/New_York", 6 * day_min + 22 * 60],
])("%s in %s is minute %i of the week", (time, zone, minute) => {
  const zones = { "Europe/Berlin": 60, "America/New_York": -300 };
  expect(minuteOfWeek({ now: at(time), zones }, zone)).toBe(minute);
});

test("nobody knows it without the time, or without the zone's offset", () => {
  const now = at("2026-11-23T00:00Z");
  expect(minuteOfWeek({ zones: {} }, "UTC")).toBeNull();
  expect(minuteOfWeek({ now: { "?": "no_clock" } }, "UTC")).toBeNull();
  expect(minuteOfWeek({ now: 0.5 }, "UTC")).toBeNull();
  expect(minuteOfWeek({ now }, "Europe/Berlin")).toBeNull();
  expect(minuteOfWeek({ now, zones: { "Europe/Berlin": 1_081 } }, "Europe/Berlin")).toBeNull();
  expect(minuteOfWeek({ now, zones: { "Europe/Berlin": 1_080 } }, "Europe/Berlin")).toBe(1_080);
  expect(minuteOfWeek({ now, zones: {} }, "constructor")).toBeNull();
});

test("nobody moves UTC", () => {
  expect(minuteOfWeek({ now: at("2026-11-23T00:00Z"), zones: { UTC: 60 } }, "UTC")).toBe(0);
});

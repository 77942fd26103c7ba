import { expect, test } from "vitest";
import { zoneOffsets } from "./zone-offsets.js";

const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "UTC"];

test.each([
  ["2026-12-01T00:00Z", [60, -300, 330, 345, 0]],
  ["2026-07-01T00:00Z", [120, -240, 330, 345, 0]],
  ["2026-03-29T00:59:59Z", [60, -240, 330, 345, 0]],
  ["2026-03-29T01:00:00Z", [120, -240, 330, 345, 0]],
])("at %s", (time, offsets_min) => {
  expect(Object.values(zoneOffsets(zones, Date.parse(time)))).toEqual(offsets_min);
});

test("a zone this system does not know is left out", () => {
  expect(zoneOffsets(["Europe/Berlin", "Mars/Olympus"], 0)).toEqual({ "Europe/Berlin": 60 });
});

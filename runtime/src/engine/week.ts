import type { RequestContext } from "../facts/action.js";
import { isZoneOffset } from "../facts/zones.js";

const MINUTES_PER_DAY = 1_440;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
/** 1970-01-01 was a Thursday; weeks start on Monday. */
const EPOCH_MIN = 3 * MINUTES_PER_DAY;

/**
 * Minute of the week at `now` in `zone`, 0 being Monday 00:00 there; null when the time, or the zone's offset, is not known.
 * The offset of UTC always is.
 */
export function minuteOfWeek({ now, zones }: Pick<RequestContext, "now" | "zones">, zone: string): number | null {
  const given_min = zones !== undefined && Object.hasOwn(zones, zone) ? zones[zone] : undefined;
  const offset_min = zone === "UTC" ? 0 : given_min;
  if (typeof now !== "number" || !Number.isSafeInteger(now) || !isZoneOffset(offset_min)) return null;
  const minute = Math.floor(now / 60_000) + offset_min + EPOCH_MIN;
  return ((minute % MINUTES_PER_WEEK) + MINUTES_PER_WEEK) % MINUTES_PER_WEEK;
}

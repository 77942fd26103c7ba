/** Greatest distance of a time zone from UTC, in minutes: 18 hours. The zones of today lie within 14. */
export const ZONE_OFFSET_MAX_MIN = 1_080;

/** Whether `value` can be the offset of a time zone. */
export const isZoneOffset = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(value as number) <= ZONE_OFFSET_MAX_MIN;

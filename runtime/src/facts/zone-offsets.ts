/** Offsets of time zones from UTC at `time_ms`, in minutes east, for those of `zones` this system knows. */
export function zoneOffsets(zones: readonly string[], time_ms: number): Readonly<Record<string, number>> {
  const known = zones.flatMap((zone) => {
    const offset_min = offsetOf(zone, time_ms);
    return offset_min === null ? [] : [[zone, offset_min] as const];
  });
  return Object.fromEntries(known);
}

function offsetOf(zone: string, time_ms: number): number | null {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    const name = format.formatToParts(time_ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    const size_min = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
    return sign === "-" ? -size_min : size_min;
  } catch {
    return null;
  }
}

import { zoneOffsets } from "@hpl/runtime";

type Offsets = ReturnType<typeof zoneOffsets>;

/** The offsets asked for last: they change at whole minutes, and looking them up takes longer than a decision. */
let latest: { readonly zones: readonly string[]; readonly minute: number; readonly offsets: Offsets } | null = null;

/** Offsets from UTC of `zones` at `time_ms`, as a request has them. */
export function offsetsAt(zones: readonly string[], time_ms: number): Offsets {
  const minute = Math.floor(time_ms / 60_000);
  if (latest?.zones !== zones || latest.minute !== minute)
    latest = { zones, minute, offsets: zoneOffsets(zones, minute * 60_000) };
  return latest.offsets;
}

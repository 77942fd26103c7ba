/** The shapes in which events leave the gateway: as they stand in the log, or in the words of other systems. */
import type { LoggedEvent } from "../query.js";
import { toCef } from "./cef.js";
import { toEcs } from "./ecs.js";
import { toOcsf } from "./ocsf.js";

export type EventFormat = "hpl" | "ocsf" | "ecs" | "cef";

/** An event as one line of text; null for an event that the format leaves out. */
export function formatEvent(event: LoggedEvent, line: string, format: EventFormat, origin: string): string | null {
  switch (format) {
    case "hpl":
      return line;
    case "cef":
      return toCef(event, origin);
    case "ocsf":
      return jsonOr(toOcsf(event, origin));
    case "ecs":
      return jsonOr(toEcs(event, origin));
  }
}

const jsonOr = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

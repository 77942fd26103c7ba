import type { UpstreamTarget } from "../../session/enforcement.js";
import { runDirectly, textValue } from "../../upstream/direct-query.js";
import type { EventFormat } from "../format/index.js";
import type { Shipment, Sink } from "./ship.js";

/** Made when it is missing. Text, not jsonb: `event` is byte for byte what the log or the format says. */
const table = `CREATE TABLE IF NOT EXISTS hpl_audit_events (
  origin text NOT NULL, index bigint NOT NULL, time timestamptz NOT NULL, kind text NOT NULL, event text NOT NULL,
  PRIMARY KEY (origin, index))`;

const undefinedTable = "42P01";
const timeout_ms = 10_000;

/**
 * Inserts a row an event into the table `hpl_audit_events`. An event that is there already is not inserted again, so that
 * there is one row for each, whatever was sent twice. A connection a batch; its role needs SELECT and INSERT.
 */
export function postgresSink(name: string, target: UpstreamTarget, format: EventFormat, origin: string): Sink {
  return {
    name,
    format,
    send: async ({ events }) => {
      const insert = insertOf(origin, events);
      try {
        await runDirectly(target, insert, { timeout_ms });
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith(undefinedTable))) throw error;
        await runDirectly(target, table, { timeout_ms });
        await runDirectly(target, insert, { timeout_ms });
      }
    },
  };
}

/** PostgreSQL's text has no NUL. JSON has none either; CEF may hold one that a client sent. */
const withoutNul = (text: string): string => text.replaceAll("\0", "\\0");

function insertOf(origin: string, events: Shipment["events"]): string {
  const rows = events.map(
    ({ index, time, kind, text }) =>
      `(${textValue(origin)}, ${index}, ${textValue(time)}::timestamptz, ${textValue(kind)}, ${textValue(withoutNul(text))})`,
  );
  return `INSERT INTO hpl_audit_events (origin, index, time, kind, event) VALUES ${rows.join(", ")} ON CONFLICT DO NOTHING`;
}

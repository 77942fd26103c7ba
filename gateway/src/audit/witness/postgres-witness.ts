import type { UpstreamTarget } from "../../session/enforcement.js";
import { readDirectly, runDirectly, textValue } from "../../upstream/direct-query.js";
import { type WitnessPlace, witnessTimeout_ms } from "./witness.js";

/** Rows are never changed: whoever looks into a rollback sees all that was signed. Made when it is missing. */
const table = `CREATE TABLE IF NOT EXISTS hpl_checkpoints (
  origin text NOT NULL, size bigint NOT NULL, note text NOT NULL, seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (origin, size, note))`;

const undefinedTable = "42P01";

/** Keeps checkpoints in the table `hpl_checkpoints`; SELECT and INSERT are all that its role needs once the table is there. */
export function postgresWitness(target: UpstreamTarget): WitnessPlace {
  const limits = { timeout_ms: witnessTimeout_ms };
  return {
    name: `postgres://${target.host}:${target.port}/${target.database}`,
    latest: async (origin) => {
      const newest = `SELECT note FROM hpl_checkpoints WHERE origin = ${textValue(origin)} ORDER BY size DESC LIMIT 1`;
      try {
        return await readDirectly(target, newest, limits);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith(undefinedTable))) throw error;
        await runDirectly(target, table, limits);
        return null;
      }
    },
    keep: (origin, note) => {
      const size = textValue(note.split("\n")[1] ?? "");
      const row = `${textValue(origin)}, ${size}::bigint, ${textValue(note)}`;
      return runDirectly(
        target,
        `INSERT INTO hpl_checkpoints (origin, size, note) VALUES (${row}) ON CONFLICT DO NOTHING`,
        limits,
      );
    },
  };
}

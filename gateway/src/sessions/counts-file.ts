/**
 * Counts that outlive the gateway.
 *
 * In: a book of counters. Out: `counters.json` in the state folder, replaced whole about once a second while something was
 * counted, and at the end: a gateway that is killed forgets what it counted in its last second, one that is stopped nothing.
 * A file that is none is set aside, and the operator is told. Absent: what sessions alone are counted for; they end too.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CounterBook, SavedCount } from "./counters.js";

const save_ms = 1_000;

const integer = { type: "integer", minimum: 0 } as const;
const isSaved = new Ajv2020().compile<readonly SavedCount[]>({
  type: "array",
  items: {
    type: "object",
    additionalProperties: false,
    required: ["key", "over_s", "slots"],
    properties: {
      key: { type: "string" },
      over_s: { type: "integer", minimum: 1 },
      slots: { type: "array", items: { type: "array", minItems: 2, maxItems: 2, items: integer } },
    },
  },
});

/** Gives `book` what was counted before, and keeps what it counts from now on. Returns a function that ends that. */
export function keepCounts(state: string, book: CounterBook, log: (line: string) => void): () => void {
  const path = join(state, "counters.json");
  if (existsSync(path)) book.restore(readSaved(path, log));
  let savedChanges = book.changes();
  const save = (): void => {
    const changes = book.changes();
    if (changes === savedChanges) return;
    try {
      writeFileSync(`${path}.new`, JSON.stringify(book.saved()), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      savedChanges = changes;
    } catch (error) {
      log(`counters cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(save, save_ms);
  timer.unref();
  return () => {
    clearInterval(timer);
    save();
  };
}

function readSaved(path: string, log: (line: string) => void): readonly SavedCount[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isSaved(value)) return value;
  } catch {
    // What cannot be read is damaged like what makes no sense.
  }
  renameSync(path, `${path}.damaged`);
  log(`${path} does not hold counts; it was renamed, and all counters begin at nothing`);
  return [];
}

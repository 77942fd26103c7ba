/**
 * The audit log: one JSON line an event, each naming the hash of the line before it.
 *
 * In: events, as they happen. Out: `audit.jsonl` in the state folder, appended to by one process at a time and never
 * rewritten. A line is in the file before whatever it tells of goes on, so a process that is killed loses nothing; a line
 * that matters more (`durable`) is on the disk. When the file cannot be written the log throws `AuditUnavailable`, and the
 * caller refuses; the log takes back what was written in part, tries again at the next event, and says then how many
 * events it refused. A disk that failed to keep what it took is not trusted again before the gateway is started anew.
 * Absent: reading back, rotation, shipping, signatures.
 */
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AuditUnavailable } from "../session/enforcement.js";
import { type AuditEvent, firstPrev } from "./event.js";
import { linesOf, readLine, writeLine } from "./line.js";

export interface AuditLog {
  readonly path: string;
  /** Writes `event`; returns its index. `durable` waits for the disk. Throws `AuditUnavailable`. */
  append(event: AuditEvent, options?: { readonly durable?: boolean }): number;
  close(): void;
}

/** Where a log goes on: what the next line needs to know. */
interface Tail {
  readonly index: number;
  readonly prev: string;
  /** Bytes of whole lines. */
  readonly size: number;
  /** Bytes behind them: a line that a crash cut off. */
  readonly torn_size: number;
}

/**
 * Opens the log in `folder`, which exists, and checks it; cuts off a torn last line and says so in the log. Throws for a log
 * that was changed: going on with it would hide where. O(bytes of the log).
 */
export async function openAuditLog(folder: string, now: () => Date = () => new Date()): Promise<AuditLog> {
  const path = join(folder, "audit.jsonl");
  const file = openSync(path, "a+", 0o600);
  try {
    syncFolder(folder);
    const tail = await readTail(path);
    const log = appender(path, file, tail, now);
    if (tail.torn_size > 0) {
      ftruncateSync(file, tail.size);
      log.append(recovered({ torn_bytes: tail.torn_size, refused_events: 0 }), { durable: true });
    }
    return log;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** A new file is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

async function readTail(path: string): Promise<Tail> {
  let [index, prev, size] = [0, firstPrev, 0];
  for await (const { bytes, isWhole } of linesOf(path)) {
    if (!isWhole) return { index, prev, size, torn_size: bytes.length };
    const line = readLine(bytes, { index, prev });
    if (!line.ok) {
      const place = `${path}, line ${index + 1}`;
      throw new Error(`${place}: ${line.reason}; look into it with \`hpl audit verify\`, then move the log away`);
    }
    prev = line.hash;
    size += bytes.length + 1;
    index++;
  }
  return { index, prev, size, torn_size: 0 };
}

const recovered = (detail: { readonly torn_bytes: number; readonly refused_events: number }): AuditEvent => ({
  kind: "audit.recovered",
  detail,
});

function appender(path: string, file: number, tail: Tail, now: () => Date): AuditLog {
  let { index, prev, size } = tail;
  let state: "open" | "broken" | "closed" = "open";
  /** Events refused since the last line; while there are any, the file may end with a part of a line. */
  let refused = 0;

  const write = (event: AuditEvent): number => {
    const { bytes, hash } = writeLine({ index, prev }, now(), event);
    const written = writeSync(file, bytes);
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
    prev = hash;
    size += bytes.length;
    return index++;
  };
  /** Takes back a part of a line, and says what is missing. */
  const recover = (): void => {
    ftruncateSync(file, size);
    write(recovered({ torn_bytes: 0, refused_events: refused }));
    refused = 0;
  };
  /** After a failed sync the system may call pages clean that never reached the disk: trying again would prove nothing. */
  const sync = (): void => {
    try {
      fdatasyncSync(file);
    } catch (error) {
      state = "broken";
      throw error;
    }
  };
  return {
    path,
    append: (event, { durable = false } = {}) => {
      if (state === "closed") throw new AuditUnavailable("the audit log is closed");
      if (state === "broken") throw new AuditUnavailable("the disk failed the audit log: start the gateway again");
      try {
        if (refused > 0) recover();
        const at = write(event);
        if (durable) sync();
        return at;
      } catch (error) {
        refused++;
        takeBack(file, size);
        throw unavailable(error);
      }
    },
    close: () => {
      if (state !== "closed") closeSync(file);
      state = "closed";
    },
  };
}

/** Leaves the file with whole lines where that is possible; where it is not, the next event tries again. */
function takeBack(file: number, size: number): void {
  try {
    ftruncateSync(file, size);
  } catch {
    // The disk refuses this too.
  }
}

const unavailable = (error: unknown): AuditUnavailable =>
  new AuditUnavailable(`the audit log cannot be written: ${error instanceof Error ? error.message : String(error)}`);

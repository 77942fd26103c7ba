/**
 * The audit log: one JSON line an event, each naming the hash of the line before it.
 *
 * In: events, as they happen. Out: `audit.jsonl` in the state folder, appended to by one process at a time and never
 * rewritten. A line is in the file before whatever it tells of goes on, so a process that is killed loses nothing; a line
 * that matters more (`durable`) is on the disk. When the file cannot be written the log throws `AuditUnavailable`, and the
 * caller refuses. Absent: reading back, rotation, shipping, signatures.
 */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AuditUnavailable } from "../session/enforcement.js";
import { type AuditEvent, type AuditLine, firstPrev } from "./event.js";
import { hashLine, linesOf, parseLine } from "./verify.js";

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

/** Opens the log in `folder`, which exists; cuts off a torn last line and says so in the log. O(bytes of the log). */
export async function openAuditLog(folder: string, now: () => Date = () => new Date()): Promise<AuditLog> {
  const path = join(folder, "audit.jsonl");
  const file = openSync(path, "a+", 0o600);
  const tail = await readTail(path);
  if (tail.torn_size > 0) ftruncateSync(file, tail.size);
  const log = appender(path, file, tail, now);
  if (tail.torn_size > 0) {
    log.append({ kind: "audit.recovered", detail: { torn_bytes: tail.torn_size } }, { durable: true });
  }
  return log;
}

async function readTail(path: string): Promise<Tail> {
  let index = 0;
  let prev = firstPrev;
  let size = 0;
  for await (const { bytes, isWhole } of linesOf(path)) {
    if (!isWhole) return { index, prev, size, torn_size: bytes.length };
    if (parseLine(bytes) === null) {
      throw new Error(
        `${path}: line ${index + 1} is not an audit event; run \`hpl audit verify\` and move the log away`,
      );
    }
    prev = hashLine(bytes);
    size += bytes.length + 1;
    index++;
  }
  return { index, prev, size, torn_size: 0 };
}

function appender(path: string, file: number, tail: Tail, now: () => Date): AuditLog {
  let { index, prev, size } = tail;
  return {
    path,
    append: (event, { durable = false } = {}) => {
      const line: AuditLine = { index, time: now().toISOString(), prev, kind: event.kind, detail: event.detail };
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      writeWhole(file, bytes, size);
      // The line is in the file from here on, even when the disk then fails: the next one follows from it.
      prev = hashLine(bytes.subarray(0, -1));
      size += bytes.length;
      index++;
      if (durable) syncOrRefuse(file);
      return line.index;
    },
    close: () => closeSync(file),
  };
}

/** A full disk writes a part of a line and reports no error: then the part is taken back. */
function writeWhole(file: number, bytes: Uint8Array, size: number): void {
  let written = 0;
  try {
    written = writeSync(file, bytes);
  } catch (error) {
    throw unavailable(error);
  }
  if (written === bytes.length) return;
  ftruncateSync(file, size);
  throw new AuditUnavailable("the audit log could only be written in part");
}

function syncOrRefuse(file: number): void {
  try {
    fdatasyncSync(file);
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (error: unknown): AuditUnavailable =>
  new AuditUnavailable(`the audit log cannot be written: ${error instanceof Error ? error.message : String(error)}`);

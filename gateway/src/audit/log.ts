/**
 * The audit log: one JSON line an event, each naming the hash of the line before it, all of them leaves of one signed tree.
 *
 * In: events, as they happen. Out: the folder `audit` in the state folder: `segments/` with the lines, `tile/` with the tree's
 * hashes, `checkpoint` with its signed head, `key` to check it by. One process at a time appends, and nothing is rewritten.
 * A line is in the file before whatever it tells of goes on, so a process that is killed loses nothing; a line that matters
 * more (`durable`) is on the disk; every other one is within 5 ms and one sync, which is what a power failure can take.
 * When the log cannot be written it throws `AuditUnavailable`, and the caller refuses; it tries again at the next event, and
 * says then how many events it refused. Absent: reading back, shipping.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AuditUnavailable } from "../session/enforcement.js";
import { type NoteVerifier, verifierOf } from "./checkpoint.js";
import { publishCheckpoint, publishKey, type SignedHead } from "./checkpoints.js";
import type { AuditEvent } from "./event.js";
import { type GatewayKeys, openKeys } from "./keys.js";
import { writeLine } from "./line.js";
import { type FullTile, growTree } from "./merkle.js";
import { checkpointPath, type KnownLog, recoverLog } from "./recover.js";
import type { Tail } from "./scan.js";
import { openSegment, type SegmentFile } from "./segment-file.js";
import { countSegments, segmentOf, segmentPath } from "./segments.js";

export interface AuditLog {
  /** The log's folder. */
  readonly path: string;
  /** Writes `event`; returns its index. `durable` waits for the disk. Throws `AuditUnavailable`. */
  append(event: AuditEvent, options?: { readonly durable?: boolean }): number;
  close(): Promise<void> | void;
}

/** The log of a gateway, with what its host needs beside it. */
export interface OpenedLog extends AuditLog {
  readonly keys: GatewayKeys;
  readonly verifier: NoteVerifier;
  /** Lines written so far. */
  size(): number;
  /** The last checkpoint. */
  signed(): SignedHead;
  /** Whether the last event could be written. */
  isWritable(): boolean;
  /** Signs the log as it is now. Rejects when that cannot be written. */
  checkpoint(): Promise<SignedHead>;
}

export interface LogOptions {
  readonly now?: () => Date;
  /** File for a copy of each checkpoint, best on another disk: what shows that the whole log was put back to an older state. */
  readonly copy?: string;
  /** Lines for the operator. */
  readonly log?: (line: string) => void;
}

/** Longest time a line that is not `durable` may wait for the disk, the sync itself aside. */
const timely_ms = 5;
/** Longest time between a line and a checkpoint over it. */
const checkpoint_ms = 1_000;

export const logFolder = (state: string): string => join(state, "audit");

/** Where the copy of a checkpoint is kept unless the configuration says. */
export const copyPath = (state: string): string => join(state, "last-checkpoint");

/**
 * Opens the log in the folder `state`, which exists, and checks it; cuts off a torn last line and says so in the log. Rejects
 * for a log that was changed, shortened or put back to an older state.
 */
export async function openAuditLog(state: string, options: LogOptions = {}): Promise<OpenedLog> {
  const { now = () => new Date(), copy = copyPath(state), log = () => {} } = options;
  const folder = logFolder(state);
  mkdirSync(join(folder, "segments"), { recursive: true, mode: 0o700 });
  const isNew = countSegments(folder) === 0 && !existsSync(checkpointPath(folder)) && !existsSync(copy);
  const keys = await openKeys(state, isNew);
  const known: KnownLog = { folder, copy, verifier: verifierOf(keys.signing) };
  const { tail, full } = await recoverLog(known);
  const segment = segmentOf(Math.max(tail.edge.size - 1, 0));
  const file = openSegment(segmentPath(folder, segment), tail.segment_size);
  try {
    // Lines that a killed process left may be on their way to the disk: no checkpoint before they are there.
    file.sync();
    await publishKey(known);
    const first = await publishCheckpoint(known, keys, tail.edge, full, 0);
    const opened = appender({ known, keys, now, log }, { tail, file, segment }, first);
    if (tail.torn_size > 0) opened.append(recovered(tail.torn_size, 0), { durable: true });
    return opened;
  } catch (error) {
    file.close();
    throw error;
  }
}

const recovered = (torn_bytes: number, refused_events: number): AuditEvent => ({
  kind: "audit.recovered",
  detail: { torn_bytes, refused_events },
});

interface LogParts {
  readonly known: KnownLog;
  readonly keys: GatewayKeys;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** Where the log goes on. */
interface LogEnd {
  readonly tail: Tail;
  readonly file: SegmentFile;
  readonly segment: number;
}

function appender({ known, keys, now, log }: LogParts, end: LogEnd, first: SignedHead): OpenedLog {
  const { tail } = end;
  const { folder } = known;
  let full: FullTile[] = [];
  const tree = growTree(tail.edge, (tile) => full.push(tile));
  let { size: index } = tail.edge;
  let { prev } = tail;
  let { file, segment } = end;
  let signed = first;
  let isClosed = false;
  /** Events refused since the last line. */
  let refused = 0;

  const nextSegment = (): void => {
    file.sync();
    const next = openSegment(segmentPath(folder, segmentOf(index)), 0);
    file.close();
    [file, segment] = [next, segmentOf(index)];
  };
  const write = (event: AuditEvent): number => {
    if (segmentOf(index) !== segment) nextSegment();
    const { bytes, hash, leaf } = writeLine({ index, prev }, now(), event);
    file.write(bytes);
    tree.push(leaf);
    prev = hash;
    return index++;
  };
  const recover = (): void => {
    write(recovered(0, refused));
    refused = 0;
  };
  const flush = soon(timely_ms, () => file.syncLater());
  const checkpoint = async (): Promise<SignedHead> => {
    const [edge, complete] = [tree.edge(), full];
    if (edge.size === signed.size) return signed;
    full = [];
    try {
      if (!(await file.syncLater())) throw new Error("the disk did not confirm the last lines");
      signed = await publishCheckpoint(known, keys, edge, complete, signed.size);
      return signed;
    } catch (error) {
      full = [...complete, ...full];
      throw error;
    }
  };
  const sign = soon(checkpoint_ms, () =>
    checkpoint().then(
      () => {},
      (error: unknown) => {
        log(`the audit log's checkpoint could not be written: ${messageOf(error)}`);
        if (!isClosed) sign.ask();
      },
    ),
  );
  return {
    path: folder,
    keys,
    verifier: known.verifier,
    size: () => index,
    signed: () => signed,
    isWritable: () => refused === 0 && !isClosed,
    checkpoint: () => sign.after(checkpoint),
    append: (event, { durable = false } = {}) => {
      if (isClosed) throw new AuditUnavailable("the audit log is closed");
      try {
        if (refused > 0) recover();
        const at = write(event);
        if (durable) file.sync();
        else flush.ask();
        sign.ask();
        return at;
      } catch (error) {
        refused++;
        throw new AuditUnavailable(`the audit log cannot be written: ${messageOf(error)}`);
      }
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      flush.stop();
      await sign
        .after(checkpoint)
        .catch((error: unknown) => log(`the last checkpoint is missing: ${messageOf(error)}`));
      sign.stop();
      file.close();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Does something once, `delay_ms` after it is first asked for, and never twice at a time. Keeps no process alive. */
function soon(delay_ms: number, run: () => Promise<unknown>) {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const after = <T>(next: () => Promise<T>): Promise<T> => {
    const result = running.then(next);
    running = result.catch(() => {});
    return result;
  };
  return {
    /** Runs `next` when nothing else runs. */
    after,
    ask: (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        void after(run);
      }, delay_ms).unref();
    },
    stop: (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

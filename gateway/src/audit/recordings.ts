/**
 * Chains recordings of sessions into the log, part by part, while they grow.
 *
 * In: the folder in which recordings are written, and the word that a session has begun or ended. Out: each recording's bytes
 * as blobs, and an event for each part that says where it stands and what its digest is: a replay is proved by the lines of the
 * log, and is erased without breaking one. A blob is the part and, behind it, a line that names its session and offset, so
 * that no two recordings share a blob. A list of each recording names its blobs, each before it is kept, and ends with a
 * line of its own once the last event is written; of a recording without that line the last part is kept again, so that a
 * crash leaves neither gaps nor blobs that nobody would erase. When a recording goes, so do its blobs. Nothing here holds up a session; what fails is tried again.
 * Absent: what is in a recording, and how long it is kept.
 */
import { existsSync } from "node:fs";
import { appendFile, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eraseBlob, keepBlob } from "./blobs.js";
import type { AuditLog } from "./log.js";

/** Bytes of a part: what a killed gateway's host could still change unseen, and a blob that is read at once. */
export const partSize = 65_536;
/** How often recordings are looked at: the longest time that a full part is not in the log. */
const look_ms = 5_000;

export interface RecordingsKeeper {
  /** The session's recording begins. */
  begun(session: string): void;
  /** It is written whole. */
  ended(session: string): void;
  /** Keeps what is left. Never rejects; what could not be kept is kept after the next start. */
  close(): Promise<void>;
}

/** A part, as the list of its recording names it. */
interface Part {
  readonly offset: number;
  readonly sha256: string;
}

/** The last line of the list of a recording that is in the log whole. */
const finished = '{"finished":true}';

interface Growing {
  offset: number;
  hasEnded: boolean;
}

export interface KeeperParts {
  readonly audit: AuditLog;
  /** The folder of `ID.cast` files. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** Keeps the recordings in `folder` from now on, and first what an earlier gateway left unfinished. */
export function keepRecordings({ audit, folder, log }: KeeperParts): RecordingsKeeper {
  const growing = new Map<string, Growing>();
  let isFailing = false;
  let queue: Promise<void> = takeUp(folder, growing).catch((error: unknown) => report(error));

  function report(error: unknown): void {
    if (!isFailing) log(`recordings are not in the audit log, which is tried again: ${messageOf(error)}`);
    isFailing = true;
  }
  const look = async (): Promise<void> => {
    for (const [session, state] of growing) {
      if (await grow(audit, folder, session, state)) growing.delete(session);
    }
    isFailing = false;
  };
  const next = (run: () => Promise<void>): Promise<void> => {
    queue = queue.then(run).catch(report);
    return queue;
  };
  const timer = setInterval(() => void next(look), look_ms).unref();
  void next(look);
  return {
    begun: (session) => {
      growing.set(session, { offset: 0, hasEnded: false });
      void next(() => eraseOrphans(audit.path, folder));
    },
    ended: (session) => {
      const state = growing.get(session);
      if (state === undefined) return;
      state.hasEnded = true;
      void next(look);
    },
    close: () => {
      clearInterval(timer);
      return next(look);
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const castPath = (folder: string, session: string): string => join(folder, `${session}.cast`);
/** Beside the recordings, in a folder of their own: whoever lists recordings finds nothing else. */
const listsOf = (folder: string): string => `${folder}-parts`;
const listPath = (folder: string, session: string): string => join(listsOf(folder), `${session}.parts`);

/** Recordings that no list calls finished: they go on where the last part that is listed begins. */
async function takeUp(folder: string, growing: Map<string, Growing>): Promise<void> {
  for (const session of await sessionsWith(folder, ".cast")) {
    const list = await readList(folder, session);
    // A session may begin while this reads: its recording has not ended.
    if (!list.endsWith(`${finished}\n`) && !growing.has(session))
      growing.set(session, { offset: partsIn(list).at(-1)?.offset ?? 0, hasEnded: true });
  }
}

/** Keeps the parts that are full, and the last one of a recording that has ended; true when nothing more will come. */
async function grow(audit: AuditLog, folder: string, session: string, state: Growing): Promise<boolean> {
  for (;;) {
    const bytes = await readPart(castPath(folder, session), state.offset);
    if (bytes === null) return state.hasEnded;
    const is_last = state.hasEnded && bytes.length < partSize;
    if (bytes.length < partSize && !is_last) return false;
    await keepPart(audit, folder, session, { offset: state.offset, is_last }, bytes);
    state.offset += bytes.length;
    if (is_last) return true;
  }
}

/** Up to `partSize` bytes from `offset` on; null when there is no such file. */
async function readPart(path: string, offset: number): Promise<Buffer | null> {
  if (!existsSync(path)) return null;
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(partSize), 0, partSize, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function keepPart(
  audit: AuditLog,
  folder: string,
  session: string,
  { offset, is_last }: { readonly offset: number; readonly is_last: boolean },
  bytes: Buffer,
): Promise<void> {
  await mkdir(listsOf(folder), { recursive: true, mode: 0o700 });
  const blob = Buffer.concat([bytes, Buffer.from(`# ${session} ${offset}\n`)]);
  // A line of its own, also behind one that a crash cut off.
  const note = (line: string): Promise<void> => appendFile(listPath(folder, session), `\n${line}\n`, { mode: 0o600 });
  const sha256 = await keepBlob(audit.path, blob, (digest) => {
    const part: Part = { offset, sha256: digest };
    return note(JSON.stringify(part));
  });
  const detail = { session, offset, size: bytes.length, sha256, is_last };
  audit.append({ kind: "recording.kept", detail });
  if (is_last) await note(finished);
}

/** Erases the blobs of recordings that are gone. O(files of the folder). */
async function eraseOrphans(log: string, folder: string): Promise<void> {
  for (const session of await sessionsWith(listsOf(folder), ".parts")) {
    if (existsSync(castPath(folder, session))) continue;
    for (const { sha256 } of partsIn(await readList(folder, session))) await eraseBlob(log, sha256);
    await rm(listPath(folder, session), { force: true });
  }
}

async function sessionsWith(folder: string, ending: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []));
}

const readList = async (folder: string, session: string): Promise<string> =>
  existsSync(listPath(folder, session)) ? readFile(listPath(folder, session), "utf8") : "";

/** The parts in a list; lines that a crash cut off are passed over. */
const partsIn = (list: string): readonly Part[] => list.split("\n").flatMap((line) => partIn(line) ?? []);

function partIn(line: string): Part | null {
  try {
    const part = JSON.parse(line);
    const isPart = Number.isSafeInteger(part.offset) && part.offset >= 0 && typeof part.sha256 === "string";
    return isPart ? part : null;
  } catch {
    return null;
  }
}

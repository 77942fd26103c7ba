/**
 * Where a log goes on after the process that wrote it has ended, however it ended.
 *
 * In: a log's folder, and the checkpoints that are known of it: its own, and a copy kept apart. Out: its tail; or an exception
 * when the log is not what was signed, because going on with it would hide where. Segments that the log's own checkpoint
 * covers whole are not read again: their tiles must have the root that was signed. Absent: repair.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type NoteVerifier, readCheckpoint } from "./checkpoint.js";
import { type FullTile, type Hash, isSameHash, rangeRoot, rootOfEdge, type TreeHead } from "./merkle.js";
import { fromFirstLine, type ScanStart, scanLog, type Tail } from "./scan.js";
import { countSegments, segmentLength, segmentOf, segmentPath } from "./segments.js";
import { readTile, tileReader } from "./tiles.js";

export interface KnownLog {
  readonly folder: string;
  /** File with the last checkpoint, kept apart from the log. */
  readonly copy: string;
  readonly verifier: NoteVerifier;
}

export const checkpointPath = (folder: string): string => join(folder, "checkpoint");

/** The log's tail, and the tiles that are complete in what was read. O(bytes since the last checkpointed segment). */
export async function recoverLog(
  known: KnownLog,
): Promise<{ readonly tail: Tail; readonly full: readonly FullTile[] }> {
  const own = headIn(checkpointPath(known.folder), known.verifier);
  const copy = headIn(known.copy, known.verifier);
  if (own === null && countSegments(known.folder) > 0) throw damaged(known, "its checkpoint is gone");
  const start = startAt(known.folder, own, copy) ?? fromFirstLine;
  const heads = [own, copy].flatMap((head) => head ?? []);
  const full: FullTile[] = [];
  const scan = await scanLog(known.folder, { start, heads, full: (tile) => full.push(tile) });
  if (scan.ok) return { tail: scan.tail, full };
  throw damaged(known, `line ${scan.fault.index + 1}: ${scan.fault.reason}`);
}

const damaged = ({ folder }: KnownLog, reason: string): Error =>
  new Error(`${folder}: ${reason}; look into it with \`hpl audit verify\`, then move the log and its checkpoints away`);

/** Null when there is no such file. Throws for one that this log's key did not sign. */
function headIn(path: string, verifier: NoteVerifier): TreeHead | null {
  if (!existsSync(path)) return null;
  const head = readCheckpoint(readFileSync(path, "utf8"), verifier);
  if (head === null) throw new Error(`${path} is no checkpoint of this log: its key did not sign it`);
  return head;
}

/** The segment with the last line of the log's own checkpoint, when tiles vouch for all before it; null when every line must be read. */
function startAt(folder: string, own: TreeHead | null, copy: TreeHead | null): ScanStart | null {
  if (own === null || own.size <= segmentLength) return null;
  try {
    const read = tileReader(folder, own.size);
    const isOf = ({ size, root }: TreeHead) => size === 0 || isSameHash(rangeRoot(read, 0, size), root);
    if (!isOf(own) || (copy !== null && copy.size < own.size && !isOf(copy))) return null;
  } catch {
    return null;
  }
  const first = segmentOf(own.size - 1) * segmentLength;
  const tiles: (readonly Hash[])[] = [[], []];
  for (let level = 2; 256 ** level <= first; level++)
    tiles.push(readTile(folder, level, Math.floor(first / 256 ** (level + 1)), first) ?? []);
  const edge = { size: first, tiles };
  const prev = lastHashOf(segmentPath(folder, segmentOf(first) - 1));
  const isWhole = isSameHash(rootOfEdge(edge), rangeRoot(tileReader(folder, own.size), 0, first));
  return prev === null || !isWhole ? null : { prev, edge };
}

/** The hash at the end of a segment's last line. */
function lastHashOf(path: string): string | null {
  if (!existsSync(path)) return null;
  const bytes = Buffer.alloc(67);
  const file = openSync(path, "r");
  try {
    readSync(file, bytes, 0, bytes.length, Math.max(statSync(path).size - bytes.length, 0));
  } finally {
    closeSync(file);
  }
  return /^([0-9a-f]{64})"\}\n$/.exec(bytes.toString("latin1"))?.[1] ?? null;
}

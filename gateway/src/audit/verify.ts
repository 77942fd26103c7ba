/**
 * Checks a log against everything that is known of it.
 *
 * In: a log's folder; the key that must have signed it, checkpoints noted elsewhere. Out: how long the log is, or the first
 * line that is not what was written. A line that was changed, removed, added or moved is found by the hashes in the lines;
 * a log that somebody wrote anew, hashes and all, by its signatures; one put back to an older state by a checkpoint that is
 * newer. Absent: what only the last seconds hold, which no checkpoint covers yet when a gateway was killed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type NoteVerifier, readCheckpoint, readVerifier } from "./checkpoint.js";
import { type FullTile, type Hash, isSameHash, rangeRoot, rootOf, type TreeHead, tileWidth } from "./merkle.js";
import { checkpointPath } from "./recover.js";
import { type AuditFault, fromFirstLine, type Scan, scanLog, type VisitLine } from "./scan.js";
import { readTile, tileReader } from "./tiles.js";

export type AuditCheck =
  | {
      readonly ok: true;
      readonly lines_count: number;
      readonly last_hash: string;
      /** Lines that a signature covers, by which key. */
      readonly signed_count: number;
      readonly key: string;
    }
  | { readonly ok: false; readonly fault: AuditFault };

export interface VerifyOptions {
  /** The text of the key that must have signed; else the log's own word counts. */
  readonly key?: string;
  /** Notes of checkpoints that the log must contain. */
  readonly checkpoints?: readonly string[];
}

/** Reads the log in `folder` whole and checks every line, tile and signature. O(bytes). Never throws for what is in it. */
export async function verifyAuditLog(folder: string, options: VerifyOptions = {}): Promise<AuditCheck> {
  const noted = readOr(checkpointPath(folder), "");
  const check = await verifyOnce(folder, noted, options);
  // A gateway that is running may have signed again, and dropped tiles of the checkpoint that was read.
  const isMoving = !check.ok && readOr(checkpointPath(folder), "") !== noted;
  return isMoving ? verifyOnce(folder, readOr(checkpointPath(folder), ""), options) : check;
}

async function verifyOnce(folder: string, note: string, options: VerifyOptions): Promise<AuditCheck> {
  const verifier = readVerifier(options.key ?? readOr(join(folder, "key"), ""));
  if (verifier === null) return fault(0, "the key that checks the log is missing, or is none");
  const own = readCheckpoint(note, verifier);
  if (own === null) return fault(0, "the log's checkpoint is missing, or was not signed by its key");
  const others = (options.checkpoints ?? []).map((each) => readCheckpoint(each, verifier));
  const heads = [own, ...others.flatMap((head) => head ?? [])];
  const leafFault = leafCheck(folder, own);
  if (others.includes(null)) return fault(0, "a checkpoint noted elsewhere was not signed by the log's key");
  const noted: TreeHead[] = [];
  const upper: FullTile[] = [];
  const scan = await scanLog(folder, {
    start: fromFirstLine,
    heads,
    visit: (line) => {
      noted.push(...headsNotedIn(line.bytes, verifier));
      return leafFault(line);
    },
    full: (tile) => void (tile.level > 0 && upper.push(tile)),
  });
  // Heads that were noted on the way say more closely where a log was written anew.
  if (!scan.ok) return noted.length === 0 ? scan : closer(scan, await rescan(folder, [...heads, ...noted]));
  const { tail } = scan;
  // A head noted in the log that is larger than the checkpoint's: the checkpoint was put back to an older one.
  const newer = noted.filter(({ size }) => size > own.size);
  const again = newer.length === 0 ? scan : await rescan(folder, [...heads, ...newer]);
  if (!again.ok) return again;
  const tiles = tilesFault(folder, own, upper);
  if (tiles !== null) return tiles;
  if (tail.torn_size > 0) return fault(tail.edge.size, "the line does not end");
  return {
    ok: true,
    lines_count: tail.edge.size,
    last_hash: tail.prev,
    signed_count: Math.max(...heads.map(({ size }) => size)),
    key: verifier.text,
  };
}

const fault = (index: number, reason: string): AuditCheck => ({ ok: false, fault: { index, reason } });

const readOr = (path: string, otherwise: string): string => (existsSync(path) ? readFileSync(path, "utf8") : otherwise);

/** Compares each leaf that the checkpoint covers with its tile. */
function leafCheck(folder: string, { size }: TreeHead): VisitLine {
  let tile: readonly Hash[] | null = null;
  return ({ index, leaf }) => {
    if (index >= size) return null;
    if (index % tileWidth === 0) tile = readTile(folder, 0, index / tileWidth, size);
    const expected = tile?.[index % tileWidth];
    if (expected === undefined) return "its tile is missing";
    return isSameHash(expected, leaf) ? null : "the line is not the one in its tile";
  };
}

/** Tiles above the leaves: each of those that the lines complete, and all of them together against the signed root. */
function tilesFault(folder: string, own: TreeHead, upper: readonly FullTile[]): AuditCheck | null {
  for (const { level, index, hashes } of upper) {
    const first = index * tileWidth ** (level + 1);
    const stored = first + tileWidth ** (level + 1) <= own.size ? readTile(folder, level, index, own.size) : hashes;
    if (stored === null || !isSameHash(rootOf(stored), rootOf(hashes)))
      return fault(first, `the tile ${level}/${index} is missing, or not that of its lines`);
  }
  try {
    if (own.size === 0 || isSameHash(rangeRoot(tileReader(folder, own.size), 0, own.size), own.root)) return null;
    return fault(own.size - 1, "the last tiles are not those of their lines");
  } catch (error) {
    return fault(own.size - 1, error instanceof Error ? error.message : String(error));
  }
}

/** The head in a line that notes a checkpoint; none for any other line, and for a note that the key did not sign. */
function headsNotedIn(bytes: Buffer, verifier: NoteVerifier): readonly TreeHead[] {
  if (!bytes.includes('"kind":"audit.checkpoint"')) return [];
  try {
    const { detail } = JSON.parse(bytes.toString("utf8")) as { readonly detail?: { readonly note?: unknown } };
    const head = typeof detail?.note === "string" ? readCheckpoint(detail.note, verifier) : null;
    return head === null ? [] : [head];
  } catch {
    return [];
  }
}

const rescan = (folder: string, heads: readonly TreeHead[]): Promise<Scan> =>
  scanLog(folder, { start: fromFirstLine, heads });

const closer = (one: Extract<Scan, { ok: false }>, other: Scan): AuditCheck => (other.ok ? one : other);

/**
 * The lines of the log on disk: `segments/000000.jsonl`, `000001.jsonl` and so on, 65,536 lines each.
 *
 * In: a log's folder. Out: its lines, in order, as exact bytes. A line's index says its segment, so nothing else has to.
 * Absent: what lines mean.
 */
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tileWidth } from "./merkle.js";

/** Lines of a full segment: one full tile of level 1, so that its root is one hash. */
export const segmentLength = tileWidth ** 2;

export const segmentOf = (index: number): number => Math.floor(index / segmentLength);

export const segmentPath = (folder: string, segment: number): string =>
  join(folder, "segments", `${String(segment).padStart(6, "0")}.jsonl`);

/** One more than the number of the last segment; 0 for a log without any. */
export function countSegments(folder: string): number {
  const names = existsSync(join(folder, "segments")) ? readdirSync(join(folder, "segments")) : [];
  const numbers = names.flatMap((name) => /^([0-9]{6,})\.jsonl$/.exec(name)?.[1] ?? []).map(Number);
  return Math.max(-1, ...numbers) + 1;
}

/** A line without its line feed. */
export interface RawLine {
  readonly segment: number;
  readonly bytes: Buffer;
  /** False for the end of a file without line feed. */
  readonly isWhole: boolean;
}

/** The lines from the segment `from` on. A segment that is missing has none. Memory: one line. */
export async function* linesOf(folder: string, from = 0): AsyncGenerator<RawLine> {
  const end = countSegments(folder);
  for (let segment = from; segment < end; segment++) {
    const path = segmentPath(folder, segment);
    if (!existsSync(path)) continue;
    for await (const line of linesOfFile(path)) yield { segment, ...line };
  }
}

async function* linesOfFile(path: string): AsyncGenerator<Omit<RawLine, "segment">> {
  const pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield { bytes: Buffer.concat([...pieces.splice(0), chunk.subarray(from, end)]), isWhole: true };
      from = end + 1;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
  if (pieces.length > 0) yield { bytes: Buffer.concat(pieces), isWhole: false };
}

/** The line at `index`; null when the log has none there. O(bytes of its segment). */
export async function lineAt(folder: string, index: number): Promise<Buffer | null> {
  const path = segmentPath(folder, segmentOf(index));
  if (!existsSync(path)) return null;
  let at = segmentOf(index) * segmentLength;
  for await (const { bytes, isWhole } of linesOfFile(path)) if (isWhole && at++ === index) return bytes;
  return null;
}

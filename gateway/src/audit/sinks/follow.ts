/**
 * Follows a log while it is written, from any index on.
 *
 * In: a log's folder, how many lines it has by now, where to begin. Out: batches of whole lines, in order, each once. Memory: one
 * batch. The log on disk is the backlog, so a reader that falls behind loses nothing and holds up nobody. Absent: waiting.
 */
import { existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { segmentLength, segmentOf, segmentPath } from "../segments.js";

/** Lines and bytes of a batch, at most; one line that is longer is a batch of its own. */
export const batchLinesMax = 256;
export const batchSizeMax = 1 << 20;

export interface Batch {
  /** Index of the first line. */
  readonly first: number;
  readonly lines: readonly Buffer[];
}

export interface LogReader {
  /** The next lines of a log that has `size` of them; empty when all have been read. */
  next(size: number): Promise<Batch>;
}

/** Reads from the line `from` on. */
export function readFrom(folder: string, from: number): LogReader {
  let index = segmentOf(from) * segmentLength;
  let offset = 0;
  const skipTo = async (): Promise<void> => {
    while (index < from) {
      const { lines, bytes } = await readLines(segmentPath(folder, segmentOf(index)), offset, from - index);
      if (lines.length === 0) throw new Error(`the log has no line ${index}`);
      [index, offset] = [index + lines.length, offset + bytes];
    }
  };
  return {
    next: async (size) => {
      await skipTo();
      const wanted = Math.min(size - index, batchLinesMax, segmentLength - (index % segmentLength));
      const first = index;
      if (wanted <= 0) return { first, lines: [] };
      const { lines, bytes } = await readLines(segmentPath(folder, segmentOf(index)), offset, wanted);
      index += lines.length;
      offset = index % segmentLength === 0 && lines.length > 0 ? 0 : offset + bytes;
      return { first, lines };
    },
  };
}

/** Up to `wanted` whole lines of a file from `offset` on, and their bytes. */
async function readLines(path: string, offset: number, wanted: number) {
  if (!existsSync(path)) return { lines: [], bytes: 0 };
  for (let size = batchSizeMax; ; size *= 2) {
    const chunk = await readChunk(path, offset, size);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0 && lines.length < wanted; end = chunk.indexOf(10, from)) {
      lines.push(chunk.subarray(from, end));
      from = end + 1;
    }
    if (lines.length > 0 || offset + size >= statSync(path).size) return { lines, bytes: from };
  }
}

async function readChunk(path: string, offset: number, size: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

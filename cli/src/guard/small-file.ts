import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Bytes of a file of settings that are read: larger ones are nobody's. */
export const file_bytes_max = 1_048_576;

/** The text of an ordinary file; null when there is none, it is larger than the limit, or no UTF-8. Never waits on a pipe. */
export function readSmallFile(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > file_bytes_max) return null;
    const bytes = new Uint8Array(stats.size);
    const length = readSync(file, bytes, 0, stats.size, 0);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

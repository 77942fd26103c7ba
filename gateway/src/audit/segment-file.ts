/**
 * A segment as it is written: what was handed over stays whole, and is known to be on the disk or not.
 *
 * In: lines, at the end of the file. Out: the same bytes on disk, or an exception and a file with whole lines only. Bytes that
 * no sync has confirmed yet are kept in memory too: after a sync that failed the system may call pages clean that never
 * reached the disk, so they are written again, through another handle, before anything else is. Absent: what lines mean.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "./sync-folder.js";

/** Not for appending: a place in the file is given with each write, so that lines can be written again. */
const openFlags = constants.O_RDWR | constants.O_CREAT;

/** Bytes that may wait for a sync; past them the next line waits for the disk. */
const unsyncedSizeMax = 8 << 20;

export interface SegmentFile {
  /** Bytes of whole lines. */
  size(): number;
  /** Appends a line. Throws when it cannot be written whole; then it is as if it had not been. */
  write(line: Uint8Array): void;
  /** Waits for the disk. Throws when the disk does not confirm; the lines stay, and are written again before the next. */
  sync(): void;
  /** The same without waiting. Never rejects: what goes wrong shows at the next write. */
  syncLater(): Promise<boolean>;
  close(): void;
}

/** Opens `path`, makes it when it is missing, and goes on behind its first `size` bytes; what follows them is cut off. */
export function openSegment(path: string, size: number): SegmentFile {
  const isNew = !existsSync(path);
  let handle = openHandle(path);
  let end = size;
  /** Not confirmed, in order; together the last bytes of the file. */
  let unsynced: Uint8Array[] = [];
  let unsyncedSize = 0;
  let state: "good" | "torn" | "doubtful" | "closed" = "good";

  const put = (bytes: Uint8Array, at: number): void => {
    const written = writeSync(handle.file, bytes, 0, bytes.length, at);
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
  };
  const confirm = (count: number): void => {
    unsynced = unsynced.slice(count);
    unsyncedSize = unsynced.reduce((sum, { length }) => sum + length, 0);
  };
  const heal = (): void => {
    if (state === "doubtful") {
      handle.close();
      handle = openHandle(path);
      if (unsynced.length > 0) put(Buffer.concat(unsynced), end - unsyncedSize);
      ftruncateSync(handle.file, end);
      fdatasyncSync(handle.file);
      confirm(unsynced.length);
    } else if (state === "torn") ftruncateSync(handle.file, end);
    state = "good";
  };
  const sync = (): void => {
    heal();
    try {
      fdatasyncSync(handle.file);
    } catch (error) {
      state = "doubtful";
      throw error;
    }
    confirm(unsynced.length);
  };
  ftruncateSync(handle.file, size);
  if (isNew) syncFolder(dirname(path));
  return {
    size: () => end,
    write: (line) => {
      heal();
      if (unsyncedSize > unsyncedSizeMax) sync();
      try {
        put(line, end);
      } catch (error) {
        state = "torn";
        try {
          heal();
        } catch {
          // The disk refuses this too: the next line tries again.
        }
        throw error;
      }
      end += line.length;
      unsynced.push(line);
      unsyncedSize += line.length;
    },
    sync,
    syncLater: async () => {
      if (state === "closed") return false;
      try {
        heal();
      } catch {
        return false;
      }
      const [asked, count, before] = [handle, unsynced.length, unsynced];
      const isStored = await asked.syncLater();
      // Somebody who waited for the disk meanwhile, or wrote everything again, knows better.
      if (asked !== handle || state !== "good") return false;
      if (!isStored) state = "doubtful";
      else if (unsynced === before) confirm(count);
      return isStored;
    },
    close: () => {
      if (state !== "closed") handle.close();
      state = "closed";
    },
  };
}

/** A file that is closed only when nothing waits for it: its number may be another file's by then. */
function openHandle(path: string) {
  const file = openSync(path, openFlags, 0o600);
  let waiting = 0;
  let isClosing = false;
  const end = (): void => {
    if (isClosing && waiting === 0) closeSync(file);
  };
  return {
    file,
    syncLater: (): Promise<boolean> =>
      new Promise((resolve) => {
        waiting++;
        fdatasync(file, (error) => {
          waiting--;
          end();
          resolve(error === null);
        });
      }),
    close: (): void => {
      isClosing = true;
      end();
    },
  };
}

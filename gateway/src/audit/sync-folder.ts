import { closeSync, fsyncSync, openSync } from "node:fs";

/** A new file is on the disk when its folder is. Waits for the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

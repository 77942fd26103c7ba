import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes `path` hold exactly `content`, at once: a reader sees the old file or the new one, also after a crash. For the
 * gateway's user alone. Two syncs: milliseconds on a slow disk. Rejects with what the file system says.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** A new file is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Larger things that events name by their SHA-256: `blobs/<first two digits>/<digest>`, beside the lines of the log.
 *
 * In: bytes. Out: their digest, and from a digest the bytes, if they are still what it says. The log proves a blob through the
 * digest in its event; a blob that is erased leaves the log whole. Absent: names, references counted.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { replaceFile } from "./replace-file.js";
import { syncFolder } from "./sync-folder.js";

const pathOf = (folder: string, digest: string): string => join(folder, "blobs", digest.slice(0, 2), digest);

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Keeps `bytes`; gives their hex SHA-256. On the disk when this returns. Throws what the file system throws. */
export function writeBlob(folder: string, bytes: Uint8Array): string {
  const digest = sha256Of(bytes);
  const path = pathOf(folder, digest);
  if (existsSync(path) && sha256Of(readFileSync(path)) === digest) return digest;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, bytes, { mode: 0o600, flush: true });
  for (const parent of [dirname(path), join(folder, "blobs"), folder]) syncFolder(parent);
  return digest;
}

/**
 * Keeps `bytes` without holding anybody up; gives their hex SHA-256. `before` is told it, and waited for, before there is a
 * blob: who must erase it one day can note it first. Rejects with what the file system says.
 */
export async function keepBlob(
  folder: string,
  bytes: Uint8Array,
  before: (digest: string) => Promise<void>,
): Promise<string> {
  const digest = sha256Of(bytes);
  await before(digest);
  const path = pathOf(folder, digest);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, bytes);
  return digest;
}

/** Erases the blob with this digest, if it is there. The log stays whole. */
export async function eraseBlob(folder: string, digest: string): Promise<void> {
  if (isDigest(digest)) await rm(pathOf(folder, digest), { force: true });
}

/** Nothing else becomes a path. */
const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** The bytes with this digest; null when they are not there, or no longer what it says. */
export function readBlob(folder: string, digest: string): Uint8Array<ArrayBuffer> | null {
  if (!isDigest(digest) || !existsSync(pathOf(folder, digest))) return null;
  const bytes = new Uint8Array(readFileSync(pathOf(folder, digest)));
  return sha256Of(bytes) === digest ? bytes : null;
}

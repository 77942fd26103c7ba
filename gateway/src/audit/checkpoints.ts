/**
 * Publishes checkpoints of a growing log: tiles first, then the signed note, then its copy.
 *
 * In: trees whose lines are on the disk. Out: `tile/`, `checkpoint`, `key` (the text of the key that checks it) in the log's
 * folder, and the copy kept apart. A checkpoint never covers a line that a power failure could still take. Absent: when.
 */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeCheckpoint } from "./checkpoint.js";
import type { GatewayKeys } from "./keys.js";
import { type FullTile, rootOfEdge, type TreeEdge, type TreeHead } from "./merkle.js";
import { checkpointPath, type KnownLog } from "./recover.js";
import { replaceFile } from "./replace-file.js";
import { dropUnfinished, writeTiles } from "./tiles.js";

/** A head as it was signed. */
export interface SignedHead extends TreeHead {
  readonly note: string;
}

/** Signs `edge` and publishes it; `full` are the tiles completed since the last one, whose size was `old_size`. */
export async function publishCheckpoint(
  { folder, copy, verifier }: KnownLog,
  { signing }: GatewayKeys,
  edge: TreeEdge,
  full: readonly FullTile[],
  old_size: number,
): Promise<SignedHead> {
  const head = { size: edge.size, root: rootOfEdge(edge) };
  const note = writeCheckpoint(head, signing, verifier);
  writeTiles(folder, full, edge);
  await replaceFile(checkpointPath(folder), note);
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  await replaceFile(copy, note);
  dropUnfinished(folder, old_size, edge.size);
  return { ...head, note };
}

/** Writes down which key checks this log. */
export const publishKey = ({ folder, verifier }: KnownLog): Promise<void> =>
  replaceFile(join(folder, "key"), `${verifier.text}\n`);

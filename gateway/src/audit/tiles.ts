/**
 * The tree's hashes as files (C2SP tlog-tiles): `tile/<level>/<index>`, 256 hashes of 32 bytes each; the last tile of a level,
 * while it is not full, is `tile/<level>/<index>.p/<width>`.
 *
 * In: tiles of a tree. Out: files, and hashes looked up in them. Full tiles never change; unfinished ones exist for the size
 * of the last checkpoint alone. Tiles follow from the lines of the log, so losing one loses nothing. Absent: bundles of
 * entries, because the segments hold the lines.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FullTile, type Hash, type ReadHash, rootOf, type TreeEdge, tileWidth } from "./merkle.js";

const hashSize = 32;

/** `x001/x234/067`: three digits a folder, so that no folder grows past a thousand entries. */
function indexPath(index: number): string {
  const digits = String(index).padStart(3, "0");
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/.../g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
}

/** Path of a tile below the log's folder. `width` is 256 for a full one. */
export const tilePath = (level: number, index: number, width: number): string =>
  `tile/${level}/${indexPath(index)}${width < tileWidth ? `.p/${width}` : ""}`;

/** Writes full tiles, and the unfinished ones of the tree whose checkpoint comes next. */
export function writeTiles(folder: string, full: readonly FullTile[], edge: TreeEdge): void {
  for (const { level, index, hashes } of full) writeTile(folder, tilePath(level, index, tileWidth), hashes);
  edge.tiles.forEach((hashes, level) => {
    const index = Math.floor(edge.size / tileWidth ** (level + 1));
    if (hashes.length > 0) writeTile(folder, tilePath(level, index, hashes.length), hashes);
  });
}

function writeTile(folder: string, path: string, hashes: readonly Hash[]): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, path), Buffer.concat(hashes), { mode: 0o600 });
}

/** Removes the unfinished tiles of an older checkpoint that the one of `size` no longer needs. */
export function dropUnfinished(folder: string, old_size: number, size: number): void {
  for (let level = 0; tileWidth ** level <= old_size; level++) {
    const [oldWidth, width] = [old_size, size].map((each) => unfinished(each, level));
    if (oldWidth === undefined || oldWidth.width === 0) continue;
    if (oldWidth.index === width?.index && oldWidth.width === width.width) continue;
    const path = join(folder, tilePath(level, oldWidth.index, oldWidth.width));
    // A tile that is full by now needs no folder of unfinished ones.
    rmSync(oldWidth.index === width?.index ? path : dirname(path), { recursive: true, force: true });
  }
}

const unfinished = (size: number, level: number) => ({
  index: Math.floor(size / tileWidth ** (level + 1)),
  width: Math.floor(size / tileWidth ** level) % tileWidth,
});

/** The hashes of one tile of the tree of `size` leaves; null when the file is missing or not of the right size. */
export function readTile(folder: string, level: number, index: number, size: number): readonly Hash[] | null {
  const width = Math.min(Math.floor(size / tileWidth ** level) - index * tileWidth, tileWidth);
  const path = join(folder, tilePath(level, index, width));
  if (width <= 0 || !existsSync(path)) return null;
  const bytes = readFileSync(path);
  if (bytes.length !== width * hashSize) return null;
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * hashSize, (i + 1) * hashSize));
}

/** Looks hashes up in the tiles of the tree of `size` leaves. Throws an `Error` that names a tile that is missing. */
export function tileReader(folder: string, size: number): ReadHash {
  const known = new Map<string, readonly Hash[]>();
  const tile = (level: number, index: number): readonly Hash[] => {
    const key = `${level}/${index}`;
    const hashes = known.get(key) ?? readTile(folder, level, index, size);
    if (hashes === null) throw new Error(`the tile ${key} of the log is missing`);
    known.set(key, hashes);
    return hashes;
  };
  return (level, index) => {
    const hash = tile(level, Math.floor(index / tileWidth))[index % tileWidth];
    if (hash === undefined) throw new Error(`HPL9001: no hash ${index} of level ${level}`);
    return hash;
  };
}

/** Root of the `index`th full tile of a level; null when the tile is missing. */
export function rootOfTile(folder: string, level: number, index: number): Hash | null {
  const hashes = readTile(folder, level, index, (index + 1) * tileWidth ** (level + 1));
  return hashes === null ? null : rootOf(hashes);
}

/**
 * Merkle trees as RFC 6962 section 2.1 defines them, over SHA-256.
 *
 * In: hashes of leaves, or a way to look hashes up. Out: roots, proofs that a leaf is in a tree, proofs that one tree grew
 * out of another, and the checks of both. A tree that grows keeps only the hashes of its unfinished tiles: blocks of 256,
 * whose roots are the leaves of the level above, as C2SP tlog-tiles stores them. Absent: files, signatures.
 */
import { hash } from "node:crypto";

/** 32 bytes. */
export type Hash = Uint8Array;

/** Hashes in a full tile. A power of two, so that blocks of this size are subtrees of any tree. */
export const tileWidth = 256;

/** In front of a leaf's content when it is hashed; 1 in front of two nodes. */
export const leafPrefix = Uint8Array.of(0);

// One call on bytes that lie together takes half the time of three on parts.
const sha256 = (bytes: Uint8Array): Hash => hash("sha256", bytes, "buffer");

/** Hash of a leaf with the content `bytes`. */
export const leafHash = (bytes: Uint8Array): Hash => sha256(Buffer.concat([leafPrefix, bytes]));

/** Hash of a leaf whose prefix stands in front of its content already: saves a copy. */
export const prefixedLeafHash = sha256;

/** Filled anew for each node: nothing is asked for in between. */
const node = Buffer.alloc(65, 1);

function nodeHash(left: Hash, right: Hash): Hash {
  node.set(left, 1);
  node.set(right, 33);
  return sha256(node);
}

export const isSameHash = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;

/** Root over neighbouring subtrees, of which only the last may be smaller than the others. O(n). */
export function rootOf(hashes: readonly Hash[]): Hash {
  if (hashes.length === 0) return sha256(new Uint8Array());
  let level = hashes;
  while (level.length > 1) level = pairUp(level);
  return level[0] as Hash;
}

/** The level above: an odd one out goes up as it is. */
function pairUp(level: readonly Hash[]): readonly Hash[] {
  const above: Hash[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = [level[i] as Hash, level[i + 1]];
    above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}

/** Unfinished tiles of a growing tree, by level: `tiles[0]` has the hashes of its last leaves, fewer than 256 each. */
export interface TreeEdge {
  readonly size: number;
  readonly tiles: readonly (readonly Hash[])[];
}

export const emptyTree: TreeEdge = { size: 0, tiles: [] };

/** A tile that is complete, and will never change. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Hash[];
}

export interface GrowingTree {
  /** Adds a leaf. Amortised cost: one hash. `full` is told of tiles that this completes. */
  push(leaf: Hash): void;
  /** The tree as it is now; it stays so while the tree grows. */
  edge(): TreeEdge;
}

export function growTree(from: TreeEdge, full: (tile: FullTile) => void): GrowingTree {
  let size = from.size;
  const tiles: Hash[][] = from.tiles.map((tile) => [...tile]);
  const push = (hash: Hash, level: number): void => {
    const tile = tiles[level] ?? [];
    tiles[level] = tile;
    tile.push(hash);
    if (tile.length < tileWidth) return;
    tiles[level] = [];
    full({ level, index: Math.floor(size / tileWidth ** (level + 1)) - 1, hashes: tile });
    push(rootOf(tile), level + 1);
  };
  return {
    push: (leaf) => {
      size++;
      push(leaf, 0);
    },
    edge: () => ({ size, tiles: tiles.map((tile) => [...tile]) }),
  };
}

/** Root of the tree with this edge: what is unfinished below stands as the last, smaller subtree of the level above. */
export const rootOfEdge = ({ tiles }: TreeEdge): Hash =>
  tiles.reduce<Hash | null>((below, tile) => {
    const all = below === null ? tile : [...tile, below];
    return all.length === 0 ? null : rootOf(all);
  }, null) ?? rootOf([]);

/** Looks up the root of the `index`th block of 256^`level` leaves; level 0 has the leaves. */
export type ReadHash = (level: number, index: number) => Hash;

/** Root over the leaves `start` to `end`, not empty, where `start` is a multiple of the least power of two >= the count. */
export function rangeRoot(read: ReadHash, start: number, end: number): Hash {
  const count = end - start;
  const level = tileLevelOf(count);
  if (level !== null) return read(level, start / count);
  const middle = start + splitOf(count);
  return nodeHash(rangeRoot(read, start, middle), rangeRoot(read, middle, end));
}

/** The largest power of two below `count`, which is at least 2. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The level whose blocks have `count` leaves; null when there is none. */
function tileLevelOf(count: number): number | null {
  let [level, blockSize] = [0, 1];
  while (blockSize < count) [level, blockSize] = [level + 1, blockSize * tileWidth];
  return blockSize === count ? level : null;
}

/** PATH(m, D[n]) of RFC 6962 section 2.1.1: from the leaf's sibling up. `index` < `size`. */
export function inclusionProof(read: ReadHash, index: number, size: number): readonly Hash[] {
  const below = (start: number, end: number): readonly Hash[] => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...below(start, middle), rangeRoot(read, middle, end)]
      : [...below(middle, end), rangeRoot(read, start, middle)];
  };
  return below(0, size);
}

/** PROOF(m, D[n]) of RFC 6962 section 2.1.2. 0 < `old_size` <= `size`. */
export function consistencyProof(read: ReadHash, old_size: number, size: number): readonly Hash[] {
  const below = (start: number, end: number, isOldRoot: boolean): readonly Hash[] => {
    if (end === old_size) return isOldRoot ? [] : [rangeRoot(read, start, end)];
    const middle = start + splitOf(end - start);
    return old_size <= middle
      ? [...below(start, middle, isOldRoot), rangeRoot(read, middle, end)]
      : [...below(middle, end, false), rangeRoot(read, start, middle)];
  };
  return below(0, size, true);
}

/** Whether `proof` shows that the leaf stands at `index` of the tree of `size` leaves with `root` (RFC 9162 section 2.1.3.2). */
export function checkInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (index < 0 || index >= size) return false;
  let [at, last, found] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = nodeHash(sibling, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else found = nodeHash(found, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameHash(found, root);
}

const half = (n: number): number => Math.floor(n / 2);

/** A tree's size and root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** Whether `proof` shows that the tree `now` begins with all of the tree `old` (RFC 9162 section 2.1.4.2). */
export function checkConsistency(old: TreeHead, now: TreeHead, proof: readonly Hash[]): boolean {
  if (old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && isSameHash(old.root, now.root);
  if (old.size === 0) return proof.length === 0;
  const isPowerOfTwo = splitOf(old.size + 1) === old.size;
  const [first, ...rest] = isPowerOfTwo ? [old.root, ...proof] : proof;
  if (first === undefined) return false;
  let [at, last] = [old.size - 1, now.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [oldHash, newHash] = [nodeHash(sibling, oldHash), nodeHash(sibling, newHash)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else newHash = nodeHash(newHash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameHash(oldHash, old.root) && isSameHash(newHash, now.root);
}

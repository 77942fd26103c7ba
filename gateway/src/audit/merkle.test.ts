import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkConsistency,
  checkInclusion,
  consistencyProof,
  emptyTree,
  growTree,
  type Hash,
  inclusionProof,
  leafHash,
  type ReadHash,
  rootOf,
  rootOfEdge,
  tileWidth,
} from "./merkle.js";

const hex = (hash: Hash): string => Buffer.from(hash).toString("hex");
const leavesOf = (count: number): readonly Hash[] =>
  Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`${i}`)));

/** Reads from the leaves themselves, without tiles. */
const readerOf =
  (leaves: readonly Hash[]): ReadHash =>
  (level, index) =>
    rootOf(leaves.slice(index * tileWidth ** level, (index + 1) * tileWidth ** level));

// The eight leaves that Certificate Transparency's own tests have, and the roots of their first 0 to 8.
const knownLeaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const knownRoots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test.each(knownRoots.map((root, size) => [size, root] as const))("the root of %i known leaves", (size, root) => {
  const leaves = knownLeaves.slice(0, size).map((leaf) => leafHash(Buffer.from(leaf, "hex")));
  expect(hex(rootOf(leaves))).toBe(root);
  const tree = growTree(emptyTree, () => {});
  for (const leaf of leaves) tree.push(leaf);
  expect(hex(rootOfEdge(tree.edge()))).toBe(root);
});

test.each([1, 255, 256, 257, 511, 512, 513, 65_536, 65_793])(
  "a tree that grew to %i has the root of its leaves",
  (count) => {
    const leaves = leavesOf(count);
    const full: string[] = [];
    const tree = growTree(emptyTree, ({ level, index }) => full.push(`${level}/${index}`));
    for (const leaf of leaves) tree.push(leaf);
    expect(hex(rootOfEdge(tree.edge()))).toBe(hex(rootOf(leaves)));
    const expected = [1, 2].flatMap((level) =>
      Array.from({ length: Math.floor(count / tileWidth ** level) }, (_, i) => `${level - 1}/${i}`),
    );
    expect(full.toSorted()).toEqual(expected.toSorted());
  },
);

const leaves = leavesOf(700);
const size = fc.integer({ min: 1, max: leaves.length });
const flipped = (hash: Hash): Hash => Uint8Array.from(hash, (byte, i) => (i === 5 ? byte ^ 4 : byte));

test("every leaf has a proof, and the proof is of no other leaf, place, size or root", () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (count, where, other) => {
      const [index, wrong] = [where % count, other % count];
      const read = readerOf(leaves.slice(0, count));
      const root = rootOf(leaves.slice(0, count));
      const proof = inclusionProof(read, index, count);
      const leaf = leaves[index] as Hash;
      expect(checkInclusion(leaf, index, count, proof, root)).toBe(true);
      if (wrong !== index) {
        expect(checkInclusion(leaves[wrong] as Hash, index, count, proof, root)).toBe(false);
        expect(checkInclusion(leaf, wrong, count, proof, root)).toBe(false);
      }
      expect(checkInclusion(leaf, index, count, proof, flipped(root))).toBe(false);
      expect(checkInclusion(leaf, index, count, [...proof, root], root)).toBe(false);
      expect(checkInclusion(leaf, index, index, proof, root)).toBe(false);
      if (proof.length > 0) {
        expect(checkInclusion(leaf, index, count, proof.slice(1), root)).toBe(false);
        expect(checkInclusion(leaf, index, count, proof.with(wrong % proof.length, root), root)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

test("a tree that grew has a proof that it did, and one that was rewritten has none", () => {
  fc.assert(
    fc.property(size, size, fc.nat(), (a, b, where) => {
      const [old_size, count] = a < b ? [a, b] : [b, a];
      const proof = consistencyProof(readerOf(leaves.slice(0, count)), old_size, count);
      const old = { size: old_size, root: rootOf(leaves.slice(0, old_size)) };
      const now = { size: count, root: rootOf(leaves.slice(0, count)) };
      expect(checkConsistency(old, now, proof)).toBe(true);
      expect(checkConsistency({ ...old, root: flipped(old.root) }, now, proof)).toBe(false);
      expect(checkConsistency(old, { ...now, root: flipped(now.root) }, proof)).toBe(false);
      if (old_size < count) expect(checkConsistency(now, old, proof)).toBe(false);
      const changed = leaves.slice(0, count).with(where % old_size, now.root);
      const rewritten = consistencyProof(readerOf(changed), old_size, count);
      expect(checkConsistency(old, { size: count, root: rootOf(changed) }, rewritten)).toBe(false);
    }),
    { numRuns: 60 },
  );
});

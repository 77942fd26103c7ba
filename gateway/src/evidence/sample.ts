import { createHash } from "node:crypto";

/**
 * A sample of `count` of `items` that nobody chose: each item's rank is the SHA-256 of the seed and its name, and the lowest
 * ranks win. Whoever has the seed and the population draws the same again; a longer sample holds every shorter one. In the
 * order of `items`.
 */
export function drawSample<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  seed: string,
  count: number,
): readonly T[] {
  const ranked = items.map((item, i) => ({ i, rank: rankOf(seed, nameOf(item)) }));
  const drawn = new Set(
    ranked
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, count)
      .map(({ i }) => i),
  );
  return items.filter((_, i) => drawn.has(i));
}

const rankOf = (seed: string, name: string): string => createHash("sha256").update(`${seed}\n${name}`).digest("hex");

import { PREFIX_BYTES, PREFIX_LEFT_DIGIT, PREFIX_LEFT_WORD, PREFIX_SIZE } from "@hpl/runtime/abi";
import { type PrefixFilter, startsShare } from "./choose-filter.js";

const buckets_max = 8;

/** More patterns than this are not compared all with all: each one more takes a place that merging has freed. */
const compared_max = 64;

/**
 * The table of a prefix filter: patterns that start alike share a bucket. Each has one of its own at first; then, again and
 * again, the two become one that let the least more through together. O(patterns * compared_max).
 */
export function bucketsOf(filters: readonly PrefixFilter[]): Uint8Array {
  const merger = openMerger();
  for (const filter of filters) {
    merger.add(filter);
    if (merger.buckets.length > compared_max) merger.mergeCheapest();
  }
  while (merger.buckets.length > buckets_max) merger.mergeCheapest();
  const table = new Uint8Array(PREFIX_SIZE);
  merger.buckets.forEach(({ filter }, i) => {
    writeBucket(table, filter, 1 << i);
  });
  return table;
}

interface Bucket {
  readonly filter: PrefixFilter;
  /** The share of places it lets through. */
  readonly share: number;
  /** For each earlier bucket, how much more both together let through as one. */
  readonly added: Map<Bucket, number>;
}

function openMerger() {
  const buckets: Bucket[] = [];
  const add = (filter: PrefixFilter): void => {
    const share = startsShare(asKept(filter));
    const added = new Map(
      buckets.map((other) => [other, startsShare(asKept(united(filter, other.filter))) - share - other.share]),
    );
    buckets.push({ filter, share, added });
  };
  const remove = (bucket: Bucket): void => {
    buckets.splice(buckets.indexOf(bucket), 1);
    for (const { added } of buckets) added.delete(bucket);
  };
  const mergeCheapest = (): void => {
    let best: { readonly a: Bucket; readonly b: Bucket; readonly cost: number } | null = null;
    for (const a of buckets)
      for (const [b, cost] of a.added) if (best === null || cost < best.cost) best = { a, b, cost };
    if (best === null) return;
    remove(best.a);
    remove(best.b);
    add(united(best.a.filter, best.b.filter));
  };
  return { buckets, add, mergeCheapest };
}

/** The filter as the table keeps it: sets as their halves, which let through every pair of a low half and a high one. */
function asKept({ sets, left }: PrefixFilter): PrefixFilter {
  const kept = sets.map((set) => {
    const [low, high] = [new Uint8Array(16), new Uint8Array(16)];
    set.forEach((isIn, byte) => {
      if (isIn) [low[byte & 15], high[byte >> 4]] = [1, 1];
    });
    return set.map((_, byte) => (low[byte & 15] ?? 0) & (high[byte >> 4] ?? 0));
  });
  return { sets: kept, left };
}

const leftRank = { nothing: 0, digit: 1, word: 2 } as const;

const united = (a: PrefixFilter, b: PrefixFilter): PrefixFilter => ({
  sets: a.sets.map((set, i) => set.map((isIn, byte) => isIn | (b.sets[i]?.[byte] ?? 0))),
  left: leftRank[a.left] <= leftRank[b.left] ? a.left : b.left,
});

function writeBucket(table: Uint8Array, { sets, left }: PrefixFilter, bit: number): void {
  for (let place = 0; place < PREFIX_BYTES; place++)
    sets[place]?.forEach((isIn, byte) => {
      if (!isIn) return;
      const [low, high] = [place * 32 + (byte & 15), place * 32 + 16 + (byte >> 4)];
      table[low] = (table[low] ?? 0) | bit;
      table[high] = (table[high] ?? 0) | bit;
    });
  const place = left === "digit" ? PREFIX_LEFT_DIGIT : left === "word" ? PREFIX_LEFT_WORD : null;
  if (place !== null) table[place] = (table[place] ?? 0) | bit;
}

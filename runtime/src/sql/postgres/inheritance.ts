/** Who inherits from whom, partitions included. */

import { limits } from "../limits.js";
import type { CatalogIndex } from "./catalog-index.js";

/** Schema and name of a relation. */
export type Pair = readonly [string, string];

/** Everything that inherits from a relation, directly or not; at most `limits.children` of it and one more. */
export function descendants(index: CatalogIndex | null, schema: string, name: string): readonly Pair[] {
  return index === null ? [] : reachable([schema, name], (pair) => index.children(...pair));
}

/** Everything a relation inherits from, directly or not. */
export function ancestors(index: CatalogIndex | null, schema: string, name: string): readonly Pair[] {
  return index === null ? [] : reachable([schema, name], (pair) => index.relation(...pair)?.parents ?? []);
}

const reachable = (from: Pair, next: (pair: Pair) => readonly Pair[]): readonly Pair[] => reachableFrom([from], next);

/** Whatever `next` leads to, in one step or several; bounded as above. */
export function reachableFrom(from: readonly Pair[], next: (pair: Pair) => readonly Pair[]): readonly Pair[] {
  const seen = new Map<string, Pair>();
  const pending = from.flatMap(next);
  for (let pair = pending.pop(); pair !== undefined && seen.size <= limits.children; pair = pending.pop()) {
    const key = pair.join("\u0000");
    if (seen.has(key)) continue;
    seen.set(key, pair);
    pending.push(...next(pair));
  }
  return [...seen.values()];
}

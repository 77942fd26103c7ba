/** What a call does, by name: a table a dialect. A function that is not in its table may do anything. */
import type { Effect } from "../ledger.js";
import type { Path } from "./tree.js";

export interface FunctionMeaning {
  /** Beside `read`. */
  readonly effects: readonly Effect[];
  /** Whether it can return what neither its arguments nor the statement's relations hold. */
  readonly loses_lineage: boolean;
}

/** What a call of `path` does; null when nobody knows. `is_spaced`: a blank stands before the bracket. */
export type FunctionTable = (path: Path, is_spaced: boolean) => FunctionMeaning | null;

const pure: FunctionMeaning = { effects: [], loses_lineage: false };

/** Lines of effects and names; `hidden` names those whose result comes from elsewhere. */
export function functionMeanings(
  plain: string,
  listed: readonly (readonly [effects: readonly Effect[], names: string])[],
  hidden: string,
): ReadonlyMap<string, FunctionMeaning> {
  const meanings = new Map<string, FunctionMeaning>();
  const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);
  for (const name of wordsOf(plain)) meanings.set(name, pure);
  for (const [effects, names] of listed)
    for (const name of wordsOf(names)) meanings.set(name, { effects, loses_lineage: false });
  for (const name of wordsOf(hidden))
    meanings.set(name, { effects: meanings.get(name)?.effects ?? [], loses_lineage: true });
  return meanings;
}

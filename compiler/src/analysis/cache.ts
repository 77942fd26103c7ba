/**
 * What analysis found out before, by what it depends on: conditions without their places. Who calls keeps it from one run to
 * the next, an editor for instance, and hands it in; only what an edit touches is worked out again. It grows: drop it whole at times.
 */
export type AnalysisCache = Map<string, unknown>;

/** Values by what they depend on. */
export interface Memo {
  /** A short name for `value`: equal for values that say the same, wherever they stand. */
  idOf(value: unknown): string;
  /** What `make` gives for these parts, made once. `kind` says what it is. */
  once<T>(kind: string, parts: readonly string[], make: () => T): T;
}

export function openMemo(cache: AnalysisCache): Memo {
  return {
    idOf: (value) => {
      const key = `id ${JSON.stringify(value, withoutPlaces)}`;
      const known = cache.get(key);
      if (typeof known === "string") return known;
      const id = cache.size.toString(36);
      cache.set(key, id);
      return id;
    },
    once: <T>(kind: string, parts: readonly string[], make: () => T): T => {
      const key = `${kind} ${parts.join(" ")}`;
      if (cache.has(key)) return cache.get(key) as T;
      const made = make();
      cache.set(key, made);
      return made;
    },
  };
}

const withoutPlaces = (key: string, value: unknown): unknown =>
  key === "span" || key === "automaton" ? undefined : value;

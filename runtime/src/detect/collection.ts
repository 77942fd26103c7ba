/** What a text holds, and where: bytes from `start` to before `end`. */
export interface Finding {
  /** The detector's name, without its module. */
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Hits of several machines as one list of findings: by start, then end, then name, without those that lie inside another of the
 * same detector. A machine's hits come by ascending starts, window by window, so that the lists need merging and no sorting.
 */
export interface Collection {
  readonly findings: readonly Finding[];
  add(machine: number, detector: number, start: number, end: number): void;
  /** To be called when all hits that start in a window have been added. */
  endWindow(): void;
}

/** Hits as detector, start, end, one after the other. */
type Hits = readonly number[];

export function openCollection(types: readonly string[], machines_count: number): Collection {
  const findings: Finding[] = [];
  const lists: number[][] = Array.from({ length: machines_count }, () => []);
  /** Of each detector, where its last finding ends. */
  const ends = new Int32Array(types.length).fill(-1);
  const keep = (detector: number, start: number, end: number): void => {
    if (end <= (ends[detector] ?? -1)) return;
    ends[detector] = end;
    const finding = { type: types[detector] ?? "", start, end };
    let place = findings.length;
    while (place > 0 && isBefore(finding, findings[place - 1])) place--;
    if (place === findings.length) findings.push(finding);
    else findings.splice(place, 0, finding);
  };
  return {
    findings,
    add: (machine, detector, start, end) => void lists[machine]?.push(detector, start, end),
    endWindow: () => {
      const merged = lists.reduce<Hits>(merge, []);
      for (let i = 0; i < merged.length; i += 3) keep(merged[i] ?? 0, merged[i + 1] ?? 0, merged[i + 2] ?? 0);
      for (const list of lists) list.length = 0;
    },
  };
}

const isBefore = (a: Finding, b: Finding | undefined): boolean =>
  b !== undefined && a.start === b.start && (a.end < b.end || (a.end === b.end && a.type < b.type));

/** Both lists by start, then the longer ones first, so that what lies inside comes after. */
function merge(a: Hits, b: Hits): Hits {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const merged: number[] = [];
  for (let [i, k] = [0, 0]; i < a.length || k < b.length; ) {
    if (k >= b.length || (i < a.length && precedes(a, i, b, k))) i = take(merged, a, i);
    else k = take(merged, b, k);
  }
  return merged;
}

function precedes(a: Hits, i: number, b: Hits, k: number): boolean {
  const apart = (a[i + 1] ?? 0) - (b[k + 1] ?? 0);
  return apart < 0 || (apart === 0 && (a[i + 2] ?? 0) >= (b[k + 2] ?? 0));
}

function take(merged: number[], from: Hits, at: number): number {
  merged.push(from[at] ?? 0, from[at + 1] ?? 0, from[at + 2] ?? 0);
  return at + 3;
}

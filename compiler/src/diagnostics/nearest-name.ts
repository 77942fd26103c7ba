/** Names longer than this are not compared, and no more candidates than this are: a hint is not worth a slow compiler. */
const length_max = 64;
const candidates_max = 500;

/** The candidate most like `name`, or null when none is near: at most one edit in three characters, a swap is one edit. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > length_max) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  let seen_count = 0;
  for (const candidate of candidates) {
    if (++seen_count > candidates_max) break;
    if (Math.abs(candidate.length - name.length) >= bestDistance || candidate.length > length_max) continue;
    const distance = editDistance(name, candidate);
    if (distance > 0 && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment distance (Damerau-Levenshtein without overlapping edits). O(a·b). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, at(last, j) + 1, at(current, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

const at = (distances: readonly number[], index: number): number => distances[index] ?? Number.POSITIVE_INFINITY;

/** A half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bytes that `spans` cover, as ranges in ascending order that do not touch. O(n log n). */
export function coverOf(spans: readonly Span[]): readonly Span[] {
  const cover: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = cover.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else cover.push({ start, end });
  }
  return cover;
}

/**
 * A count over a sliding time.
 *
 * In: amounts, each with the moment it was counted. Out: how much was counted in the last `over_s` seconds. Amounts of one
 * slot of time are one entry: a second, or a 3,600th of the time looked back to, where that is longer. An amount leaves the
 * count when its whole slot has left the time, so that a count is never too small. A clock that goes back loses nothing.
 */

/** Entries a count holds at most: a second each, over an hour. */
export const slots_max = 3_600;

export interface SlidingCount {
  readonly over_ms: number;
  readonly slot_ms: number;
  /** Oldest first. */
  readonly slots: { at: number; amount: number }[];
  total: number;
}

export function newCount(over_s: number): SlidingCount {
  const slot_ms = Math.max(1, Math.ceil(over_s / slots_max)) * 1000;
  return { over_ms: over_s * 1000, slot_ms, slots: [], total: 0 };
}

/** Counts `amount` at `now_ms`. */
export function addAmount(count: SlidingCount, amount: number, now_ms: number): void {
  dropOld(count, now_ms);
  if (amount <= 0) return;
  const last = count.slots.at(-1);
  const at = Math.max(Math.floor(now_ms / count.slot_ms), last?.at ?? 0);
  if (last?.at === at) last.amount += amount;
  else count.slots.push({ at, amount });
  count.total += amount;
}

/** The count at `now_ms`. Amortised O(1). */
export function totalAt(count: SlidingCount, now_ms: number): number {
  dropOld(count, now_ms);
  return count.total;
}

function dropOld(count: SlidingCount, now_ms: number): void {
  const { slots, slot_ms, over_ms } = count;
  let gone = 0;
  for (const { at, amount } of slots) {
    if ((at + 1) * slot_ms + over_ms > now_ms) break;
    count.total -= amount;
    gone++;
  }
  if (gone > 0) slots.splice(0, gone);
}

import { do_not_optimize, measure } from "mitata";
import type { RunSize } from "./bench.js";

/**
 * Time of one call. Calls shorter than 65 µs are timed in batches of 4,096, so that their `p99_ns` is that of batches, not
 * of single calls.
 */
export interface Timing {
  readonly p50_ns: number;
  readonly p99_ns: number;
}

const options = {
  full: { rounds: 3, mitata: { min_cpu_time: 120e6, min_samples: 7 } },
  tiny: { rounds: 1, mitata: { min_cpu_time: 0, min_samples: 2, batch_samples: 4, gc: false } },
} as const;

/**
 * Times calls that compete, in turns, and keeps the best round of each: other work on the machine only ever adds time. The
 * calls must not await.
 */
export async function timeInTurns<Name extends string>(
  size: RunSize,
  calls: Readonly<Record<Name, () => unknown>>,
): Promise<Readonly<Record<Name, Timing>>> {
  const { rounds, mitata } = options[size];
  const names = Object.keys(calls) as Name[];
  const best = new Map<Name, Timing>();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { p50, p99 } = await measure(() => do_not_optimize(calls[name]()), { ...mitata });
      const known = best.get(name);
      if (known === undefined || p50 < known.p50_ns) best.set(name, { p50_ns: p50, p99_ns: p99 });
    }
  }
  return Object.fromEntries(best) as Record<Name, Timing>;
}

/** A call that takes the next of `items` each time. */
export function inTurn<Item>(items: readonly Item[], call: (item: Item) => unknown): () => unknown {
  let next = 0;
  return () => {
    next = (next + 1) % items.length;
    const item = items[next];
    return item === undefined ? undefined : call(item);
  };
}

/** The value below which `part` of the samples lie; 0 without samples. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

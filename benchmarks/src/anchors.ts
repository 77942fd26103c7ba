import type { RunSize } from "./bench.js";
import { inTurn, timeInTurns } from "./meter.js";

/** What this machine does in this minute: a figure of another run compares with ours as its anchors do. */
export interface Anchors {
  readonly memcpy_mb_per_s: number;
  readonly map_get_ns: number;
}

const copied_bytes = 4 * 1024 * 1024;

/** Copies 4 MiB, and looks a text up among 1,000. */
export async function measureAnchors(size: RunSize): Promise<Anchors> {
  const [source, target] = [new Uint8Array(copied_bytes).fill(7), new Uint8Array(copied_bytes)];
  const keys = Array.from({ length: 1_000 }, (_, i) => `statement ${i}`);
  const numbers = new Map(keys.map((key, i) => [key, i]));
  const { copy, get } = await timeInTurns(size, {
    copy: () => target.set(source),
    get: inTurn(keys, (key) => numbers.get(key)),
  });
  return { memcpy_mb_per_s: (copied_bytes / copy.p50_ns) * 1_000, map_get_ns: get.p50_ns };
}

import { readFileSync } from "node:fs";
import { engines } from "./grants/engines.js";
import type { Grants } from "./grants/grants.js";
import { makeGrants } from "./grants/rule-sets.js";

/** What an engine costs before and beside its answers, in a process that holds nothing else. */
export interface EngineStart {
  /** Until its code is there. */
  readonly import_ms: number;
  /** From what is deployed to ready. */
  readonly load_ms: number;
  readonly first_answer_ms: number;
  /** Resident memory it added, after the first answer. */
  readonly memory_mb: number;
  readonly answer: boolean;
}

/** Starts the engine called `name` on the artefact in a file. Wants a process of its own, started with `--expose-gc`. */
export async function startEngine(
  name: string,
  path: string,
  sort: Grants["sort"],
  rules_count: number,
): Promise<EngineStart> {
  const entry = engines.find((each) => each.name === name);
  if (entry === undefined) throw new Error(`no engine ${name}`);
  const grants = makeGrants(sort, rules_count, 1);
  const artefact = new Uint8Array(readFileSync(path));
  globalThis.gc?.();
  const memory_before = process.memoryUsage.rss();
  const started = performance.now();
  const file = await entry.load();
  const imported = performance.now();
  const engine = await file.openEngine(artefact, grants);
  const loaded = performance.now();
  const answer = engine.prepare(grants.denied)();
  const answered = performance.now();
  globalThis.gc?.();
  return {
    import_ms: imported - started,
    load_ms: loaded - imported,
    first_answer_ms: answered - loaded,
    memory_mb: Math.max(0, process.memoryUsage.rss() - memory_before) / 1e6,
    answer,
  };
}

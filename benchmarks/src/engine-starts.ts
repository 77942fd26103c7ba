/** What engines cost before and beside their answers: compile time, size, start, memory. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Entry, expectSame, type RunSize, type Table } from "./bench.js";
import { type EngineStart, startEngine } from "./engine-start.js";
import { type EngineEntry, enginesFor, OPA_WASM_VARIABLE } from "./grants/engines.js";
import { makeGrants } from "./grants/rule-sets.js";
import { quantile } from "./meter.js";

const STARTS_COUNT = 3;

/** One row an engine and number of plain rules, medians of a few processes. */
export async function startsTable(size: RunSize, rules: readonly number[]): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), "hpl-bench-"));
  try {
    const rows: (readonly Entry[])[] = [];
    for (const rules_count of rules)
      for (const entry of enginesFor(makeGrants("plain", rules_count, 1)))
        rows.push(await rowOf(size, entry, rules_count, folder));
    return { title: "Plain rules: from what is deployed to the first answer, a process each", columns, rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const columns = [
  "rules",
  "engine",
  "compile ms",
  "deployed KB",
  "import ms",
  "load ms",
  "first answer ms",
  "memory MB",
];

async function rowOf(
  size: RunSize,
  { name, load }: EngineEntry,
  rules_count: number,
  folder: string,
): Promise<readonly Entry[]> {
  const grants = makeGrants("plain", rules_count, 1);
  const { makeArtefact } = await load();
  // Twice: the first time is V8's as much as the compiler's.
  await makeArtefact(grants);
  const started = performance.now();
  const artefact = await makeArtefact(grants);
  const compile_ms = performance.now() - started;
  const path = join(folder, `${name.replaceAll(/\W+/g, "-")}-${rules_count}`);
  writeFileSync(path, artefact);
  const starts =
    size === "tiny" ? [await startEngine(name, path, "plain", rules_count)] : startInProcesses(name, path, rules_count);
  for (const { answer } of starts) expectSame(`first answer of ${name}, ${rules_count} rules`, answer, false);
  const median = (of: (start: EngineStart) => number): number => quantile(starts.map(of), 0.5);
  return [
    rules_count,
    name,
    name === "hpl" ? compile_ms : "-",
    (statSync(path).size + sizeBeside(name)) / 1_000,
    median(({ import_ms }) => import_ms),
    median(({ load_ms }) => load_ms),
    median(({ first_answer_ms }) => first_answer_ms),
    median(({ memory_mb }) => memory_mb),
  ];
}

/** OPA's rules stand in its data; its policy is deployed beside them. */
const sizeBeside = (name: string): number => (name === "opa" ? statSync(process.env[OPA_WASM_VARIABLE] ?? "").size : 0);

function startInProcesses(name: string, path: string, rules_count: number): readonly EngineStart[] {
  const script = fileURLToPath(new URL("engine-start-process.js", import.meta.url));
  const call = ["--expose-gc", script, name, path, "plain", String(rules_count)];
  const start = (): EngineStart => JSON.parse(execFileSync(process.execPath, call, { encoding: "utf8" }));
  return Array.from({ length: STARTS_COUNT }, start);
}

/** Compile time, module size, and the time from a module's bytes to its first decision. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bench, expectSame, type Findings, type GoalCheck, type RunSize } from "./bench.js";
import { type ColdStart, coldStart } from "./cold-start.js";
import { quantile, timeInTurns } from "./meter.js";
import { mixedPolicyText } from "./mixed-policy.js";
import { mustCompile } from "./must-compile.js";
import { ratio, shown } from "./report.js";

const sizes = {
  full: { rules: [10, 100, 1_000], starts_count: 9 },
  tiny: { rules: [10, 40], starts_count: 1 },
} as const;

export const compileBench: Bench = {
  name: "compile",
  question: "How long does a policy take to compile, how large is its module, and how soon does it decide?",
  goal: "1,000 rules: 300 ms, 300 KB, 2 ms from bytes to the first decision.",
  worst_case: "A fresh process: nothing of the engine is compiled yet, by V8 or by WebAssembly.",
  run,
};

interface CompileTimes {
  readonly rules_count: number;
  readonly compile_ms: number;
  readonly module_kb: number;
  readonly load_ms: number;
  readonly first_decision_ms: number;
}

async function run(size: RunSize): Promise<Findings> {
  const times: CompileTimes[] = [];
  for (const rules_count of sizes[size].rules) times.push(await runSize(size, rules_count));
  const base_ms = times[0]?.compile_ms ?? Number.NaN;
  const rows = times.map((each) => [
    each.rules_count,
    each.compile_ms,
    ratio(each.compile_ms, base_ms),
    each.module_kb,
    each.load_ms,
    each.first_decision_ms,
    each.load_ms + each.first_decision_ms,
  ]);
  const columns = ["rules", "compile ms", "to the least", "module KB", "load ms", "first decision ms", "cold start ms"];
  return { tables: [{ title: "Compile and load, p50", columns, rows }], goals: goalsOf(times.at(-1)), notes };
}

const notes = ["A cold start is measured in a process of its own, with the runtime imported and nothing else done."];

async function runSize(size: RunSize, rules_count: number): Promise<CompileTimes> {
  const text = mixedPolicyText(rules_count);
  const module = mustCompile(text);
  expectSame("the module of the same text", Buffer.compare(module, mustCompile(text)), 0);
  const { compile } = await timeInTurns(size, { compile: () => mustCompile(text) });
  const starts = size === "tiny" ? [coldStart(module)] : startInProcesses(module, sizes[size].starts_count);
  for (const { verdict } of starts) expectSame(`first decision, ${rules_count} rules`, verdict, "allow");
  return {
    rules_count,
    compile_ms: compile.p50_ns / 1e6,
    module_kb: module.length / 1_000,
    load_ms: quantile(
      starts.map((start) => start.load_ms),
      0.5,
    ),
    first_decision_ms: quantile(
      starts.map((start) => start.first_decision_ms),
      0.5,
    ),
  };
}

function startInProcesses(module: Uint8Array, count: number): readonly ColdStart[] {
  const folder = mkdtempSync(join(tmpdir(), "hpl-bench-"));
  try {
    const path = join(folder, "policy.wasm");
    writeFileSync(path, module);
    const script = fileURLToPath(new URL("cold-start-process.js", import.meta.url));
    const start = (): ColdStart => JSON.parse(execFileSync(process.execPath, [script, path], { encoding: "utf8" }));
    return Array.from({ length: count }, start);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function goalsOf(most: CompileTimes | undefined): readonly GoalCheck[] {
  if (most === undefined) return [];
  const start_ms = most.load_ms + most.first_decision_ms;
  const check = (what: string, limit: number, found: number, unit: string): GoalCheck => ({
    what: `${what}, ${most.rules_count} rules`,
    goal: `${limit} ${unit}`,
    found: `${shown(found)} ${unit}`,
    is_met: found <= limit,
  });
  return [
    check("compile", 300, most.compile_ms, "ms"),
    check("module", 300, most.module_kb, "KB"),
    check("cold start", 2, start_ms, "ms"),
  ];
}

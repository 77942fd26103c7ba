/** A shell line to facts and to a decision, beside the guards that others put before a shell, on the same lines. */
import { readdirSync, readFileSync } from "node:fs";
import { compile, renderDiagnostics } from "@hpl/compiler";
import { type FrontEnds, judge, loadPolicy, type Policy } from "@hpl/runtime";
import { shellFrontEnd } from "@hpl/runtime/shell";
import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "@hpl/runtime/sql";
import { type Bench, expectSame, type Findings, type RunSize } from "./bench.js";
import { quantile } from "./meter.js";
import { shown } from "./report.js";
import { type Guard, shellQuoteGuard, treeSitterGuard } from "./shell/guards.js";

/** How often each line is asked in turn; the first half of a run only warms up. */
const rounds_count = { full: 120, tiny: 2 } as const;

export const shellLine: Bench = {
  name: "shell-line",
  question: "What does it cost to understand a line of shell, and to decide on it?",
  goal: "Line to decision: 25 µs median, 200 µs p99. No line of 64 KB takes a second.",
  worst_case: "Lines that hold many commands, many words, or much nesting.",
  run,
};

interface Line {
  readonly line: string;
  readonly expect?: "allow" | "approve" | "block";
}

const example = new URL("../../examples/agent-shell/", import.meta.url);
const library = new URL("../../stdlib/", import.meta.url);
const linesOf = (name: string): readonly Line[] =>
  JSON.parse(readFileSync(new URL(`lines/${name}.json`, example), "utf8"));

const machine = {
  cwd: "/workspace",
  env: { HOME: "/home/dev" },
  git: { branch: "feat", remotes: ["origin"] },
  kube: { context: "dev", namespace: "default" },
};
const context = {
  principal: { id: "svc-coder", issuer: "static", kind: "agent", groups: [], mfa: false },
  connection: { name: "laptop", kind: "host", env: "dev" },
  session: {
    id: "1",
    ip: "127.0.0.1",
    client: "x",
    origin: "cli",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  now: 0,
} as const;

async function run(size: RunSize): Promise<Findings> {
  await loadPostgres();
  const dangerous = [...linesOf("dangerous"), ...linesOf("attacks")];
  const harmless = linesOf("harmless");
  const ask = asking(loadExample());
  checkVerdicts(ask, [...dangerous, ...harmless]);
  const treeSitter = await treeSitterGuard();
  const guards = { "shell-quote and expressions": shellQuoteGuard, "tree-sitter-bash and expressions": treeSitter };
  const ways: Readonly<Record<string, (line: string) => unknown>> = {
    "HPL, to facts": (line) => shellFrontEnd.analyse(line, machine),
    "HPL, to decision": ask,
    ...guards,
  };
  for (const [name, guard] of Object.entries(guards)) checkGuard(name, guard);
  const samples = timeLines(size, ways, [...dangerous, ...harmless]);
  const hostile = timeHostile(ask);
  const missed = { "HPL, to decision": 0, ...countMissed(guards, dangerous) };
  return {
    tables: [lineTable(samples, missed, dangerous.length), hostileTable(hostile)],
    goals: goalsOf(samples, hostile),
    notes,
  };
}

function loadExample(): Policy {
  const read = (folder: URL, path: string, name: string) => ({
    path: name,
    text: readFileSync(new URL(path, folder), "utf8"),
  });
  const sources = ["commands.hpl", "effects.hpl"].map((path) => read(example, path, path));
  const folders = readdirSync(library, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && each.name !== "test",
  );
  const libraries = folders.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, library))
      .filter((file) => file.endsWith(".hpl"))
      .map((file) => read(library, `${name}/${file}`, `std/${name}/${file}`)),
  );
  const { module, diagnostics } = compile({ sources, libraries });
  if (module === null) throw new Error(renderDiagnostics(diagnostics.slice(0, 5), sources, { colors: false }));
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  return loaded.policy;
}

type Ask = (line: string) => string;

function asking(policy: Policy): Ask {
  const sql = { postgres: postgresFrontEnd, mysql: mysqlFrontEnd, bigquery: bigqueryFrontEnd };
  const frontEnds: FrontEnds = { ...sql, shell: shellFrontEnd };
  return (text) =>
    judge(policy, frontEnds, { id: null, context, subject: { kind: "shell", shell: { text, ...machine } } }).decision
      .verdict;
}

function checkVerdicts(ask: Ask, lines: readonly Line[]): void {
  for (const { line, expect = "allow" } of lines) expectSame(line, ask(line), expect);
}

/** A guard that stops nothing, or everything, would be no peer. */
function checkGuard(name: string, guard: Guard): void {
  const answers = ["rm -rf /etc", "git push --force origin main", "ls -la", "git status"].map(guard);
  expectSame(name, answers, [true, true, false, false]);
}

const countMissed = (
  guards: Readonly<Record<string, Guard>>,
  dangerous: readonly Line[],
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [
      name,
      dangerous.filter(({ line, expect = "allow" }) => expect !== "allow" && !guard(line)).length,
    ]),
  );

type Samples = Readonly<Record<string, readonly number[]>>;

/** Every line by every way, in turns; single calls, in microseconds. */
function timeLines(
  size: RunSize,
  ways: Readonly<Record<string, (line: string) => unknown>>,
  lines: readonly Line[],
): Samples {
  const samples: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  const rounds = rounds_count[size];
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      for (const { line } of lines) {
        const started = performance.now();
        way(line);
        const ended = performance.now();
        if (round >= rounds / 2) samples[name]?.push((ended - started) * 1_000);
      }
    }
  }
  return samples;
}

const hostileLines: Readonly<Record<string, string>> = {
  "30,000 semicolons": ":;".repeat(30_000),
  "3,000 open substitutions": "$(".repeat(3_000),
  "30,000 arguments": `rm ${"x ".repeat(30_000)}`,
  "2^20 words of braces": `rm ${"{a,b}".repeat(20)}`,
  "9,000 here-documents": "cat <<A <<B <<C\n".repeat(3_000),
  "functions that double": `${Array.from({ length: 30 }, (_, i) => `f${i}(){ f${i + 1};f${i + 1}; }`).join(";")};f0`,
  "200 commands of find": `find . ${"-exec rm {} \\; ".repeat(200)}`,
};

/** One call each, cold, in milliseconds. */
function timeHostile(ask: Ask): readonly (readonly [string, number])[] {
  return Object.entries(hostileLines).map(([name, line]) => {
    const started = performance.now();
    const verdict = ask(line);
    const took_ms = performance.now() - started;
    // Printing here-documents harms nobody, however many there are.
    expectSame(name, verdict === "allow", name.includes("here-documents"));
    return [name, took_ms];
  });
}

function lineTable(
  samples: Samples,
  missed: Readonly<Record<string, number>>,
  dangerous_count: number,
): Findings["tables"][number] {
  const rows = Object.entries(samples).map(([name, found]) => [
    name,
    quantile(found, 0.5),
    quantile(found, 0.99),
    missed[name] === undefined ? "" : `${missed[name]} of ${dangerous_count}`,
  ]);
  return {
    title: "Lines of the agent-shell example, single calls",
    columns: ["way", "p50 µs", "p99 µs", "dangerous lines let through"],
    rows,
  };
}

const hostileTable = (hostile: readonly (readonly [string, number])[]): Findings["tables"][number] => ({
  title: "Hostile lines to a decision, one cold call each",
  columns: ["line", "ms"],
  rows: hostile,
});

function goalsOf(samples: Samples, hostile: readonly (readonly [string, number])[]): Findings["goals"] {
  const found = samples["HPL, to decision"] ?? [];
  const [p50, p99] = [quantile(found, 0.5), quantile(found, 0.99)];
  const worst_ms = Math.max(...hostile.map(([, took_ms]) => took_ms));
  return [
    { what: "line to decision, median", goal: "25 µs", found: `${shown(p50)} µs`, is_met: p50 <= 25 },
    { what: "line to decision, p99", goal: "200 µs", found: `${shown(p99)} µs`, is_met: p99 <= 200 },
    { what: "worst hostile line", goal: "1 s", found: `${shown(worst_ms)} ms`, is_met: worst_ms <= 1_000 },
  ];
}

const notes = [
  "Lines: all of `dangerous`, `attacks` and `harmless` of examples/agent-shell, whose verdicts are checked first. To facts: " +
    "every action the line amounts to. To decision: with the SQL in it, by the example's policy. The expressions of the peers " +
    "are thirteen of the usual sort; what they let through is counted, not tuned. tree-sitter-bash runs as WebAssembly.",
];

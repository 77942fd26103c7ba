/** Figures as Markdown: the same text goes to the terminal and to `results/`. */
import type { Anchors } from "./anchors.js";
import type { Bench, Entry, Findings, GoalCheck, Table } from "./bench.js";

/** Everything one run found; `latest.json` is this. */
export interface RunRecord {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: string;
  readonly anchors: { readonly before: Anchors; readonly after: Anchors };
  readonly benches: readonly (Pick<Bench, "name" | "question" | "goal" | "worst_case"> & Findings)[];
}

/** `plotFile` says where a plot is, by its name. */
export const renderRun = (run: RunRecord, plotFile: (name: string) => string): string =>
  [
    `# Benchmarks, ${run.date.slice(0, 10)}`,
    `${run.machine}. ${renderAnchors(run.anchors)}`,
    ...run.benches.map((bench) => renderBench(bench, plotFile)),
  ].join("\n\n");

export function renderBench(bench: RunRecord["benches"][number], plotFile: (name: string) => string): string {
  return [
    `## ${bench.name}`,
    [`Question: ${bench.question}`, `Goal: ${bench.goal}`, `Worst case: ${bench.worst_case}`].join("  \n"),
    ...bench.tables.map(renderTable),
    ...(bench.goals.length === 0 ? [] : [renderGoals(bench.goals)]),
    ...(bench.plots ?? []).map(({ name, title }) => `![${title}](${plotFile(name)})`),
    ...bench.notes.map((note) => `- ${note}`),
  ].join("\n\n");
}

function renderAnchors({ before, after }: RunRecord["anchors"]): string {
  const copy = `${shown(before.memcpy_mb_per_s)} MB/s before and ${shown(after.memcpy_mb_per_s)} after`;
  const get = `${shown(before.map_get_ns)} ns before and ${shown(after.map_get_ns)} after`;
  return `Anchors: memcpy of 4 MiB ${copy}; Map.get among 1,000 texts ${get}.`;
}

const renderGoals = (goals: readonly GoalCheck[]): string =>
  renderTable({
    title: "Against the goals",
    columns: ["what", "goal", "found", "met"],
    rows: goals.map(({ what, goal, found, is_met }) => [
      what,
      goal,
      found,
      is_met === null ? "cannot tell" : is_met ? "yes" : "not yet",
    ]),
  });

export function renderTable({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(entryText))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
  const render = (line: readonly string[]): string =>
    `| ${line.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [`### ${title}`, "", render(columns), rule, ...lines.slice(1).map(render)].join("\n");
}

const entryText = (entry: Entry): string => (typeof entry === "string" ? entry : shown(entry));

/** Three significant digits: no bench on a shared machine knows a fourth. A small count stays as it is. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = digits > 0 ? value.toFixed(digits) : String(Number(value.toPrecision(3)));
  return rounded.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

/** `12.3 x`. */
export const ratio = (value: number, base: number): string => `${shown(value / base)} x`;

/**
 * `npm run bench -- [--keep] [NAME..]`: runs the benchmarks named, or all, one after the other, prints each as it is done, and
 * writes `results/latest.json`, `results/latest.md` and a plot for each table that has one. With `--keep` the files are named
 * by the day and the benchmarks instead, to be committed. Exit status: 0, however slow; 1 when an answer is wrong; 2 for a
 * name that does not exist.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { analysisBench } from "./analysis.js";
import { measureAnchors } from "./anchors.js";
import { type Bench, WrongAnswer } from "./bench.js";
import { compileBench } from "./compile.js";
import { detectBench } from "./detect.js";
import { factsToDecision } from "./facts-to-decision.js";
import { gatewayRoundTrip } from "./gateway-round-trip.js";
import { jsonToDecision } from "./json-to-decision.js";
import { describeMachine } from "./machine.js";
import { renderPlot } from "./plot.js";
import { type RunRecord, renderBench, renderRun } from "./report.js";
import { shellLine } from "./shell-line.js";
import { textToDecision } from "./text-to-decision.js";

const benches: readonly Bench[] = [
  factsToDecision,
  textToDecision,
  jsonToDecision,
  gatewayRoundTrip,
  compileBench,
  analysisBench,
  detectBench,
  shellLine,
];
const resultsFolder = new URL("../results/", import.meta.url);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function chooseBenches(names: readonly string[]): readonly Bench[] {
  const stranger = names.find((name) => !benches.some((bench) => bench.name === name));
  if (stranger !== undefined) {
    process.stderr.write(
      `there is no benchmark ${stranger}; there are ${benches.map(({ name }) => name).join(", ")}\n`,
    );
    process.exit(2);
  }
  return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
}

async function runBench(bench: Bench): Promise<RunRecord["benches"][number]> {
  print(`\n${bench.name} ...`);
  const { name, question, goal, worst_case } = bench;
  const found = { name, question, goal, worst_case, ...(await bench.run("full")) };
  print(renderBench(found, plotFileOf("latest")));
  return found;
}

const plotFileOf =
  (stem: string) =>
  (name: string): string =>
    `${stem}-${name}.svg`;

async function main(): Promise<void> {
  const { names, isKept } = readArguments(process.argv.slice(2));
  const chosen = chooseBenches(names);
  const before = await measureAnchors("full");
  const found = [];
  for (const bench of chosen) found.push(await runBench(bench));
  const anchors = { before, after: await measureAnchors("full") };
  const run: RunRecord = { date: new Date().toISOString(), machine: describeMachine(), anchors, benches: found };
  const stem = isKept ? [run.date.slice(0, 10), ...names].join("-") : "latest";
  writeRun(run, stem);
  print(`\nWritten to benchmarks/results/${stem}.*`);
}

const readArguments = (args: readonly string[]): { readonly names: readonly string[]; readonly isKept: boolean } => ({
  names: args.filter((each) => each !== "--keep"),
  isKept: args.includes("--keep"),
});

function writeRun(run: RunRecord, stem: string): void {
  const write = (name: string, text: string): void => writeFileSync(new URL(name, resultsFolder), text);
  const plotFile = plotFileOf(stem);
  mkdirSync(resultsFolder, { recursive: true });
  if (stem === "latest") write("latest.json", `${JSON.stringify(run, null, 2)}\n`);
  write(`${stem}.md`, `${renderRun(run, plotFile)}\n`);
  for (const plot of run.benches.flatMap(({ plots = [] }) => plots)) write(plotFile(plot.name), renderPlot(plot));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof WrongAnswer)) throw error;
  process.stderr.write(`wrong answer: ${error.message}\n`);
  process.exitCode = 1;
}

/**
 * `npm run bench -- [NAME..]`: runs the benchmarks named, or all, one after the other, prints each as it is done, and writes
 * `results/latest.json` and `results/latest.md`. Exit status: 0, however slow; 1 when an answer is wrong; 2 for a name that
 * does not exist.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { measureAnchors } from "./anchors.js";
import { type Bench, WrongAnswer } from "./bench.js";
import { compileBench } from "./compile.js";
import { factsToDecision } from "./facts-to-decision.js";
import { gatewayRoundTrip } from "./gateway-round-trip.js";
import { describeMachine } from "./machine.js";
import { type RunRecord, renderBench, renderRun } from "./report.js";
import { textToDecision } from "./text-to-decision.js";

const benches: readonly Bench[] = [factsToDecision, textToDecision, gatewayRoundTrip, compileBench];
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
  print(renderBench(found));
  return found;
}

async function main(): Promise<void> {
  const chosen = chooseBenches(process.argv.slice(2));
  const before = await measureAnchors("full");
  const found = [];
  for (const bench of chosen) found.push(await runBench(bench));
  const anchors = { before, after: await measureAnchors("full") };
  const run: RunRecord = { date: new Date().toISOString(), machine: describeMachine(), anchors, benches: found };
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(new URL("latest.json", resultsFolder), `${JSON.stringify(run, null, 2)}\n`);
  writeFileSync(new URL("latest.md", resultsFolder), `${renderRun(run)}\n`);
  print("\nWritten to benchmarks/results/latest.md and latest.json.");
}

try {
  await main();
} catch (error) {
  if (!(error instanceof WrongAnswer)) throw error;
  process.stderr.write(`wrong answer: ${error.message}\n`);
  process.exitCode = 1;
}

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { compile } from "@hpl/compiler";
import { type DigestOfSources, exportEvidence } from "@hpl/gateway";
import { loadPolicy } from "@hpl/runtime";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { findLog, moment, wholeNumber } from "../log-folder.js";
import { readLibraries } from "../policy-files.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface EvidenceOptions {
  readonly config: string;
  readonly from: string;
  readonly to: string;
  readonly control?: string;
  readonly sample: number;
  readonly seed?: string;
  readonly output: string;
  readonly format: "text" | "json";
}

const help = `
Example:
  $ hpl evidence export --from 2026-07-01 --to 2026-10-01 --control soc2:CC6.1 -o evidence

Writes the population (CSV), a sample drawn by a seed, a folder for each item of the sample (event, proof, approval with the
reviewers' reasons, policy as it was), the proof that nothing is missing, hashes, and report.html to read and print. Give the
seed to draw the same sample again. Exit code: 0 nothing to report, 1 findings, which are printed and in findings.json.`;

export function addEvidence(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("evidence")
    .summary("export evidence for auditors")
    .description("Makes evidence out of a gateway's audit log.")
    .command("export")
    .description("Writes what an auditor asks for a period, as files that can be checked without the gateway.")
    .argument("[log]", "the log's folder, or the state folder it is in (default: the configuration's)")
    .requiredOption("--from <time>", "from this time on, such as 2026-07-01 (UTC)")
    .requiredOption("--to <time>", "before this time")
    .requiredOption("-o, --output <folder>", "where to; must not exist, or be empty")
    .option("--control <id>", "only decisions that serve this control, such as soc2:CC6.1")
    .option("--sample <count>", "items of the sample", wholeNumber, 25)
    .option("--seed <text>", "draws the sample (default: a new one, which is told)")
    .option("--config <file>", "the gateway's configuration", "gateway.json")
    .addOption(new Option("--format <format>", "text or json").choices(["text", "json"]).default("text"))
    .addHelpText("after", help)
    .action((path: string | undefined, options: EvidenceOptions, command: Command) =>
      run(exportAll(path, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function exportAll(given: string | undefined, options: EvidenceOptions, terminal: Terminal): Promise<number> {
  const period = { from_ms: moment(options.from), to_ms: moment(options.to) };
  if (period.from_ms >= period.to_ms) throw new CommandFailure("the period ends before it begins");
  const { output, control = null, sample: sample_count } = options;
  const seed = options.seed ?? randomBytes(8).toString("hex");
  const { log } = findLog(given, options.config);
  const done = await exportEvidence({
    ...{ log, period, control, sample_count, seed, output, digestOf },
    generator: `hpl ${version()}`,
    now: new Date(),
  });
  if (!done.ok) throw new CommandFailure(done.reason);
  const { items, sample, files, findings } = done.exported;
  if (options.format === "json") terminal.out(JSON.stringify({ output, seed, ...done.exported }, null, 2));
  else {
    terminal.out(`${items} decisions, ${sample} of them in the sample (seed ${seed}); ${files} files in ${output}`);
    for (const finding of findings) terminal.out(`finding: ${finding}`);
  }
  return findings.length === 0 ? exitCode.ok : exitCode.findings;
}

const digestOf: DigestOfSources = (files) => {
  const [sources, data] = [true, false].map((isSource) =>
    files.filter(({ path }) => path.endsWith(".hpl") === isSource),
  );
  const { module } = compile({ sources: sources ?? [], libraries: readLibraries(), data: data ?? [] });
  const loaded = module === null ? null : loadPolicy(module);
  return loaded?.ok ? loaded.policy.digest : null;
};

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;

import { locate, type Mutant, type MutationReport, mutate } from "@hpl/compiler";
import { loadPolicy } from "@hpl/runtime";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { compileSources } from "../load-policy.js";
import { readPolicyFiles } from "../policy-files.js";
import { openProgress } from "../progress.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { answer } from "../verify-policy.js";
import { visible } from "../visible.js";

interface MutateOptions {
  readonly format: "text" | "json";
  readonly maxSurvivors: string;
  readonly maxMutants: string;
}

const help = `
Examples:
  $ hpl mutate policy/
  $ hpl mutate policy/ --max-survivors 5 --format json

Each mutant is the policy with one mistake: an operator flipped, a clause, an \`unless\` or a rule removed, a pattern widened.
One that every hit, miss and test still agrees with survives; some mean what the policy means, so not all can be seen.
No file is changed. Exit code: 0, 1 when more survive than --max-survivors, 2 usage.`;

export function addMutate(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("mutate")
    .summary("find mistakes that no example or test would notice")
    .description(
      "Makes small mistakes in the policy at PATH, one at a time, and shows those that its examples and tests miss.",
    )
    .argument("[path...]", ".hpl files, or folders of them", ["."])
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--max-survivors <count>", "exit 1 when more survive", "0")
    .option("--max-mutants <count>", "try no more than this, spread over the policy", "2000")
    .addHelpText("after", help)
    .action((paths: string[], options: MutateOptions, command: Command) =>
      run(mutateAll(paths, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function mutateAll(paths: readonly string[], options: MutateOptions, terminal: Terminal): Promise<number> {
  const survivors_max = countOf(options.maxSurvivors, "--max-survivors");
  const mutants_max = countOf(options.maxMutants, "--max-mutants");
  const { checked, module } = compileSources(paths, terminal.hasColors);
  const files_count = readPolicyFiles(paths).sources.length;
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(`HPL9001: the module just compiled does not load: ${loaded.failure.message}`);
  const frontEnds = await loadFrontEnds();
  const progress = openProgress("mutants");
  const report = mutate(checked, (question) => answer(question, loaded.policy, checked, frontEnds), {
    files_count,
    mutants_max,
    onProgress: progress.show,
  });
  progress.end();
  if (report === null)
    throw new CommandFailure("the policy fails its own examples or tests: see hpl test", exitCode.findings);
  const survivors = report.survivors.map((mutant) => survivorOf(mutant, checked.sources));
  if (options.format === "json") terminal.out(JSON.stringify({ ...countsOf(report), survivors }, null, 2));
  else terminal.out(asText(report, survivors));
  return survivors.length > survivors_max ? exitCode.findings : exitCode.ok;
}

function countOf(text: string, option: string): number {
  const count = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(count) || count < 0)
    throw new CommandFailure(`${option} takes a whole number`);
  return count;
}

const countsOf = ({ mutants_count, tried_count, survivors }: MutationReport) => ({
  mutants: mutants_count,
  tried: tried_count,
  killed: tried_count - survivors.length,
});

interface Survivor {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly character: number;
  readonly change: string;
  /** The policy's words that were changed. */
  readonly text: string;
}

function survivorOf({ rule, span, change }: Mutant, sources: Parameters<typeof locate>[1]): Survivor {
  const { file, line, character } = locate(span, sources);
  const text = (sources[span.file]?.text.slice(span.start, span.end) ?? "").replaceAll(/\s+/g, " ");
  return { rule, file, line, character, change, text };
}

/** Characters of the changed text that are shown. */
const shown_max = 80;

function asText(report: MutationReport, survivors: readonly Survivor[]): string {
  const { mutants, tried, killed } = countsOf(report);
  const lines = survivors.map(({ file, line, character, change, text, rule }) => {
    const short = text.length > shown_max ? `${text.slice(0, shown_max)}..` : text;
    return visible(`${file}:${line}:${character}: ${change}, and nothing noticed: \`${short}\`, in ${rule}`);
  });
  const note = tried < mutants ? ` of ${mutants}; the rest was left out: --max-mutants` : "";
  return [...lines, `${plural(tried, "mutant")} tried${note}: ${killed} killed, ${survivors.length} survived`].join(
    "\n",
  );
}

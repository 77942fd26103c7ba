import { writeFileSync } from "node:fs";
import { embeddedText, type GroupStats, type PlanStats, statsOf, targets } from "@hpl/compiler";
import type { Policy } from "@hpl/runtime";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { compileSources, openPolicy, readModule } from "../load-policy.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface BuildOptions {
  readonly output: string;
  readonly target: string;
  readonly stats?: true;
  readonly text: boolean;
}

export function addBuild(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("build")
    .summary("compile a policy to one WebAssembly module")
    .description("Compiles all .hpl files at PATH to one module. Nothing is written when there are errors.")
    .argument("<path...>", ".hpl files, or folders of them")
    .requiredOption("-o, --output <file.wasm>", "where to write the module")
    .option("--target <target>", "what the module is for: native, or opa (the SDKs of the Open Policy Agent)", "native")
    .option("--no-text", "leave the policy's own text out of the module: then only its folder can explain a decision")
    .option("--stats", "say how large it is and what it holds")
    .action((paths: string[], options: BuildOptions, command: Command) =>
      run(build(paths, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function build(
  paths: readonly string[],
  { output, target: name, stats, text }: BuildOptions,
  terminal: Terminal,
): Promise<number> {
  const target = targets.find((each) => each === name);
  if (target === undefined) throw new CommandFailure(`there is no target \`${name}\`: it is ${targets.join(" or ")}`);
  const started = performance.now();
  const { module, checked } = compileSources(paths, terminal.hasColors, { target, text });
  writeFileSync(output, module);
  if (!stats) return exitCode.ok;
  const took_ms = Math.round(performance.now() - started);
  terminal.err(
    `${output}: ${module.length} bytes, ${checked.rules.length} rules, ${checked.labels.length} labels, ${checked.modules.length} modules, for ${target}, ${took_ms} ms`,
  );
  for (const line of statsLines(statsOf(checked))) terminal.err(`  ${line}`);
  return exitCode.ok;
}

/** What the compiler chose, a line each. */
function statsLines({ variables, nodes, groups }: PlanStats): readonly string[] {
  const asked = variables.map(({ kind, count, classes }) => `${count} ${kind} (${classes} classes)`);
  return [
    `variables: ${asked.join(", ") || "none"}`,
    `nodes of conditions: ${nodes}`,
    ...groups.filter(({ rules }) => rules > 0).map(groupLine),
  ];
}

function groupLine({ list, rules, diagrams, nodes, rules_left_max, is_cut }: GroupStats): string {
  const asked = list === null ? "asked once" : `asked for each item of ${list}`;
  const cut = is_cut ? "; cut at its budget: the rest is walked rule by rule" : "";
  return `rules ${asked}: ${rules} in ${diagrams} parallel diagrams of ${nodes} nodes, at most ${rules_left_max} rules left to walk${cut}`;
}

export function addInspect(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("inspect")
    .summary("show what a module holds")
    .description("Loads a compiled module as a gateway would, and prints its description as JSON.")
    .argument("<file.wasm>", "a compiled module")
    .option("--text", "print the text of the policy that the module carries, file by file, instead")
    .action((path: string, { text }: { readonly text?: true }, command: Command) =>
      run((text ? showText : inspect)(path, openTerminal(command.optsWithGlobals().color))),
    );
}

async function inspect(path: string, terminal: Terminal): Promise<number> {
  const policy: Policy = openPolicy(path, terminal.hasColors);
  const { size, ...rest } = { size: readModule(path, terminal.hasColors).length, ...policy.meta };
  terminal.out(JSON.stringify({ size, ...rest }, null, 2));
  return exitCode.ok;
}

async function showText(path: string, terminal: Terminal): Promise<number> {
  const text = embeddedText(readModule(path, terminal.hasColors));
  if (text === null) throw new CommandFailure(`${path} holds no text of its policy: it was built with --no-text`);
  for (const file of [...text.sources, ...text.data]) terminal.out(`# ${file.path}\n${file.text.trimEnd()}\n`);
  return exitCode.ok;
}

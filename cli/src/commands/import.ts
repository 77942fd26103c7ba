import { readFileSync, statSync, writeFileSync } from "node:fs";
import { Argument, type Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { importCedar } from "../import/cedar.js";
import { importCodexRules } from "../import/codex-rules.js";
import { importGuardrails } from "../import/hoop-guardrails.js";
import { FILE_LETTERS_MAX, type Import, type ImportedRule } from "../import/imported.js";
import { keepExamples } from "../import/keep-examples.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible } from "../visible.js";

interface ImportOptions {
  readonly output?: string;
  readonly allowGaps?: true;
}

const readers: Readonly<Record<string, (text: string) => Import | Promise<Import>>> = {
  "codex-rules": importCodexRules,
  cedar: importCedar,
  "hoop-guardrails": importGuardrails,
};

const help = `
Examples:
  $ hpl import codex-rules ~/.codex/rules/default.rules -o agents.hpl
  $ hpl import cedar - < policies.cedar
  $ hpl import hoop-guardrails guardrails.json --allow-gaps

Each rule stands under its original. What was left out is a comment there and a line on standard error; it never lets more through.
A restriction that cannot be said at all is a gap: then nothing is written and the exit code is 1, unless --allow-gaps.
Exit code: 0, 1 the file cannot be read or has gaps, 2 usage.`;

export function addImport(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("import")
    .summary("translate rules of another program")
    .description("Writes the rules of FILE, which are those of another program, as a policy.")
    .addArgument(new Argument("<kind>", "whose rules they are").choices(Object.keys(readers)))
    .argument("<file>", "the rules; - for standard input")
    .option("-o, --output <file>", "write the policy there (default: standard output)")
    .option("--allow-gaps", "write the policy though some restrictions are not in it")
    .addHelpText("after", help)
    .action((kind: string, file: string, options: ImportOptions, command: Command) =>
      run(importFile(kind, file, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function importFile(kind: string, path: string, options: ImportOptions, terminal: Terminal): Promise<number> {
  const read = await readers[kind]?.(readText(path));
  if (read === undefined) throw new Error(`HPL9001: no reader of ${kind}`);
  if (!read.ok) throw new CommandFailure(visible(`${placeOf(path, read.line)}: ${read.reason}`), exitCode.findings);
  const { text, rules, dropped } = keepExamples(read, await loadFrontEnds());
  for (const line of [
    ...rules.flatMap((rule) => notesOf(path, rule)),
    ...dropped.map((line) => `not so here: ${line}`),
  ])
    terminal.err(visible(line));
  const gaps_count = rules.reduce((count, { gaps }) => count + gaps.length, 0);
  if (gaps_count > 0 && !options.allowGaps)
    throw new CommandFailure(
      `nothing was written: without ${gaps_count === 1 ? "this restriction" : `these ${gaps_count} restrictions`} more would be let through (--allow-gaps)`,
      exitCode.findings,
    );
  if (options.output === undefined) terminal.out(text.trimEnd());
  else writeFileSync(options.output, text);
  return exitCode.ok;
}

const notesOf = (path: string, { line, left_out, gaps }: ImportedRule): readonly string[] => [
  ...left_out.map((each) => `${placeOf(path, line)}: left out: ${each}`),
  ...gaps.map((each) => `${placeOf(path, line)}: not imported, and nothing refuses it: ${each}`),
];

const placeOf = (path: string, line: number | null): string => {
  const shown = path === "-" ? "standard input" : path;
  return line === null ? shown : `${shown}:${line}`;
};

function readText(path: string): string {
  try {
    if (path !== "-" && statSync(path).size > FILE_LETTERS_MAX)
      throw new CommandFailure(`${path} is larger than 4 MiB`);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path === "-" ? 0 : path));
    if (text.length > FILE_LETTERS_MAX) throw new CommandFailure(`${path} is larger than 4 MiB`);
    return text;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path} cannot be read`);
  }
}

import { readFileSync, writeFileSync } from "node:fs";
import { format, renderDiagnostics, type SourceFile } from "@hpl/compiler";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { readSources } from "../policy-files.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface FormatOptions {
  readonly check?: true;
}

const help = `
Examples:
  $ hpl fmt                  every .hpl file below the current folder
  $ hpl fmt --check policy/  for CI: exit 1 when a file is not formatted, and change nothing
  $ hpl fmt - < policy.hpl   standard input to standard output

Only white space moves, so a decision never changes. A file with a syntax error is left as it is.`;

export function addFmt(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("fmt")
    .summary("format policies")
    .description("Rewrites .hpl files in the one canonical style.")
    .argument("[path...]", ".hpl files, or folders of them; - for standard input", ["."])
    .option("--check", "say which files are not formatted, and change nothing")
    .addHelpText("after", help)
    .action((paths: string[], options: FormatOptions, command: Command) =>
      run(formatAll(paths, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function formatAll(paths: readonly string[], { check }: FormatOptions, terminal: Terminal): Promise<number> {
  if (paths.includes("-")) return formatInput(paths, terminal);
  const results = readSources(paths).map((source) => ({ source, text: formatOne(source, terminal) }));
  const changed = results.filter(({ source, text }) => text !== null && text !== source.text);
  for (const { source, text } of changed) {
    terminal.out(source.path);
    if (!check && text !== null) writeFileSync(source.path, text);
  }
  const isBroken = results.some(({ text }) => text === null);
  return isBroken || (check && changed.length > 0) ? exitCode.findings : exitCode.ok;
}

function formatInput(paths: readonly string[], terminal: Terminal): number {
  if (paths.length > 1) throw new CommandFailure("- stands for standard input, alone");
  const text = formatOne({ path: "standard input", text: readFileSync(0, "utf8") }, terminal);
  if (text === null) return exitCode.findings;
  terminal.out(text.trimEnd());
  return exitCode.ok;
}

/** The formatted text; null, with findings on standard error, when the file has syntax errors. */
function formatOne(source: SourceFile, terminal: Terminal): string | null {
  const { text, diagnostics } = format(source);
  if (text === null) terminal.err(renderDiagnostics(diagnostics, [source], { colors: terminal.hasColors }));
  return text;
}

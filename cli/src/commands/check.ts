import { type Diagnostic, locate, renderDiagnostics, type SourceFile } from "@hpl/compiler";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { readLibraries, readSources } from "../policy-files.js";
import { toSarif } from "../sarif.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { verifyPolicy } from "../verify-policy.js";

const formats = ["text", "json", "sarif", "github"] as const;
type Format = (typeof formats)[number];

interface CheckOptions {
  readonly format: Format;
  readonly maxWarnings?: string;
}

const examples = `
Examples:
  $ hpl check                     all .hpl files below the current folder
  $ hpl check policy/ --format github --max-warnings 0

Exit code: 0 clean, 1 findings, 2 usage. Warnings alone exit 0 unless there are more than --max-warnings.`;

export function addCheck(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("check")
    .summary("parse, type-check and run the examples of a policy")
    .description(
      "Checks all .hpl files at PATH: syntax, names, types, and every `hit` and `miss` line, run by the production evaluator.",
    )
    .argument("[path...]", ".hpl files, or folders of them", ["."])
    .option("--format <format>", `how findings are printed: ${formats.join(", ")}`, "text")
    .option("--max-warnings <count>", "exit 1 when there are more warnings than this")
    .addHelpText("after", examples)
    .action((paths: string[], options: CheckOptions, command: Command) =>
      run(check(paths, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function check(paths: readonly string[], options: CheckOptions, terminal: Terminal): Promise<number> {
  if (!formats.includes(options.format)) throw new CommandFailure(`--format must be one of ${formats.join(", ")}`);
  const maxWarnings = options.maxWarnings === undefined ? Number.POSITIVE_INFINITY : Number(options.maxWarnings);
  if (Number.isNaN(maxWarnings)) throw new CommandFailure("--max-warnings takes a number");
  await loadPostgres();
  const sources = readSources(paths);
  const libraries = readLibraries();
  const { diagnostics, examples_count } = verifyPolicy({ sources, libraries }, { postgres: postgresFrontEnd });
  print(options.format, diagnostics, [...sources, ...libraries], terminal);
  const errors_count = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings_count = diagnostics.length - errors_count;
  if (options.format === "text") {
    const counts = `${plural(errors_count, "error")}, ${plural(warnings_count, "warning")}`;
    terminal.err(`${plural(sources.length, "file")}, ${plural(examples_count, "example")} run: ${counts}`);
  }
  return errors_count > 0 || warnings_count > maxWarnings ? exitCode.findings : exitCode.ok;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function print(
  format: Format,
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  terminal: Terminal,
): void {
  if (format === "json")
    terminal.out(JSON.stringify({ findings: diagnostics.map((each) => finding(each, sources)) }, null, 2));
  else if (format === "sarif") terminal.out(JSON.stringify(toSarif(diagnostics, sources), null, 2));
  else if (format === "github") for (const each of diagnostics) terminal.out(annotation(each, sources));
  else if (diagnostics.length > 0)
    terminal.err(renderDiagnostics(diagnostics, sources, { colors: terminal.hasColors }));
}

/** A diagnostic in the shape of DESIGN section 8. */
function finding(diagnostic: Diagnostic, sources: readonly SourceFile[]) {
  const { code, severity, message, help, rule, span } = diagnostic;
  const { file, line, character, end_line, end_character } = locate(span, sources);
  return { code, severity, message, help, file, line, character, end_line, end_character, rule };
}

/** A GitHub Actions workflow command; line breaks and percent signs are escaped as it asks. */
function annotation(diagnostic: Diagnostic, sources: readonly SourceFile[]): string {
  const { code, severity, message, help, file, line, character, end_line, end_character } = finding(
    diagnostic,
    sources,
  );
  const text = help === null ? message : `${message}\n${help}`;
  const place = `file=${file},line=${line},col=${character},endLine=${end_line},endColumn=${end_character},title=${code}`;
  return `::${severity} ${place}::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}`;
}

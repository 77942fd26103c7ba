import { type Diagnostic, renderDiagnostics, type SourceFile, suppress } from "@hpl/compiler";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { findingOf, plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { readPolicyFiles } from "../policy-files.js";
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
      "Checks all .hpl files at PATH: syntax, names, types, and every `hit`, `miss` and test, run by the production evaluator.",
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
  const frontEnds = await loadFrontEnds();
  const files = readPolicyFiles(paths);
  const { diagnostics: found, verified } = verifyPolicy({ ...files, now_ms: Date.now() }, frontEnds);
  const diagnostics = suppress(found, files.sources);
  print(options.format, diagnostics, [...files.sources, ...files.libraries], terminal);
  const errors_count = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings_count = diagnostics.length - errors_count;
  if (options.format === "text") {
    const counts = `${plural(errors_count, "error")}, ${plural(warnings_count, "warning")}`;
    const ran = verified?.verification.results.filter(({ outcome }) => outcome !== "not run") ?? [];
    terminal.err(`${plural(files.sources.length, "file")}, ${plural(ran.length, "example")} run: ${counts}`);
  }
  return errors_count > 0 || warnings_count > maxWarnings ? exitCode.findings : exitCode.ok;
}

function print(
  format: Format,
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  terminal: Terminal,
): void {
  if (format === "json")
    terminal.out(JSON.stringify({ findings: diagnostics.map((each) => findingOf(each, sources)) }, null, 2));
  else if (format === "sarif") terminal.out(JSON.stringify(toSarif(diagnostics, sources), null, 2));
  else if (format === "github") for (const each of diagnostics) terminal.out(annotation(each, sources));
  else if (diagnostics.length > 0)
    terminal.err(renderDiagnostics(diagnostics, sources, { colors: terminal.hasColors }));
}

/** A GitHub Actions workflow command; line breaks and percent signs are escaped as it asks. */
function annotation(diagnostic: Diagnostic, sources: readonly SourceFile[]): string {
  const { code, severity, message, help, file, line, character, end_line, end_character } = findingOf(
    diagnostic,
    sources,
  );
  const text = [message, ...(help === null ? [] : [help]), ...diagnostic.notes].join("\n");
  const place = `file=${file},line=${line},col=${character},endLine=${end_line},endColumn=${end_character},title=${code}`;
  return `::${severity} ${place}::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}`;
}

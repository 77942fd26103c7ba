import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type ConnectionFacts,
  type Diagnostic,
  type LoadPolicy,
  renderDiagnostics,
  type SourceFile,
  suppress,
} from "@hpl/compiler";
import { loadConfig } from "@hpl/gateway";
import type { Command } from "commander";
import { describeProblems } from "../config-problems.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { findingOf, plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { upstreamFindings } from "../grants/upstream-findings.js";
import { openSources } from "../load-policy.js";
import { readPolicyFiles } from "../policy-files.js";
import { toSarif } from "../sarif.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { type VerifiedPolicy, verifyPolicy } from "../verify-policy.js";

const formats = ["text", "json", "sarif", "github"] as const;
type Format = (typeof formats)[number];

interface CheckOptions {
  readonly format: Format;
  readonly maxWarnings?: string;
  readonly against?: string;
  readonly gaps?: true;
  readonly config?: string;
}

const examples = `
Examples:
  $ hpl check                     all .hpl files below the current folder
  $ hpl check policy/ --format github --max-warnings 0
  $ hpl check policy/ --gaps              what falls to the defaults, and rules that no hit shows
  $ hpl check policy/ --config gateway.json
  $ hpl check policy/ --against env:ORDERS_URL    is the gateway's role on the database more than it should be?

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
    .option(
      "--against <url>",
      "also look at this database: postgres://.., or env:NAME for a variable that holds the URL",
    )
    .option("--gaps", "also say what no rule speaks of, and which rules no `hit` shows")
    .option("--config <file>", "a gateway's configuration: also say which of its connections nothing governs")
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
  const wanted = {
    wantsGaps: options.gaps === true,
    connections: connectionsOf(options.config),
    loadPolicy: loadCompared,
  };
  const { diagnostics: found, verified } = verifyPolicy({ ...files, now_ms: Date.now() }, frontEnds, wanted);
  const upstream = options.against === undefined ? [] : await lookAt(options.against, verified);
  const diagnostics = suppress([...found, ...upstream], files.sources);
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

/** Nothing of a policy with errors. The gateway's code is loaded only when a database is to be looked at. */
async function lookAt(against: string, verified: VerifiedPolicy["verified"]): Promise<readonly Diagnostic[]> {
  const { inspect } = await import("../grants/inspect.js");
  const { rights } = await inspect(against);
  return verified === null ? [] : upstreamFindings(verified.policy, rights);
}

/** A policy that a proof names: its path is relative to the file that names it. */
const loadCompared: LoadPolicy = (path, from) => {
  const place = join(dirname(from), path);
  if (!existsSync(place)) return { ok: false, reason: `there is no ${place}` };
  try {
    return { ok: true, policy: openSources(place, false).checked };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { ok: false, reason: `${place} cannot be read: ${error.message.split("\n")[0]}` };
  }
};

/** The connections of a gateway's configuration, as policies see them. */
function connectionsOf(path: string | undefined): readonly ConnectionFacts[] {
  if (path === undefined) return [];
  const loaded = loadConfig(path);
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  return loaded.config.connections.map(({ name, kind, env, labels = {} }) => ({ name, kind, env, labels }));
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

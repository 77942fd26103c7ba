import {
  type Coverage,
  type Diagnostic,
  locate,
  renderDiagnostics,
  type SourceFile,
  type VerificationResult,
} from "@hpl/compiler";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { findingOf, plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { toJUnit } from "../junit.js";
import { readPolicyFiles } from "../policy-files.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { verifyPolicy } from "../verify-policy.js";

const formats = ["text", "json", "junit"] as const;

interface TestOptions {
  readonly format: (typeof formats)[number];
  readonly coverage?: boolean;
  readonly minCoverage?: string;
  readonly verbose?: boolean;
}

const examples = `
Examples:
  $ hpl test                              every hit, miss and test below the current folder
  $ hpl test policy/ --coverage           and which tests of conditions they never saw true, or never false
  $ hpl test --min-coverage 90            fail below 90 %
  $ hpl test --format junit > report.xml  for a CI server

Exit code: 0 when all pass and coverage is reached, 1 when not, 2 usage.`;

export function addTest(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("test")
    .summary("run the hit and miss lines and the tests of a policy")
    .description("Runs every `hit`, `miss` and `test` at PATH through the production evaluator, on real statements.")
    .argument("[path...]", ".hpl files, or folders of them", ["."])
    .option("--format <format>", `how results are printed: ${formats.join(", ")}`, "text")
    .option("--coverage", "show each test of a condition that was never seen true, or never false")
    .option("--min-coverage <percent>", "exit 1 when condition coverage is lower")
    .option("--verbose", "list what passed, too")
    .addHelpText("after", examples)
    .action((paths: string[], options: TestOptions, command: Command) =>
      run(runTests(paths, options, openTerminal(command.optsWithGlobals().color))),
    );
}

/** What one run found, ready to print. */
interface Report {
  readonly results: readonly VerificationResult[];
  readonly coverage: CoverageReport | null;
  readonly sources: readonly SourceFile[];
}

async function runTests(paths: readonly string[], options: TestOptions, terminal: Terminal): Promise<number> {
  if (!formats.includes(options.format)) throw new CommandFailure(`--format must be one of ${formats.join(", ")}`);
  const coverage_min = options.minCoverage === undefined ? null : Number(options.minCoverage);
  if (coverage_min !== null && !(coverage_min >= 0 && coverage_min <= 100))
    throw new CommandFailure("--min-coverage takes a number from 0 to 100");
  const frontEnds = await loadFrontEnds();
  const files = readPolicyFiles(paths);
  const sources = [...files.sources, ...files.libraries];
  const wantsCoverage = options.coverage === true || coverage_min !== null;
  const { diagnostics, verified } = verifyPolicy(files, frontEnds, { coverage: wantsCoverage });
  if (verified === null) throw new CommandFailure(errorsOf(diagnostics, sources, terminal), exitCode.findings);
  const { results, coverage } = verified.verification;
  const report = { results, coverage: coverage && coverageReport(coverage, sources), sources };
  print(report, options, terminal);
  const isCovered = coverage_min === null || (report.coverage?.percent ?? 0) >= coverage_min;
  if (!isCovered) terminal.err(`coverage is below ${coverage_min} %`);
  return isCovered && results.every(({ outcome }) => outcome !== "failed") ? exitCode.ok : exitCode.findings;
}

function errorsOf(diagnostics: readonly Diagnostic[], sources: readonly SourceFile[], terminal: Terminal): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return renderDiagnostics(errors, sources, { colors: terminal.hasColors });
}

function print(report: Report, options: TestOptions, terminal: Terminal): void {
  const render = (result: VerificationResult) =>
    renderDiagnostics(result.diagnostics, report.sources, { colors: false });
  if (options.format === "json") terminal.out(JSON.stringify(toJson(report), null, 2));
  else if (options.format === "junit") terminal.out(toJUnit(report.results, report.sources, render));
  else printText(report, options, terminal);
}

function printText({ results, coverage, sources }: Report, options: TestOptions, terminal: Terminal): void {
  const colors = terminal.hasColors;
  for (const result of results) {
    const { file, line } = locate(result.span, sources);
    if (result.outcome === "failed") terminal.err(renderDiagnostics(result.diagnostics, sources, { colors }));
    else if (options.verbose) terminal.out(`${result.outcome.padEnd(8)} ${result.kind} ${result.id}  ${file}:${line}`);
  }
  const count = (outcome: VerificationResult["outcome"]) => results.filter((each) => each.outcome === outcome).length;
  const notRun = count("not run") === 0 ? "" : `, ${count("not run")} not run for want of a front end`;
  terminal.out(`${count("passed")} passed, ${count("failed")} failed${notRun}`);
  if (coverage === null) return;
  if (options.coverage) for (const atom of coverage.atoms) if (atom.missing.length > 0) terminal.out(missingText(atom));
  terminal.out(`coverage: ${coverage.seen} of ${plural(coverage.of, "outcome")}, ${coverage.percent} %`);
}

function toJson({ results, coverage, sources }: Report) {
  const count = (outcome: VerificationResult["outcome"]) => results.filter((each) => each.outcome === outcome).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    not_run: count("not run"),
    results: results.map(({ kind, id, span, outcome, diagnostics }) => {
      const { file, line, character } = locate(span, sources);
      const findings = diagnostics.map((each) => findingOf(each, sources));
      return { kind, id, outcome, file, line, character, findings };
    }),
    ...(coverage === null ? {} : { coverage }),
  };
}

interface CoverageReport {
  readonly seen: number;
  readonly of: number;
  /** Rounded down: 100 means every one. */
  readonly percent: number;
  readonly atoms: readonly AtomReport[];
}

interface AtomReport {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly character: number;
  readonly text: string;
  /** Outcomes nothing has shown. */
  readonly missing: readonly ("true" | "false")[];
}

function coverageReport({ atoms, outcomes_seen_count }: Coverage, sources: readonly SourceFile[]): CoverageReport {
  const total = atoms.length * 2;
  return {
    seen: outcomes_seen_count,
    of: total,
    percent: total === 0 ? 100 : Math.floor((outcomes_seen_count * 100) / total),
    atoms: atoms.map(({ rule, span, seen }) => {
      const { file, line, character } = locate(span, sources);
      const text = (sources[span.file]?.text.slice(span.start, span.end) ?? "").replaceAll(/\s+/g, " ");
      const missing = (["true", "false"] as const).filter((truth) => !seen.has(truth));
      return { rule, file, line, character, text, missing };
    }),
  };
}

const missingText = ({ file, line, character, text, missing, rule }: AtomReport): string =>
  `${file}:${line}:${character}: \`${text}\` was never ${missing.join(" and never ")}, in ${rule}`;

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "@hpl/runtime";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { openPolicy } from "../load-policy.js";
import { openProgress } from "../progress.js";
import type { Skipped } from "../replay/entry.js";
import { type Assumed, formatOf, type InputFormat, inputFormats, readEntries } from "../replay/read-entries.js";
import { type Outcome, replay } from "../replay/replay.js";
import { suggest } from "../replay/suggest.js";
import { parseJsonOption, readCatalogFile } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible } from "../visible.js";

interface ReplayOptions {
  readonly with: string;
  readonly against?: string;
  readonly input?: InputFormat;
  readonly principal: string;
  readonly connection: string;
  readonly session: string;
  readonly dialect?: string;
  readonly catalog?: string;
  readonly format: "text" | "json";
  readonly suggest?: true;
}

/** Bytes of one file: what is larger does not fit one text. */
const file_bytes_max = 256 * 1024 * 1024;
/** Changes that are shown; all are counted. */
const changes_max = 1_000;
/** The code of a decision that no policy governs. */
const ungoverned_code = "HPL8004";
/** Characters of a statement that are shown. */
const text_length_max = 200;

const help = `
Examples:
  $ hpl replay state/audit --with policy/                what the log decided, and what this policy would
  $ hpl replay postgresql.csv --with new/ --against old/ --principal '{"kind":"human","groups":["engineers"]}'
  $ hpl replay seen.sql --with policy/ --suggest > suggested.hpl

FILE: statements (.sql), requests as of hpl eval --ndjson, a PostgreSQL csvlog, an export of
pg_stat_statements (CSV or JSON), or an audit log of the gateway, which has its own facts and decisions. Nothing is run and no database asked. Exit code: 0, 1 when a decision is another one, 2 usage.`;

export function addReplay(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("replay")
    .summary("show what a policy would have decided on what was recorded")
    .description(
      "Decides on what a file recorded by the policy given, and compares with another, or with the log itself.",
    )
    .argument("<file>", "a file, or the folder of an audit log")
    .requiredOption("--with <policy>", "the policy to try: a .hpl file, a folder of them, or a compiled .wasm")
    .option("--against <policy>", "the policy to compare with (default: what an audit log says was decided)")
    .addOption(
      new Option("--input <format>", "what the file is (default: by its name and first line)").choices(inputFormats),
    )
    .option("--principal <json>", "who asks, where the file does not say", "{}")
    .option("--connection <json>", "on what, where the file does not say", "{}")
    .option("--session <json>", "in what session, where the file does not say", "{}")
    .addOption(new Option("--dialect <name>", "SQL dialect").choices(["postgres", "mysql", "bigquery"]))
    .option("--catalog <file>", "catalog of the database; without one names mean plain tables as written")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--suggest", "print allow rules for what was seen and is refused by default")
    .addHelpText("after", help)
    .action((file: string, options: ReplayOptions, command: Command) =>
      run(replayFile(file, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function replayFile(path: string, options: ReplayOptions, terminal: Terminal): Promise<number> {
  const text = readText(path);
  const { entries, skipped } = readEntries(text, options.input ?? formatOf(path, text), assumedBy(options));
  const policy = openPolicy(options.with, terminal.hasColors);
  const against = options.against === undefined ? null : openPolicy(options.against, terminal.hasColors);
  const progress = openProgress("decisions");
  const outcomes = replay(entries, policy, against, await loadFrontEnds(), progress.show);
  progress.end();
  const report = reportOf(outcomes, skipped, policy);
  if (options.suggest) printSuggestion(outcomes, options.format, terminal);
  else terminal.out(options.format === "json" ? JSON.stringify(report, null, 2) : asText(report));
  return report.changed > 0 && !options.suggest ? exitCode.findings : exitCode.ok;
}

function assumedBy({ principal, connection, session, dialect, catalog }: ReplayOptions): Assumed {
  return {
    principal: objectOf(principal, "--principal"),
    connection: objectOf(connection, "--connection"),
    session: objectOf(session, "--session"),
    dialect: dialect ?? null,
    catalog: readCatalogFile(catalog),
    now_ms: Date.now(),
  };
}

function objectOf(text: string, option: string): Readonly<Record<string, unknown>> {
  const json = parseJsonOption(text, option);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new CommandFailure(`${option} is not a JSON object`);
}

/** The text of a file, or of the segments of an audit log, in their order. */
function readText(path: string): string {
  try {
    return statSync(path).isDirectory() ? segmentsIn(path).map(readOne).join("") : readOne(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path} cannot be read`);
  }
}

function segmentsIn(folder: string): readonly string[] {
  const below = readdirSync(folder).includes("segments") ? join(folder, "segments") : folder;
  const names = readdirSync(below).filter((name) => name.endsWith(".jsonl"));
  if (names.length === 0) throw new CommandFailure(`${folder} has no segments of an audit log`);
  return names.toSorted().map((name) => join(below, name));
}

function readOne(path: string): string {
  if (statSync(path).size > file_bytes_max) throw new CommandFailure(`${path} is larger than 256 MiB: split it`);
  return readFileSync(path, "utf8");
}

type Report = ReturnType<typeof reportOf>;

function reportOf(outcomes: readonly Outcome[], skipped: readonly Skipped[], policy: Policy) {
  const changed = outcomes.filter(({ change }) => change !== null);
  const sum = (some: readonly Outcome[]): number => some.reduce((total, { count }) => total + count, 0);
  const verdicts = Object.fromEntries(
    (["allow", "approve", "block"] as const).map((verdict) => [
      verdict,
      sum(outcomes.filter(({ after }) => after.verdict === verdict)),
    ]),
  );
  const fired = new Set(outcomes.flatMap(({ after }) => after.rules.map(({ id }) => id)));
  const never_fired = [...new Set(policy.meta.rules.map(({ id }) => id))].filter((id) => !fired.has(id));
  return {
    decided: sum(outcomes),
    distinct: outcomes.length,
    skipped: countReasons(skipped),
    verdicts,
    compared: sum(outcomes.filter(({ before }) => before !== null)),
    changed: sum(changed),
    changes: changed.slice(0, changes_max).map(changeJson),
    never_fired,
    ungoverned: ungovernedIn(outcomes),
  };
}

/** Connections that were asked something no policy governs, with how often. What they are called is what the file or the options say. */
function ungovernedIn(outcomes: readonly Outcome[]) {
  const found = new Map<string, { connection: string | null; count: number; first_line: number }>();
  for (const { after, count, entry, request } of outcomes) {
    if (after.code !== ungoverned_code) continue;
    const { name, database } = request.connection;
    const connection = [name, database].find((each) => typeof each === "string");
    const known = found.get(String(connection)) ?? {
      connection: typeof connection === "string" ? connection : null,
      count: 0,
      first_line: entry.line,
    };
    found.set(String(connection), { ...known, count: known.count + count });
  }
  return [...found.values()];
}

function countReasons(skipped: readonly Skipped[]) {
  const reasons = new Map<string, { reason: string; count: number; first_line: number }>();
  for (const { reason, line } of skipped) {
    const known = reasons.get(reason) ?? { reason, count: 0, first_line: line };
    reasons.set(reason, { ...known, count: known.count + 1 });
  }
  return [...reasons.values()];
}

function changeJson({ entry, count, change, before, after }: Outcome) {
  return {
    line: entry.line,
    count,
    change,
    before: before && { verdict: before.verdict, rules: before.rules },
    after: {
      verdict: after.verdict,
      rules: after.rules.map(({ id, effect, span }) => ({ id, effect, file: span.file, line: span.line })),
    },
    message: after.message,
    text: entry.text === null ? null : short(entry.text),
  };
}

const short = (text: string): string => (text.length > text_length_max ? `${text.slice(0, text_length_max)}..` : text);

function asText(report: Report): string {
  const { decided, distinct, skipped, verdicts, compared, changed, changes, never_fired, ungoverned } = report;
  const counts = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  return [
    ...changes.map(changeText),
    ...(changed > 0 && changes.length === changes_max ? [`only the first ${changes_max} changes are shown`] : []),
    ...skipped.map(({ reason, count, first_line }) => `${count} skipped, first in line ${first_line}: ${reason}`),
    ...ungoverned.map(
      ({ connection, count, first_line }) =>
        `${connection ?? "a connection without a name"}: no policy governs ${count} of its decisions, first in line ${first_line}`,
    ),
    ...(never_fired.length === 0 ? [] : [`never fired: ${never_fired.join(", ")}`]),
    `${plural(decided, "decision")}, ${distinct} distinct: ${counts.join(", ")}`,
    compared === 0 ? "nothing to compare with: give --against" : `${changed} of ${compared} changed`,
  ]
    .map(visible)
    .join("\n");
}

function changeText({ line, count, change, before, after, text }: Report["changes"][number]): string {
  const added = after.rules.filter(({ id }) => !before?.rules.includes(id));
  const by = added.find(({ effect }) => effect === after.verdict) ?? added[0] ?? after.rules[0];
  const place = by === undefined ? "" : ` by ${by.id} (${by.file}:${by.line})`;
  const times = count === 1 ? "" : `, ${count} times`;
  return `line ${line}${times}: ${change}: ${before?.verdict} -> ${after.verdict}${place}: ${text ?? "(facts alone)"}`;
}

function printSuggestion(outcomes: readonly Outcome[], format: ReplayOptions["format"], terminal: Terminal): void {
  const { text, granted_count, left_out_count } = suggest(outcomes);
  const counts = `${plural(granted_count, "refused decision")} would be granted, ${left_out_count} left out`;
  if (format === "json")
    terminal.out(JSON.stringify({ text, granted: granted_count, left_out: left_out_count }, null, 2));
  else {
    if (text !== null) terminal.out(text.trimEnd());
    terminal.err(counts);
  }
}

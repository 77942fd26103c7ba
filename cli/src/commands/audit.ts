/**
 * `hpl audit`: checks a gateway's log, proves single events, looks events up, decides them again.
 *
 * Every verb takes the log's folder, or finds it by the configuration. Results go to standard output; exit code 1 says that
 * something does not hold.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import {
  type AuditFilter,
  checkProof,
  proofLengthMax,
  queryAuditLog,
  replayAuditLog,
  verifyAuditLog,
  writeProof,
} from "@hpl/gateway";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { findLog, moment, wholeNumber } from "../log-folder.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface LogOptions {
  readonly config: string;
  readonly format: "text" | "json";
}

interface VerifyOptions extends LogOptions {
  readonly key?: string;
  readonly checkpoint: readonly string[];
}

const verifyHelp = `
Examples:
  $ hpl audit verify --config gateway.json
  $ hpl audit verify state/audit --key "$(cat noted.key)" --checkpoint noted.checkpoint

A changed, removed, added or moved line is found by the hashes in the lines, a log that was written anew by its signature. Give
the key and a checkpoint that you noted elsewhere: then a log under another key, or one put back to an older state, is found
too. With a configuration, the copy of the last checkpoint is looked at by itself. Exit code: 0 whole, 1 not.`;

const proofHelp = `
Example:
  $ hpl audit proof 1042 -o 1042.tlog-proof
  $ hpl audit check-proof 1042.tlog-proof --key "$(cat noted.key)"

The file holds the event, its place, and a signed checkpoint: whoever has it and the key needs neither the log nor the gateway.`;

const queryHelp = `
Examples:
  $ hpl audit query --verdict block --from 2026-11-01 --principal svc-coder
  $ hpl audit query --table public.users

Prints one event a line, in order, as it stands in the log.`;

const replayHelp = `
Each decision is made again from the log alone: by the module that decided then, with the facts, the session and the time that
the log has. It must come out the same, byte for byte. Exit code: 0 all the same, 1 not. A decision whose inputs the log does
not have is counted, and makes the exit code 1.`;

export function addAudit(program: Command, run: (code: Promise<number>) => void): void {
  const audit = program
    .command("audit")
    .summary("check, prove and search the audit log")
    .description("Works on a gateway's audit log.");
  const verb = (name: string, description: string, help: string): Command =>
    audit
      .command(name)
      .description(description)
      .option("--config <file>", "the gateway's configuration", "gateway.json")
      .addHelpText("after", help);
  const logArgument = "the log's folder, or the state folder it is in (default: the configuration's)";
  const textOrJson = new Option("--format <format>", "text or json").choices(["text", "json"]).default("text");
  verb("verify", "Checks that the audit log is what was written, line for line.", verifyHelp)
    .argument("[log]", logArgument)
    .option("--key <text>", "the key that must have signed, as the gateway printed it")
    .option("--checkpoint <file>", "a checkpoint that the log must contain; may be repeated", collect, [])
    .addOption(textOrJson)
    .action((path: string | undefined, options: VerifyOptions, command: Command) =>
      run(verify(path, options, terminalOf(command))),
    );
  verb("proof", "Writes a proof that one event is in the log.", proofHelp)
    .argument("<index>", "the event's index", wholeNumber)
    .argument("[log]", logArgument)
    .option("-o, --output <file>", "where to (default: standard output)")
    .action((index: number, path: string | undefined, options: LogOptions & { output?: string }, command: Command) =>
      run(proof(index, path, options, terminalOf(command))),
    );
  audit
    .command("check-proof")
    .description("Checks a proof without the log, and prints the event it is of.")
    .argument("<file>", "the proof")
    .option("--key <text>", "the key that must have signed (default: the one in the proof, which is told)")
    .addOption(textOrJson)
    .addHelpText("after", proofHelp)
    .action((path: string, options: { key?: string; format: "text" | "json" }, command: Command) =>
      run(check(path, options, terminalOf(command))),
    );
  verb("replay", "Decides every recorded decision again, and compares.", replayHelp)
    .argument("[log]", logArgument)
    .addOption(textOrJson)
    .action((path: string | undefined, options: LogOptions, command: Command) =>
      run(replay(path, options, terminalOf(command))),
    );
  addQuery(verb("query", "Prints the events that fit.", queryHelp).argument("[log]", logArgument), run);
}

const terminalOf = (command: Command): Terminal => openTerminal(command.optsWithGlobals().color);
const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

async function verify(given: string | undefined, options: VerifyOptions, terminal: Terminal): Promise<number> {
  const { log, copy } = findLog(given, options.config);
  const files = [...options.checkpoint, ...(copy === null ? [] : [copy])];
  const { key } = options;
  const check = await verifyAuditLog(log, { checkpoints: files.map(readText), ...(key === undefined ? {} : { key }) });
  if (options.format === "json") terminal.out(JSON.stringify({ log, ...check }, null, 2));
  else if (!check.ok)
    terminal.out(`${log}: line ${check.fault.index + 1} (index ${check.fault.index}): ${check.fault.reason}`);
  else {
    terminal.out(`${log}: ${check.lines_count} lines, whole; last hash ${check.last_hash}`);
    terminal.out(`the first ${check.signed_count} are signed by ${check.key}`);
    const unsigned = check.lines_count - check.signed_count;
    if (unsigned > 0)
      terminal.out(`${unsigned} lines are not signed: a gateway signs within a second, or at its next start`);
  }
  return check.ok ? exitCode.ok : exitCode.findings;
}

async function proof(
  index: number,
  given: string | undefined,
  options: LogOptions & { output?: string },
  terminal: Terminal,
): Promise<number> {
  const written = await writeProof(findLog(given, options.config).log, index);
  if (!written.ok) throw new CommandFailure(`no proof: ${written.reason}`, exitCode.findings);
  if (options.output === undefined) terminal.out(written.text.trimEnd());
  else writeFileSync(options.output, written.text);
  return exitCode.ok;
}

async function replay(given: string | undefined, options: LogOptions, terminal: Terminal): Promise<number> {
  const counts = { same: 0, different: 0, no_policy: 0, not_recorded: 0 };
  const findings: { readonly index: number; readonly kind: string }[] = [];
  for await (const { event, result } of replayAuditLog(findLog(given, options.config).log)) {
    counts[result.kind]++;
    if (result.kind === "same" || result.kind === "no_policy") continue;
    findings.push({ index: event.index, ...result });
    if (options.format === "text" && result.kind === "different")
      terminal.out(`index ${event.index}: recorded ${result.recorded}\n  now ${result.now}`);
    else if (options.format === "text")
      terminal.out(`index ${event.index}: ${result.kind === "not_recorded" ? result.reason : ""}`);
  }
  const { same, different, no_policy, not_recorded } = counts;
  if (options.format === "json") terminal.out(JSON.stringify({ ...counts, findings }, null, 2));
  else {
    terminal.out(`${same} decisions came out the same, ${different} did not, ${not_recorded} could not be made again`);
    if (no_policy > 0) terminal.out(`${no_policy} were blocked without a policy`);
  }
  return different + not_recorded === 0 ? exitCode.ok : exitCode.findings;
}

async function check(
  path: string,
  { key, format }: { readonly key?: string; readonly format: "text" | "json" },
  terminal: Terminal,
): Promise<number> {
  if (existsSync(path) && statSync(path).size > 2 * proofLengthMax) throw new CommandFailure(`${path} is too large`);
  const checked = checkProof(readText(path), key);
  if (format === "json") terminal.out(JSON.stringify(checked, null, 2));
  else if (!checked.ok) terminal.out(`${path}: ${checked.reason}`);
  else {
    terminal.out(checked.line);
    terminal.err(`index ${checked.index} of the ${checked.size} lines that were signed by ${checked.key}`);
    if (key === undefined) terminal.err("is that the key you know? Give it with --key");
  }
  return checked.ok ? exitCode.ok : exitCode.findings;
}

const filters = ["kind", "principal", "connection", "session", "rule", "table", "verdict"] as const;

interface QueryOptions extends Partial<Record<(typeof filters)[number], string>> {
  readonly config: string;
  readonly wouldBe?: string;
  readonly from?: string;
  readonly to?: string;
}

function addQuery(command: Command, run: (code: Promise<number>) => void): void {
  command
    .option("--from <time>", "from this time on")
    .option("--to <time>", "before this time")
    .option("--kind <kind>", "of this kind, such as decision")
    .option("--principal <id>", "about this principal")
    .option("--connection <name>", "on this connection")
    .option("--session <id>", "of this session")
    .option("--rule <id>", "in which this rule took part")
    .option("--table <name>", "about this table, with or without its schema")
    .addOption(new Option("--verdict <verdict>", "decided so").choices(["allow", "approve", "block"]))
    .addOption(
      new Option(
        "--would-be <verdict>",
        "a shadow policy would have decided so, and otherwise than was decided",
      ).choices(["allow", "approve", "block"]),
    )
    .action((path: string | undefined, options: QueryOptions, self: Command) =>
      run(query(path, options, terminalOf(self))),
    );
}

async function query(given: string | undefined, options: QueryOptions, terminal: Terminal): Promise<number> {
  const texts = filters.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  const filter: AuditFilter = {
    ...Object.fromEntries(texts),
    ...(options.wouldBe === undefined ? {} : { would_be: options.wouldBe }),
    ...(options.from === undefined ? {} : { from_ms: moment(options.from) }),
    ...(options.to === undefined ? {} : { to_ms: moment(options.to) }),
  };
  for await (const { line } of queryAuditLog(findLog(given, options.config).log, filter)) terminal.out(line);
  return exitCode.ok;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CommandFailure(`${path} cannot be read`);
  }
}

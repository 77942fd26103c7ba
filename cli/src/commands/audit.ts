import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, pathIn, verifyAuditLog } from "@hpl/gateway";
import type { Command } from "commander";
import { describeProblems } from "../config-problems.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface VerifyOptions {
  readonly config: string;
  readonly format: "text" | "json";
}

const help = `
Examples:
  $ hpl audit verify --config gateway.json
  $ hpl audit verify state/audit.jsonl --format json

Every line names the hash of the line before it: a changed, removed, added or moved line is found. A log that was cut off
at its end is found by comparing the last hash with one noted elsewhere. Exit code: 0 whole, 1 not.`;

export function addAudit(program: Command, run: (code: Promise<number>) => void): void {
  const audit = program.command("audit").summary("check the audit log").description("Works on a gateway's audit log.");
  audit
    .command("verify")
    .description("Checks that no line of the audit log was changed, removed, added or moved.")
    .argument("[log]", "an audit.jsonl, or the folder it is in (default: the configuration's)")
    .option("--config <file>", "the gateway's configuration", "gateway.json")
    .option("--format <format>", "text or json", "text")
    .addHelpText("after", help)
    .action((path: string | undefined, options: VerifyOptions, command: Command) =>
      run(verify(path, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function verify(given: string | undefined, options: VerifyOptions, terminal: Terminal): Promise<number> {
  const path = findLog(given ?? stateOf(options.config));
  const check = await verifyAuditLog(path);
  if (options.format === "json") terminal.out(JSON.stringify({ log: path, ...check }, null, 2));
  else if (check.ok) terminal.out(`${path}: ${check.lines_count} lines, whole; last hash ${check.last_hash}`);
  else terminal.out(`${path}: line ${check.fault.index + 1}: ${check.fault.reason}`);
  return check.ok ? exitCode.ok : exitCode.findings;
}

function stateOf(config: string): string {
  const loaded = loadConfig(config);
  if (!loaded.ok) throw new CommandFailure(describeProblems(config, loaded.problems));
  return pathIn(loaded.folder, loaded.config.state);
}

function findLog(path: string): string {
  if (!existsSync(path)) throw new CommandFailure(`there is no ${path}`);
  const log = statSync(path).isDirectory() ? join(path, "audit.jsonl") : path;
  if (!existsSync(log)) throw new CommandFailure(`there is no ${log}`);
  return log;
}

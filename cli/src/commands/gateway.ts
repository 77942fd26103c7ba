import {
  type CompilePolicy,
  checkBundle,
  type GatewayConfig,
  loadConfig,
  missingKeys,
  pathIn,
  startGateway,
} from "@hpl/gateway";
import type { Policy } from "@hpl/runtime";
import type { Command } from "commander";
import { describeProblems } from "../config-problems.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { compilePolicy, openPolicy } from "../load-policy.js";
import { dataPathsOf } from "../policy-files.js";
import { openTerminal, type Terminal } from "../terminal.js";

const help = `
Example:
  $ hpl gateway --config gateway.json
  $ psql -h 127.0.0.1 -p 6432 -U agent orders

The policy is followed while the gateway runs; SIGHUP reads it again. A policy with errors never replaces a good one.
SIGINT and SIGTERM end the gateway.`;

export function addGateway(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("gateway")
    .summary("guard databases: start the gateway")
    .description(
      "Starts the gateway: clients connect to it instead of the database, and every statement is decided first.",
    )
    .option("--config <file>", "the configuration", "gateway.json")
    .option("--check", "check the configuration and the policy, and do not start")
    .addHelpText("after", help)
    .action((options: { config: string; check?: true }, command: Command) => {
      const terminal = openTerminal(command.optsWithGlobals().color);
      run(options.check ? checkOnly(options.config, terminal) : serve(options.config, terminal));
    });
}

/** Compiles for a gateway: findings as text instead of an exception. */
export const compileForGateway: CompilePolicy = (path) => {
  try {
    return { ok: true, module: compilePolicy([path], false), data_paths: dataPathsOf([path]) };
  } catch (error) {
    const findings = error instanceof Error ? error.message : String(error);
    return { ok: false, findings, data_paths: dataPathsOf([path]) };
  }
};

function readConfig(path: string) {
  const loaded = loadConfig(path, { references: true });
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  return loaded;
}

async function checkOnly(path: string, terminal: Terminal): Promise<number> {
  const { config, folder } = readConfig(path);
  const policy = await policyOf(config, folder, terminal);
  if (config.shadow !== undefined) openPolicy(pathIn(folder, config.shadow), terminal.hasColors);
  const missing = policy === null ? null : missingKeys(policy, new Set(Object.keys(config.keys ?? {})));
  if (missing !== null) throw new CommandFailure(missing, exitCode.findings);
  terminal.err(`${path} is good`);
  return exitCode.ok;
}

/** The policy that a start would put in force; null where only a server knows it. */
async function policyOf(config: GatewayConfig, folder: string, terminal: Terminal): Promise<Policy | null> {
  if (typeof config.policy === "string") return openPolicy(pathIn(folder, config.policy), terminal.hasColors);
  const checked = await checkBundle(config, folder);
  if (checked === null || checked.ok) return checked?.policy ?? null;
  throw new CommandFailure(checked.finding, exitCode.findings);
}

async function serve(path: string, terminal: Terminal): Promise<number> {
  const { config, folder } = readConfig(path);
  const log = (line: string): void => terminal.err(line);
  const gateway = await startGateway({ config, folder, compile: compileForGateway, log }).catch((error: unknown) => {
    throw new CommandFailure(
      `the gateway does not start: ${error instanceof Error ? error.message : String(error)}`,
      exitCode.findings,
    );
  });
  for (const { connection, host, port, engine } of gateway.listeners)
    log(`${connection}: listening on ${host}:${port} (${engine})`);
  if (gateway.approvalsUrl !== null) log(`approvals: ${gateway.approvalsUrl}`);
  if (gateway.metricsUrl !== null) log(`metrics: ${gateway.metricsUrl}/metrics`);
  log(`audit log: ${gateway.auditPath}, signed by ${gateway.auditKey}`);
  process.on("SIGHUP", () => void gateway.policies.reload());
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  await gateway.close();
  return exitCode.ok;
}

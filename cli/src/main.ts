/**
 * The `hpl` command: arguments in, exit code out.
 *
 * Each verb has a file in `commands/` that says its options and calls the packages; nothing is decided, parsed or masked
 * here. Results go to standard output, everything else to standard error. Exit codes are those of DESIGN section 8.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addApprovals } from "./commands/approvals.js";
import { addAudit } from "./commands/audit.js";
import { addBuild, addInspect } from "./commands/build.js";
import { addCheck } from "./commands/check.js";
import { addEval } from "./commands/eval.js";
import { addExplain } from "./commands/explain.js";
import { addFacts } from "./commands/facts.js";
import { addGateway } from "./commands/gateway.js";
import { addInit } from "./commands/init.js";
import { CommandFailure, exitCode } from "./exit-code.js";

const overview = `
A first policy:
  $ hpl init my-policy && cd my-policy
  $ hpl check
  $ hpl eval policy.hpl --sql 'DROP TABLE users'

Exit codes: 0 clean or allow, 1 findings, 2 usage, 3 needs approval, 4 block.`;

/** Runs the command line `args`, without the program's name, and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code: Promise<number> = Promise.resolve(exitCode.ok);
  const program = buildProgram((running) => {
    code = running;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return await code;
  } catch (error) {
    return reportFailure(error);
  }
}

function buildProgram(run: (code: Promise<number>) => void): Command {
  const program = new Command("hpl")
    .description("Policy-as-code for databases, shells and APIs: check, compile, evaluate and enforce .hpl policies.")
    .version(versionOf(), "-V, --version", "print the version")
    .option("--no-color", "no colours")
    .helpOption("-h, --help", "print help")
    .addHelpText("after", overview)
    .showHelpAfterError("(add --help for more)")
    .exitOverride();
  const adders = [
    addInit,
    addCheck,
    addEval,
    addFacts,
    addBuild,
    addInspect,
    addExplain,
    addGateway,
    addApprovals,
    addAudit,
  ];
  for (const add of adders) add(program, run);
  inherit(program);
  return program;
}

/** Subcommands fail like the program: by exception, with the hint. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError("(add --help for more)");
    inherit(child);
  }
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof CommandFailure) {
    process.stderr.write(`${error.code === exitCode.usage ? "hpl: " : ""}${error.message}\n`);
    return error.code;
  }
  throw error;
}

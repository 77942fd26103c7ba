import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { quoteWord } from "../guard/quote.js";
import { parseJsonOption } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface ShimOptions {
  readonly policy: string;
  readonly shell: string;
  readonly principal: string;
  readonly connection: string;
  readonly workspace?: string;
}

const help = `
Example:
  $ hpl shim --policy policy.wasm --principal '{"id":"coder","kind":"agent"}' > ~/guarded/bash
  $ chmod +x ~/guarded/bash && SHELL=~/guarded/bash PATH=~/guarded:$PATH some-agent

The wrapper guards a program that means well and errs. It is no sandbox: docs/guide/guard.md says what goes past it.`;

export function addShim(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("shim")
    .summary("print a shell that asks the guard first")
    .description("Prints a POSIX shell script to stand in for a shell: every command line goes through `hpl guard`.")
    .requiredOption("--policy <policy>", "a .hpl file, a folder of them, or, fastest, a compiled .wasm")
    .option("--shell <path>", "the shell that runs what is allowed", "/bin/bash")
    .option("--principal <json>", "who runs it", "{}")
    .option("--connection <json>", "on what", "{}")
    .option("--workspace <folder>", "what counts as inside (default: where the wrapper is called)")
    .addHelpText("after", help)
    .action((options: ShimOptions, command: Command) =>
      run(printShim(options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function printShim(options: ShimOptions, terminal: Terminal): Promise<number> {
  const { policy, shell, principal, connection, workspace } = options;
  parseJsonOption(principal, "--principal");
  parseJsonOption(connection, "--connection");
  if (!existsSync(policy)) throw new CommandFailure(`there is no ${policy}`);
  if (!shell.startsWith("/"))
    throw new CommandFailure("--shell takes an absolute path: the wrapper may come first in PATH");
  const where = workspace === undefined ? [] : ["--workspace", resolve(workspace)];
  // Absolute paths: what the wrapper calls must not depend on the PATH of who calls it.
  const guard = [process.execPath, resolve(process.argv[1] ?? "hpl"), "guard", "--policy", resolve(policy)];
  const words = [...guard, "--principal", principal, "--connection", connection, ...where, "--", shell];
  terminal.out(`#!/bin/sh
# Every command line goes through hpl guard before ${shell.replaceAll(/[^\w/.-]/g, "?")} runs it.
exec ${words.map(quoteWord).join(" ")} "$@"`);
  return exitCode.ok;
}

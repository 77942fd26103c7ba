import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { starterFiles } from "./starter-files.js";

const help = `
Example:
  $ hpl init my-policy && cd my-policy && hpl check

Writes a policy, groups, a gateway configuration and CI files. A file that is already there is never touched.`;

export function addInit(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("init")
    .summary("start a policy: rules, examples, CI")
    .description("Writes a small working policy with examples, a gateway configuration and CI files.")
    .argument("[folder]", "where to write it", ".")
    .addHelpText("after", help)
    .action((folder: string, _options: unknown, command: Command) =>
      run(init(folder, openTerminal(command.optsWithGlobals().color))),
    );
}

async function init(folder: string, terminal: Terminal): Promise<number> {
  const taken = starterFiles.map(({ path }) => join(folder, path)).filter(existsSync);
  if (taken.length > 0)
    throw new CommandFailure(`${taken.join(", ")} is already there; nothing was written`, exitCode.findings);
  for (const { path, text } of starterFiles) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    terminal.err(`wrote ${join(folder, path)}`);
  }
  terminal.err(`\nNext: ${folder === "." ? "" : `cd ${folder} && `}hpl check`);
  return exitCode.ok;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { openTerminal, type Terminal } from "../terminal.js";

const pages = new URL("../../../docs/errors/", import.meta.url);

export function addExplain(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("explain")
    .summary("explain an error code")
    .description("Prints the page of an error code: what it means, an example that fails and one that passes.")
    .argument("[code]", "for instance HPL2003; without one, all codes are listed")
    .action((code: string | undefined, _options: unknown, command: Command) =>
      run(explain(code, openTerminal(command.optsWithGlobals().color))),
    );
}

async function explain(code: string | undefined, terminal: Terminal): Promise<number> {
  if (code === undefined) {
    for (const name of readdirSync(pages)
      .filter((each) => /^HPL\d{4}\.md$/.test(each))
      .toSorted())
      terminal.out(titleOf(name));
    return exitCode.ok;
  }
  const name = `${code.toUpperCase()}.md`;
  if (!/^HPL\d{4}\.md$/.test(name) || !existsSync(new URL(name, pages))) {
    throw new CommandFailure(`there is no error code ${code}; \`hpl explain\` lists them`);
  }
  terminal.out(readFileSync(new URL(name, pages), "utf8").trimEnd());
  return exitCode.ok;
}

const titleOf = (name: string): string =>
  readFileSync(new URL(name, pages), "utf8").split("\n", 1)[0]?.replace(/^# /, "") ?? name;

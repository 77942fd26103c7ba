import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { floorOf } from "../grants/floor.js";
import { grantsSql } from "../grants/grants-sql.js";
import { inspect } from "../grants/inspect.js";
import { compileSources, openPolicy } from "../load-policy.js";
import { readCatalogFile } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface GrantsOptions {
  readonly catalog?: string;
  readonly against?: string;
  readonly directRole: string;
  readonly gatewayRole: string;
}

const help = `
The SQL makes two roles and takes the masked columns from everybody else who may read them: privileges of columns are the one thing
that holds for whoever gets past the gateway. It is printed, not run. With --against, the database is asked what it holds and who may
read it; with --catalog, a file says what it holds, and rights are taken from PUBLIC alone.

Examples:
  $ hpl grants policy/ --against "$ORDERS_URL" > floor.sql
  $ hpl grants policy/ --against env:ORDERS_URL
  $ hpl grants policy/ --catalog shop.catalog.json --direct-role readers`;

export function addGrants(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("grants")
    .summary("print the GRANT and REVOKE that make the database the floor under a policy")
    .description("Prints SQL after which the database itself refuses what the policy at POLICY masks.")
    .argument("<policy>", "a .hpl file, or a folder of them")
    .option("--against <url>", "the database: postgres://.., or env:NAME for a variable that holds the URL")
    .option("--catalog <file>", "what the database holds, as JSON")
    .option("--direct-role <name>", "role for those who connect without the gateway", "hpl_direct")
    .option("--gateway-role <name>", "role for the gateway", "hpl_gateway")
    .addHelpText("after", help)
    .action((policy: string, options: GrantsOptions, command: Command) =>
      run(printGrants(policy, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function printGrants(path: string, options: GrantsOptions, terminal: Terminal): Promise<number> {
  const { against, directRole, gatewayRole } = options;
  if ((against === undefined) === (options.catalog === undefined))
    throw new CommandFailure("give exactly one of --against and --catalog");
  if (directRole === gatewayRole) throw new CommandFailure("the two roles must have different names");
  const { checked } = compileSources([path], terminal.hasColors);
  const loaded = openPolicy(path, terminal.hasColors);
  const server = against === undefined ? null : await inspect(against);
  const catalog = server?.catalog ?? readCatalogFile(options.catalog);
  if (catalog === null) throw new CommandFailure("there is no catalog");
  const floors = floorOf({ checked, loaded }, catalog, await loadFrontEnds());
  terminal.out(grantsSql(floors, { direct: directRole, gateway: gatewayRole }, server?.rights ?? null));
  return exitCode.ok;
}

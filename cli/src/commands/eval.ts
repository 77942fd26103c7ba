import {
  type Catalog,
  type Decision,
  type FrontEnds,
  type JudgeRequest,
  judge,
  type Policy,
  type ReadRequest,
  readRequest,
  refuseBadRequest,
} from "@hpl/runtime";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { openPolicy } from "../load-policy.js";
import { inputLines, parseJsonOption, readCatalogFile, readFileOption, readRequestLine } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface EvalOptions {
  readonly sql?: string;
  readonly shell?: string;
  readonly text?: string;
  readonly request?: string;
  readonly ndjson?: true;
  readonly dialect: string;
  readonly principal: string;
  readonly connection: string;
  readonly session: string;
  readonly catalog?: string;
  readonly now?: string;
}

const examples = `
Examples:
  $ hpl eval policy.hpl --sql 'DROP TABLE users' --principal '{"id":"ann","kind":"human","groups":["dba"]}' \\
      --connection '{"name":"orders","kind":"postgres","env":"prod"}'
  $ hpl eval policy/ --ndjson --catalog shop.json < requests.ndjson > decisions.ndjson

The decision is printed as JSON. Exit code: 0 allow, 3 approve, 4 block, 1 the policy has errors, 2 usage;
with --ndjson 0 whenever the input was read. What is left out of principal, session and connection is unknown.`;

export function addEval(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("eval")
    .summary("decide on one request, or on a stream of them")
    .description(
      "Decides on a statement, a command or a request by the policy at POLICY (a .hpl file, a folder or a .wasm).",
    )
    .argument("<policy>", "a .hpl file, a folder of them, or a compiled .wasm")
    .option("--sql <text>", "decide on a SQL text")
    .option("--shell <text>", "decide on a shell command line")
    .option("--text <text>", "decide on plain text")
    .option("--request <file>", "decide on a request in a JSON file, - for standard input")
    .option("--ndjson", "decide on every line of standard input, one decision a line")
    .option("--dialect <name>", "SQL dialect: postgres, mysql or bigquery", "postgres")
    .option("--principal <json>", "who asks", "{}")
    .option("--connection <json>", "on what", "{}")
    .option("--session <json>", "over what", "{}")
    .option("--catalog <file>", "catalog of the database; without one names mean plain tables as written")
    .option("--now <time>", "time of the request, RFC 3339 (default: the present)")
    .addHelpText("after", examples)
    .action((policy: string, options: EvalOptions, command: Command) =>
      run(evaluate(policy, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function evaluate(path: string, options: EvalOptions, terminal: Terminal): Promise<number> {
  const asked = [options.sql, options.shell, options.text, options.request, options.ndjson].filter(
    (each) => each !== undefined,
  );
  if (asked.length !== 1)
    throw new CommandFailure("give exactly one of --sql, --shell, --text, --request and --ndjson");
  const catalog = readCatalogFile(options.catalog);
  const policy = openPolicy(path, terminal.hasColors);
  await loadPostgres();
  const frontEnds: FrontEnds = { postgres: postgresFrontEnd };
  if (options.ndjson) return evaluateLines(policy, frontEnds, catalog, terminal);
  const request = readOne(options, catalog);
  const decision = decide(policy, frontEnds, request);
  terminal.out(JSON.stringify(decision, null, 2));
  return { allow: exitCode.ok, approve: exitCode.approve, block: exitCode.block }[decision.verdict];
}

async function evaluateLines(
  policy: Policy,
  frontEnds: FrontEnds,
  catalog: Catalog | null,
  terminal: Terminal,
): Promise<number> {
  for await (const line of inputLines()) {
    const request = readRequestLine(line, catalog);
    const id = request.ok ? request.request.id : request.bad.id;
    terminal.out(JSON.stringify({ id, ...decide(policy, frontEnds, request) }));
  }
  return exitCode.ok;
}

const decide = (policy: Policy, frontEnds: FrontEnds, request: ReadRequest): Decision =>
  request.ok
    ? judge(policy, frontEnds, request.request satisfies JudgeRequest).decision
    : refuseBadRequest(request.bad);

/** The request that the options describe, in the shape of a line of NDJSON. */
function readOne(options: EvalOptions, catalog: Catalog | null): ReadRequest {
  if (options.request !== undefined)
    return readRequest(parseJsonOption(readFileOption(options.request), options.request), catalog);
  return readRequest(
    {
      principal: parseJsonOption(options.principal, "--principal"),
      connection: parseJsonOption(options.connection, "--connection"),
      session: parseJsonOption(options.session, "--session"),
      now: parseTime(options.now),
      action: actionOf(options),
    },
    catalog,
  );
}

function actionOf({ sql, shell, text, dialect }: EvalOptions): unknown {
  if (sql !== undefined) return { sql: { dialect, text: sql } };
  return shell === undefined ? { text } : { shell: { text: shell } };
}

function parseTime(text: string | undefined): number {
  const time = text === undefined ? Date.now() : Date.parse(text);
  if (Number.isNaN(time)) throw new CommandFailure(`--now is not a time: ${text}`);
  return time;
}

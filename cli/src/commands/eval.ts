import {
  type Catalog,
  type Decision,
  type FrontEnds,
  type JudgeRequest,
  judge,
  type Policy,
  type ReadRequest,
  refuseBadRequest,
} from "@hpl/runtime";
import type { Command } from "commander";
import { addRequestOptions, questionsCount, type RequestOptions, readAskedRequest } from "../asked-request.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { openPolicy } from "../load-policy.js";
import { inputLines, readCatalogFile, readRequestLine } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface EvalOptions extends RequestOptions {
  readonly ndjson?: true;
}

const examples = `
Examples:
  $ hpl eval policy.hpl --sql 'DROP TABLE users' --principal '{"id":"ann","kind":"human","groups":["dba"]}' \\
      --connection '{"name":"orders","kind":"postgres","env":"prod"}'
  $ hpl eval policy/ --ndjson --catalog shop.json < requests.ndjson > decisions.ndjson

The decision is printed as JSON. Exit code: 0 allow, 3 approve, 4 block, 1 the policy has errors, 2 usage;
with --ndjson 0 whenever the input was read. What is left out of principal, session and connection is unknown.`;

export function addEval(program: Command, run: (code: Promise<number>) => void): void {
  const command = program
    .command("eval")
    .summary("decide on one request, or on a stream of them")
    .description(
      "Decides on a statement, a command or a request by the policy at POLICY (a .hpl file, a folder or a .wasm).",
    )
    .argument("<policy>", "a .hpl file, a folder of them, or a compiled .wasm");
  addRequestOptions(command)
    .option("--ndjson", "decide on every line of standard input, one decision a line")
    .addHelpText("after", examples)
    .action((policy: string, options: EvalOptions, command: Command) =>
      run(evaluate(policy, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function evaluate(path: string, options: EvalOptions, terminal: Terminal): Promise<number> {
  if (questionsCount(options) + (options.ndjson ? 1 : 0) !== 1)
    throw new CommandFailure("give exactly one of --sql, --shell, --text, --request and --ndjson");
  const catalog = readCatalogFile(options.catalog);
  const policy = openPolicy(path, terminal.hasColors);
  const frontEnds = await loadFrontEnds();
  if (options.ndjson) return evaluateLines(policy, frontEnds, catalog, terminal);
  const request = readAskedRequest(options, catalog, policy);
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

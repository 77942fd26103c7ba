import { listEntry, loadConfig, pathIn, readApprovals } from "@hpl/gateway";
import type { Command } from "commander";
import { describeProblems } from "../config-problems.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible, visibleJson, visibleLines } from "../visible.js";

interface ApprovalsOptions {
  readonly config: string;
  readonly as: string;
}

interface DecideOptions extends ApprovalsOptions {
  readonly reason: string;
}

interface ListOptions {
  readonly config: string;
  readonly as?: string;
  readonly format: "text" | "json";
  readonly all?: true;
}

/** An approval as the gateway's API lists it. */
interface ListedApproval {
  readonly id: string;
  readonly state: string;
  readonly principal: string;
  readonly connection: string;
  readonly statement: string;
  readonly rule: string;
  readonly expires_at: string;
  readonly needs: readonly { readonly group: string; readonly count: number }[];
  readonly decisions: readonly { readonly user: string; readonly decision: string; readonly reason: string }[];
}

const help = `
The password is read from the environment variable HPL_PASSWORD. To decide, the gateway must be running.
Whoever may read the gateway's state folder can list without --as.

Examples:
  $ HPL_PASSWORD=... hpl approvals list --config gateway.json --as bob
  $ HPL_PASSWORD=... hpl approvals approve 4f0c2a91de --config gateway.json --as bob --reason "refund 4711, checked"`;

export function addApprovals(program: Command, run: (code: Promise<number>) => void): void {
  const approvals = program
    .command("approvals")
    .summary("list held statements, approve or reject them")
    .description("Lists the statements that wait for people, and decides on them.")
    .addHelpText("after", help);
  const configured = (command: Command): Command =>
    command.option("--config <file>", "the gateway's configuration", "gateway.json");
  configured(approvals.command("list").description("Lists approvals, newest first."))
    .option("--as <user>", "ask the running gateway as this user, instead of reading its state folder")
    .option("--format <format>", "text: those that wait; json: all, with their state", "text")
    .option("--all", "as text too, also those that are decided, used or expired")
    .action((options: ListOptions, command: Command) =>
      run(list(options, openTerminal(command.optsWithGlobals().color))),
    );
  for (const verb of ["approve", "reject"] as const) {
    configured(approvals.command(verb).description(`Lets a held statement ${verb === "approve" ? "run" : "fail"}.`))
      .argument("<id>", "the approval's id")
      .requiredOption("--as <user>", "the user who decides; the password stands in HPL_PASSWORD")
      .requiredOption("--reason <text>", "why; kept in the audit log")
      .action((id: string, options: DecideOptions, command: Command) =>
        run(decide(id, verb, options, openTerminal(command.optsWithGlobals().color))),
      );
  }
}

async function list(options: ListOptions, terminal: Terminal): Promise<number> {
  const all = await readList(options);
  const shown = options.all ? all : all.filter(({ state }) => state === "pending");
  if (options.format === "json") terminal.out(visibleJson(all));
  else if (shown.length === 0) terminal.err("nothing waits for approval");
  else for (const approval of shown) terminal.out(describe(approval));
  return exitCode.ok;
}

async function readList({ config, as }: ListOptions): Promise<readonly ListedApproval[]> {
  if (as !== undefined) return (await call({ config, as }, "GET", "/v1/approvals")) as readonly ListedApproval[];
  const loaded = loadConfig(config);
  if (!loaded.ok) throw new CommandFailure(describeProblems(config, loaded.problems));
  return readApprovals(pathIn(loaded.folder, loaded.config.state), new Date()).map(listEntry);
}

/** Statements and reasons are other people's text: nothing in them may move the cursor or hide what stands there. */
function describe(approval: ListedApproval): string {
  const { id, state, principal, connection, statement, rule, expires_at, needs, decisions } = approval;
  return [
    visible(`${id}  ${state}  ${principal} on ${connection}, until ${expires_at}`),
    ...visibleLines(statement).map((line) => `  ${line}`),
    visible(`  rule ${rule}; needs ${needs.map(({ group, count }) => `${count} of ${group}`).join(" and ")}`),
    ...decisions.map(({ user, decision, reason }) => visible(`  ${user}: ${decision}, ${reason}`)),
  ].join("\n");
}

async function decide(
  id: string,
  verb: "approve" | "reject",
  options: DecideOptions,
  terminal: Terminal,
): Promise<number> {
  const approval = (await call(options, "POST", `/v1/approvals/${encodeURIComponent(id)}/${verb}`, {
    reason: options.reason,
  })) as ListedApproval;
  terminal.err(visible(`${approval.id} is ${approval.state}`));
  return exitCode.ok;
}

/** Calls the approvals API of the gateway that runs with the configuration. */
async function call({ config, as }: ApprovalsOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const password = process.env.HPL_PASSWORD;
  if (!password) throw new CommandFailure("set HPL_PASSWORD to the user's password");
  const address = addressOf(config);
  const response = await fetch(`http://${address}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${as}:${password}`).toString("base64")}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new CommandFailure(
      `no gateway answers at ${address}; start it with \`hpl gateway --config ${config}\``,
      exitCode.findings,
    );
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : null;
  const message =
    typeof error === "string" ? visible(error) : `${address} answered ${response.status}, not as a gateway`;
  throw new CommandFailure(message, exitCode.findings);
}

function addressOf(path: string): string {
  const loaded = loadConfig(path);
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  const { approvals } = loaded.config;
  if (approvals === undefined) throw new CommandFailure(`${pathIn(".", path)} has no \`approvals\``);
  return approvals.listen;
}

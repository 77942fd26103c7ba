import { listEntry, readApprovals } from "@hpl/gateway";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { callGateway, type GatewayCaller, isShared, stateOf } from "../gateway-api.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible, visibleJson, visibleLines } from "../visible.js";

interface DecideOptions extends GatewayCaller {
  readonly reason: string;
  readonly scope?: string;
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
  $ HPL_PASSWORD=... hpl approvals approve 4f0c2a91de --config gateway.json --as bob --reason "refund 4711, checked"
  $ HPL_PASSWORD=... hpl approvals grant break_glass --config gateway.json --as fay --reason "INC-4312"`;

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
  const acting = (command: Command): Command =>
    configured(command)
      .requiredOption("--as <user>", "the user who acts; the password or token stands in HPL_PASSWORD")
      .requiredOption("--reason <text>", "why; kept in the audit log");
  for (const [verb, description] of Object.entries(verbs) as [Verb, string][]) {
    const command = acting(approvals.command(verb).description(description)).argument("<id>", "the approval's id");
    if (verb === "approve") command.addOption(scopeOption());
    command.action((id: string, options: DecideOptions, command: Command) =>
      run(decide(id, verb, options, openTerminal(command.optsWithGlobals().color))),
    );
  }
  acting(approvals.command("grant").description("Asks for one of the policy's grants, for yourself."))
    .argument("<name>", "the grant: `module.name`, or its name alone")
    .action((name: string, options: DecideOptions, command: Command) =>
      run(askGrant(name, options, openTerminal(command.optsWithGlobals().color))),
    );
  acting(approvals.command("ungrant").description("Ends a grant at the next statement."))
    .argument("<id>", "the grant's id")
    .action((id: string, options: DecideOptions, command: Command) =>
      run(endGrant(id, options, openTerminal(command.optsWithGlobals().color))),
    );
  configured(approvals.command("grants").description("Lists the policy's grants, and which of them are in force."))
    .requiredOption("--as <user>", "the user who asks; the password or token stands in HPL_PASSWORD")
    .option("--format <format>", "text or json", "text")
    .action((options: GatewayCaller & { format: string }, command: Command) =>
      run(listGrants(options, openTerminal(command.optsWithGlobals().color))),
    );
}

const verbs = {
  approve: "Lets a held statement run.",
  reject: "Lets a held statement fail.",
  revoke: "Takes back an approval that was given: nothing runs by it any more.",
} as const;
type Verb = keyof typeof verbs;

const scopeOption = (): Option =>
  new Option(
    "--scope <scope>",
    "what it is good for until its time is up: the statement once, statements of its shape, or what the same rules ask in its session",
  ).choices(["statement", "shape", "session"]);

/** The policy's grants as the gateway lists them. */
interface ListedGrants {
  readonly declared: readonly {
    readonly id: string;
    readonly to: readonly string[];
    readonly asking: string | null;
    readonly lasting_s: number;
  }[];
  readonly given: readonly {
    readonly id: string;
    readonly grant: string;
    readonly principal: string;
    readonly reason: string;
    readonly expires_at: string;
  }[];
}

async function askGrant(name: string, options: DecideOptions, terminal: Terminal): Promise<number> {
  const { reason } = options;
  const answer = await callGateway(options, "POST", "/v1/grants", { grant: name, reason });
  const asked = answer as { readonly approval?: string; readonly grant?: ListedGrants["given"][number] };
  if (asked.grant !== undefined)
    terminal.err(visible(`${asked.grant.grant} is given until ${asked.grant.expires_at}, id ${asked.grant.id}`));
  else terminal.err(visible(`approval ${asked.approval} is needed`));
  return asked.grant === undefined ? exitCode.approve : exitCode.ok;
}

async function endGrant(id: string, options: DecideOptions, terminal: Terminal): Promise<number> {
  const { reason } = options;
  await callGateway(options, "POST", `/v1/grants/${encodeURIComponent(id)}/revoke`, { reason });
  terminal.err(visible(`the grant ${id} is revoked`));
  return exitCode.ok;
}

async function listGrants(options: GatewayCaller & { format: string }, terminal: Terminal): Promise<number> {
  const { declared, given } = (await callGateway(options, "GET", "/v1/grants")) as ListedGrants;
  if (options.format === "json") terminal.out(visibleJson({ declared, given }));
  else {
    for (const { id, grant, principal, reason, expires_at } of given)
      terminal.out(visible(`${id}  ${grant} of ${principal}, until ${expires_at}: ${reason}`));
    for (const { id, to, asking, lasting_s } of declared)
      terminal.out(visible(`${id}  for ${to.join(", ")}, ${lasting_s} s${asking === null ? "" : `; say: ${asking}`}`));
  }
  return exitCode.ok;
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
  if (as !== undefined) return (await callGateway({ config, as }, "GET", "/v1/approvals")) as readonly ListedApproval[];
  if (isShared(config))
    throw new CommandFailure("the approvals are in a database that several gateways share: ask one of them, with --as");
  return readApprovals(stateOf(config), new Date()).map(listEntry);
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

async function decide(id: string, verb: Verb, options: DecideOptions, terminal: Terminal): Promise<number> {
  const { reason, scope } = options;
  const body = scope === undefined ? { reason } : { reason, scope };
  const path = `/v1/approvals/${encodeURIComponent(id)}/${verb}`;
  const approval = (await callGateway(options, "POST", path, body)) as ListedApproval;
  terminal.err(visible(`${approval.id} is ${approval.state}`));
  return exitCode.ok;
}

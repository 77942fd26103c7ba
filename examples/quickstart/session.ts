/**
 * The quickstart: an AI agent's session through the gateway, step by step, with real clients and a real server.
 *
 * `npm start` runs it and leaves the gateway up for you; `npm start -- --once` ends by itself. Nothing here is staged: what a
 * step prints was read from the wire and from the audit log.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { type Gateway, type GatewayConfig, loadConfig, startGateway, verifyAuditLog } from "@hpl/gateway";
import pg from "pg";
import { createColors } from "picocolors";

const folder = new URL("../../quickstart/", import.meta.url).pathname;
const isOnce = process.argv.includes("--once");
const colors = createColors(process.stdout.isTTY === true && !process.env.NO_COLOR);
const print = (text = ""): void => void process.stdout.write(`${text}\n`);

interface Step {
  readonly title: string;
  readonly sql: string;
  /** What must come of it: the run fails when it does not. */
  readonly expect: "allow" | "mask" | "approve" | "block";
}

const steps: readonly Step[] = [
  {
    title: "A question about orders",
    sql: "SELECT status, count(*), sum(total) FROM orders GROUP BY status",
    expect: "allow",
  },
  { title: "Personal data comes back masked", sql: "SELECT id, email FROM customers", expect: "mask" },
  { title: "An alias does not help", sql: "SELECT c.email AS contact FROM customers c", expect: "mask" },
  { title: "Nor does *", sql: "SELECT * FROM customers", expect: "mask" },
  { title: "Nor a subquery", sql: "SELECT x FROM (SELECT email AS x FROM customers) q", expect: "mask" },
  { title: "Nor a CTE", sql: "WITH q(y) AS (SELECT email FROM customers) SELECT y FROM q", expect: "mask" },
  {
    title: "Guessing at masked values is refused",
    sql: "SELECT id FROM customers WHERE email LIKE 'a%'",
    expect: "block",
  },
  { title: "A table cannot be dropped", sql: "select 1; /* tidy up */ DrOp /**/ TABLE customers", expect: "block" },
  {
    title: "A change waits for a second person",
    sql: "UPDATE orders SET status = 'paid' WHERE id = 7",
    expect: "approve",
  },
];

/** A decision as the audit log has it. */
interface DecisionLine {
  readonly kind: string;
  readonly time: string;
  readonly detail: {
    readonly decision: {
      readonly verdict: string;
      readonly message: string;
      readonly rules: readonly {
        readonly id: string;
        readonly effect: string;
        readonly file: string;
        readonly line: number;
      }[];
      readonly masks: readonly { readonly column: string; readonly transform: string }[];
    };
  };
}

/** The events of a young log: one segment. Facts stand in events of their own, for decisions to be made again. */
function readLog(folder: string): readonly DecisionLine[] {
  const lines = readFileSync(join(folder, "segments", "000000.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as DecisionLine).filter(({ kind }) => String(kind) !== "facts.seen");
}

async function runStep(step: Step, client: pg.Client, gateway: Gateway, config: GatewayConfig): Promise<void> {
  print(`\n${colors.bold(step.title)}`);
  print(`  ${colors.cyan("agent>")} ${step.sql}`);
  client.removeAllListeners("notice");
  client.on("notice", (notice) => void approve(notice.message ?? "", gateway, config));
  const started = performance.now();
  const answer = await client.query({ text: step.sql, rowMode: "array" }).catch((error: pg.DatabaseError) => error);
  const took_ms = performance.now() - started;
  if (answer instanceof Error) printError(answer);
  else printRows(answer);
  const decided = readLog(gateway.auditPath).findLast(({ kind }) => kind === "decision");
  if (decided === undefined) throw new Error("the audit log holds no decision");
  printDecision(decided, took_ms);
  checkOutcome(step, decided);
}

/** A second person decides, over the gateway's HTTP API, as `hpl approvals approve` does. */
async function approve(notice: string, gateway: Gateway, config: GatewayConfig): Promise<void> {
  const [, id] = /approval ([0-9a-f]+)/.exec(notice) ?? [];
  const bob = config.identity.static?.find(({ user }) => user === "bob");
  if (id === undefined || typeof bob?.password !== "string") throw new Error(`no approval in the notice: ${notice}`);
  print(`  ${colors.yellow("held")}   ${notice}`);
  const response = await fetch(`${gateway.approvalsUrl}/v1/approvals/${id}/approve`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from(`bob:${bob.password}`).toString("base64")}`,
    },
    body: JSON.stringify({ reason: "Order 7 was paid by bank transfer, ticket SHOP-4711." }),
  });
  if (!response.ok) throw new Error(`the approval was not accepted: ${await response.text()}`);
  print(`  ${colors.cyan("bob>")}   approves: Order 7 was paid by bank transfer, ticket SHOP-4711.`);
}

function printRows(result: pg.QueryArrayResult): void {
  const names = result.fields.map(({ name }) => name);
  if (names.length > 0) print(colors.dim(`         ${names.join(" | ")}`));
  for (const row of result.rows) print(`         ${row.map(cellText).join(" | ")}`);
  if (names.length === 0) print(`         ${result.command} ${result.rowCount ?? ""}`);
}

const cellText = (value: unknown): string => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value));

function printError({ message, detail, hint, code }: pg.DatabaseError): void {
  print(`  ${colors.red(`ERROR ${code ?? ""}`)}  ${message}`);
  if (detail) print(`         ${detail}`);
  if (hint) print(`         ${colors.dim(`fix: ${hint}`)}`);
}

const verdictColors = { allow: colors.green, approve: colors.yellow, block: colors.red };

function printDecision({ detail: { decision } }: DecisionLine, took_ms: number): void {
  const paint = verdictColors[decision.verdict as keyof typeof verdictColors];
  print(`  ${paint(decision.verdict.padEnd(7))}${colors.dim(`${took_ms.toFixed(1)} ms`)}`);
  for (const { id, effect, file, line } of decision.rules)
    print(`         ${effect.padEnd(8)}${id}  ${colors.dim(`${file}:${line}`)}`);
  for (const { column, transform } of decision.masks) print(`         ${colors.dim(`column ${column}: ${transform}`)}`);
}

function checkOutcome({ title, expect }: Step, { detail: { decision } }: DecisionLine): void {
  const verdict = expect === "mask" ? "allow" : expect;
  const isMasked = decision.masks.length > 0;
  if (decision.verdict !== verdict || isMasked !== (expect === "mask")) {
    throw new Error(`"${title}" came out as ${decision.verdict}, expected ${expect}: ${decision.message}`);
  }
}

/** The end of the log as a table: who did what, by which rule. */
async function printTrail(gateway: Gateway): Promise<void> {
  print(`\n${colors.bold("The audit trail")}  ${colors.dim(gateway.auditPath)}`);
  for (const { time, kind, detail } of readLog(gateway.auditPath)) {
    const decision =
      kind === "decision" ? `${detail.decision.verdict}: ${detail.decision.rules.map(({ id }) => id).join(", ")}` : "";
    print(`  ${time.slice(11, 23)}  ${kind.padEnd(20)}  ${decision}`);
  }
  const check = await verifyAuditLog(gateway.auditPath);
  print(
    check.ok
      ? `  ${check.lines_count} lines, each bound to the one before it and all of them signed: whole`
      : `  damaged at line ${check.fault.index + 1}`,
  );
  if (!check.ok) throw new Error("the audit log is damaged");
}

function printInvitation(gateway: Gateway): void {
  const [listener] = gateway.listeners;
  if (listener === undefined) return;
  print(`\n${colors.bold("Try it yourself")}  (the gateway stays up until Ctrl-C)`);
  print(`  psql "postgresql://agent:agent-token@${listener.host}:${listener.port}/shop"    an agent: no personal data`);
  print(
    `  psql "postgresql://bob:bob-password@${listener.host}:${listener.port}/shop"     a person: the domain of an address`,
  );
  print(`  HPL_PASSWORD=bob-password npx hpl approvals list --config examples/quickstart/gateway.json --as bob`);
  print("  npx hpl audit verify --config examples/quickstart/gateway.json");
  print("  Change examples/quickstart/policy.hpl and save: the gateway follows, unless the policy has an error.");
}

/** With `--once` nothing outlives the run, and no port is fixed, so that it can run beside another. */
function configFor(loaded: GatewayConfig, state: string | null): GatewayConfig {
  if (state === null) return loaded;
  return {
    ...loaded,
    state,
    connections: loaded.connections.map((connection) => ({ ...connection, listen: "127.0.0.1:0" })),
    approvals: { listen: "127.0.0.1:0" },
  };
}

async function play(gateway: Gateway, config: GatewayConfig): Promise<void> {
  const [listener] = gateway.listeners;
  if (listener === undefined) throw new Error("the gateway listens nowhere");
  const engine = `${listener.engine} PostgreSQL`;
  print(`The gateway guards an ${engine} on ${listener.host}:${listener.port}.`);
  const client = new pg.Client({
    host: listener.host,
    port: listener.port,
    user: "agent",
    password: "agent-token",
    database: "shop",
  });
  await client.connect();
  for (const step of steps) await runStep(step, client, gateway, config);
  await client.end();
  await printTrail(gateway);
}

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });

async function main(): Promise<void> {
  const loaded = loadConfig(join(folder, "gateway.json"));
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ line, message }) => `gateway.json:${line}: ${message}`).join("\n"));
  const state = isOnce ? mkdtempSync(join(tmpdir(), "hpl-quickstart-")) : null;
  const config = configFor(loaded.config, state);
  print(colors.bold("HPL quickstart: a .hpl file guards a real PostgreSQL"));
  const gateway = await startGateway({
    config,
    folder,
    compile: compileForGateway,
    log: (line) => print(colors.dim(line)),
  });
  const stopped = untilSignal();
  try {
    await play(gateway, config);
    if (!isOnce) {
      printInvitation(gateway);
      await stopped;
    }
  } finally {
    await gateway.close();
    if (state !== null) rmSync(state, { recursive: true, force: true });
  }
}

await main();

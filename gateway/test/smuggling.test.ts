/**
 * The key invariant, asked of the server itself: each statement that it logged has one decision in our log that let it run.
 * Scripts are random: simple and extended messages, several statements in one, texts that are read in more than one way,
 * blocked ones in between, errors, names used twice; cut into chunks anywhere. `LONG=1` runs more of them.
 */
import { createHash, createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queryAuditLog } from "../src/audit/query.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import { reservedPrefix } from "../src/protocols/postgres/names.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { type LoggingServer, startLoggingServer } from "./logging-server.js";
import { openWire, serialize } from "./wire-client.js";

const scripts_count = process.env.LONG ? 3_000 : 80;
const { query, parse, bind, execute, describe, close, flush, sync } = serialize;

let server: LoggingServer | null;
let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  server = await startLoggingServer(["log_statement=all"]);
  if (server === null) return;
  folder = mkdtempSync(join(tmpdir(), "hpl-smuggling-"));
  mkdirSync(join(folder, "policy"));
  const policy = `policy p governs sql
use std.sql
default block
allow "most" when statement.effects only {read, write, create, config, transaction, lock}
block "no-drop" hard when statement.effects has drop
`;
  writeFileSync(join(folder, "policy", "p.hpl"), policy);
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
  gateway = await startGateway({
    config: {
      policy: "policy",
      state: "state",
      connections: [{ name: "shop", kind: "postgres", env: "dev", listen: "127.0.0.1:0", upstream: { url } }],
      identity: { static: [{ user: "agent", password: "pw", principal: { id: "a", kind: "agent", groups: [] } }] },
    },
    folder,
    compile: compileForGateway,
    log: () => {},
  });
});
afterAll(async () => {
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const texts = [
  "SELECT 1",
  "SELECT 1; SELECT 2",
  "SELECT ';DROP TABLE t;'; SELECT $$;DROP TABLE t;$$",
  "SELECT 'a\\'; DROP TABLE t; --'",
  "SELECT E'a\\'; DROP TABLE t; --'",
  "SELECT 1 /* ; /* nested */ DROP TABLE t; */ + 1",
  "SELECT 1 -- ;\n+ 1",
  "CREATE TEMP TABLE IF NOT EXISTS t (a int)",
  "CREATE TEMP TABLE IF NOT EXISTS t (a int); INSERT INTO t VALUES (1)",
  "INSERT INTO t VALUES (2)",
  "DROP TABLE IF EXISTS t",
  "SELECT 1; DROP TABLE IF EXISTS t",
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "BEGIN; SELECT 1; COMMIT",
  "SELECT 1/0",
  "SELEC",
  "",
  ";;",
  "SELECT 1;",
  "PREPARE q AS SELECT 3",
  "EXECUTE q",
  "DEALLOCATE ALL",
  "SAVEPOINT s",
  "ROLLBACK TO s",
  "SELECT\n\t1",
];

const text = fc.constantFrom(...texts);
const name = fc.constantFrom("", "a", "b");
const message = fc.oneof(
  { weight: 3, arbitrary: text.map((each) => query(each)) },
  fc.tuple(name, text).map(([to, each]) => parse({ name: to, text: each })),
  fc.tuple(name, name).map(([portal, statement]) => bind({ portal, statement })),
  name.map((portal) => execute({ portal })),
  { weight: 2, arbitrary: text.map((each) => Buffer.concat([parse({ text: each }), bind(), execute(), sync()])) },
  name.map((each) => describe({ type: "S", name: each })),
  name.map((each) => close({ type: "P", name: each })),
  fc.constant(flush()),
  fc.constant(sync()),
);
const script = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 12 }),
  cuts: fc.array(fc.nat(400), { maxLength: 6 }),
});

async function play(
  target: UpstreamTarget,
  { messages, cuts }: { messages: readonly Uint8Array[]; cuts: readonly number[] },
) {
  const wire = await openWire(target);
  const bytes = Buffer.concat([...messages, sync(), query("ROLLBACK"), query("SELECT 'end'")]);
  const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  for (const [i, edge] of edges.slice(1).entries()) {
    wire.send(bytes.subarray(edges[i], edge));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await wire.until((received) => received.some(({ fields }) => fields?.[0] === "end"));
  await wire.end();
}

/** How often each digest comes. */
function tally(digests: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const each of digests) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

test("each statement that the server ran was decided once, and let through", { timeout: 600_000 }, async () => {
  if (server === null) return;
  const target = {
    ...server.target,
    port: gateway.listeners[0]?.port ?? 0,
    user: "agent",
    password: "pw",
    database: "shop",
  };
  for (const each of fc.sample(script, { seed: 20_261_121, numRuns: scripts_count })) await play(target, each);
  await gateway.close();
  const key = readFileSync(join(folder, "state", "keys", "digests.key"));
  const digestOf = (sql: string): string =>
    createHmac("sha256", key).update(createHash("sha256").update(sql).digest("hex")).digest("hex");
  const own = `${reservedPrefix}own`;
  // A text without a statement in it runs nothing, and the server logs it all the same.
  const isEmpty = (each: string): boolean => /^[\s;]*$/.test(each);
  const ran = server.statements().filter((each) => !each.prepared?.startsWith(own) && !isEmpty(each.text));
  const logged = tally(ran.map((each) => digestOf(each.text)));
  const [let_through, succeeded]: [string[], string[]] = [[], []];
  const digestBy = new Map<string, string>();
  for await (const { event } of queryAuditLog(gateway.auditPath)) {
    const { detail, kind } = event;
    if (kind === "decision") digestBy.set(detail.decision_id, detail.statement.statement_sha256);
    if (kind === "decision" && detail.decision.verdict !== "block") let_through.push(detail.statement.statement_sha256);
    if (kind === "execution" && detail.status === "ok") succeeded.push(digestBy.get(detail.decision_id) ?? "");
  }
  const [allowed, done] = [tally(let_through), tally(succeeded)];
  expect(ran.length).toBeGreaterThan(scripts_count * 2);
  const shownBy = new Map(texts.map((each) => [digestOf(each), each]));
  const wrong = [...new Set([...logged.keys(), ...done.keys()])].flatMap((digest) => {
    const [at_server, decided, ended] = [logged, allowed, done].map((counts) => counts.get(digest) ?? 0);
    const isRight = (ended ?? 0) <= (at_server ?? 0) && (at_server ?? 0) <= (decided ?? 0);
    return isRight ? [] : [{ text: shownBy.get(digest) ?? digest, at_server, decided, ended }];
  });
  expect(wrong).toEqual([]);
});

/** The audit of a gateway as a whole, on a real server: no values, decisions that can be made again, health, a full disk. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { Ajv2020 } from "ajv/dist/2020.js";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type LoggedEvent, queryAuditLog } from "../src/audit/query.js";
import { replayAuditLog } from "../src/audit/replay.js";
import { verifyAuditLog } from "../src/audit/verify.js";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";

const policy = `
policy shop governs sql
use std.sql
default allow
group engineers
group dba
label pii.email on column "public.people.email"
mask "personal" pii with redact
block "no-drop" hard when statement.effects has drop { control soc2:CC8.1 }
block "late" when now >= 2100-01-01T00:00Z
limit "rows" when sql.only_reads { rows 1_000 }
require approval "change" from dba within 10m when statement.kind == update
`;

let server: { readonly target: UpstreamTarget; stop(): Promise<void> };
let folder: string;
let gateway: Gateway | null = null;
const lines: string[] = [];
beforeAll(async () => {
  const seed = "CREATE TABLE people (id int PRIMARY KEY, email text); INSERT INTO people VALUES (1, 'ann@corp.io')";
  server = await startEmbeddedPostgres({ seed, log: () => {} });
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-audited-"));
  mkdirSync(join(folder, "policy"));
  writeFileSync(join(folder, "policy", "shop.hpl"), policy);
  lines.length = 0;
});
afterEach(async () => {
  await gateway?.close();
  gateway = null;
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Partial<GatewayConfig> = {}): Promise<Gateway> {
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const config: GatewayConfig = {
    policy: "policy",
    state: "state",
    connections: [
      { name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", hold: "refuse", upstream: { url } },
    ],
    identity: {
      static: [{ user: "agent", password: "pw", principal: { id: "svc", kind: "agent", groups: ["engineers"] } }],
    },
    ...more,
  };
  gateway = await startGateway({ config, folder, compile: compileForGateway, log: (line) => lines.push(line) });
  return gateway;
}

async function connect(): Promise<pg.Client> {
  const port = gateway?.listeners[0]?.port ?? 0;
  const client = new pg.Client({ host: "127.0.0.1", port, user: "agent", password: "pw", database: "shop" });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Looks again and again; the longest wait is for slow machines. */
async function eventually(ready: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it never happened");
}

const log = (): string => join(folder, "state", "audit");

async function events(): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  for await (const { event } of queryAuditLog(log())) found.push(event);
  return found;
}

function filesBelow(at: string): readonly string[] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(at, entry.name)) : [join(at, entry.name)],
  );
}

/** One place of a statement each, that holds `X`; a place that names a number has one. */
const places: readonly (readonly [text: string, parameters?: readonly unknown[]])[] = [
  ["SELECT 'X'"],
  ["SELECT E'X\\n'"],
  ["SELECT $$X$$"],
  ["SELECT $tag$X$tag$"],
  ["SELECT U&'X'"],
  ["SELECT N'X'"],
  ["SELECT 1 -- X"],
  ["/* X */ SELECT 1"],
  ["/* a /* X */ b */ SELECT 1"],
  ["SELECT 1; SELECT 'X'; SELECT 2"],
  ["SELECT id FROM people WHERE email = 'X'"],
  ["SELECT id FROM people WHERE email LIKE 'X%' OR email IN ('a', 'X')"],
  ["SELECT id FROM people WHERE email ~ 'X' LIMIT 3"],
  ["SELECT text 'X'"],
  ["SELECT cast('X' AS text)"],
  ["SELECT 'X'::int"],
  ["SELECT ARRAY['X']"],
  ["SELECT jsonb_build_object('k', 'X')"],
  ["SELECT '{\"X\": 1}'::jsonb"],
  ["VALUES ('X')"],
  ["WITH c AS (SELECT 'X' AS a) SELECT a FROM c"],
  ["SELECT CASE WHEN true THEN 'X' END"],
  ["SELECT $1::text", ["X"]],
  ["SELECT $1::bytea", [Buffer.from("X")]],
  ["INSERT INTO people VALUES (100, 'X')"],
  ["INSERT INTO people VALUES (101, $1)", ["X"]],
  ["UPDATE people SET email = 'X' WHERE id = 77"],
  ["DELETE FROM people WHERE email = 'X'"],
  ["DROP TABLE people -- X"],
  ["SET application_name = 'X'"],
  ["SET application_name = X"],
  ["SET app.secret TO 'X'"],
  ["SELECT set_config('app.secret', 'X', false)"],
  ["CREATE ROLE somebody PASSWORD 'X'"],
  ["ALTER ROLE somebody PASSWORD 'X'"],
  ["COMMENT ON TABLE people IS 'X'"],
  ["DO $$ BEGIN PERFORM 'X'; END $$"],
  ["DO 'BEGIN PERFORM ''X''; END'"],
  ["CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'X' $$"],
  ["CREATE TABLE IF NOT EXISTS other (a text DEFAULT 'X')"],
  ["CREATE OR REPLACE VIEW v AS SELECT 'X' AS a"],
  ["PREPARE p AS SELECT 'X'"],
  ["EXECUTE nothing('X')"],
  ["DECLARE c CURSOR FOR SELECT 'X'"],
  ["NOTIFY somewhere, 'X'"],
  ["SELECT pg_notify('somewhere', 'X')"],
  ["EXPLAIN SELECT 'X'"],
  ["CALL nothing('X')"],
  ["SELECT 'X"],
  ["X"],
  ["SELECT FROM WHERE X"],
  ["GRANT X TO nobody nothing"],
  ["COPY people FROM '/tmp/X'"],
  ["COPY (SELECT 'X') TO STDOUT"],
  ["CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (password 'X')"],
  ["SELECT dblink('password=X')"],
  ["SELECT 1 AS a, 'X' AS b ORDER BY 'X'"],
  ["SELECT xmlelement(name a, 'X')"],
  ["SELECT 12345678987654321"],
  ["SELECT id FROM people WHERE id = 1234567898 OR id > 1234567.898"],
];
const words = ["planted-4711-secret", "PlantedWord4711", "12345678987654321", "1234567898", "1234567.898"];

test("no literal, comment, parameter or password of a statement is in any file that the gateway wrote, nor in its words", async () => {
  await start();
  const client = await connect();
  client.on("notice", () => {});
  for (const [text, parameters] of places) {
    for (const word of words.slice(0, 2)) {
      const bound = parameters?.map((value) => (value instanceof Buffer ? Buffer.from(word) : word));
      await client.query(text.replaceAll("X", word), bound).catch(() => {});
      await client.query("ROLLBACK").catch(() => {});
    }
  }
  await client.end();
  await gateway?.close();
  const decisions = (await events()).filter(({ kind }) => kind === "decision");
  expect(decisions.length).toBeGreaterThanOrEqual(2 * places.length);
  // What was decided stands there for people to read, or the test proves nothing.
  expect(decisions.filter(({ detail }) => detail.statement.text !== null).length).toBeGreaterThan(places.length / 2);
  // Approvers must see what they approve: that file is theirs.
  const written = filesBelow(join(folder, "state")).filter((file) => !file.includes("/approvals/"));
  for (const file of written) {
    const text = readFileSync(file, "latin1");
    const found = words.filter((word) => text.includes(word) || text.includes(Buffer.from(word).toString("base64")));
    expect([file, found, found.map((word) => text.slice(text.indexOf(word) - 300, text.indexOf(word) + 50))]).toEqual([
      file,
      [],
      [],
    ]);
  }
  expect(lines.filter((line) => words.some((word) => line.includes(word)))).toEqual([]);
});

test("digests of statements are keyed: equal for equal statements, and no plain hash of a guess", async () => {
  const { createHash } = await import("node:crypto");
  await start();
  const client = await connect();
  await client.query("SELECT 1");
  await client.query("SELECT 1");
  await client.query("SELECT 2");
  await client.end();
  await gateway?.close();
  const digests = (await events())
    .filter(({ kind }) => kind === "decision")
    .map(({ detail }) => detail.statement.statement_sha256);
  expect(digests[0]).toBe(digests[1]);
  expect(digests[0]).not.toBe(digests[2]);
  const text = readFileSync(join(log(), "segments", "000000.jsonl"), "utf8");
  expect(text).not.toContain(createHash("sha256").update("SELECT 1").digest("hex"));
});

const results = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { result } of replayAuditLog(log()))
    found.push(result.kind === "not_recorded" ? `${result.kind}: ${result.reason}` : result.kind);
  return found;
};

test("every decision is made again from the log alone, byte for byte, across policies and restarts", async () => {
  await start();
  const first = await connect();
  const texts = ["SELECT email FROM people", "SELECT 1", "DROP TABLE people", "not sql", "BEGIN", "SELECT 2", "COMMIT"];
  for (const text of [...texts, ...texts, "UPDATE people SET email = 'a' WHERE id = 1"])
    await first.query(text).catch(() => {});
  writeFileSync(join(folder, "policy", "shop.hpl"), `${policy}\nblock "reads" when statement.effects has read\n`);
  expect(gateway?.policies.reload()).toMatchObject({ ok: true, isNew: true });
  for (const text of texts) await first.query(text).catch(() => {});
  await first.end();
  await gateway?.close();
  rmSync(join(folder, "policy"), { recursive: true });
  await start();
  const second = await connect();
  await second.query("SELECT 1").catch(() => {});
  await second.end();
  await gateway?.close();

  const decisions = (await events()).filter(({ kind }) => kind === "decision");
  expect(new Set(decisions.map(({ detail }) => detail.decision.verdict))).toEqual(
    new Set(["allow", "approve", "block"]),
  );
  const replayed = await results();
  expect(replayed).toHaveLength(decisions.length);
  expect(new Set(replayed)).toEqual(new Set(["same", "no_policy"]));
  expect(replayed.filter((kind) => kind === "no_policy")).toHaveLength(1);

  const schema = JSON.parse(readFileSync(new URL("../../spec/audit-event.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false }).compile(schema);
  for (const event of await events()) expect([event, validate(event) ? null : validate.errors]).toEqual([event, null]);
});

test("a decision that was not what the module says is found, and one without its module is not called the same", async () => {
  await start();
  const client = await connect();
  await client.query("SELECT 1");
  await client.end();
  await gateway?.close();
  const segment = join(log(), "segments", "000000.jsonl");
  const text = readFileSync(segment, "utf8");
  writeFileSync(segment, text.replace('"verdict":"allow"', '"verdict":"block"'));
  expect(await results()).toEqual(["different"]);
  writeFileSync(segment, text);
  const module = (await events()).find(({ kind }) => kind === "policy.loaded")?.detail.module_sha256;
  const blob = join(log(), "blobs", module.slice(0, 2), module);
  writeFileSync(blob, readFileSync(blob).with(50, 1));
  expect(await results()).toEqual(["not_recorded: the module is not beside the log"]);
  rmSync(blob);
  expect(await results()).toEqual(["not_recorded: the module is not beside the log"]);
  // A blob that is gone leaves the log whole.
  expect(await verifyAuditLog(log())).toMatchObject({ ok: true });
});

test("metrics count what happened, and health says what is wrong", async () => {
  await start({ metrics: { listen: "127.0.0.1:0" } });
  const url = gateway?.metricsUrl;
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const client = await connect();
  await client.query("SELECT 1");
  await client.query("DROP TABLE people").catch(() => {});
  const { text } = await get("/metrics");
  for (const line of [
    'hpl_decisions_total{verdict="allow"} 1',
    'hpl_decisions_total{verdict="block"} 1',
    'hpl_executions_total{status="ok"} 1',
    "hpl_sessions_open 1",
    "hpl_audit_writable 1",
    "hpl_policy_loaded 1",
    "# TYPE hpl_decisions_total counter",
    "# TYPE hpl_audit_lines gauge",
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+\n|[a-z_]+(\{[a-z]+="[^"\n]*"\})? -?[0-9.]+\n)+$/);
  expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
  expect(await get("/readyz")).toEqual({ status: 200, text: "ready\n" });
  expect((await get("/other")).status).toBe(404);
  await client.end();
  await eventually(async () => (await get("/metrics")).text.includes("hpl_sessions_open 0"));
});

test("without a policy the gateway is not ready", async () => {
  rmSync(join(folder, "policy"), { recursive: true });
  await start({ metrics: { listen: "127.0.0.1:0" } });
  const response = await fetch(`${gateway?.metricsUrl}/readyz`);
  expect([response.status, await response.text()]).toEqual([503, "no policy is in force\n"]);
});

test("heartbeats note checkpoints, sinks get events, a copy of the checkpoint stands where the configuration says", async () => {
  await start({
    audit: {
      heartbeat_s: 1,
      checkpoint_copy: "elsewhere/checkpoint",
      sinks: [{ name: "siem", file: "events.jsonl" }],
    },
  });
  const client = await connect();
  await client.query("SELECT 1");
  await client.end();
  await eventually(async () => (await events()).some(({ kind }) => kind === "audit.checkpoint"));
  await gateway?.close();
  const copy = readFileSync(join(folder, "elsewhere", "checkpoint"), "utf8");
  expect(await verifyAuditLog(log(), { checkpoints: [copy] })).toMatchObject({
    ok: true,
    lines_count: (await events()).length,
  });
  const shipped = readFileSync(join(folder, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(shipped.map(({ class_uid }) => class_uid)).toEqual(expect.arrayContaining([6002, 3004, 3003, 6005]));
  expect(shipped.at(-1)?.unmapped.hpl.kind).toBe("gateway.stopped");
});

/** A limit on the size of this process's files: what a full disk does to the log. Null where `prlimit` does not run. */
function limitFiles(): ((bytes: number | null) => void) | null {
  const set = (bytes: number | null): void =>
    void execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes ?? "unlimited"}:`], {
      stdio: "ignore",
    });
  try {
    set(null);
    return set;
  } catch {
    return null;
  }
}

test("while the log cannot be written statements are refused with the reason, and run again by themselves when it can", async () => {
  const limit = limitFiles();
  if (limit === null) return void process.stderr.write("not run here: prlimit\n");
  await start({ metrics: { listen: "127.0.0.1:0" } });
  const client = await connect();
  await client.query("SELECT 1");
  limit(statSync(join(log(), "segments", "000000.jsonl")).size + 10);
  try {
    await expect(client.query("SELECT 2")).rejects.toThrow(/audit log cannot be written/);
    await expect(client.query("SELECT 3")).rejects.toThrow(/audit log cannot be written/);
    expect(await (await fetch(`${gateway?.metricsUrl}/readyz`)).text()).toBe("the audit log cannot be written\n");
  } finally {
    limit(null);
  }
  expect((await client.query("SELECT 4 AS four")).rows).toEqual([{ four: 4 }]);
  expect((await fetch(`${gateway?.metricsUrl}/readyz`)).status).toBe(200);
  await client.end();
  await gateway?.close();
  const refused = (await events()).filter(({ kind }) => kind === "audit.recovered");
  expect(refused.reduce((sum, { detail }) => sum + detail.refused_events, 0)).toBeGreaterThanOrEqual(2);
  expect(await verifyAuditLog(log())).toMatchObject({ ok: true });
});

/** People at a whole gateway on a real server: who they are, what is counted for them, what they are given, what is recorded. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { Ajv2020 } from "ajv/dist/2020.js";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { eventsOf } from "../src/sessions/read-recording.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { eventually } from "./gateway-fixture.js";
import { problemWith } from "./openapi-fixture.js";
import { startIssuer, type TokenIssuer } from "./token-issuer.js";

const policy = `
policy shop governs sql
use std.sql
default block
group engineers
group dba
group oncall
group security
label pci.pan on column "public.cards.pan"
label pii.email on column "public.people.email"
counter card_rows = rows labelled pci.pan per principal over 1h
counter asked = statements per session over 1h
grant break_glass to oncall asking "incident number" lasting 2s telling security
grant reach to oncall after approval from dba asking "why" lasting 30m
allow "read" when sql.only_reads and principal in engineers
allow "settings" when statement.effects only {config, transaction}
allow "change" after approval from dba within 10m when sql.only_changes_rows and principal in engineers
require approval "many-cards" from dba within 10m when counter.card_rows > 10
block "too-many" when counter.asked >= 60
block "ddl" when statement.kind == drop unless granted break_glass
block "copied" when statement.kind == truncate
allow "broken-glass" when granted break_glass or granted reach
mask "personal" pii with redact
`;

let server: { readonly target: UpstreamTarget; stop(): Promise<void> };
let issuer: TokenIssuer;
let folder: string;
let gateway: Gateway | null = null;
const clients: pg.Client[] = [];
const lines: string[] = [];
beforeAll(async () => {
  const seed = `CREATE TABLE cards (id int PRIMARY KEY, pan text);
    INSERT INTO cards SELECT n, 'pan' || n FROM generate_series(1, 30) n;
    CREATE TABLE people (id int PRIMARY KEY, email text);
    INSERT INTO people VALUES (1, 'emailsecret@corp.io'), (2, NULL)`;
  server = await startEmbeddedPostgres({ seed, log: () => {} });
  issuer = await startIssuer({ ann: ["engineers", "oncall"], dan: ["dba"], eve: ["engineers"] }, 3);
});
afterAll(async () => {
  issuer.stop();
  await server.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-people-"));
  writeFileSync(join(folder, "policy.hpl"), policy);
  lines.length = 0;
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => {});
  await gateway?.close();
  gateway = null;
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Partial<GatewayConfig> = {}): Promise<void> {
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const person = (id: string, ...groups: readonly string[]) => ({
    user: id,
    password: `${id}-pw`,
    principal: { id, kind: "human" as const, groups },
  });
  const config: GatewayConfig = {
    policy: "policy.hpl",
    state: "state",
    connections: [
      { name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", hold: "refuse", upstream: { url } },
    ],
    identity: {
      static: [person("bob", "dba", "security"), person("fay", "engineers", "oncall")],
      oidc: { issuer: issuer.issuer, audience: "hpl" },
    },
    approvals: { listen: "127.0.0.1:0", viewers: ["security"] },
    ...more,
  };
  gateway = await startGateway({ config, folder, compile: compileForGateway, log: (line) => lines.push(line) });
}

async function connect(user: string, password = `${user}-pw`): Promise<pg.Client> {
  const port = gateway?.listeners[0]?.port ?? 0;
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "shop" });
  client.on("error", () => {});
  await client.connect();
  clients.push(client);
  return client;
}
const failing = (query: Promise<unknown>): Promise<pg.DatabaseError> =>
  query.then(
    () => Promise.reject(new Error("it ran")),
    (error: pg.DatabaseError) => error,
  );

async function call(user: string, path: string, body?: object, authorization = basic(user)) {
  const response = await fetch(`${gateway?.approvalsUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const answer = type.startsWith("application/json") ? parsed(text) : text;
  expect(problemWith(body === undefined ? "GET" : "POST", path, response.status, type, answer)).toBeNull();
  return { status: response.status, text, body: parsed(text) };
}
const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${user}-pw`).toString("base64")}`;
// biome-ignore lint/suspicious/noExplicitAny: any JSON; null for what is none.
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

test("rows of customers' cards: up to ten in an hour are free, then somebody must agree, over all sessions", async () => {
  await start();
  const [one, two] = [await connect("fay"), await connect("fay")];
  await one.query("SELECT pan FROM cards WHERE id <= 8");
  await one.query("SELECT id FROM cards"); // No card is in it.
  await two.query("SELECT pan FROM cards WHERE id <= 2");
  await two.query("SELECT pan FROM cards WHERE id = 3");
  const refusal = await failing(two.query("SELECT pan FROM cards WHERE id = 4"));
  expect(refusal.message).toMatch(/approval [0-9a-f]+ is needed/);
  await failing(one.query("SELECT id FROM people"));
});

test("what was counted outlives the gateway", async () => {
  await start();
  await (await connect("fay")).query("SELECT pan FROM cards WHERE id <= 11");
  await gateway?.close();
  await start();
  expect((await failing((await connect("fay")).query("SELECT pan FROM cards WHERE id = 1"))).message).toContain(
    "is needed",
  );
  await gateway?.close();
  writeFileSync(join(folder, "state", "counters.json"), '[{"key": 1}]');
  await start();
  expect(lines.join("\n")).toContain("counters.json does not hold counts");
  await (await connect("fay")).query("SELECT pan FROM cards WHERE id = 1");
});

test("a pipeline cannot run ahead of what it is counted for", async () => {
  await start();
  const client = await connect("fay");
  const results = await Promise.allSettled(
    Array.from({ length: 4 }, (_, i) => client.query("SELECT pan FROM cards WHERE id > $1 LIMIT 6", [i])),
  );
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
});

test("what a client broke off counts as far as it came", async () => {
  await start();
  const client = await connect("fay");
  await failing(client.query("SELECT pan, 1 / (id - 20) FROM cards ORDER BY id"));
  const other = await connect("fay");
  expect((await failing(other.query("SELECT pan FROM cards WHERE id = 1"))).message).toContain("is needed");
});

test("statements are counted in a session, several in one text too", async () => {
  await start();
  const client = await connect("fay");
  for (let i = 0; i < 58; i++) await client.query("SELECT 1");
  expect((await failing(client.query("SELECT 1; SELECT 2; SELECT 3"))).message).toContain("too-many");
  await client.query("SELECT 1; SELECT 2");
  expect((await failing(client.query("SELECT 1"))).message).toContain("too-many");
  await (await connect("fay")).query("SELECT 1");
});

test("break-glass: taken with a reason, flagged, told, over in time; it lifts what the policy says and no more", async () => {
  await start();
  const client = await connect("fay");
  expect((await failing(client.query("DROP TABLE cards"))).message).toContain("ddl");
  expect((await call("fay", "/v1/grants", { grant: "break_glass", reason: "" })).status).toBe(409);
  expect((await call("bob", "/v1/grants", { grant: "break_glass", reason: "x" })).status).toBe(409);
  const given = await call("fay", "/v1/grants", { grant: "break_glass", reason: "INC-7" });
  expect([given.status, given.body.grant.grant]).toEqual([201, "shop.break_glass"]);
  await client.query("CREATE TABLE scrap ()");
  await client.query("DROP TABLE scrap");
  expect((await failing(client.query("TRUNCATE people"))).message).toContain("copied");
  expect((await call("bob", "/v1/grants")).body.given).toMatchObject([{ principal: "fay", approval: null }]);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect((await failing(client.query("DROP TABLE cards"))).message).toContain("ddl");
});

test("a grant that others must agree to, and its end by one of them, at the next statement", async () => {
  await start();
  const client = await connect("fay");
  const asked = await call("fay", "/v1/grants", { grant: "shop.reach", reason: "migration" });
  expect([asked.status, asked.body.state]).toEqual([202, "pending"]);
  expect((await failing(client.query("CREATE TEMP TABLE t ()"))).message).not.toContain("reach");
  expect((await call("bob", `/v1/approvals/${asked.body.approval}/approve`, { reason: "seen" })).status).toBe(200);
  await client.query("CREATE TEMP TABLE t ()");
  const [grant] = (await call("fay", "/v1/grants")).body.given;
  expect((await call("bob", `/v1/grants/${grant.id}/revoke`, { reason: "done" })).status).toBe(200);
  await failing(client.query("CREATE TEMP TABLE t2 ()"));
});

test("a token is a password: groups from its claims, and the session ends with it", async () => {
  await start();
  const client = await connect("ann@corp.io", await issuer.tokenFor("ann"));
  expect((await client.query("SELECT count(*)::int AS n FROM people")).rows).toEqual([{ n: 2 }]);
  await expect(connect("ann", "not.a.token")).rejects.toThrow("password authentication failed");
  await expect(connect("fay", await issuer.tokenFor("ann"))).rejects.toThrow("password authentication failed");
  const stranger = await connect("dan", await issuer.tokenFor("dan"));
  expect((await failing(stranger.query("SELECT id FROM people"))).code).toBe("42501");
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  expect(await failing(client.query("SELECT 1"))).toMatchObject({ code: "28000", severity: "FATAL" });
});

test("an approver comes with a token, and nobody approves what they asked for under another name", async () => {
  await start();
  const client = await connect("eve", await issuer.tokenFor("eve"));
  const text = "INSERT INTO people VALUES (9, 'x')";
  const [, id = ""] = /approval ([0-9a-f]+)/.exec((await failing(client.query(text))).message) ?? [];
  const reason = { reason: "checked" };
  const bearer = async (who: string): Promise<string> => `Bearer ${await issuer.tokenFor(who)}`;
  expect((await call("", `/v1/approvals/${id}/approve`, reason, await bearer("eve"))).status).toBe(409);
  expect((await call("", `/v1/approvals/${id}/approve`, reason, "Bearer a.b.c")).status).toBe(401);
  expect((await call("", `/v1/approvals/${id}/approve`, reason, await bearer("dan"))).status).toBe(200);
  await client.query(text);
  await failing(client.query(text));
});

test("approved for the session, what the same rules ask for runs until it is revoked", async () => {
  await start();
  const [client, other] = [await connect("fay"), await connect("fay")];
  const idIn = ({ message }: Error): string => /approval ([0-9a-f]+)/.exec(message)?.[1] ?? "";
  const id = idIn(await failing(client.query("INSERT INTO people VALUES (10, 'x')")));
  const approved = await call("bob", `/v1/approvals/${id}/approve`, { reason: "migration", scope: "session" });
  expect(approved.body).toMatchObject({ state: "approved", scope: "session" });
  await client.query("INSERT INTO people VALUES (10, 'x')");
  await client.query("INSERT INTO people SELECT n, 'y' FROM generate_series(11, 12) n");
  expect(idIn(await failing(other.query("INSERT INTO people VALUES (13, 'x')")))).not.toBe(id);
  expect((await call("bob", `/v1/approvals/${id}/revoke`, { reason: "enough" })).status).toBe(200);
  expect(idIn(await failing(client.query("INSERT INTO people VALUES (14, 'x')")))).not.toBe(id);
});

test("a session is recorded as its client saw it, and shown to whom it concerns", async () => {
  await start({ recording: { rows: 1 } });
  const client = await connect("fay");
  await client.query("SELECT id, email FROM people WHERE email <> 'literalsecret' OR true ORDER BY id").catch(() => {});
  await client.query("SELECT id, email FROM people ORDER BY id");
  await client.query("SELECT id FROM cards ORDER BY id");
  await failing(client.query("DROP TABLE people"));
  expect((await call("fay", "/v1/sessions")).body).toMatchObject([
    { principal: "fay", connection: "shop", statements: 4 },
  ]);
  expect((await call("bob", "/v1/sessions")).body.length).toBe(1);
  expect((await call("fay", "/v1/decisions")).body[0]).toMatchObject({
    verdict: "block",
    rules: [{ id: "shop/ddl", line: 20 }, {}],
  });
  const late = await connect("ann", await issuer.tokenFor("eve"));
  await late.query("SELECT 1");
  await client.end();
  const home = join(folder, "state", "recordings");
  await eventually(() =>
    readdirSync(home).some((name) => readFileSync(join(home, name), "utf8").endsWith('"x","0"]\n')),
  );
  await eventually(() => readdirSync(home).length === 2);
  const mine = (await call("fay", "/v1/recordings")).body;
  expect(mine).toMatchObject([{ principal: "fay", connection: "shop" }]);
  expect((await call("bob", "/v1/recordings")).body.length).toBe(2);
  const { text } = await call("fay", `/v1/recordings/${mine[0].id}`);
  const shown = eventsOf(text)
    .map((event) => event.text)
    .join("");
  expect(shown).toContain("shop> SELECT id, email FROM people ORDER BY id");
  expect(shown).toContain("  1 | ");
  expect(shown).toContain("(30 rows)");
  expect(shown).not.toContain("  2 | ");
  expect(shown).toMatch(/block by shop\/ddl \(.*policy\.hpl:20\)/);
  expect(text).not.toMatch(/emailsecret|literalsecret/);
  expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({ version: 3, title: "fay on shop" });
  const file = join(home, `${mine[0].id}.cast`);
  expect(statSync(file).mode & 0o077).toBe(0);
  const eve = `Bearer ${await issuer.tokenFor("eve")}`;
  expect((await call("", `/v1/recordings/${mine[0].id}`, undefined, eve)).status).toBe(404);
});

test("the page's log-in: what it was given works until it is given back", async () => {
  await start();
  const { token } = (await call("bob", "/v1/login", {})).body;
  const bearer = `Bearer ${token}`;
  expect((await call("", "/v1/me", undefined, bearer)).body).toMatchObject({ user: "bob", is_viewer: true });
  expect((await call("", "/v1/login", {}, bearer)).status).toBe(401);
  expect((await call("", "/v1/policy", undefined, bearer)).body).toMatchObject({ state: "loaded", rules_count: 10 });
  expect((await call("", "/v1/logout", {}, bearer)).status).toBe(200);
  expect((await call("", "/v1/me", undefined, bearer)).status).toBe(401);
});

test("every event of all this fits the schema", async () => {
  await start();
  await call("fay", "/v1/grants", { grant: "break_glass", reason: "INC-7" });
  const [grant] = (await call("fay", "/v1/grants")).body.given;
  await call("fay", `/v1/grants/${grant.id}/revoke`, { reason: "done" });
  const auditPath = gateway?.auditPath ?? "";
  await gateway?.close();
  const schema = JSON.parse(readFileSync(new URL("../../spec/audit-event.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false }).compile(schema.$defs.Grant);
  const home = statSync(auditPath).isDirectory() ? auditPath : join(folder, "state");
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"))
    .map((entry) => join(entry.parentPath, entry.name));
  const events = files
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .flatMap((line) => (line.includes('"grant.') ? [JSON.parse(line)] : []));
  expect(events.length).toBe(2);
  for (const { detail } of events) expect([detail, validate(detail), validate.errors]).toEqual([detail, true, null]);
});

/** The gateway as a whole on a real server: what it writes down, how people decide, how it starts and ends. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { Ajv2020 } from "ajv/dist/2020.js";
import pg from "pg";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { verifyAuditLog } from "../src/audit/verify.js";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { eventually } from "./gateway-fixture.js";

const policy = `
policy shop governs sql
use std.sql
default block
group engineers
group dba
label pii.email on column "public.people.email"
allow "read" when sql.only_reads and principal in engineers
allow "change" after approval from dba within 10m when sql.only_changes_rows and principal in engineers
allow "settings" when statement.effects only {config}
mask "personal" pii with redact
`;
const secret = {
  row: "rowsecret-4711",
  literal: "literalsecret-4711",
  parameter: "parametersecret-4711",
  password: "passwordsecret-4711",
  client: "clientsecret-4711",
  unparsed: "unparsedsecret4711",
  setting: "settingsecret4711",
  changed: "changedsecret-4711",
};
const hookKey = `whsec_${Buffer.from("a key of thirty-two bytes, or so").toString("base64")}`;

let server: { readonly target: UpstreamTarget; stop(): Promise<void> };
let folder: string;
let gateway: Gateway | null = null;
const lines: string[] = [];
beforeAll(async () => {
  const seed = `CREATE TABLE people (id int PRIMARY KEY, email text CHECK (email <> 'bad'));
    INSERT INTO people VALUES (1, '${secret.row}')`;
  server = await startEmbeddedPostgres({ seed, log: () => {} });
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-control-"));
  writeFileSync(join(folder, "policy.hpl"), policy);
  process.env.HPL_TEST_HOOK = hookKey;
  lines.length = 0;
});
afterEach(async () => {
  await gateway?.close();
  gateway = null;
  rmSync(folder, { recursive: true, force: true });
});

function configWith(more: Partial<GatewayConfig> = {}, hold: "wait" | "refuse" = "wait"): GatewayConfig {
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const person = (id: string, groups: readonly string[]) => ({ id, kind: "human" as const, groups });
  return {
    policy: "policy.hpl",
    state: "state",
    connections: [{ name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", hold, upstream: { url } }],
    identity: {
      static: [
        {
          user: "agent",
          password: secret.password,
          principal: { id: "svc-coder", kind: "agent", groups: ["engineers", "dba"], on_behalf_of: "alice" },
        },
        { user: "alice", password: "alice-pw", principal: person("u-1", ["dba"]) },
        { user: "bob", password: "bob-pw", principal: person("u-2", ["dba"]) },
        { user: "carl", password: "carl-pw", principal: person("u-3", []) },
      ],
    },
    approvals: { listen: "127.0.0.1:0" },
    ...more,
  };
}

async function start(config = configWith()): Promise<Gateway> {
  gateway = await startGateway({ config, folder, compile: compileForGateway, log: (line) => lines.push(line) });
  return gateway;
}

async function connect(user = "agent", password = secret.password): Promise<pg.Client> {
  const port = gateway?.listeners[0]?.port ?? 0;
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user,
    password,
    database: "shop",
    application_name: secret.client,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

interface Event {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: what stands in it is checked against the schema.
  readonly detail: any;
}
const logFile = (): string => join(folder, "state", "audit", "segments", "000000.jsonl");
const events = (): readonly Event[] =>
  readFileSync(logFile(), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

async function call(user: string, path: string, reason?: string) {
  const response = await fetch(`${gateway?.approvalsUrl}${path}`, {
    method: reason === undefined ? "GET" : "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${user}-pw`).toString("base64")}`,
      "content-type": "application/json",
    },
    ...(reason === undefined ? {} : { body: JSON.stringify({ reason }) }),
  });
  return { status: response.status, body: await response.json() };
}
const pendingId = () =>
  eventually(() => events().findLast(({ kind }) => kind === "approval.requested")?.detail.approval);

/** Every file below the state folder, but what approvers must see. */
function filesWritten(at = join(folder, "state")): readonly string[] {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesWritten(join(at, entry.name)) : [join(at, entry.name)],
  );
}

const failing = (query: Promise<unknown>): Promise<pg.DatabaseError> =>
  query.then(
    () => Promise.reject(new Error("it ran")),
    (error: pg.DatabaseError) => error,
  );

test("every line fits the schema, the log is whole, and no value is in any file", async () => {
  await start();
  await failing(connect("agent", `${secret.password}x`));
  const client = await connect();
  expect((await client.query("SELECT email FROM people")).rows[0].email).not.toContain(secret.row);
  await client.query(`SELECT id FROM people WHERE id = length('${secret.literal}')`);
  await client.query("SELECT $1::text AS x", [secret.parameter]);
  await failing(client.query(`${secret.unparsed} hunter`));
  await client.query(`SET app.word = ${secret.setting}`);
  await failing(client.query(`SELECT '${secret.literal}'::int`));
  await failing(client.query("DROP TABLE people"));
  const held = client.query("UPDATE people SET email = $1 WHERE id = 1", [secret.changed]);
  const id = await pendingId();
  expect((await call("alice", `/v1/approvals/${id}/approve`, "mine")).status).toBe(409);
  expect((await call("carl", "/v1/approvals")).body).toEqual([]);
  expect((await call("bob", "/v1/approvals")).body).toMatchObject([{ id, state: "pending" }]);
  expect((await call("bob", `/v1/approvals/${id}/approve`, "checked")).status).toBe(200);
  expect((await held).rowCount).toBe(1);
  await client.end();
  await eventually(() => events().some(({ kind }) => kind === "session.closed"));
  await gateway?.close();

  const schema = JSON.parse(readFileSync(new URL("../../spec/audit-event.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false, discriminator: false }).compile(schema);
  for (const event of events()) expect([event, validate(event) ? null : validate.errors]).toEqual([event, null]);
  const check = await verifyAuditLog(join(folder, "state", "audit"));
  expect(check).toMatchObject({ ok: true, lines_count: events().length });
  const kinds = events().map(({ kind }) => kind);
  for (const kind of ["gateway.started", "policy.loaded", "session.opened", "session.closed", "decision", "execution"])
    expect(kinds).toContain(kind);
  expect(kinds.filter((kind) => kind.startsWith("approval."))).toEqual([
    "approval.requested",
    "approval.approved",
    "approval.used",
  ]);
  expect(kinds.at(-1)).toBe("gateway.stopped");
  for (const file of filesWritten()) {
    const text = readFileSync(file, "utf8");
    const found = Object.values(secret).filter((word) => text.includes(word));
    expect([file, found]).toEqual([file, []]);
    expect(statSync(file).mode & 0o077).toBe(0);
  }
  expect(lines.filter((line) => Object.values(secret).some((word) => line.includes(word)))).toEqual([]);
});

test("approvers see the statement with its literals, in a file for the gateway's user alone", async () => {
  await start(configWith({}, "refuse"));
  const client = await connect();
  const text = `UPDATE people SET email = '${secret.literal}' WHERE id = 2`;
  expect((await failing(client.query(text))).message).toMatch(/^approval [0-9a-f]+ is needed/);
  const id = await pendingId();
  const file = join(folder, "state", "approvals", `${id}.json`);
  expect(JSON.parse(readFileSync(file, "utf8")).statement).toBe(text);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(logFile(), "utf8")).not.toContain(secret.literal);
  await client.end();
});

test("a connection that does not wait: asked, approved, sent again, run once; over a restart too", async () => {
  await start(configWith({}, "refuse"));
  const text = "UPDATE people SET email = 'x' WHERE id = 2";
  const first = await connect();
  await failing(first.query(text));
  const id = await pendingId();
  await call("bob", `/v1/approvals/${id}/approve`, "ok");
  await first.end();
  await gateway?.close();
  await start(configWith({}, "refuse"));
  const client = await connect();
  expect((await failing(client.query(`${text} `))).message).toContain("is needed"); // One byte more.
  await client.query(text);
  expect((await failing(client.query(text))).message).toContain("is needed");
  await client.end();
});

test("a policy that changes while a statement waits ends the wait, and nothing runs", async () => {
  await start();
  const client = await connect();
  const held = failing(client.query("UPDATE people SET email = 'y' WHERE id = 1"));
  const id = await pendingId();
  writeFileSync(join(folder, "policy.hpl"), `${policy}\nblock "freeze" when statement.effects has write\n`);
  expect(gateway?.policies.reload()).toMatchObject({ ok: true, isNew: true });
  await call("bob", `/v1/approvals/${id}/approve`, "ok");
  expect((await held).message).toContain("the policy changed while the statement waited");
  await client.end();
});

test("closing while a statement is held ends everything, and the next start finds nothing open", async () => {
  await start();
  const client = await connect();
  const held = failing(client.query("UPDATE people SET email = 'z' WHERE id = 1"));
  await pendingId();
  await gateway?.close();
  await held;
  expect(existsSync(join(folder, "state", "gateway.pid"))).toBe(false);
  expect(events().findLast(({ kind }) => kind.startsWith("approval."))?.kind).toBe("approval.cancelled");
  expect(await verifyAuditLog(join(folder, "state", "audit"))).toMatchObject({ ok: true });
});

test("without a policy everything is blocked with the reason, until there is one", async () => {
  rmSync(join(folder, "policy.hpl"));
  await start();
  const client = await connect();
  const refusal = await failing(client.query("SELECT 1"));
  expect(refusal.message).toContain("no policy is in force: the policy is missing");
  expect(refusal.message).not.toContain(folder);
  writeFileSync(join(folder, "policy.hpl"), policy);
  await eventually(() => gateway?.policies.current().kind === "loaded");
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await client.end();
});

const listening = (one: Server | ReturnType<typeof createTcpServer>): Promise<number> =>
  new Promise((resolve) => one.listen(0, "127.0.0.1", () => resolve((one.address() as AddressInfo).port)));

test("a gateway starts as a whole or not at all, and says which field is wrong", async () => {
  const taken = createTcpServer();
  const port = await listening(taken);
  const [connection] = configWith().connections;
  if (connection === undefined) throw new Error("no connection");
  const at = (more: object) => configWith({ connections: [{ ...connection, ...more } as typeof connection] });
  const second = { ...connection, name: "second", listen: `127.0.0.1:${port}` };
  const cases: readonly (readonly [GatewayConfig, RegExp])[] = [
    [at({ listen: `127.0.0.1:${port}` }), /^connections\[0\]\.listen: .*EADDRINUSE/],
    [configWith({ connections: [connection, second] }), /^connections\[1\]\.listen: .*EADDRINUSE/],
    [configWith({ approvals: { listen: `127.0.0.1:${port}` } }), /^approvals\.listen: .*EADDRINUSE/],
    [at({ upstream: { url: "mysql://a:topsecret@h/d" } }), /^connections\[0\]\.upstream\.url: the upstream URL/],
    [at({ upstream: { url: { env: "HPL_NOT_SET" } } }), /^connections\[0\]\.upstream\.url: .*HPL_NOT_SET is not set/],
    [at({ upstream: { embedded: "postgres", seed: "no.sql" } }), /^connections\[0\]\.upstream\.seed: .*no\.sql/],
    [
      configWith({ approvals: { listen: "127.0.0.1:0", webhooks: [{ url: "http://h/", secret_env: "HPL_NOT_SET" }] } }),
      /^approvals\.webhooks\[0\]\.secret_env: .*HPL_NOT_SET/,
    ],
  ];
  for (const [config, message] of cases) {
    const error: Error = await start(config).then(
      () => Promise.reject(new Error("it started")),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("topsecret");
    expect(existsSync(join(folder, "state", "gateway.pid"))).toBe(false);
  }
  taken.close();
  await start();
  await expect(
    startGateway({ config: configWith(), folder, compile: compileForGateway, log: () => {} }),
  ).rejects.toThrow(/^state: .*in use by another gateway/);
});

test("webhooks are signed, and one that hangs holds up neither people nor the end", async () => {
  const received: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  const hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
      if (request.url === "/good") response.end();
    });
  });
  const url = `http://127.0.0.1:${await listening(hook)}`;
  const webhooks = ["/good", "/hangs"].map((path) => ({ url: url + path, secret_env: "HPL_TEST_HOOK" }));
  await start(configWith({ approvals: { listen: "127.0.0.1:0", webhooks } }));
  const client = await connect();
  const held = client.query("UPDATE people SET email = 'w' WHERE id = 1");
  await call("bob", `/v1/approvals/${await pendingId()}/approve`, "ok");
  await held;
  await client.end();
  await eventually(() => received.length >= 6);
  const kinds = received.map(({ headers, body }) => {
    const event = new Webhook(hookKey).verify(body, headers) as { readonly type: string };
    return event.type;
  });
  expect([...new Set(kinds)].toSorted()).toEqual(["approval.approved", "approval.requested", "approval.used"]);
  await gateway?.close();
  hook.closeAllConnections();
  hook.close();
});

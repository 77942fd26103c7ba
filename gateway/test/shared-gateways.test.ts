/** Two whole gateways with one set of approvals and grants: asked for through one, decided and used through the other. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";

const policy = `
policy shop governs sql
use std.sql
default block
group dba
group oncall
group security
allow "read" when sql.only_reads
allow "change" after approval from dba within 10m when sql.only_changes_rows
allow "settings" when statement.effects only {config}
grant break_glass to oncall asking "incident number" lasting 2m telling security
allow "emergency" when granted break_glass and statement.kind == truncate
`;

let server: EmbeddedPostgres;
let folder: string;
const running: Gateway[] = [];
beforeAll(async () => {
  server = await startEmbeddedPostgres({
    seed: "CREATE TABLE orders (id int, paid bool); INSERT INTO orders VALUES (7, false)",
    log: () => {},
  });
});
afterAll(() => server.stop());
beforeEach((context) => {
  if (server.engine !== "postgres") context.skip();
  folder = mkdtempSync(join(tmpdir(), "hpl-shared-"));
  writeFileSync(join(folder, "policy.hpl"), policy);
});
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, hold: "wait" | "refuse"): Promise<Gateway> {
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const person = (id: string, groups: readonly string[]) => ({ id, kind: "human" as const, groups });
  const config: GatewayConfig = {
    policy: "policy.hpl",
    state: name,
    connections: [{ name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", hold, upstream: { url } }],
    identity: {
      static: [
        { user: "ann", password: "pw", principal: person("ann", ["oncall"]) },
        { user: "bob", password: "pw", principal: person("bob", ["dba", "security"]) },
      ],
    },
    approvals: { listen: "127.0.0.1:0" },
    shared: { postgres: url },
  };
  mkdirSync(join(folder, name));
  const gateway = await startGateway({ config, folder, compile: compileForGateway, log: () => {} });
  running.push(gateway);
  return gateway;
}

async function connect(gateway: Gateway): Promise<pg.Client> {
  const port = gateway.listeners[0]?.port ?? 0;
  const client = new pg.Client({ host: "127.0.0.1", port, user: "ann", password: "pw", database: "shop" });
  await client.connect();
  return client;
}

async function call(gateway: Gateway, user: string, path: string, body?: object) {
  const response = await fetch(`${gateway.approvalsUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:pw`).toString("base64")}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are those of `spec/openapi/gateway.json`.
  const answer: any = await response.json();
  return { status: response.status, body: answer };
}

async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let i = 0; i < 400; i += 1) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it never happened");
}

const pendingAt = (gateway: Gateway): Promise<string> =>
  eventually(async () => {
    const { body } = await call(gateway, "bob", "/v1/approvals");
    return body.find(({ state }: { readonly state: string }) => state === "pending")?.id as string | undefined;
  });

test("a client that waits at one gateway goes on when the other is told", async () => {
  const [first, second] = [await start("one", "wait"), await start("two", "wait")];
  const client = await connect(first);
  const held = client.query("UPDATE orders SET paid = true WHERE id = 7");
  const id = await pendingAt(second);
  expect((await call(second, "bob", `/v1/approvals/${id}/approve`, { reason: "seen" })).status).toBe(200);
  expect((await held).rowCount).toBe(1);
  expect((await call(second, "bob", `/v1/approvals/${id}/approve`, { reason: "again" })).status).toBe(409);
  await client.end();
  const kinds = ["one", "two"].map((name) =>
    readFileSync(join(folder, name, "audit", "segments", "000000.jsonl"), "utf8")
      .split("\n")
      .flatMap((line) => (line.includes('"kind":"approval.') ? [JSON.parse(line).kind] : [])),
  );
  expect(kinds).toEqual([["approval.requested", "approval.used"], ["approval.approved"]]);
});

test("a client that was sent away at one gateway comes again at the other, and runs once", async () => {
  const [first, second] = [await start("one", "refuse"), await start("two", "refuse")];
  const text = "UPDATE orders SET paid = false WHERE id = 7";
  const [here, there] = [await connect(first), await connect(second)];
  await expect(here.query(text)).rejects.toThrow("is needed");
  const id = await pendingAt(second);
  expect((await call(first, "bob", `/v1/approvals/${id}/approve`, { reason: "seen" })).status).toBe(200);
  await eventually(async () => {
    const { body } = await call(second, "bob", "/v1/approvals");
    return body.some(
      (each: { readonly id: string; readonly state: string }) => each.id === id && each.state === "approved",
    );
  });
  expect((await there.query(text)).rowCount).toBe(1);
  await expect(here.query(text)).rejects.toThrow();
  await Promise.all([here.end(), there.end()]);
});

test("a grant that was given at one gateway is in force at the other, until it is revoked there", async () => {
  const [first, second] = [await start("one", "wait"), await start("two", "wait")];
  const [here, there] = [await connect(first), await connect(second)];
  await expect(there.query("TRUNCATE orders")).rejects.toThrow();
  const given = await call(first, "ann", "/v1/grants", { grant: "break_glass", reason: "INC-7" });
  expect(given.status).toBe(201);
  await here.query("TRUNCATE orders");
  const { id } = given.body.grant;
  await eventually(async () => {
    const { body } = await call(second, "ann", "/v1/grants");
    return body.given.length === 1 && body.given[0].id === id;
  });
  await there.query("TRUNCATE orders");
  expect((await call(second, "bob", `/v1/grants/${id}/revoke`, { reason: "over" })).status).toBe(200);
  await expect(there.query("TRUNCATE orders")).rejects.toThrow();
  await eventually(async () => (await call(first, "ann", "/v1/grants")).body.given.length === 0);
  await expect(here.query("TRUNCATE orders")).rejects.toThrow();
  await Promise.all([here.end(), there.end()]);
});

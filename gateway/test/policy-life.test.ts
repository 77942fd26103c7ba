/** How policies come and go in a gateway on a real server: signed bundles, a shadow policy beside them, what the log says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { Ajv2020 } from "ajv/dist/2020.js";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { queryAuditLog } from "../src/audit/query.js";
import { replayAuditLog } from "../src/audit/replay.js";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { type BundleServer, bundleOf, makeKey, type SigningKey, serveBundles } from "./bundle-fixture.js";
import { eventually } from "./gateway-fixture.js";

const allowing = "policy shop governs sql\ndefault allow\n";
const blocking = `policy shop governs sql\ndefault allow\nblock "no-sleep" when statement.kind == select\n`;

let upstream: { readonly target: UpstreamTarget; stop(): Promise<void> };
let key: SigningKey;
let folder: string;
let bundles: BundleServer;
let gateway: Gateway | null = null;
const lines: string[] = [];
beforeAll(async () => {
  upstream = await startEmbeddedPostgres({ seed: "CREATE TABLE people (id int)", log: () => {} });
  key = await makeKey();
});
afterAll(() => upstream.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-life-"));
  writeFileSync(join(folder, "policy.pub"), key.public);
  bundles = await serveBundles();
  lines.length = 0;
});
afterEach(async () => {
  await gateway?.close();
  gateway = null;
  await bundles.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Partial<GatewayConfig> = {}): Promise<Gateway> {
  const { host, port, user, password, database } = upstream.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  gateway = await startGateway({
    config: {
      policy: { bundle: { url: bundles.url, poll_s: 1, keys: { ci: { file: "policy.pub" } } } },
      state: "state",
      connections: [{ name: "shop", kind: "postgres", env: "dev", listen: "127.0.0.1:0", upstream: { url } }],
      identity: { static: [{ user: "ann", password: "pw", principal: { id: "ann", kind: "human", groups: [] } }] },
      ...more,
    },
    folder,
    compile: compileForGateway,
    log: (line) => lines.push(line),
  });
  return gateway;
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: gateway?.listeners[0]?.port,
    user: "ann",
    password: "pw",
    database: "shop",
  });
  await client.connect();
  return client;
}

const logFolder = (): string => join(folder, "state", "audit");

async function eventsOf(filter: Parameters<typeof queryAuditLog>[1]) {
  const found = [];
  for await (const { event } of queryAuditLog(logFolder(), filter)) found.push(event);
  return found;
}

const schema = JSON.parse(readFileSync(new URL("../../spec/audit-event.schema.json", import.meta.url), "utf8"));

async function expectWholeLog(): Promise<void> {
  const isLine = new Ajv2020({ strict: false }).compile(schema);
  for (const name of readdirSync(join(logFolder(), "segments")))
    for (const line of readFileSync(join(logFolder(), "segments", name), "utf8")
      .trim()
      .split("\n"))
      expect([isLine(JSON.parse(line)), isLine.errors, line]).toEqual([true, null, line]);
  for await (const { event, result } of replayAuditLog(logFolder()))
    expect(result).toEqual({ kind: event.detail.policy_digest === null ? "no_policy" : "same" });
}

test("a running statement keeps the decision of the policy that judged it; the next one has the new policy's", async () => {
  const [first, second] = [
    await bundleOf(allowing, { key, revision: 1 }),
    await bundleOf(blocking, { key, revision: 2 }),
  ];
  bundles.serve = { body: first.bytes, etag: '"1"' };
  const { policies } = await start();
  const client = await connect();
  const running = client.query("SELECT pg_sleep(2), 1 AS one");
  bundles.serve = { body: second.bytes, etag: '"2"' };
  await eventually(() => policies.bundle()?.revision === 2);
  const other = await connect();
  await expect(other.query("SELECT 2")).rejects.toThrow("no-sleep");
  expect((await running).rows).toMatchObject([{ one: 1 }]);
  await expect(client.query("SELECT 3")).rejects.toThrow("no-sleep");
  await Promise.all([client.end(), other.end()]);
  const loaded = await eventsOf({ kind: "policy.loaded" });
  expect(loaded.map(({ detail }) => [detail.revision, detail.key, detail.digest])).toEqual([
    [1, "ci", first.digest],
    [2, "ci", second.digest],
  ]);
  const decided = await eventsOf({ kind: "decision" });
  expect(decided.map(({ detail }) => detail.policy_digest)).toEqual([first.digest, second.digest, second.digest]);
  await expectWholeLog();
});

test("a refused bundle is in the log, by its code; without any bundle everything is blocked", async () => {
  bundles.serve = { body: (await bundleOf(allowing, { key: await makeKey(), revision: 1 })).bytes };
  await start();
  const client = await connect();
  await expect(client.query("SELECT 1")).rejects.toThrow("no policy is in force: the bundle is not taken");
  await client.end();
  expect(await eventsOf({ kind: "policy.refused" })).toMatchObject([
    { detail: { reason: "the bundle is not taken", codes: ["HPL7007"] } },
  ]);
  await expectWholeLog();
});

test("a shadow policy is written down where it differs, and decides nothing", async () => {
  bundles.serve = { body: (await bundleOf(allowing, { key, revision: 1 })).bytes };
  writeFileSync(join(folder, "next.hpl"), blocking);
  await start({ shadow: "next.hpl", metrics: { listen: "127.0.0.1:0" } });
  const client = await connect();
  expect((await client.query("SELECT 7 AS seven")).rows).toEqual([{ seven: 7 }]);
  await client.query("INSERT INTO people VALUES (1)");
  const metrics = await (await fetch(`${gateway?.metricsUrl}/metrics`)).text();
  expect(metrics).toMatch(/^hpl_policy_revision 1$/m);
  expect(metrics).toMatch(/^hpl_shadow_skipped_total 0$/m);
  writeFileSync(join(folder, "next.hpl"), "policy");
  await eventually(() => lines.some((line) => line.startsWith("shadow policy: the policy has errors")));
  await client.query("SELECT 8");
  await client.end();
  await gateway?.close();
  const would = await eventsOf({ would_be: "block" });
  expect(would).toMatchObject([
    {
      kind: "shadow.decision",
      detail: {
        principal: "ann",
        verdict: "allow",
        would_be: { rules: [{ id: "shop/default" }, { id: "shop/no-sleep" }] },
      },
    },
    { kind: "shadow.decision" },
  ]);
  const decided = await eventsOf({ kind: "decision", verdict: "allow" });
  expect(would[0]?.detail.decision_id).toBe(decided[0]?.detail.decision_id);
  expect((await eventsOf({ kind: "shadow.refused" })).length).toBe(1);
  await expectWholeLog();
});

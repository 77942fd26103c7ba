/** A gateway whose log is watched by PostgreSQL, or by another gateway: what happens when its state is put back. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { queryAuditLog } from "../src/audit/query.js";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";

let server: EmbeddedPostgres;
let url: string;
let folder: string;
beforeAll(async () => {
  server = await startEmbeddedPostgres({ seed: null, log: () => {} });
  const { host, port, user, password, database } = server.target;
  url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-witnessed-"));
  mkdirSync(join(folder, "policy"));
  writeFileSync(
    join(folder, "policy", "p.hpl"),
    'policy p governs sql\nuse std.sql\ndefault block\nallow "read" when sql.only_reads\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines: string[] = [];
const start = (state: string, audit: GatewayConfig["audit"]): Promise<Gateway> =>
  startGateway({
    config: {
      policy: "policy",
      state,
      connections: [{ name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", upstream: { url } }],
      identity: { static: [{ user: "agent", password: "pw", principal: { id: "a", kind: "agent", groups: [] } }] },
      metrics: { listen: "127.0.0.1:0" },
      ...(audit === undefined ? {} : { audit }),
    },
    folder,
    compile: compileForGateway,
    log: (line) => lines.push(line),
  });

/** Runs `sql` through the gateway; its first value, or the error. */
async function ask(gateway: Gateway, sql: string): Promise<unknown> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: gateway.listeners[0]?.port,
    user: "agent",
    password: "pw",
    database: "shop",
  });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  } catch (error) {
    return String(error);
  } finally {
    await client.end();
  }
}

const ready = async ({ metricsUrl }: Gateway): Promise<string> => (await fetch(`${metricsUrl}/readyz`)).text();
const putBack = (name: string): void => {
  rmSync(join(folder, "state"), { recursive: true });
  cpSync(join(folder, name), join(folder, "state"), { recursive: true });
};

/** Runs a gateway, saves its state, runs it on, and puts the state back. */
async function rollBack(audit: GatewayConfig["audit"]): Promise<void> {
  const first = await start("state", audit);
  expect(await ask(first, "SELECT 1")).toBe(1);
  await first.close();
  cpSync(join(folder, "state"), join(folder, "saved"), { recursive: true });
  const second = await start("state", audit);
  expect(await ask(second, "SELECT 2")).toBe(2);
  expect(await ready(second)).toBe("ready\n");
  await second.close();
  putBack("saved");
}

async function expectRefusal(audit: GatewayConfig["audit"]): Promise<void> {
  const gateway = await start("state", audit);
  const reason = "the audit log does not agree with its witness";
  expect(await ask(gateway, "SELECT 3")).toContain("the audit log cannot be written");
  expect(await ready(gateway)).toBe(`${reason}\n`);
  expect(await (await fetch(`${gateway.metricsUrl}/metrics`)).text()).toContain("hpl_audit_witness_disagrees 1\n");
  await gateway.close();
  const kinds: string[] = [];
  for await (const { event } of queryAuditLog(gateway.auditPath)) kinds.push(event.kind);
  expect(kinds).toContain("witness.disagreed");
}

test("PostgreSQL as witness: a state that was put back decides nothing, and the proof stays", async () => {
  const audit = { witness: { url } };
  await rollBack(audit);
  await expectRefusal(audit);
  await expectRefusal(audit);
});

test("another gateway as witness: the same, and it says in its own log what it saw", async () => {
  const own = await start("state", undefined);
  await own.close();
  const peer = await start("peer", { witness_for: [own.auditKey] });
  const audit = { witness: { peer: peer.metricsUrl ?? "" } };
  await rollBack(audit);
  await expectRefusal(audit);
  await peer.close();
  const seen: string[] = [];
  for await (const { event } of queryAuditLog(peer.auditPath, { kind: "witness.seen" })) seen.push(event.detail.origin);
  expect(new Set(seen)).toEqual(new Set([own.auditKey.split("+")[0]]));
  // While the peer is away the gateway decides: two that watch each other must be able to start.
  putBack("saved");
  const alone = await start("state", audit);
  expect(await ask(alone, "SELECT 4")).toBe(4);
  expect(lines.join("\n")).toContain("was not reached");
  await alone.close();
});

test("a peer that sends without end is not listened to for long", async () => {
  const endless = createServer((_request, response) => {
    const more = (): void => {
      while (response.writable && response.write("x".repeat(65_536)));
    };
    response.on("drain", more).on("error", () => {});
    more();
  });
  await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", () => resolve()));
  const address = endless.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const gateway = await start("state", { witness: { peer: `http://127.0.0.1:${port}` } });
  expect(await ready(gateway)).toBe("the audit log does not agree with its witness\n");
  await gateway.close();
  endless.closeAllConnections();
  endless.close();
});

test("a note that is too long, or of another key, is refused", async () => {
  const own = await start("state", undefined);
  await own.close();
  const peer = await start("peer", { witness_for: [own.auditKey] });
  const url = `${peer.metricsUrl}/witness/${own.auditKey.slice("hpl.audit/".length, "hpl.audit/".length + 16)}`;
  const put = async (body: string): Promise<number> => (await fetch(url, { method: "PUT", body })).status;
  const note = readFileSync(join(folder, "state", "audit", "checkpoint"), "utf8");
  const foreign = readFileSync(join(folder, "peer", "audit", "checkpoint"), "utf8");
  expect([
    await put(""),
    await put(foreign),
    await put("x".repeat(4_096)),
    await put("x".repeat(4_097)),
    await put(`${note}x`),
  ]).toEqual([409, 409, 409, 413, 409]);
  expect((await fetch(url)).status).toBe(204);
  expect(await put(note)).toBe(200);
  expect(await (await fetch(url)).text()).toBe(note);
  expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
  await peer.close();
});

test("a peer takes notes of the logs it was told of, and nothing else", async () => {
  const { metricsUrl, close } = await start("state", undefined);
  for (const [path, method, status] of [
    ["/witness/0123456789abcdef", "GET", 404],
    ["/witness/0123456789abcdef", "PUT", 404],
    ["/witness/", "PUT", 404],
    ["/metrics", "PUT", 404],
  ] as const)
    expect((await fetch(`${metricsUrl}${path}`, { method })).status).toBe(status);
  await close();
});

test("PostgreSQL as sink: a row an event, exactly what the log says, each once, also after a restart that forgot", async () => {
  const audit: GatewayConfig["audit"] = {
    sinks: [{ name: "db", format: "hpl", postgres: { url } }],
  };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows = async (): Promise<readonly { readonly index: string; readonly event: string }[]> =>
    (await client.query("SELECT index, event FROM hpl_audit_events ORDER BY index")).rows;
  const first = await start("state", audit);
  expect(await ask(first, `SELECT 'it''s \\ "quoted"' AS "a\\'; DROP TABLE x; --"`)).toContain("quoted");
  await first.close();
  rmSync(join(folder, "state", "sinks", "db.json"));
  const second = await start("state", audit);
  await ask(second, "SELECT 5");
  await second.close();
  const logged: string[] = [];
  for await (const { line } of queryAuditLog(second.auditPath)) logged.push(line);
  const found = await rows();
  expect(found.map(({ event }) => event)).toEqual(logged);
  expect(found.map(({ index }) => Number(index))).toEqual(found.map((_, i) => i));
  await client.end();
});

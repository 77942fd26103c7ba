/**
 * Question: what does the gateway's relay cost beside bytes that are merely passed on, and what does the audit add to it?
 * Goals: the framed relay carries at least 0.85 of a bare one's results; with `timely` audit a round trip takes at most 1.25 of
 * what it takes without. Worst case: a row is the whole result (round trips), or nothing but rows is (results).
 */
import { mkdtempSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { bench, describe } from "vitest";
import { openAuditLog } from "../src/audit/log.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { startEmbedded, startGateway } from "./gateway-fixture.js";

const server = await startEmbedded();

/** What every hop through this process costs: two sockets, joined. */
async function bareRelay(): Promise<UpstreamTarget> {
  const relay = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: server.target.host, port: server.target.port, noDelay: true });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    relay.listen(0, "127.0.0.1", () => resolve());
  });
  const address = relay.address();
  return { ...server.target, port: typeof address === "object" && address !== null ? address.port : 0 };
}

/** A gateway that lets everything pass, and keeps nothing of it; with the log, it writes the two lines of a statement. */
async function framedRelay(hasAudit: boolean): Promise<UpstreamTarget> {
  const { guard, target } = await startGateway(server.target);
  const log = hasAudit ? await openAuditLog(mkdtempSync(join(tmpdir(), "hpl-relay-"))) : null;
  const detail = { session: "s".repeat(36), statement: { statement_sha256: "a".repeat(64), text: "SELECT $1" } };
  const { openSession } = guard;
  Object.assign(guard, {
    openSession: (session: Parameters<typeof openSession>[0]) => {
      const enforcement = openSession(session);
      return {
        ...enforcement,
        judge: (...asked: Parameters<typeof enforcement.judge>) => {
          guard.judged.length = 0;
          log?.append({ kind: "decision", detail });
          return enforcement.judge(...asked);
        },
        report: () => void log?.append({ kind: "execution", detail }),
      };
    },
  });
  return target;
}

async function clientOf({ host, port, user, password, database }: UpstreamTarget): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  return client;
}

const clients = {
  "bare relay": await clientOf(await bareRelay()),
  "framed relay": await clientOf(await framedRelay(false)),
  "framed relay, timely audit": await clientOf(await framedRelay(true)),
};

const results = "SELECT i, repeat('x', 80) FROM generate_series(1, 20000) i";
for (const [name, client] of Object.entries(clients)) {
  const { rows } = await client.query(results);
  if (rows.length !== 20_000) throw new Error(`${name} gives a wrong answer`);
}

describe("a round trip", () => {
  for (const [name, client] of Object.entries(clients))
    bench(name, async () => void (await client.query("SELECT name FROM people WHERE id = 1")), { time: 3_000 });
});

describe("a result of 20,000 rows", () => {
  for (const [name, client] of Object.entries(clients))
    bench(name, async () => void (await client.query(results)), { time: 3_000 });
});

/**
 * A gateway under load, for a minute: nothing leaks, nothing runs undecided, memory stays flat. Runs with `LONG=1` where
 * `pgbench` and the real server run; the figures are printed, and only what must hold whatever the machine is asserted.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileForGateway } from "@hpl/cli";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyAuditLog } from "../src/audit/verify.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import { connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import { runDirectly } from "../src/upstream/direct-query.js";
import { type LoggingServer, startLoggingServer } from "./logging-server.js";
import { serialize } from "./wire-client.js";

const clients_count = 200;
const seconds = 60;
const isLong = Boolean(process.env.LONG) && isInstalled("pgbench");

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

let server: LoggingServer | null = null;
let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  if (!isLong) return;
  server = await startLoggingServer(["log_statement=none", "max_connections=260"]);
  if (server === null) return;
  await runDirectly(
    server.target,
    "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people SELECT i, 'n' || i FROM generate_series(1, 1000) i",
  );
  folder = mkdtempSync(join(tmpdir(), "hpl-load-"));
  mkdirSync(join(folder, "policy"));
  const policy = 'policy p governs sql\nuse std.sql\ndefault block\nallow "read" when sql.only_reads\n';
  writeFileSync(join(folder, "policy", "p.hpl"), policy);
  writeFileSync(join(folder, "by-key.sql"), "\\set id random(1, 20)\nSELECT name FROM people WHERE id = :id;\n");
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
  gateway = await startGateway({
    config: {
      policy: "policy",
      state: "state",
      connections: [{ name: "shop", kind: "postgres", env: "dev", listen: "127.0.0.1:0", upstream: { url } }],
      identity: { static: [{ user: "agent", password: "pw", principal: { id: "a", kind: "agent", groups: [] } }] },
      metrics: { listen: "127.0.0.1:0" },
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

/** A metric's value now. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length) ?? Number.NaN,
  );
}

/** What is kept, in MB: the heap and its buffers, behind a collection. RSS says what V8 has not given back. */
function kept_mb(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 1_048_576);
}
const logSize = (): number => {
  const segments = join(gateway.auditPath, "segments");
  return readdirSync(segments).reduce((sum, name) => sum + statSync(join(segments, name)).size, 0);
};
const rss_mb = (): number => Math.round(process.memoryUsage.rss() / 1_048_576);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const target = () => ({
  host: "127.0.0.1",
  port: gateway.listeners[0]?.port ?? 0,
  user: "agent",
  password: "pw",
  database: "shop",
  tls: "disable" as const,
});

test.skipIf(!isLong)(
  "200 clients for a minute: each statement is decided, nobody is left, memory is flat",
  { timeout: 180_000 },
  async () => {
    if (server === null) return;
    const memory: number[] = [];
    const timer = setInterval(() => memory.push(kept_mb()), 5_000);
    const what = [
      "-n",
      "-M",
      "simple",
      "-c",
      String(clients_count),
      "-j",
      "1",
      "-T",
      String(seconds),
      "-f",
      "by-key.sql",
    ];
    const where = ["-h", "127.0.0.1", "-p", String(target().port), "-U", "agent", "shop"];
    const env = { ...process.env, PGPASSWORD: "pw" };
    const { stdout } = await promisify(execFile)("pgbench", [...what, ...where], { cwd: folder, env });
    clearInterval(timer);
    const transactions = Number(/number of transactions actually processed: (\d+)/.exec(stdout)?.[1]);
    expect(stdout).toMatch(/number of failed transactions: 0 /);
    for (let i = 0; i < 100 && (await metric("hpl_sessions_open")) > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await metric("hpl_sessions_open")).toBe(0);
    const decided = await metric('hpl_decisions_total{verdict="allow"}');
    expect(decided).toBe(transactions);
    expect(await metric('hpl_executions_total{status="ok"}')).toBe(decided);
    say(
      `load: ${Math.round(transactions / seconds)} statements a second, kept by 5 s in MB: ${memory.join(" ")}, RSS ${rss_mb()} MB, log ${Math.round(logSize() / decided)} bytes a statement`,
    );
    // After half the time each session has met all twenty texts, and what it remembers of them has its size.
    const [early, late] = [memory[5] ?? 0, memory.at(-1) ?? 0];
    expect(late).toBeLessThan(early * 1.1);
    expect(await verifyAuditLog(gateway.auditPath)).toMatchObject({ ok: true });
  },
);

test.skipIf(!isLong)(
  "a gigabyte for a reader that pauses is not kept: less than 64 MiB",
  { timeout: 60_000 },
  async () => {
    if (server === null) return;
    const { socket } = await connectUpstream(target(), new Map());
    socket.pause();
    const before = rss_mb();
    socket.write(serialize.query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)"));
    let most = 0;
    for (let i = 0; i < 50; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      most = Math.max(most, rss_mb() - before);
    }
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      most = Math.max(most, rss_mb() - before);
    });
    socket.resume();
    for (let i = 0; i < 400 && received < 1_000_000_000; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    say(`paused reader: ${Math.round(received / 1e6)} MB in all, RSS grew by ${most} MB at most`);
    expect(received).toBeGreaterThan(1_000_000_000);
    expect(most).toBeLessThan(64);
    await gateway.close();
  },
);

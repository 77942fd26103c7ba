/** A database server with a gateway in front of it, for tests: started once a file, with a table that each test resets. */
import { listenPostgres, type PostgresListener } from "../src/protocols/postgres/listener.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { runDirectly } from "../src/upstream/direct-query.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { createFakeGuard, type FakeGuard, fakeCatalog, fakeMasks } from "./fake-guard.js";

export interface ServerUnderTest {
  readonly name: string;
  readonly target: UpstreamTarget;
  stop(): Promise<void>;
}

export interface GatewayUnderTest {
  readonly guard: FakeGuard;
  readonly listener: PostgresListener;
  /** How a client reaches the gateway. */
  readonly target: UpstreamTarget;
  readonly log: string[];
}

export const seed = `
  CREATE TABLE people (id int PRIMARY KEY, name text, email text);
  INSERT INTO people VALUES (1, 'Ann', 'ann@corp.io'), (2, 'Bob', 'bob@corp.io'), (3, 'Cyd', NULL);
  CREATE TABLE notes (id int PRIMARY KEY, body text)`;

export async function startEmbedded(): Promise<ServerUnderTest> {
  const server = await startEmbeddedPostgres({ seed, log: (line) => process.stderr.write(`${line}\n`) });
  return { name: `embedded ${server.engine}`, target: server.target, stop: server.stop };
}

/** A scratch database on a server at 127.0.0.1:5432 that trusts `postgres`; null when none answers. */
export async function startLocal(): Promise<ServerUnderTest | null> {
  const admin: UpstreamTarget = {
    host: "127.0.0.1",
    port: 5432,
    user: "postgres",
    password: "",
    database: "postgres",
    tls: "disable",
  };
  const database = `hpl_gateway_test_${process.pid}`;
  try {
    await runDirectly(admin, `CREATE DATABASE ${database}`);
  } catch {
    process.stderr.write(
      "no PostgreSQL at 127.0.0.1:5432 with trust for postgres: tests run on the embedded one only\n",
    );
    return null;
  }
  const target = { ...admin, database };
  await runDirectly(target, seed);
  return {
    name: "local server",
    target,
    stop: () => runDirectly(admin, `DROP DATABASE ${database} WITH (FORCE)`),
  };
}

export async function startGateway(
  target: UpstreamTarget,
  more: {
    readonly hold?: "wait" | "refuse";
    readonly clients_max?: number;
    readonly tls?: { readonly cert: string; readonly key: string };
  } = {},
): Promise<GatewayUnderTest> {
  const guard = createFakeGuard();
  const log: string[] = [];
  const listener = await listenPostgres({
    host: "127.0.0.1",
    port: 0,
    connection: { name: "shop", kind: "postgres", env: "dev" },
    target,
    guard,
    readCatalog: fakeCatalog,
    cellMasks: fakeMasks,
    tls: more.tls ?? null,
    hold: more.hold ?? "wait",
    log: (line) => log.push(line),
    ...(more.clients_max === undefined ? {} : { clients_max: more.clients_max }),
  });
  const client: UpstreamTarget = {
    host: "127.0.0.1",
    port: listener.port,
    user: "agent",
    password: "secret",
    database: "shop",
    tls: "disable",
  };
  return { guard, listener, target: client, log };
}

/** Waits until `ready` gives something; the longest wait is for slow machines, not a measure. */
export async function eventually<T>(ready: () => T | undefined | false | null): Promise<T> {
  for (let i = 0; i < 1_000; i += 1) {
    const value = ready();
    if (value !== undefined && value !== false && value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it never happened");
}

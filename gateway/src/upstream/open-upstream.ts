import type { ResolvedConnection } from "../config/resolve-config.js";
import type { UpstreamTarget } from "../session/enforcement.js";
import { startEmbeddedPostgres } from "./embedded-postgres.js";

export interface OpenUpstream {
  readonly target: UpstreamTarget;
  /** What it is, for people. */
  readonly engine: string;
  readonly stop: () => Promise<void> | void;
}

/** A server of the gateway's own is started; whether any other answers is found out by the first client. */
export async function openUpstream(
  upstream: ResolvedConnection["upstream"],
  log: (line: string) => void,
): Promise<OpenUpstream> {
  if (upstream.kind === "url") return { target: upstream.target, engine: "postgres", stop: () => {} };
  const embedded = await startEmbeddedPostgres({ seed: upstream.seed, log });
  return { target: embedded.target, engine: `embedded ${embedded.engine}`, stop: () => embedded.stop() };
}

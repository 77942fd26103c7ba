/** A PostgreSQL whose data outlives it, on a port of its own: for tests of what happens when it goes away and comes back. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { installBinaries } from "../src/upstream/embedded-binaries.js";
import {
  createServerFolder,
  findFreePort,
  initialiseData,
  removeServerFolder,
} from "../src/upstream/embedded-server.js";
import { findServerUser } from "../src/upstream/server-user.js";

export interface RestartablePostgres {
  readonly url: string;
  start(): Promise<void>;
  /** As a power cut would: connections are reset, what was committed is there afterwards. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts it. Null where the server's binaries do not run. */
export async function startRestartable(): Promise<RestartablePostgres | null> {
  const user = findServerUser();
  const folder = createServerFolder(user);
  try {
    const binaries = installBinaries(folder, user);
    await initialiseData(folder, binaries, user, "secret");
    const port = await findFreePort();
    const url = `postgres://postgres:secret@127.0.0.1:${port}/postgres`;
    let child: ChildProcess | null = null;
    const start = async (): Promise<void> => {
      const options = [
        "-D",
        join(folder, "data"),
        "-p",
        String(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "fsync=off",
      ];
      const own = { env: binaries.env, cwd: folder, stdio: "ignore" as const, ...user };
      child = spawn(binaries.postgres, [...options, "-c", "unix_socket_directories="], own);
      await untilReady(url);
    };
    const crash = async (): Promise<void> => {
      if (child === null || child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGQUIT");
      await ended;
    };
    await start();
    return {
      url,
      start,
      crash,
      remove: async () => {
        await crash();
        removeServerFolder(folder);
      },
    };
  } catch (error) {
    process.stderr.write(`PostgreSQL's binaries do not run here: ${String(error)}\n`);
    removeServerFolder(folder);
    return null;
  }
}

async function untilReady(url: string): Promise<void> {
  for (let i = 0; ; i += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      await client.end().catch(() => {});
      if (i === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

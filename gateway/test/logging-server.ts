/** A PostgreSQL server with settings of a test's own, and all that it writes down: `log_statement=all` is every statement it runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { installBinaries } from "../src/upstream/embedded-binaries.js";
import {
  createServerFolder,
  findFreePort,
  initialiseData,
  removeServerFolder,
} from "../src/upstream/embedded-server.js";
import { findServerUser } from "../src/upstream/server-user.js";
import { eventually } from "./gateway-fixture.js";

export interface LoggedStatement {
  /** Name of the prepared statement; null for a simple query. */
  readonly prepared: string | null;
  readonly text: string;
}

export interface LoggingServer {
  readonly target: UpstreamTarget;
  /** Everything that was run, in order, by whomever. */
  statements(): readonly LoggedStatement[];
  stop(): Promise<void>;
}

/** In front of each entry: what no statement of a test holds. */
const mark = "@@hpl-entry@@";

/** `settings` as `name=value`. Null where the real server does not run. */
export async function startLoggingServer(settings: readonly string[]): Promise<LoggingServer | null> {
  const user = findServerUser();
  const folder = createServerFolder(user);
  try {
    const binaries = installBinaries(folder, user);
    await initialiseData(folder, binaries, user, "pw");
    const port = await findFreePort();
    const own = [`log_line_prefix=${mark}`, "listen_addresses=127.0.0.1", "fsync=off", "logging_collector=off"];
    const all = [...own, `port=${port}`, "unix_socket_directories=", ...settings];
    const child = spawn(binaries.postgres, ["-D", `${folder}/data`, ...all.flatMap((each) => ["-c", each])], {
      env: binaries.env,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      ...user,
    });
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
    });
    await eventually(() => log.includes("ready to accept connections"));
    return {
      target: { host: "127.0.0.1", port, user: "postgres", password: "pw", database: "postgres", tls: "disable" },
      statements: () => log.split(mark).flatMap((entry) => readEntry(entry) ?? []),
      stop: async () => {
        child.kill("SIGINT");
        await once(child, "close");
        removeServerFolder(folder);
      },
    };
  } catch (error) {
    removeServerFolder(folder);
    process.stderr.write(`not run here: a real PostgreSQL (${String(error)})\n`);
    return null;
  }
}

/** Lines of an entry behind the first begin with a tab. */
function readEntry(entry: string): LoggedStatement | null {
  const whole = entry.replace(/\n$/, "").replaceAll("\n\t", "\n");
  const [, simple] = /^LOG: {2}statement: ([\s\S]*)$/.exec(whole) ?? [];
  if (simple !== undefined) return { prepared: null, text: simple };
  const [, prepared, text] = /^LOG: {2}execute (\S+): ([\s\S]*)$/.exec(whole) ?? [];
  return prepared === undefined || text === undefined ? null : { prepared, text };
}

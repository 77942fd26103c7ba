/**
 * The life of one PostgreSQL server process and its folder.
 *
 * The folder `hpl-postgres-*` in the system's temporary folder holds `owner.pid` (our process), `data`, and what the
 * binaries need. The server must not outlive us, even when we are killed: on POSIX systems a small watcher beside it waits
 * for the end of a pipe from us, which comes in any case, and then stops it. A folder left behind is removed at the next
 * start, once both its owner and its server are gone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Binaries } from "./embedded-binaries.js";
import type { ServerUser } from "./server-user.js";

export interface ServerProcess {
  readonly port: number;
  stop(): Promise<void>;
}

const folderPrefix = "hpl-postgres-";
const startAttempts = 3;
const startTimeout_ms = 30_000;
const stopTimeout_ms = 5_000;

/** A new folder, ours, that `user` may enter. Also removes folders that nobody uses any more. */
export function createServerFolder(user: ServerUser): string {
  removeAbandonedFolders();
  const folder = mkdtempSync(join(tmpdir(), folderPrefix));
  writeFileSync(join(folder, "owner.pid"), String(process.pid));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (user !== null) {
    spawnable(folder);
    chownSync(data, user.uid, user.gid);
  }
  return folder;
}

/** Lets other users pass through `folder` without seeing what it holds. */
const spawnable = (folder: string): void => {
  chmodSync(folder, 0o711);
};

export function removeServerFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(folderPrefix))) {
    const folder = join(tmpdir(), name);
    try {
      const stats = lstatSync(folder);
      const ours = stats.isDirectory() && stats.uid === (process.getuid?.() ?? stats.uid);
      if (ours && isAbandoned(folder)) removeServerFolder(folder);
    } catch {
      // Another process removes it at the same time, or it cannot be read: then it is not ours to remove.
    }
  }
}

/** Both files are written before their process does anything else; without an owner's file nothing is known. */
function isAbandoned(folder: string): boolean {
  const serverPid = join(folder, "data", "postmaster.pid");
  if (isAlive(readPid(join(folder, "owner.pid")))) return false;
  return !existsSync(serverPid) || !isAlive(readPid(serverPid));
}

const readPid = (file: string): number => Number.parseInt(readFileSync(file, "utf8"), 10);

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return true; // Not readable as a process: take it as alive, and leave the folder alone.
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code !== "ESRCH";
  }
}

/** Runs initdb: UTF-8 text, order by code point, SCRAM for everybody. About half a second. */
export async function initialiseData(
  folder: string,
  binaries: Binaries,
  user: ServerUser,
  adminPassword: string,
): Promise<void> {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  if (user !== null) chownSync(passwordFile, user.uid, user.gid);
  const options = [
    ["--pgdata", join(folder, "data"), "--username", "postgres", "--pwfile", passwordFile],
    ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"],
    ["--no-sync", "--no-instructions"],
  ].flat();
  const child = spawn(binaries.initdb, options, {
    env: binaries.env,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    ...user,
  });
  const errors = collect(child);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null)).once("close", resolve);
  });
  rmSync(passwordFile, { force: true });
  if (code !== 0) throw new Error(`initdb failed: ${errors().slice(-300).trim()}`);
}

/** Starts the server on a free port. Another process may take the port in between: then with another one. */
export async function startServer(folder: string, binaries: Binaries, user: ServerUser): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    try {
      return supervise(folder, port, await startOn(port, folder, binaries, user));
    } catch (error) {
      if (attempt === startAttempts) throw error;
    }
  }
}

/** The watcher ends with the pipe; `exec` makes the server our direct child, so that its end is seen at once. */
const watchedStart = 'exec 3<&0; (read -r _ <&3; kill -QUIT $$) & exec "$0" "$@" 3<&- </dev/null';

async function startOn(port: number, folder: string, binaries: Binaries, user: ServerUser): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    logging_collector: "off",
    log_destination: "stderr",
  };
  const options = ["-D", join(folder, "data"), ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`])];
  const [command, ...words] =
    process.platform === "win32" ? [binaries.postgres] : ["/bin/sh", "-c", watchedStart, binaries.postgres];
  const child = spawn(command ?? binaries.postgres, [...words, ...options], {
    env: binaries.env,
    cwd: folder,
    stdio: ["pipe", "ignore", "pipe"],
    detached: process.platform !== "win32", // Ctrl-C is for us: sessions drain first, then the server stops.
    ...user,
  });
  await untilReady(child);
  return child;
}

function untilReady(child: ChildProcess): Promise<void> {
  const errors = collect(child);
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`the server did not start: ${reason}`));
    };
    const timer = setTimeout(() => fail("timed out"), startTimeout_ms);
    child.once("error", (error) => fail(error.message));
    child.once("close", () => fail(errors().slice(-300).trim()));
    child.stderr?.on("data", () => {
      if (!errors().includes("database system is ready to accept connections")) return;
      clearTimeout(timer);
      child.removeAllListeners("close");
      child.stderr?.removeAllListeners("data").resume();
      resolve();
    });
  });
}

/** The last few kilobytes of what a child writes to standard error. */
function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-8_192);
  });
  return () => text;
}

function supervise(folder: string, port: number, child: ChildProcess): ServerProcess {
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const onExit = (): void => {
    child.kill("SIGKILL");
    removeServerFolder(folder);
  };
  process.once("exit", onExit);
  // Neither the server nor its pipes keep our process alive.
  child.unref();
  for (const stream of [child.stdin, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();

  async function stop(): Promise<void> {
    process.off("exit", onExit);
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeout_ms);
    if (child.exitCode === null && child.signalCode === null) {
      child.ref();
      child.kill("SIGINT");
      await ended;
    }
    clearTimeout(timer);
    child.stdin?.destroy();
    removeServerFolder(folder);
  }
  return { port, stop };
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Keeps a second gateway out of a state folder: two of them would break the audit log's chain. */
export interface StateLock {
  release(): void;
}

/** Takes the lock of `folder`; throws when a living process holds it. A lock that a crash left behind is taken over. */
export function lockState(folder: string): StateLock {
  const path = join(folder, "gateway.pid");
  try {
    return takeLock(path);
  } catch {
    const owner = Number.parseInt(readFileSync(path, "utf8"), 10);
    if (isAlive(owner)) throw new Error(`${folder} is in use by another gateway (process ${owner})`);
    rmSync(path, { force: true });
    return takeLock(path);
  }
}

function takeLock(path: string): StateLock {
  const file = openSync(path, "wx", 0o600);
  writeSync(file, `${process.pid}\n`);
  closeSync(file);
  return { release: () => rmSync(path, { force: true }) };
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

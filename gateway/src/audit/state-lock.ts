/**
 * One gateway a state folder: two of them would break the audit log's chain.
 *
 * In: a folder. Out: a lock, the file `gateway.pid`, or an exception that names who holds it. The file says which process
 * holds it and when that process was started, because process ids are given out again, in containers at every start. It
 * appears whole (a link to a file that is already written), so nobody reads half of it. A lock whose process is gone is
 * taken over. Absent: locks between machines or containers that share a folder; they do not see each other's processes.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface StateLock {
  release(): void;
}

/** Takes the lock of `folder`; throws when a living process holds it, this one included. */
export function lockState(folder: string): StateLock {
  const path = join(folder, "gateway.pid");
  const own = `${process.pid} ${startOf(process.pid)} ${randomUUID()}\n`;
  if (!place(path, own)) {
    const held = read(path);
    if (held !== null) refuseOrClear(path, folder, held);
    if (!place(path, own)) throw inUse(folder, read(path));
  }
  return {
    release: () => {
      if (read(path) === own) rmSync(path, { force: true });
    },
  };
}

const inUse = (folder: string, held: string | null): Error =>
  new Error(`${folder} is in use by another gateway (process ${held?.split(" ")[0] ?? "unknown"})`);

/** Makes the lock appear with its content; false when there is one already. */
function place(path: string, content: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a lock whose process is gone. Of several that try, one removes it; what another has placed since is put back. */
function refuseOrClear(path: string, folder: string, held: string): void {
  const [pid = "", start = ""] = held.trim().split(" ");
  if (isRunning(Number(pid), start)) throw inUse(folder, held);
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = read(aside);
  if (moved !== held) linkSync(aside, path);
  rmSync(aside, { force: true });
  if (moved !== held) throw inUse(folder, moved);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function isRunning(pid: number, start: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  const actual = startOf(pid);
  return actual === "-" || actual === start;
}

/** When a process was started, in the system's own count (proc(5), `stat`, field 22); `-` where that is not told. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch {
    return "-";
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : null);

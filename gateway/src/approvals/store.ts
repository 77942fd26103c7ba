import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Approval } from "./approval.js";
import { readApproval } from "./stored-approval.js";

/** Where approvals outlive the process. */
export interface ApprovalStore {
  /** Oldest first. */
  load(): readonly Approval[];
  /** On the disk when it returns. */
  save(approval: Approval): void;
  remove(id: string): void;
}

/**
 * One JSON file an approval in `folder`/approvals, replaced whole, readable by the gateway's user alone: it holds the
 * statement with its literals, which approvers must see. A file that is not an approval is set aside, and `log` is told.
 */
export function fileStore(folder: string, log: (line: string) => void): ApprovalStore {
  const home = join(folder, "approvals");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return {
    load: () => {
      for (const name of readdirSync(home)) if (name.endsWith(".new")) rmSync(join(home, name), { force: true });
      return readdirSync(home)
        .filter((name) => name.endsWith(".json"))
        .flatMap((name) => loadFile(home, name, log) ?? [])
        .toSorted((a, b) => (a.requested_at < b.requested_at ? -1 : 1));
    },
    save: (approval) => {
      const path = join(home, `${approval.id}.json`);
      writeDurably(`${path}.new`, JSON.stringify(approval, null, 2));
      renameSync(`${path}.new`, path);
      syncPath(home);
    },
    remove: (id) => rmSync(join(home, `${id}.json`), { force: true }),
  };
}

function loadFile(home: string, name: string, log: (line: string) => void): Approval | null {
  const path = join(home, name);
  const approval = readApproval(readText(path));
  if (approval !== null && name === `${approval.id}.json`) return approval;
  renameSync(path, `${path}.damaged`);
  log(`${path} is not an approval; it was renamed to ${name}.damaged and counts for nothing`);
  return null;
}

/** What cannot be read is damaged like what can. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is on the disk when its folder is. */
function syncPath(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

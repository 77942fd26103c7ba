import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Approval } from "./approval.js";

/** Where approvals outlive the process. */
export interface ApprovalStore {
  load(): readonly Approval[];
  save(approval: Approval): void;
}

/** One JSON file an approval in `folder`/approvals, replaced whole, readable by the gateway's user alone. */
export function fileStore(folder: string): ApprovalStore {
  const home = join(folder, "approvals");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return {
    load: () =>
      readdirSync(home)
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(home, name), "utf8")) as Approval)
        .toSorted((a, b) => (a.requested_at < b.requested_at ? -1 : 1)),
    save: (approval) => {
      const path = join(home, `${approval.id}.json`);
      writeFileSync(`${path}.new`, JSON.stringify(approval, null, 2), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

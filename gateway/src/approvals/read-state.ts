import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Approval, expireApproval } from "./approval.js";
import { readApproval } from "./stored-approval.js";

/**
 * The approvals in a gateway's state folder, newest first, as time has left them. For whoever may read the folder: nothing is
 * written, and the gateway need not run. Files that are not approvals are passed over.
 */
export function readApprovals(state: string, now: Date): readonly Approval[] {
  const home = join(state, "approvals");
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readApproval(readFileSync(join(home, name), "utf8")) ?? [])
    .map((approval) => expireApproval(approval, now))
    .toSorted((a, b) => (a.requested_at < b.requested_at ? 1 : -1));
}

import { firstPrev } from "./event.js";
import { linesOf, readLine } from "./line.js";

/** What is wrong with a log, at the first line that does not fit. */
export interface AuditFault {
  /** 0-based index of the line. */
  readonly index: number;
  readonly reason: string;
}

export type AuditCheck =
  | { readonly ok: true; readonly lines_count: number; readonly last_hash: string }
  | { readonly ok: false; readonly fault: AuditFault };

/**
 * Reads a log and checks that every line is what was written, and follows from the line before it. A line that was changed,
 * removed, added, moved or repeated is found. Two things are not, unless the last hash is known from elsewhere: lines cut off
 * at the end, and an end written anew by somebody who can write the file and computes the hashes again. O(bytes).
 */
export async function verifyAuditLog(path: string): Promise<AuditCheck> {
  let index = 0;
  let prev = firstPrev;
  for await (const { bytes, isWhole } of linesOf(path)) {
    if (!isWhole) return { ok: false, fault: { index, reason: "the line does not end" } };
    const line = readLine(bytes, { index, prev });
    if (!line.ok) return { ok: false, fault: { index, reason: line.reason } };
    prev = line.hash;
    index++;
  }
  return { ok: true, lines_count: index, last_hash: prev };
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { firstPrev } from "./event.js";

/** What is wrong with a log, at the first line that does not fit. */
export interface AuditFault {
  /** 0-based index of the line. */
  readonly index: number;
  readonly reason: string;
}

export type AuditCheck =
  | { readonly ok: true; readonly lines_count: number; readonly last_hash: string }
  | { readonly ok: false; readonly fault: AuditFault };

/** Hex SHA-256 of a line's bytes, without its line feed. */
export const hashLine = (line: Uint8Array): string => createHash("sha256").update(line).digest("hex");

/**
 * Reads a log and checks that every line is JSON, has its index, and names the hash of the line before it. A changed, removed,
 * added or moved line is found; a log cut off at the end is not, unless its last hash is known from elsewhere. O(bytes).
 */
export async function verifyAuditLog(path: string): Promise<AuditCheck> {
  let index = 0;
  let prev = firstPrev;
  for await (const { bytes, isWhole } of linesOf(path)) {
    const reason = isWhole ? faultOf(bytes, index, prev) : "the line does not end";
    if (reason !== null) return { ok: false, fault: { index, reason } };
    prev = hashLine(bytes);
    index++;
  }
  return { ok: true, lines_count: index, last_hash: prev };
}

function faultOf(bytes: Uint8Array, index: number, prev: string): string | null {
  const line = parseLine(bytes);
  if (line === null) return "the line is not JSON";
  if (line.index !== index) return `the line says it has index ${String(line.index)}`;
  if (line.prev !== prev) return "the line does not follow from the one before it: one of the two was changed";
  return null;
}

/** A line as an object; null when it is not one, or not UTF-8. */
export function parseLine(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The lines of a file as bytes; the last is not whole when no line feed ends it. */
export async function* linesOf(
  path: string,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      yield { bytes: rest.length === 0 ? piece : Buffer.concat([rest, piece]), isWhole: true };
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    if (from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(from)]);
  }
  if (rest.length > 0) yield { bytes: rest, isWhole: false };
}

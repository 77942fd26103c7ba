import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { AuditEvent } from "./event.js";

/** Where a line stands in its log. */
export interface LinePlace {
  readonly index: number;
  readonly prev: string;
}

/** `,"hash":"` 64 hex digits `"}` */
const endOfLine = /^,"hash":"([0-9a-f]{64})"\}$/;
const endSize = ',"hash":""}'.length + 64;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The bytes of a line, its line feed included, and its hash. */
export function writeLine(
  { index, prev }: LinePlace,
  time: Date,
  { kind, detail }: AuditEvent,
): { readonly bytes: Uint8Array; readonly hash: string } {
  const body = JSON.stringify({ index, time: time.toISOString(), prev, kind, detail }).slice(0, -1);
  const hash = sha256(Buffer.from(body));
  return { bytes: Buffer.from(`${body},"hash":"${hash}"}\n`), hash };
}

export type ReadLine = { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly reason: string };

/** Checks that `bytes`, without line feed, are the line that stands at `place`. */
export function readLine(bytes: Uint8Array, { index, prev }: LinePlace): ReadLine {
  const split = Math.max(bytes.length - endSize, 0);
  const hash = endOfLine.exec(Buffer.from(bytes.subarray(split)).toString("latin1"))?.[1];
  const line = parseObject(bytes);
  if (line === null || hash === undefined) return fault("the line is not an audit event");
  if (sha256(bytes.subarray(0, split)) !== hash) return fault("the line was changed");
  if (line.index !== index) return fault(`the line belongs elsewhere: it says it has index ${String(line.index)}`);
  if (line.prev !== prev) return fault("the line does not follow from the one before it");
  return { ok: true, hash };
}

const fault = (reason: string): ReadLine => ({ ok: false, reason });

/** Null for what is not UTF-8, or not a JSON object. */
function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The lines of a file as bytes; the last is not whole when no line feed ends it. */
export async function* linesOf(
  path: string,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield { bytes: Buffer.concat([...pieces.splice(0), chunk.subarray(from, end)]), isWhole: true };
      from = end + 1;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
  if (pieces.length > 0) yield { bytes: Buffer.concat(pieces), isWhole: false };
}

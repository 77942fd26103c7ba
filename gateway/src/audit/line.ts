import { hash as digestOf } from "node:crypto";
import type { AuditEvent } from "./event.js";
import { type Hash, leafPrefix, prefixedLeafHash } from "./merkle.js";

/** Where a line stands in its log. */
export interface LinePlace {
  readonly index: number;
  readonly prev: string;
}

/** `,"hash":"` 64 hex digits `"}` */
const endOfLine = /^,"hash":"([0-9a-f]{64})"\}$/;
const endSize = ',"hash":""}'.length + 64;

const sha256 = (bytes: Uint8Array): string => digestOf("sha256", bytes);

/** A line as it is written. */
export interface WrittenLine {
  /** With its line feed. */
  readonly bytes: Uint8Array;
  readonly hash: string;
  /** Its hash as a leaf of the tree. */
  readonly leaf: Hash;
}

/** The line of an event at `place`. Laid out once, behind the prefix of a leaf, so that both hashes read it where it is. */
export function writeLine({ index, prev }: LinePlace, time: Date, { kind, detail }: AuditEvent): WrittenLine {
  const body = JSON.stringify({ index, time: time.toISOString(), prev, kind, detail }).slice(0, -1);
  const bodySize = Buffer.byteLength(body);
  const leafSize = leafPrefix.length + bodySize + endSize;
  const buffer = Buffer.allocUnsafe(leafSize + 1);
  buffer.set(leafPrefix);
  buffer.write(body, leafPrefix.length);
  const hash = sha256(buffer.subarray(leafPrefix.length, leafPrefix.length + bodySize));
  buffer.write(`,"hash":"${hash}"}\n`, leafPrefix.length + bodySize);
  return { bytes: buffer.subarray(leafPrefix.length), hash, leaf: prefixedLeafHash(buffer.subarray(0, leafSize)) };
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

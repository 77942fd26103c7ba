/**
 * Keeps plain digests of statements out of the log: whoever has the log could guess a short statement and compare.
 *
 * In: events with SHA-256 digests of statements, parameters and shapes. Out: the same events with HMAC-SHA-256 of those digests
 * under the gateway's own key. Equal statements still have equal digests, in decisions and in approvals. Absent: other fields.
 */
import { createHmac } from "node:crypto";
import type { AuditEvent, Json } from "./event.js";

/** Fields of `statement` and `binding` that are made from what a client sent. */
const keyedFields = ["statement_sha256", "parameters_sha256", "shape_sha256"] as const;

/** Digests remembered: statements and parameters come again. */
const knownMax = 10_000;

/** Gives events their keyed digests. Some microseconds for a digest that is new, none for others. */
export function keyedDigests(key: Uint8Array): (event: AuditEvent) => AuditEvent {
  const known = new Map<string, string>();
  const keyed = (digest: string): string => {
    const before = known.get(digest);
    if (before !== undefined) return before;
    const made = createHmac("sha256", key).update(digest).digest("hex");
    if (known.size >= knownMax) known.clear();
    known.set(digest, made);
    return made;
  };
  const withKeyed = (fields: Record<string, Json>): Json => {
    const changed = keyedFields.flatMap((name) => {
      const digest = fields[name];
      return typeof digest === "string" ? [[name, keyed(digest)] as const] : [];
    });
    return { ...fields, ...Object.fromEntries(changed) };
  };
  return (event) => {
    const { statement, binding } = event.detail;
    if (!isRecord(statement) && !isRecord(binding)) return event;
    return {
      kind: event.kind,
      detail: {
        ...event.detail,
        ...(isRecord(statement) ? { statement: withKeyed(statement) } : {}),
        ...(isRecord(binding) ? { binding: withKeyed(binding) } : {}),
      },
    };
  };
}

const isRecord = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What the gateway writes down. Counts, names and digests; never a value from a result, never a password. */
export type AuditKind =
  | "gateway.started"
  | "gateway.stopped"
  | "audit.recovered"
  | "audit.checkpoint"
  | "witness.disagreed"
  | "witness.agreed"
  | "witness.seen"
  | "recording.kept"
  | "facts.seen"
  | "policy.loaded"
  | "policy.refused"
  | "shadow.loaded"
  | "shadow.refused"
  | "shadow.decision"
  | "session.opened"
  | "session.closed"
  | "session.noted"
  | "decision"
  | "execution"
  | "approval.requested"
  | "approval.decided"
  | "approval.approved"
  | "approval.rejected"
  | "approval.expired"
  | "approval.cancelled"
  | "approval.used"
  | "approval.revoked"
  | "grant.given"
  | "grant.revoked";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An event before the log has given it its place. */
export interface AuditEvent {
  readonly kind: AuditKind;
  readonly detail: { readonly [name: string]: Json };
}

/**
 * One line of the log (`spec/audit-event.schema.json`), its fields in this order. `hash` is the hex SHA-256 of the line's own
 * bytes in front of `,"hash"`, so that the line that was changed is the one that is found; `prev` is the `hash` of the line
 * before, 64 zeros in the first, so that no line can be taken out, put in or moved.
 */
export interface AuditLine extends AuditEvent {
  readonly index: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly prev: string;
  readonly hash: string;
}

/** What a log without lines ends with. */
export const firstPrev = "0".repeat(64);

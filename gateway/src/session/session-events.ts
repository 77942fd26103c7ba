/** The audit events of a session beside its decisions. What a client chose freely (its name for itself) stays out. */
import type { AuditEvent } from "../audit/event.js";
import type { ExecutionReport, MaskReport, SessionInfo } from "./enforcement.js";

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "?");

export function idOf({ identity }: SessionInfo): string {
  const { id } = identity.principal;
  if (typeof id !== "string") throw new Error("HPL9001: a principal without an id");
  return id;
}

export function connectionDetail({ connection }: SessionInfo) {
  return { name: textOf(connection.name), kind: textOf(connection.kind), env: textOf(connection.env) };
}

/** `user` is the name of the login, null when the protocol did not tell. */
export const openingEvent = (session: SessionInfo, user: string | null): AuditEvent => ({
  kind: "session.opened",
  detail: {
    session: session.id,
    user,
    principal: idOf(session),
    connection: connectionDetail(session),
    ip: session.ip,
  },
});

export const executionEvent = (session: SessionInfo, execution: ExecutionReport): AuditEvent => {
  const { decision_id, status, rows, sqlstate, masked } = execution;
  const details = masked.map(maskDetail);
  return { kind: "execution", detail: { session: session.id, decision_id, status, rows, sqlstate, masked: details } };
};

/** `mode`: values were hidden on their way out; a masked scan would not have seen them. */
const maskDetail = ({ name, source, ...counts }: MaskReport) => ({
  ...counts,
  column: name,
  source: [...source],
  mode: "output",
});

/**
 * Of what a protocol notes, the fields that are its own words: a SQLSTATE, a reason from its code. Messages are left out,
 * because they quote what the client sent.
 */
export function noteEvent({ id }: SessionInfo, kind: string, detail: Readonly<Record<string, unknown>>): AuditEvent {
  if (kind === "closed") return { kind: "session.closed", detail: { session: id } };
  const own = ["sqlstate", "reason"].flatMap((name) => {
    const value = detail[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return { kind: "session.noted", detail: { session: id, what: kind, ...Object.fromEntries(own) } };
}

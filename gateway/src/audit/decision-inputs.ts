/**
 * What a decision was made from, so that it can be made again from the log alone.
 *
 * In: the facts of a statement, the session's own, the time. Out: an entry of the decision's event. Facts that many decisions
 * share (of a text that is sent again and again, of a session) stand once in the log, in a `facts.seen` event in front of the
 * first decision that names them by digest. What a client calls itself stays out: it may say anything, a password too. Absent:
 * the policy, whose module is kept beside the log.
 */
import { createHash } from "node:crypto";
import type { Action, Connection, Moment, Principal, Session } from "@hpl/runtime";
import type { Json } from "./event.js";
import type { AuditLog } from "./log.js";

/** Longest facts that are written down, in UTF-16 code units of JSON; a decision over more cannot be made again. */
export const factsLengthMax = 1 << 20;
/** Digests remembered of what the log has already. Past them it is written again. */
const seenMax = 10_000;

/** The part of a session's facts that is fixed. */
type SessionConstants = Omit<Session, "client" | "in_transaction" | "grants" | "counters">;

/** Who asked, over what. */
export interface DecisionSubject {
  readonly principal: Principal;
  readonly connection: Connection;
  readonly session: SessionConstants;
}

/** The entry `inputs` of a decision's event. `subject` and `actions` are digests of facts in the log. */
export interface DecisionInputs {
  readonly subject: string | null;
  readonly actions: string | null;
  readonly in_transaction: Session["in_transaction"];
  readonly grants: Session["grants"];
  readonly counters: Session["counters"];
  readonly now: Moment["now"];
  readonly zones: Moment["zones"];
}

/** Writes down the facts that the log does not have yet. Throws `AuditUnavailable`. */
export type InputsWriter = (actions: readonly Action[], moment: Moment) => DecisionInputs;

const seenBy = new WeakMap<AuditLog, Set<string>>();

/** The writer of one session. */
export function inputsWriter(log: AuditLog, principal: Principal, connection: Connection): InputsWriter {
  const digestsOf = new WeakMap<readonly Action[], string | null>();
  const subjects = new WeakMap<Session, string | null>();
  const subjectOf = (session: Session): string | null => {
    const before = subjects.get(session);
    if (before !== undefined) return before;
    const { client: _free, in_transaction: _now, grants: _held, counters: _counted, ...constants } = session;
    const digest = writeOnce(log, "subject", { principal, connection, session: constants satisfies SessionConstants });
    subjects.set(session, digest);
    return digest;
  };
  return (actions, { session, now, zones }) => {
    const { in_transaction, grants, counters } = session;
    let digest = digestsOf.get(actions);
    if (digest === undefined) {
      digest = actions.every(isRecorded) ? writeOnce(log, "actions", actions) : null;
      digestsOf.set(actions, digest);
    }
    return { subject: subjectOf(session), actions: digest, in_transaction, grants, counters, now, zones };
  };
}

/** Facts of SQL hold names, never values; those of other families may. */
const isRecorded = (action: Action): boolean => action.opaque || action.family === "sql";

/** Digest of `facts`, which are in the log afterwards; null when they are too long for it. */
function writeOnce(log: AuditLog, what: string, facts: unknown): string | null {
  const text = JSON.stringify(facts);
  if (text.length > factsLengthMax) return null;
  const digest = createHash("sha256").update(text).digest("hex");
  const seen = seenBy.get(log) ?? new Set();
  seenBy.set(log, seen);
  if (seen.has(digest)) return digest;
  log.append({ kind: "facts.seen", detail: { what, digest, facts: JSON.parse(text) as Json } });
  if (seen.size >= seenMax) seen.clear();
  seen.add(digest);
  return digest;
}

/**
 * Everything that a log says about a period, put together: one item a decision, with what came before and after it.
 *
 * In: a log's folder, a period. Out: items in order, with the session they are of, the approval that was asked for, what became
 * of the statement; the policies that were in force; the lines themselves in short, for the proof that none is missing. What
 * happened after the period to an item in it (an approval, an execution) belongs to the item. Memory: the items. Absent:
 * which items count for a control.
 */
import { type LoggedEvent, queryAuditLog } from "../audit/query.js";

/** Most decisions of one export: more must be exported in shorter periods. */
export const itemsMax = 500_000;

export interface Period {
  /** Milliseconds since 1970, inclusive. */
  readonly from_ms: number;
  /** Exclusive. */
  readonly to_ms: number;
}

/** One decision of the period, with all that belongs to it. Details are those of `spec/audit-event.schema.json`. */
export interface Item {
  readonly decision: LoggedEvent;
  readonly session: LoggedEvent | null;
  /** The events of the approval that the decision asked for, in order. */
  readonly approval: readonly LoggedEvent[];
  readonly execution: LoggedEvent | null;
}

/** A policy that came into force. */
export interface Revision {
  readonly digest: string;
  readonly module_sha256: string | null;
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
  readonly loaded_at: string;
  readonly index: number;
}

/** A line of the period: enough to count, and to see when nothing was written. */
export interface LineMark {
  readonly index: number;
  readonly time_ms: number;
  readonly kind: string;
}

export interface PeriodRecord {
  readonly items: readonly Item[];
  /** By digest; every policy that decided in the period, or came into force in it. */
  readonly revisions: ReadonlyMap<string, Revision>;
  /** Events of the parts of recordings, in order, by session. */
  readonly recordings: ReadonlyMap<string, readonly LoggedEvent[]>;
  readonly lines: readonly LineMark[];
  /** Events that tell of trouble or of changes: policies, refusals, starts and stops. */
  readonly changes: readonly LoggedEvent[];
  /** The last line before the period; null when it begins with the log. */
  readonly before: LineMark | null;
}

export type ReadPeriod =
  | { readonly ok: true; readonly record: PeriodRecord }
  | { readonly ok: false; readonly reason: string };

/** Reads the log once. O(bytes of the log). */
export async function readPeriod(folder: string, { from_ms, to_ms }: Period): Promise<ReadPeriod> {
  const decisions: LoggedEvent[] = [];
  const [sessions, executions] = [new Map<string, LoggedEvent>(), new Map<string, LoggedEvent>()];
  const approvals = collectApprovals();
  const revisions = new Map<string, Revision>();
  const recordings = new Map<string, LoggedEvent[]>();
  const [lines, changes]: [LineMark[], LoggedEvent[]] = [[], []];
  let before: LineMark | null = null;
  for await (const { event } of queryAuditLog(folder)) {
    const mark = { index: event.index, time_ms: Date.parse(event.time), kind: event.kind };
    const isInside = mark.time_ms >= from_ms && mark.time_ms < to_ms;
    if (isInside) lines.push(mark);
    else if (mark.time_ms < from_ms) before = mark;
    if (event.kind === "session.opened") sessions.set(event.detail.session, event);
    else if (event.kind === "execution") executions.set(event.detail.decision_id, event);
    else if (event.kind.startsWith("approval.")) approvals.add(event);
    else if (event.kind === "recording.kept") addTo(recordings, event.detail.session, event);
    else if (event.kind === "policy.loaded") revisions.set(event.detail.digest, revisionOf(event));
    else if (event.kind === "decision" && isInside) decisions.push(event);
    if (isInside && changeKinds.has(event.kind)) changes.push(event);
    if (decisions.length > itemsMax)
      return { ok: false, reason: `the period has more than ${itemsMax} decisions: export it in parts` };
  }
  const items = decisions.map((decision) => ({
    decision,
    session: sessions.get(decision.detail.session) ?? null,
    approval: approvals.of(decision),
    execution: executions.get(decision.detail.decision_id) ?? null,
  }));
  return { ok: true, record: { items, revisions, recordings, lines, changes, before } };
}

function addTo(lists: Map<string, LoggedEvent[]>, name: string, event: LoggedEvent): void {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  list.push(event);
}

const changeKinds: ReadonlySet<string> = new Set([
  "gateway.started",
  "gateway.stopped",
  "policy.loaded",
  "policy.refused",
  "audit.recovered",
  "witness.disagreed",
  "witness.agreed",
]);

const revisionOf = ({ index, time, detail }: LoggedEvent): Revision => ({
  digest: detail.digest,
  module_sha256: detail.module_sha256 ?? null,
  sources: detail.sources ?? [],
  loaded_at: time,
  index,
});

/** Approvals by what they are bound to. A decision's own is the first asked for after it, else one that was there already. */
function collectApprovals() {
  const byBinding = new Map<string, Map<string, LoggedEvent[]>>();
  return {
    add: (event: LoggedEvent): void => {
      const { approval, binding } = event.detail;
      if (typeof binding !== "object" || binding === null) return;
      const key = keyOf(binding.principal, binding.connection, binding);
      const known = byBinding.get(key) ?? new Map<string, LoggedEvent[]>();
      byBinding.set(key, known);
      known.set(approval, [...(known.get(approval) ?? []), event]);
    },
    of: ({ index, detail }: LoggedEvent): readonly LoggedEvent[] => {
      if (detail.decision.verdict !== "approve") return [];
      const known = byBinding.get(keyOf(detail.principal.id, detail.connection.name, detail.statement)) ?? new Map();
      const all: readonly (readonly LoggedEvent[])[] = [...known.values()];
      const open = all.filter((events) => (events.at(-1)?.index ?? 0) > index);
      return open.toSorted((a, b) => (a[0]?.index ?? 0) - (b[0]?.index ?? 0))[0] ?? [];
    },
  };
}

const keyOf = (
  principal: string,
  connection: string,
  { statement_sha256, parameters_sha256 }: { readonly statement_sha256: string; readonly parameters_sha256: string },
): string => JSON.stringify([principal, connection, statement_sha256, parameters_sha256]);

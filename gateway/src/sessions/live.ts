/**
 * What goes on now: the sessions that are open, and the decisions made last.
 *
 * In: what sessions decide and end with. Out: lists for people to look at, without values, newest first. Kept in memory alone.
 */
import type { SessionInfo } from "../session/enforcement.js";
import { connectionDetail, idOf, textOf } from "../session/session-events.js";
import type { SessionWatch, WatchedDecision } from "./watch.js";

export interface LiveSession {
  readonly id: string;
  readonly principal: string;
  readonly on_behalf_of: string | null;
  readonly connection: string;
  readonly env: string;
  readonly ip: string;
  readonly opened_at: string;
  readonly statements: number;
  readonly rows: number;
}

export interface RecentDecision {
  readonly decision_id: string;
  readonly session: string;
  readonly principal: string;
  readonly on_behalf_of: string | null;
  readonly connection: string;
  readonly at: string;
  /** With literals replaced; null where that could not be done. */
  readonly statement: string | null;
  readonly verdict: string;
  readonly message: string;
  readonly rules: readonly {
    readonly id: string;
    readonly effect: string;
    readonly certainty: string;
    readonly file: string;
    readonly line: number;
  }[];
  readonly masks: number;
  /** Null until it has ended. */
  readonly status: string | null;
  readonly rows: number;
}

export interface LiveBook {
  watch(session: SessionInfo): SessionWatch;
  sessions(): readonly LiveSession[];
  decisions(): readonly RecentDecision[];
}

/** Decisions kept. */
export const decisions_max = 500;

/** A decision as it was made; what is shown of it is worked out when somebody looks. */
interface Kept {
  readonly made: WatchedDecision;
  readonly session: string;
  readonly asker: ReturnType<typeof askerOf>;
  readonly at_ms: number;
  status: string | null;
  rows: number;
}

export function openLive(now: () => Date): LiveBook {
  const open = new Map<string, LiveSession>();
  const decisions = new Map<string, Kept>();

  const remember = (kept: Kept): void => {
    decisions.set(kept.made.decision_id, kept);
    const [oldest] = decisions.keys();
    if (decisions.size > decisions_max && oldest !== undefined) decisions.delete(oldest);
  };
  return {
    watch: (session) => {
      const { id, ip } = session;
      const asker = askerOf(session);
      const seen = { id, ...asker, ip, opened_at: now().toISOString(), statements: 0, rows: 0 };
      open.set(id, seen);
      return {
        rows_max: 0,
        decided: (made) => {
          remember({ made, session: id, asker, at_ms: now().getTime(), status: null, rows: 0 });
          seen.statements += 1;
        },
        row: () => {},
        executed: ({ decision_id, status, rows }) => {
          const kept = decisions.get(decision_id);
          if (kept !== undefined) Object.assign(kept, { status, rows });
          seen.rows += rows;
        },
        closed: () => void open.delete(id),
      };
    },
    sessions: () => [...open.values()].map((seen) => ({ ...seen })).toReversed(),
    decisions: () => [...decisions.values()].map(shown).toReversed(),
  };
}

function shown({ made, session, asker, at_ms, status, rows }: Kept): RecentDecision {
  const { decision_id, text, decision } = made;
  const { verdict, message, obligations } = decision;
  const { principal, on_behalf_of, connection } = asker;
  return {
    decision_id,
    session,
    principal,
    on_behalf_of,
    connection,
    at: new Date(at_ms).toISOString(),
    statement: text,
    verdict,
    message,
    rules: decision.rules.map(({ id, effect, certainty, span: { file, line } }) => ({
      id,
      effect,
      certainty,
      file,
      line,
    })),
    masks: obligations.filter(({ type }) => type === "mask").length,
    status,
    rows,
  };
}

function askerOf(session: SessionInfo) {
  const { on_behalf_of } = session.identity.principal;
  const { name, env } = connectionDetail(session);
  return {
    principal: idOf(session),
    on_behalf_of: on_behalf_of === undefined ? null : textOf(on_behalf_of),
    connection: name,
    env,
  };
}

/**
 * A shadow policy: judged beside the one in force, and only written down.
 *
 * In: every decision that was made, with the facts it was made from. Out: an audit event where the shadow would have had the
 * gateway do something else. It is asked after the answer has gone its way, in turns that leave room for other work, so that it
 * neither changes nor delays anything; what it falls behind on is counted and let go. It sees the session as the policy in force
 * did: grants and counters that only the shadow declares are unknown to it. Absent: enforcement of any kind.
 */
import { type Action, type Decision, type Moment, type PolicySession, zoneOffsets } from "@hpl/runtime";
import type { AuditLog } from "../audit/log.js";
import type { PolicyInForce, PolicySource } from "../policy/in-force.js";
import { decisionDetail } from "./decision-event.js";
import type { SessionInfo } from "./enforcement.js";
import { honour } from "./honour.js";
import { connectionDetail, idOf } from "./session-events.js";

/** A decision of the policy in force. */
export interface LiveDecision {
  readonly decision_id: string;
  readonly actions: readonly Action[];
  readonly moment: Moment;
  readonly decision: Decision;
}

/** Compares decisions. Never throws, and does not wait. */
export interface Shadow {
  /** What is to be told of each decision of a session. */
  watch(session: SessionInfo): (live: LiveDecision) => void;
  /** Decisions that were not compared because too many were waiting. */
  skipped(): number;
}

/** Decisions that wait to be compared: a second of a busy gateway, some megabytes. */
export const waitingMax = 10_000;
/** Decisions compared before other work has its turn: a tenth of a millisecond or so. */
const turn_count = 32;

export interface ShadowOptions {
  readonly policies: Pick<PolicySource, "current">;
  readonly audit: Pick<AuditLog, "append">;
}

export function openShadow({ policies, audit }: ShadowOptions): Shadow {
  const waiting: (() => void)[] = [];
  let skipped = 0;
  const run = (): void => {
    for (const compare of waiting.splice(0, turn_count)) compare();
    if (waiting.length > 0) setImmediate(run);
  };
  return {
    skipped: () => skipped,
    watch: (session) => {
      const ask = shadowOf(session);
      const compare = (live: LiveDecision): void => {
        const judged = ask(policies.current(), live);
        if (judged === null || isSameToClients(judged.decision, live.decision)) return;
        try {
          audit.append(shadowEvent(session, live, judged.digest, judged.decision));
        } catch {
          // The log counts the events that it could not take; nothing was decided here that must not go on.
        }
      };
      return (live) => {
        if (waiting.length >= waitingMax) {
          skipped += 1;
          return;
        }
        waiting.push(() => compare(live));
        if (waiting.length === 1) setImmediate(run);
      };
    },
  };
}

/** The shadow policy as one session asks it, remembering while it stays the same one. Null without a shadow policy. */
function shadowOf({ identity, connection }: SessionInfo) {
  let asked: { readonly digest: string; readonly zones: readonly string[]; readonly session: PolicySession } | null =
    null;
  return (inForce: PolicyInForce, { actions, moment }: LiveDecision) => {
    if (inForce.kind === "none") return null;
    const { policy } = inForce;
    if (asked?.digest !== policy.digest)
      asked = {
        digest: policy.digest,
        zones: policy.meta.zones,
        session: policy.session(identity.principal, connection),
      };
    const { zones, session, digest } = asked;
    const own = typeof moment.now === "number" ? { ...moment, zones: zoneOffsets(zones, moment.now) } : moment;
    return { digest, decision: honour(session.decide(actions, own), actions) };
  };
}

/** Whether a client could not tell the two apart: the same verdict, and the same obligations, by whatever rules. */
function isSameToClients(a: Decision, b: Decision): boolean {
  return a.verdict === b.verdict && (a.verdict === "block" || obligationsText(a) === obligationsText(b));
}

const obligationsText = ({ obligations }: Decision): string =>
  JSON.stringify(
    obligations.map((each) => JSON.stringify({ ...each, rule: undefined, binding: undefined })).toSorted(),
  );

function shadowEvent(session: SessionInfo, live: LiveDecision, policy_digest: string, decision: Decision) {
  return {
    kind: "shadow.decision",
    detail: {
      decision_id: live.decision_id,
      session: session.id,
      principal: idOf(session),
      connection: connectionDetail(session),
      verdict: live.decision.verdict,
      would_be: decisionDetail(decision),
      policy_digest,
    },
  } as const;
}

/**
 * A session's enforcement: what stands between a protocol and the rest of the gateway.
 *
 * In: texts a client wants to run, with what the session knows. Out: judgements in the words a protocol enforces, holds
 * that people settle, and an audit line for every decision before anything is forwarded. The policy is the one in force at
 * the moment of the decision. Absent: bytes, sockets, and any decision of its own, but for one: without a policy everything
 * is blocked.
 */
import type { Decision, FrontEnds } from "@hpl/runtime";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { AuditEvent } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import type { PolicyInForce, PolicySource } from "../policy/policy-source.js";
import { decisionEvent } from "./decision-event.js";
import { digestsOf } from "./digests.js";
import { AuditUnavailable, type Enforcement, type ExactStatement, type SessionInfo } from "./enforcement.js";
import { holdFor } from "./hold.js";
import { createTextJudge } from "./judge-text.js";
import { connectionDetail, executionEvent, idOf, noteEvent, openingEvent } from "./session-events.js";
import { shownText } from "./shown-text.js";

/** The parts of a gateway that all its sessions share. */
export interface EnforcementParts {
  readonly policies: PolicySource;
  readonly frontEnds: FrontEnds;
  readonly approvals: ApprovalRegistry;
  readonly audit: AuditLog;
  /** The statement with its literals replaced, for the audit log; null when that cannot be done. */
  readonly parameterize: (text: string) => string | null;
  /** Where people decide on approvals. */
  readonly address: string;
  /** Whether a held client waits, or is told to send the statement again. */
  readonly waits: boolean;
  /** Lines for the operator. */
  readonly log: (line: string) => void;
  readonly now: () => Date;
}

export function openSession(parts: EnforcementParts, session: SessionInfo): Enforcement {
  const { audit, approvals, policies } = parts;
  const opening = recordOpening(parts, session);
  const judgeText = createTextJudge(parts, session);
  /** Of what has happened already nobody can be refused: the log counts the events that it could not take. */
  const record = (event: AuditEvent): void => {
    try {
      audit.append(event);
    } catch (error) {
      if (!(error instanceof AuditUnavailable)) throw error;
      parts.log(`session ${session.id}: ${event.kind} could not be written down: ${error.message}`);
    }
  };
  return {
    judge: (statement, context) => {
      opening.require();
      const judged = judgeText(statement.text, context);
      const { decision_id, actions, decision, policy_digest } = judged;
      const text = shownText(statement.text, actions, parts.parameterize);
      const digests = digestsOf(statement);
      const event = decisionEvent({ decision_id, session, digests, text, actions, decision, policy_digest });
      audit.append(event, { durable: decision.verdict === "approve" || judged.wants_durable_audit });
      return judged;
    },
    preview: judgeText,
    hold: (judgement, statement) => {
      const { decision } = judgement;
      const binding = bindingOf(session, statement, decision);
      const isInForce = (): boolean => digestOf(policies.current()) === binding.policy_digest;
      const { address, waits } = parts;
      return holdFor(approvals, { decision, binding, statement: statement.text, address, isInForce, waits });
    },
    report: (execution) => record(executionEvent(session, execution)),
    note: ({ kind, detail }) => {
      if (kind === "opened") opening.note(detail.user);
      else record(noteEvent(session, kind, detail));
    },
  };
}

/**
 * The line of a session's beginning: written when the protocol says under which name the client logged in, at the latest
 * before the first decision, which it must precede.
 */
function recordOpening({ audit, log }: EnforcementParts, session: SessionInfo) {
  let isWritten = false;
  let user: string | null = null;
  const require = (): void => {
    if (!isWritten) audit.append(openingEvent(session, user));
    isWritten = true;
  };
  const note = (name: unknown): void => {
    user = typeof name === "string" ? name : null;
    try {
      require();
    } catch (error) {
      if (!(error instanceof AuditUnavailable)) throw error;
      log(`session ${session.id}: ${error.message}; nothing runs until it can`);
    }
  };
  return { require, note };
}

/** Null without a policy. */
const digestOf = (inForce: PolicyInForce): string | null => (inForce.kind === "loaded" ? inForce.policy.digest : null);

function bindingOf(session: SessionInfo, statement: ExactStatement, decision: Decision) {
  const { on_behalf_of } = session.identity.principal;
  const [approval] = decision.obligations.flatMap((obligation) =>
    obligation.type === "approval" ? [obligation.binding] : [],
  );
  return {
    principal: idOf(session),
    on_behalf_of: on_behalf_of === undefined ? null : certain(on_behalf_of),
    connection: connectionDetail(session).name,
    ...digestsOf(statement),
    policy_digest: approval ?? "",
  };
}

/** Without a certain name nobody could be kept from approving a request of their own. */
function certain(name: unknown): string {
  if (typeof name !== "string") throw new Error("HPL9001: a request on behalf of nobody in particular");
  return name;
}

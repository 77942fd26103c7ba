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
import { inputsWriter } from "../audit/decision-inputs.js";
import type { AuditEvent } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import type { PolicyInForce, PolicySource } from "../policy/in-force.js";
import type { CounterBook, Reservation } from "../sessions/counters.js";
import type { GrantBook } from "../sessions/grants.js";
import type { SessionWatch } from "../sessions/watch.js";
import { decisionEvent, summaryOf } from "./decision-event.js";
import { digestsOf } from "./digests.js";
import {
  AuditUnavailable,
  type Enforcement,
  type ExactStatement,
  type ExecutionReport,
  type Identity,
  type Judgement,
  type SessionInfo,
} from "./enforcement.js";
import { askingRules, holdFor } from "./hold.js";
import { createTextJudge, type JudgedText } from "./judge-text.js";
import { connectionDetail, executionEvent, idOf, noteEvent, openingEvent, textOf } from "./session-events.js";
import type { Shadow } from "./shadow.js";
import { shapeOf } from "./shape.js";
import { shownText } from "./shown-text.js";

/** The parts of a gateway that all its sessions share. */
export interface EnforcementParts {
  readonly policies: Pick<PolicySource, "current">;
  readonly frontEnds: FrontEnds;
  readonly approvals: ApprovalRegistry;
  readonly audit: AuditLog;
  readonly counters: CounterBook;
  readonly grants: Pick<GrantBook, "inForce">;
  /** Who looks on at a session. */
  readonly watch: (session: SessionInfo) => SessionWatch;
  /** Told of every decision; null without a shadow policy. */
  readonly shadow: Pick<Shadow, "watch"> | null;
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
  const writeInputs = inputsWriter(audit, session.identity.principal, session.connection);
  /** What was let through and has not ended, by decision. */
  const running = new Map<string, Reservation>();
  const judgedBy = new WeakMap<Judgement, JudgedText>();
  const watch = parts.watch(session);
  const compare = parts.shadow?.watch(session) ?? null;
  const over = (): string | null => overFor(session.identity, parts.now());
  /** Of what has happened already nobody can be refused: the log counts the events that it could not take. */
  const record = (event: AuditEvent): void => {
    try {
      audit.append(event);
    } catch (error) {
      if (!(error instanceof AuditUnavailable)) throw error;
      parts.log(`session ${session.id}: ${event.kind} could not be written down: ${error.message}`);
    }
  };
  const settle = ({ decision_id, status, rows, bytes }: ExecutionReport): void => {
    const reservation = running.get(decision_id);
    running.delete(decision_id);
    if (status === "not_run") reservation?.dropped();
    else reservation?.ran(rows, bytes);
  };
  const close = (): void => {
    for (const reservation of running.values()) reservation.dropped();
    running.clear();
    parts.counters.endSession(session.id);
    watch.closed();
  };
  return {
    over,
    judge: (statement, context) => {
      opening.require();
      const judged = judgeText(statement.text, context);
      const { decision_id, actions, decision, policy_digest, moment } = judged;
      const text = shownText(statement.text, actions, parts.parameterize);
      const digests = digestsOf(statement);
      const inputs = moment === null ? null : writeInputs(actions, moment);
      const event = decisionEvent({ decision_id, session, digests, text, actions, decision, policy_digest, inputs });
      audit.append(event, { durable: decision.verdict === "approve" || judged.wants_durable_audit });
      if (decision.verdict !== "block") running.set(decision_id, judged.reserve());
      judgedBy.set(judged, judged);
      if (moment !== null) compare?.({ decision_id, actions, moment, decision });
      watch.decided({ decision_id, text, decision, actions });
      return judged;
    },
    preview: judgeText,
    hold: (judgement, statement) => {
      const { decision } = judgement;
      const actions = judgedBy.get(judgement)?.actions ?? [];
      const binding = { ...bindingOf(session, statement, decision), shape_sha256: shapeOf(statement, actions, parts) };
      const isInForce = (): boolean => digestOf(policies.current()) === binding.policy_digest && over() === null;
      const { address, waits } = parts;
      const facts = actions.map(summaryOf);
      return holdFor(approvals, { decision, binding, statement: statement.text, facts, address, isInForce, waits });
    },
    rows_shown_max: watch.rows_max,
    show: watch.row,
    report: (execution) => {
      settle(execution);
      watch.executed(execution);
      record(executionEvent(session, execution));
    },
    note: ({ kind, detail }) => {
      if (kind === "opened") opening.note(detail.user);
      else record(noteEvent(session, kind, detail));
      if (kind === "closed") close();
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

/** Why a session must not go on: what proved who it is has run out. Null while it may. */
const overFor = ({ expires_at_ms }: Identity, now: Date): string | null =>
  expires_at_ms !== undefined && now.getTime() >= expires_at_ms
    ? "the token of this session has expired: log in again with a new one"
    : null;

/** Null without a policy. */
const digestOf = (inForce: PolicyInForce): string | null => (inForce.kind === "loaded" ? inForce.policy.digest : null);

function bindingOf(session: SessionInfo, statement: ExactStatement, decision: Decision) {
  const { on_behalf_of } = session.identity.principal;
  const [approval] = decision.obligations.flatMap((obligation) =>
    obligation.type === "approval" ? [obligation.binding] : [],
  );
  return {
    principal: idOf(session),
    issuer: textOf(session.identity.principal.issuer),
    on_behalf_of: on_behalf_of === undefined ? null : certain(on_behalf_of),
    connection: connectionDetail(session).name,
    session: session.id,
    rules: askingRules(decision).map(({ id }) => id),
    ...digestsOf(statement),
    policy_digest: approval ?? "",
  };
}

/** Without a certain name nobody could be kept from approving a request of their own. */
function certain(name: unknown): string {
  if (typeof name !== "string") throw new Error("HPL9001: a request on behalf of nobody in particular");
  return name;
}

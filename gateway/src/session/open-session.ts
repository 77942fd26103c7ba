/**
 * A session's enforcement: what stands between a protocol and the rest of the gateway.
 *
 * In: texts a client wants to run, with what the session knows. Out: judgements in the words a protocol enforces, holds
 * that people settle, and an audit line for every decision before anything is forwarded. The policy is the one in force at
 * the moment of the decision. Absent: bytes, sockets, and any decision of its own, but for one: without a policy everything
 * is blocked.
 */
import { randomUUID } from "node:crypto";
import { type Action, type Decision, type FrontEnds, judge, type Policy, type RequestContext } from "@hpl/runtime";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { AuditEvent } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import type { PolicyInForce, PolicySource } from "../policy/policy-source.js";
import { decisionEvent } from "./decision-event.js";
import { digestsOf } from "./digests.js";
import {
  AuditUnavailable,
  type Enforcement,
  type ExactStatement,
  type JudgeContext,
  type Judgement,
  type SessionInfo,
} from "./enforcement.js";
import { holdFor } from "./hold.js";
import { honour } from "./honour.js";
import { statementsOf } from "./judgement.js";
import { connectionDetail, executionEvent, idOf, noteEvent, openingEvent } from "./session-events.js";
import { shownText } from "./shown-text.js";
import { offsetsAt } from "./zones.js";

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
      const judged = judgeText(parts, session, statement.text, context);
      const { decision_id, actions, decision, policy_digest } = judged;
      const text = shownText(statement.text, actions, parts.parameterize);
      const digests = digestsOf(statement);
      const event = decisionEvent({ decision_id, session, digests, text, actions, decision, policy_digest });
      audit.append(event, { durable: decision.verdict === "approve" || judged.wants_durable_audit });
      return judged;
    },
    preview: (text, context) => judgeText(parts, session, text, context),
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

interface JudgedText extends Judgement {
  readonly actions: readonly Action[];
  readonly policy_digest: string | null;
  /** A rule that took part says `audit durable`. */
  readonly wants_durable_audit: boolean;
}

/** 128 bits, 22 characters. Node draws the randomness of UUIDs in bulk, which a decision on the hot path can tell. */
const newDecisionId = (): string => Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");

function judgeText(parts: EnforcementParts, session: SessionInfo, text: string, context: JudgeContext): JudgedText {
  const decision_id = newDecisionId();
  const inForce = parts.policies.current();
  if (inForce.kind === "none") {
    const decision = withoutPolicy(inForce.reason);
    return { decision_id, decision, actions: [], policy_digest: null, statements: [], wants_durable_audit: false };
  }
  const { policy } = inForce;
  const { catalog, server_version } = context;
  const subject = { kind: "sql", sql: { dialect: "postgres", text, catalog, server_version } } as const;
  const asked_at = parts.now();
  const zones = offsetsAt(policy.meta.zones, asked_at.getTime());
  const request = { id: null, context: { ...requestContext(session, context, asked_at), zones }, subject };
  const { actions, decision: asked } = judge(policy, parts.frontEnds, request);
  const decision = honour(asked, actions);
  const hasMasks = policy.meta.rules.some(({ effect }) => effect === "mask");
  return {
    decision_id,
    decision,
    actions,
    policy_digest: policy.digest,
    statements: statementsOf(actions, decision, hasMasks),
    wants_durable_audit: wantsDurableAudit(policy, decision),
  };
}

function wantsDurableAudit({ meta }: Policy, { rules }: Decision): boolean {
  const durable = meta.rules.filter(({ audit }) => audit === "durable");
  return durable.length > 0 && rules.some(({ id }) => durable.some((rule) => rule.id === id));
}

function requestContext(
  { id, identity, connection, ip, client }: SessionInfo,
  context: JudgeContext,
  now: Date,
): RequestContext {
  const unknownYet = { "?": "not_known_to_the_gateway" };
  return {
    principal: identity.principal,
    connection,
    session: {
      id,
      ip,
      client,
      origin: "native",
      in_transaction: context.in_transaction,
      sandboxed: unknownYet,
      grants: [],
      counters: {},
    },
    now: now.getTime(),
  };
}

/** Without a policy every statement is blocked, with the reason. */
const withoutPolicy = (reason: string): Decision => ({
  verdict: "block",
  rules: [],
  obligations: [],
  complete: false,
  reasons: ["no_policy"],
  message: `no policy is in force: ${reason}`,
  fix: "Ask the gateway's operator: its log says what is wrong with the policy.",
  code: "HPL7005",
});

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

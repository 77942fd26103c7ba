/**
 * A session's enforcement: what stands between a protocol and the rest of the gateway.
 *
 * In: texts a client wants to run, with what the session knows. Out: judgements in the words a protocol enforces, holds
 * that people settle, and an audit line for every decision before anything is forwarded. The policy is the one in force at
 * the moment of the decision. Absent: bytes, sockets, and any decision of its own, but for one: without a policy everything
 * is blocked.
 */
import { randomBytes } from "node:crypto";
import { type Action, type Decision, type FrontEnds, judge, type RequestContext } from "@hpl/runtime";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { AuditLog } from "../audit/log.js";
import type { PolicySource } from "../policy/policy-source.js";
import { connectionDetail, decisionEvent } from "./decision-event.js";
import { digestsOf } from "./digests.js";
import type { Enforcement, ExactStatement, JudgeContext, Judgement, SessionInfo } from "./enforcement.js";
import { holdFor } from "./hold.js";
import { statementsOf } from "./judgement.js";

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
  readonly now: () => Date;
}

export function openSession(parts: EnforcementParts, session: SessionInfo): Enforcement {
  const { audit, approvals } = parts;
  audit.append({
    kind: "session.opened",
    detail: {
      session: session.id,
      principal: idOf(session),
      connection: connectionDetail(session),
      ip: session.ip,
      client: session.client,
    },
  });
  return {
    judge: (statement, context) => {
      const judged = judgeText(parts, session, statement.text, context);
      const { decision_id, actions, decision, policy_digest } = judged;
      const text = parts.parameterize(statement.text);
      const event = decisionEvent({
        decision_id,
        session,
        digests: digestsOf(statement),
        text,
        actions,
        decision,
        policy_digest,
      });
      audit.append(event, { durable: decision.verdict === "approve" });
      return judged;
    },
    preview: (text, context) => judgeText(parts, session, text, context),
    hold: (judgement, statement) => {
      const { decision } = judgement;
      const binding = bindingOf(session, statement, decision);
      return holdFor(approvals, { decision, binding, statement: statement.text, address: parts.address });
    },
    report: ({ decision_id, status, rows, sqlstate, masked }) => {
      const detail = {
        session: session.id,
        decision_id,
        status,
        rows,
        sqlstate,
        masked: masked.map((each) => ({ ...each })),
      };
      audit.append({ kind: "execution", detail });
    },
    note: ({ kind, detail }) => {
      const isEnd = kind === "session.closed";
      audit.append({
        kind: isEnd ? "session.closed" : "session.noted",
        detail: { session: session.id, ...(isEnd ? {} : { what: kind }), ...detail },
      });
    },
  };
}

interface JudgedText extends Judgement {
  readonly actions: readonly Action[];
  readonly policy_digest: string | null;
}

function judgeText(parts: EnforcementParts, session: SessionInfo, text: string, context: JudgeContext): JudgedText {
  const decision_id = randomBytes(9).toString("base64url");
  const inForce = parts.policies.current();
  if (inForce.kind === "none") {
    const decision = withoutPolicy(inForce.reason);
    return { decision_id, decision, actions: [], policy_digest: null, statements: [] };
  }
  const { policy } = inForce;
  const { catalog, server_version } = context;
  const subject = { kind: "sql", sql: { dialect: "postgres", text, catalog, server_version } } as const;
  const request = { id: null, context: requestContext(session, context, parts.now()), subject };
  const { actions, decision } = judge(policy, parts.frontEnds, request);
  const hasMasks = policy.meta.rules.some(({ effect }) => effect === "mask");
  return {
    decision_id,
    decision,
    actions,
    policy_digest: policy.digest,
    statements: statementsOf(actions, decision, hasMasks),
  };
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
    session: { id, ip, client, origin: "native", in_transaction: context.in_transaction, sandboxed: unknownYet },
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

const idOf = ({ identity }: SessionInfo): string => {
  const { id } = identity.principal;
  if (typeof id !== "string") throw new Error("HPL9001: a principal without an id");
  return id;
};

function bindingOf(session: SessionInfo, statement: ExactStatement, decision: Decision) {
  const { on_behalf_of } = session.identity.principal;
  const [approval] = decision.obligations.flatMap((obligation) =>
    obligation.type === "approval" ? [obligation.binding] : [],
  );
  return {
    principal: idOf(session),
    on_behalf_of: typeof on_behalf_of === "string" ? on_behalf_of : null,
    connection: connectionDetail(session).name,
    ...digestsOf(statement),
    policy_digest: approval ?? "",
  };
}

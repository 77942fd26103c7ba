/**
 * From a text of one session to its judgement.
 *
 * In: the text, and what the session knows. Out: the decision as this gateway can carry it out, and what a protocol must know
 * of each statement. The policy in force is asked through a session of its own, which remembers; a new policy starts a new
 * one. Facts of the session are the same objects while they say the same, so that remembering costs no comparison.
 */
import { randomUUID } from "node:crypto";
import {
  type Action,
  actionsOf,
  type Decision,
  type FrontEnds,
  type Policy,
  type PolicySession,
  type Session,
} from "@hpl/runtime";
import type { PolicySource } from "../policy/policy-source.js";
import type { JudgeContext, Judgement, SessionInfo } from "./enforcement.js";
import { honour } from "./honour.js";
import { statementsOf } from "./judgement.js";
import { offsetsAt } from "./zones.js";

export interface JudgedText extends Judgement {
  readonly actions: readonly Action[];
  readonly policy_digest: string | null;
  /** A rule that took part says `audit durable`. */
  readonly wants_durable_audit: boolean;
}

/** The parts of a gateway that judging needs. */
export interface JudgeParts {
  readonly policies: PolicySource;
  readonly frontEnds: FrontEnds;
  readonly now: () => Date;
}

export function createTextJudge(
  parts: JudgeParts,
  session: SessionInfo,
): (text: string, context: JudgeContext) => JudgedText {
  let asked: { readonly policy: Policy; readonly session: PolicySession } | null = null;
  const sessionOf = (policy: Policy): PolicySession => {
    if (asked?.policy !== policy)
      asked = { policy, session: policy.session(session.identity.principal, session.connection) };
    return asked.session;
  };
  const [outside, inside] = [false, true].map((in_transaction) => sessionFacts(session, in_transaction));
  return (text, { catalog, server_version, in_transaction }) => {
    const decision_id = newDecisionId();
    const inForce = parts.policies.current();
    if (inForce.kind === "none") {
      const decision = withoutPolicy(inForce.reason);
      return { decision_id, decision, actions: [], policy_digest: null, statements: [], wants_durable_audit: false };
    }
    const { policy } = inForce;
    const now = parts.now().getTime();
    const subject = { kind: "sql", sql: { dialect: "postgres", text, catalog, server_version } } as const;
    const facts = in_transaction ? inside : outside;
    if (facts === undefined) throw new Error("HPL9001: a session without facts");
    const { actions } = actionsOf({ subject }, parts.frontEnds);
    const moment = { session: facts, now, zones: offsetsAt(policy.meta.zones, now) };
    const decision = honour(sessionOf(policy).decide(actions, moment), actions);
    const hasMasks = policy.meta.rules.some(({ effect }) => effect === "mask");
    return {
      decision_id,
      decision,
      actions,
      policy_digest: policy.digest,
      statements: statementsOf(actions, decision, hasMasks),
      wants_durable_audit: wantsDurableAudit(policy, decision),
    };
  };
}

/** 128 bits, 22 characters. Node draws the randomness of UUIDs in bulk, which a decision on the hot path can tell. */
const newDecisionId = (): string => Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");

function wantsDurableAudit({ meta }: Policy, { rules }: Decision): boolean {
  const durable = meta.rules.filter(({ audit }) => audit === "durable");
  return durable.length > 0 && rules.some(({ id }) => durable.some((rule) => rule.id === id));
}

const sessionFacts = ({ id, ip, client }: SessionInfo, in_transaction: boolean): Session => ({
  id,
  ip,
  client,
  origin: "native",
  in_transaction,
  sandboxed: { "?": "not_known_to_the_gateway" },
  grants: [],
  counters: {},
});

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

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
  type Detectors,
  type FrontEnds,
  type Policy,
  type PolicySession,
  type Session,
} from "@hpl/runtime";
import type { PolicySource } from "../policy/policy-source.js";
import type { JudgeContext, Judgement, SessionInfo } from "./enforcement.js";
import { honour } from "./honour.js";
import { statementsOf } from "./judgement.js";
import { searchesOf } from "./value-search.js";
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
  let asked: AskedPolicy | null = null;
  const ask = (policy: Policy, detectors: Detectors): AskedPolicy => {
    if (asked?.policy !== policy) asked = askedPolicy(policy, detectors, session);
    return asked;
  };
  const [outside, inside] = [false, true].map((in_transaction) => sessionFacts(session, in_transaction));
  return (text, { catalog, server_version, in_transaction }) => {
    const decision_id = newDecisionId();
    const inForce = parts.policies.current();
    if (inForce.kind === "none") {
      const decision = withoutPolicy(inForce.reason);
      return { decision_id, decision, actions: [], policy_digest: null, statements: [], wants_durable_audit: false };
    }
    const { policy, detectors } = inForce;
    const now = parts.now().getTime();
    const subject = { kind: "sql", sql: { dialect: "postgres", text, catalog, server_version } } as const;
    const facts = in_transaction ? inside : outside;
    if (facts === undefined) throw new Error("HPL9001: a session without facts");
    const { actions } = actionsOf({ subject }, parts.frontEnds);
    const moment = { session: facts, now, zones: offsetsAt(policy.meta.zones, now) };
    const { session: own, hasMasks, durableRules, searchOf } = ask(policy, detectors);
    const decision = honour(own.decide(actions, moment), actions);
    return {
      decision_id,
      decision,
      actions,
      policy_digest: policy.digest,
      statements: statementsOf(actions, decision, hasMasks, searchOf),
      wants_durable_audit: durableRules.size > 0 && decision.rules.some(({ id }) => durableRules.has(id)),
    };
  };
}

/** 128 bits, 22 characters. Node draws the randomness of UUIDs in bulk, which a decision on the hot path can tell. */
const newDecisionId = (): string => Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");

/** A policy as this session asks it, with what of it would cost a look at every rule. */
interface AskedPolicy {
  readonly policy: Policy;
  readonly session: PolicySession;
  readonly hasMasks: boolean;
  /** Ids of the rules that say `audit durable`. */
  readonly durableRules: ReadonlySet<string>;
  readonly searchOf: ReturnType<typeof searchesOf>;
}

function askedPolicy(policy: Policy, detectors: Detectors, { identity, connection }: SessionInfo): AskedPolicy {
  const { rules } = policy.meta;
  return {
    policy,
    session: policy.session(identity.principal, connection),
    hasMasks: rules.some(({ effect }) => effect === "mask"),
    durableRules: new Set(rules.filter(({ audit }) => audit === "durable").map(({ id }) => id)),
    searchOf: searchesOf(policy, detectors),
  };
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

/**
 * From a text of one session to its judgement.
 *
 * In: the text, and what the session knows. Out: the decision as this gateway can carry it out, and what a protocol must know
 * of each statement. The policy in force is asked through a session of its own, which remembers; a new policy starts a new
 * one. Facts of the session are the same objects while they say the same, so that remembering costs no comparison; with a
 * policy that counts or grants they are made anew each time.
 */
import { randomUUID } from "node:crypto";
import {
  type Action,
  actionsOf,
  type Connection,
  type Decision,
  type Detectors,
  type FrontEnds,
  isUnknown,
  itemsOf,
  type Moment,
  type Policy,
  type PolicySession,
  type Principal,
  type Session,
} from "@hpl/runtime";
import type { PolicySource } from "../policy/in-force.js";
import {
  type CountedStatement,
  type CountedSubject,
  type CounterBook,
  isCounted,
  type Reservation,
} from "../sessions/counters.js";
import type { GrantBook } from "../sessions/grants.js";
import type { JudgeContext, Judgement, SessionInfo, StatementLimit } from "./enforcement.js";
import { honour } from "./honour.js";
import { statementsOf } from "./judgement.js";
import { textOf } from "./session-events.js";
import { searchesOf } from "./value-search.js";
import { offsetsAt } from "./zones.js";

export interface JudgedText extends Judgement {
  readonly actions: readonly Action[];
  readonly policy_digest: string | null;
  /** What was asked beside the text; null without a policy. */
  readonly moment: Moment | null;
  /** A rule that took part says `audit durable`. */
  readonly wants_durable_audit: boolean;
  /** Counts the text as let through, until it is known what it returned. */
  readonly reserve: () => Reservation;
}

/** The parts of a gateway that judging needs. */
export interface JudgeParts {
  readonly policies: Pick<PolicySource, "current">;
  readonly frontEnds: FrontEnds;
  readonly counters: CounterBook;
  readonly grants: Pick<GrantBook, "inForce">;
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
  const [subjects, holder] = [subjectOf(session), holderOf(session)];
  /** The session as it is now: counts and grants are looked up where the policy asks for any. */
  const factsNow = (constant: Session, { counters, grants }: Policy["meta"], labelled: readonly CountedStatement[]) =>
    counters.length === 0 && grants.length === 0
      ? constant
      : {
          ...constant,
          counters: parts.counters.read(counters, subjects, labelled),
          grants: parts.grants.inForce(holder, grants),
        };
  const [outside, inside] = [false, true].map((in_transaction) => sessionFacts(session, in_transaction));
  return (text, { catalog, server_version, in_transaction }) => {
    const decision_id = newDecisionId();
    const inForce = parts.policies.current();
    if (inForce.kind === "none") {
      const decision = withoutPolicy(inForce.reason);
      const nothing = { actions: [], policy_digest: null, moment: null, statements: [], wants_durable_audit: false };
      return { decision_id, decision, ...nothing, reserve: () => noReservation };
    }
    const { policy, detectors } = inForce;
    const now = parts.now().getTime();
    const subject = { kind: "sql", sql: { dialect: "postgres", text, catalog, server_version } } as const;
    const constant = in_transaction ? inside : outside;
    if (constant === undefined) throw new Error("HPL9001: a session without facts");
    const { actions } = actionsOf({ subject }, parts.frontEnds);
    const { session: own, hasMasks, durableRules, searchOf, labelledOf } = ask(policy, detectors);
    const { counters } = policy.meta;
    const labelled = counters.length === 0 ? [] : labelledOf(actions, constant);
    const facts = factsNow(constant, policy.meta, labelled);
    const moment = { session: facts, now, zones: offsetsAt(policy.meta.zones, now) };
    const decision = honour(own.decide(actions, moment), actions);
    const statements = statementsOf(actions, decision, hasMasks, searchOf, (i) => {
      const one = labelled[i];
      return one !== undefined && counters.some((counter) => counter.what !== "statements" && isCounted(counter, one));
    });
    const limited = () => labelled.map((one, i) => withLimit(one, statements[i]?.limit ?? null));
    return {
      decision_id,
      decision,
      actions,
      policy_digest: policy.digest,
      moment,
      statements,
      wants_durable_audit: durableRules.size > 0 && decision.rules.some(({ id }) => durableRules.has(id)),
      reserve: () => (counters.length === 0 ? noReservation : parts.counters.reserve(counters, subjects, limited())),
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
  /** What counters ask of each action. Remembered by the list of actions, on which alone it depends. */
  readonly labelledOf: (actions: readonly Action[], session: Session) => readonly CountedStatement[];
}

function askedPolicy(policy: Policy, detectors: Detectors, { identity, connection }: SessionInfo): AskedPolicy {
  const { rules } = policy.meta;
  return {
    policy,
    session: policy.session(identity.principal, connection),
    hasMasks: rules.some(({ effect }) => effect === "mask"),
    durableRules: new Set(rules.filter(({ audit }) => audit === "durable").map(({ id }) => id)),
    searchOf: searchesOf(policy, detectors),
    labelledOf: labelledBy(policy, identity.principal, connection),
  };
}

function labelledBy(policy: Policy, principal: Principal, connection: Connection): AskedPolicy["labelledOf"] {
  const known = new WeakMap<readonly Action[], readonly CountedStatement[]>();
  return (actions, session) => {
    const before = known.get(actions);
    if (before !== undefined) return before;
    const labels = policy.labels({ principal, connection, session, actions });
    const found = actions.map((action, i) => ({
      ...(labels[i] ?? { labels: [], more: true }),
      hasRows: !hasNoRows(action),
      rows_max: null,
      bytes_max: null,
    }));
    known.set(actions, found);
    return found;
  };
}

const withoutRows: ReadonlySet<string> = new Set(["transaction", "set", "reset", "discard"]);

const hasNoRows = (action: Action): boolean =>
  !action.opaque && action.family === "sql" && !isUnknown(action.facts.kind) && withoutRows.has(action.facts.kind);

const withLimit = (statement: CountedStatement, limit: StatementLimit | null): CountedStatement => ({
  ...statement,
  rows_max: limit?.rows ?? null,
  bytes_max: limit?.bytes ?? null,
});

const noReservation: Reservation = { ran: () => {}, dropped: () => {} };

function subjectOf({ id, identity, connection }: SessionInfo): CountedSubject {
  const { issuer, id: name } = identity.principal;
  return {
    principal: JSON.stringify([issuer, name]),
    session: id,
    connection: JSON.stringify(connection.name),
  };
}

/** Only groups that the principal certainly has. */
function holderOf({ identity: { principal } }: SessionInfo): Parameters<GrantBook["inForce"]>[0] {
  const groups = itemsOf(principal.groups).filter((group) => !isUnknown(group)) as readonly string[];
  return { issuer: textOf(principal.issuer), id: textOf(principal.id), groups };
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

/**
 * Audit events in the words of OCSF 1.8 (Open Cybersecurity Schema Framework), for systems that collect events of many sources.
 *
 * In: one event of the log. Out: one OCSF event, or null for what only the log itself needs. Nothing is left out: the event's
 * own detail stands in `unmapped.hpl`. Classes: 6005 datastore activity, 6003 API activity for other families than SQL, 3003
 * authorize session, 3004 entity management (policies, approvals), 6002 application lifecycle, 2004 detection finding.
 * Pure. Absent: sending.
 */
import { connectionOf, type LoggedEvent, principalOf, rulesOf, tablesOf } from "../query.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An OCSF event: the attributes that every class has, and those of its own. */
export interface OcsfEvent {
  readonly class_uid: number;
  readonly category_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly metadata: { readonly [name: string]: Json };
  readonly [name: string]: Json;
}

export const ocsfVersion = "1.8.0";

const severity = { informational: 1, medium: 3, high: 4 } as const;
const status = { success: 1, failure: 2 } as const;
const other = 99;

/** What a class adds to the attributes of every event. */
interface Body {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly severity_id: number;
  readonly attributes: { readonly [name: string]: Json };
}

/** `event` as OCSF; `origin` names the log it is from. Null for events that only the log itself needs. */
export function toOcsf(event: LoggedEvent, origin: string): OcsfEvent | null {
  const body = bodyOf(event);
  if (body === null) return null;
  const { class_uid, activity_id, severity_id, attributes } = body;
  return {
    class_uid,
    category_uid: Math.floor(class_uid / 1000),
    activity_id,
    type_uid: class_uid * 100 + activity_id,
    severity_id,
    time: Date.parse(event.time),
    metadata: {
      version: ocsfVersion,
      uid: `${origin}#${event.index}`,
      sequence: event.index,
      log_name: origin,
      event_code: event.kind,
      product: { name: "HPL gateway", vendor_name: "HPL" },
      profiles: "action_id" in attributes ? ["security_control"] : [],
    },
    ...attributes,
    unmapped: { hpl: { kind: event.kind, ...event.detail } },
  };
}

function bodyOf(event: LoggedEvent): Body | null {
  const { kind, detail } = event;
  switch (kind) {
    case "decision":
      return decisionBody(detail);
    case "execution":
      return executionBody(detail);
    case "session.opened":
      return { ...sessionBody(detail, 1), severity_id: severity.informational };
    case "session.closed":
      return { ...sessionBody(detail, other), severity_id: severity.informational };
    case "session.noted":
      return activity(6005, other, severity.informational, {
        ...place(detail),
        status_detail: detail.reason ?? detail.what,
      });
    case "policy.loaded":
      return entityBody(10, { type: "policy", uid: detail.digest }, gatewayActor, status.success);
    case "shadow.loaded":
      return entityBody(other, { type: "policy", uid: detail.digest }, gatewayActor, status.success);
    case "policy.refused":
    case "shadow.refused":
      return entityBody(other, { type: "policy", name: detail.reason }, gatewayActor, status.failure);
    case "gateway.started":
      return lifecycleBody(3);
    case "gateway.stopped":
      return lifecycleBody(4);
    case "audit.recovered":
    case "witness.disagreed":
      return findingBody(event);
    case "audit.checkpoint":
    case "witness.seen":
    case "recording.kept":
    case "facts.seen":
    case "shadow.decision":
      return null;
    default:
      return kind.startsWith("approval.") ? approvalBody(kind, detail) : lifecycleBody(other);
  }
}

const activity = (
  class_uid: number,
  activity_id: number,
  severity_id: number,
  attributes: Body["attributes"],
): Body => ({ class_uid, activity_id, severity_id, attributes });

type Detail = LoggedEvent["detail"];

const userTypes: Readonly<Record<string, number>> = { human: 1, service: 3, agent: other };

/** Who acts. An agent is a user of type "other": the object for agents is not in this version. */
function actorOf(detail: Detail): Json {
  const id = principalOf(detail);
  if (id === undefined) return gatewayActor;
  const { kind, groups, on_behalf_of } =
    typeof detail.principal === "object" ? detail.principal : (detail.binding ?? {});
  return {
    user: {
      uid: id,
      ...(kind === undefined ? {} : { type_id: userTypes[kind] ?? 0, type: kind }),
      ...(groups === undefined ? {} : { groups: groups.map((name: string) => ({ name })) }),
      ...(on_behalf_of ? { org: { name: `on behalf of ${on_behalf_of}` } } : {}),
    },
    ...(detail.session === undefined ? {} : { session: { uid: detail.session } }),
  };
}

const gatewayActor: Json = { app_name: "HPL gateway" };

/** Where something happens: who and from which session, on which database. */
function place(detail: Detail): Body["attributes"] {
  const database = connectionOf(detail) ?? "unknown";
  const [table] = tablesOf(detail);
  return {
    actor: actorOf(detail),
    src_endpoint: { uid: detail.session ?? "unknown", ...(detail.ip === undefined ? {} : { ip: detail.ip }) },
    database: { name: database, type_id: 1, type: "Relational" },
    ...(table === undefined ? {} : { table: { name: table } }),
  };
}

/** Datastore activities, the strongest first. */
const sqlActivities: readonly (readonly [id: number, effects: readonly string[]])[] = [
  [7, ["drop", "truncate"]],
  [6, ["create"]],
  [2, ["write", "alter", "grant"]],
  [1, ["read"]],
];

function activityOf(effects: readonly string[]): number {
  return sqlActivities.find(([, of]) => of.some((effect) => effects.includes(effect)))?.[0] ?? 4;
}

/** allow, mask, hold, block, as the profile security_control says it. */
function controlOf({ verdict, rules, masks, message }: Detail["decision"]): Body["attributes"] {
  const disposition = { allow: masks.length > 0 ? 11 : 1, approve: 14, block: 2 }[
    verdict as "allow" | "approve" | "block"
  ];
  return {
    action_id: verdict === "block" ? 2 : verdict === "allow" ? 1 : 0,
    disposition_id: disposition,
    is_alert: verdict === "block",
    authorizations: rules.map(({ id, effect }: { readonly id: string; readonly effect: string }) => ({
      decision: effect,
      policy: { uid: id, name: id, is_applied: true },
    })),
    status_detail: message,
  };
}

function decisionBody(detail: Detail): Body {
  const { decision, facts, statement, policy_digest, decision_id } = detail;
  const isSql = facts.every(({ family }: { readonly family: string }) => family === "sql");
  const effects = facts.flatMap((fact: { readonly effects?: readonly string[] }) => fact.effects ?? []);
  const attributes = {
    ...place(detail),
    ...controlOf(decision),
    status_id: status.success,
    policy: { uid: policy_digest ?? "none", name: "HPL policy", is_applied: policy_digest !== null },
    ...(isSql
      ? {
          query_info: { uid: decision_id, query_string: statement.text ?? `hmac-sha256:${statement.statement_sha256}` },
        }
      : { api: { operation: facts[0].family, request: { uid: decision_id } } }),
  };
  const severity_id = decision.verdict === "block" ? severity.medium : severity.informational;
  return activity(isSql ? 6005 : 6003, isSql ? activityOf(effects) : other, severity_id, attributes);
}

function executionBody(detail: Detail): Body {
  const isOk = detail.status === "ok";
  return activity(6005, 4, severity.informational, {
    ...place(detail),
    status_id: isOk ? status.success : status.failure,
    status_code: detail.sqlstate ?? "00000",
    action_id: 1,
    disposition_id: detail.masked.length > 0 ? 11 : 1,
    query_info: { uid: detail.decision_id, query_string: `decision ${detail.decision_id}` },
    query_result_id: isOk ? 1 : 2,
  });
}

function sessionBody(detail: Detail, activity_id: number): Omit<Body, "severity_id"> {
  const { actor, src_endpoint } = place(detail);
  return {
    class_uid: 3003,
    activity_id,
    attributes: {
      actor: actor ?? null,
      src_endpoint: src_endpoint ?? null,
      user: { uid: principalOf(detail) ?? "unknown", ...(detail.user ? { name: detail.user } : {}) },
      session: { uid: detail.session },
      privileges: [`connect:${connectionOf(detail) ?? "unknown"}`],
      status_id: status.success,
    },
  };
}

const entityBody = (activity_id: number, entity: Json, actor: Json, status_id: number): Body =>
  activity(3004, activity_id, status_id === status.failure ? severity.medium : severity.informational, {
    entity,
    actor,
    status_id,
  });

/** What became of an approval, as an activity on it. */
const approvalActivities: Readonly<Record<string, number>> = {
  "approval.requested": 1,
  "approval.decided": 3,
  "approval.approved": 8,
  "approval.rejected": 9,
  "approval.expired": 11,
  "approval.cancelled": 11,
  "approval.used": 10,
};

/** Dispositions of the profile: waiting, approved, rejected. */
const approvalDispositions: Readonly<Record<string, number>> = { pending: 14, approved: 8, used: 8, rejected: 25 };

function approvalBody(kind: string, detail: Detail): Body {
  const last = detail.decisions?.at(-1);
  const body = entityBody(
    approvalActivities[kind] ?? other,
    { type: "approval", uid: detail.approval ?? "unknown", data: { rules: rulesOf(detail) } },
    last === undefined ? actorOf(detail) : { user: { uid: last.user } },
    status.success,
  );
  const disposition_id = approvalDispositions[detail.state] ?? 2;
  return { ...body, attributes: { ...body.attributes, action_id: disposition_id === 8 ? 1 : 2, disposition_id } };
}

const lifecycleBody = (activity_id: number): Body =>
  activity(6002, activity_id, severity.informational, { app: { name: "HPL gateway", vendor_name: "HPL" } });

/** The log could not be written for a while: the one thing that somebody must look at. */
const findingBody = ({ index, detail }: LoggedEvent): Body =>
  activity(2004, 1, severity.high, {
    finding_info: {
      uid: `audit-recovered-${index}`,
      title: "the audit log could not be written for a while",
      desc: `${detail.refused_events} events were refused, ${detail.torn_bytes} bytes of a line were cut off`,
    },
    status_id: 1,
  });

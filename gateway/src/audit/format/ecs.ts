/**
 * Audit events as Elastic Common Schema documents (8.x): who, what, where and what came of it, by the names ECS gives them.
 *
 * In: one event of the log. Out: one document, or null for what only the log itself needs. Pure. What ECS has no name for
 * stands under `hpl`.
 */
import { connectionOf, type LoggedEvent, principalOf, rulesOf, tablesOf } from "../query.js";
import { type Json, toOcsf } from "./ocsf.js";

type Document = { readonly [name: string]: Json };

/** `event` as ECS; `origin` names the log it is from. */
export function toEcs(event: LoggedEvent, origin: string): Document | null {
  if (toOcsf(event, origin) === null) return null;
  const { index, time, kind, detail } = event;
  const [principal, connection, rules] = [principalOf(detail), connectionOf(detail), rulesOf(detail)];
  const groups = typeof detail.principal === "object" ? detail.principal.groups : undefined;
  return {
    "@timestamp": time,
    ecs: { version: "8.17.0" },
    event: {
      kind: kind === "audit.recovered" || kind === "witness.disagreed" ? "alert" : "event",
      category: categoriesOf(kind),
      type: typesOf(event),
      action: kind,
      outcome: outcomeOf(event),
      id: `${origin}#${index}`,
      sequence: index,
      module: "hpl",
      dataset: "hpl.audit",
    },
    observer: { vendor: "HPL", product: "HPL gateway", type: "proxy", name: origin },
    ...(principal === undefined ? {} : { user: { id: principal, ...(groups === undefined ? {} : { roles: groups }) } }),
    ...(detail.ip === undefined ? {} : { source: { ip: detail.ip } }),
    ...(connection === undefined ? {} : { service: { name: connection } }),
    ...(rules.length === 0 ? {} : { rule: { id: rules, name: rules } }),
    ...(tablesOf(detail).length === 0 ? {} : { related: { entity: [...new Set(tablesOf(detail))] } }),
    ...(detail.decision?.message === undefined ? {} : { message: detail.decision.message }),
    hpl: detail,
  };
}

function categoriesOf(kind: string): readonly string[] {
  if (kind.startsWith("session.")) return ["session"];
  if (kind.startsWith("policy.") || kind.startsWith("approval.")) return ["configuration", "iam"];
  return kind === "decision" || kind === "execution" ? ["database"] : ["process"];
}

const fixedTypes: Readonly<Record<string, readonly string[]>> = {
  "session.opened": ["start"],
  "session.closed": ["end"],
  "gateway.started": ["start"],
  "gateway.stopped": ["end"],
  "policy.loaded": ["change"],
  "policy.refused": ["denied"],
  "approval.approved": ["allowed"],
  "approval.rejected": ["denied"],
  execution: ["access"],
};

const typesOf = ({ kind, detail }: LoggedEvent): readonly string[] =>
  kind === "decision" ? [detail.decision.verdict === "block" ? "denied" : "allowed"] : (fixedTypes[kind] ?? ["info"]);

/** ECS speaks of what was tried: a block is a failure to whoever tried. */
function outcomeOf({ kind, detail }: LoggedEvent): string {
  if (kind === "decision") return detail.decision.verdict === "block" ? "failure" : "success";
  if (kind === "execution") return detail.status === "ok" ? "success" : "failure";
  return kind === "policy.refused" ? "failure" : "success";
}

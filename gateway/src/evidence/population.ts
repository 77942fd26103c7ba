/** The population: one row an item, so that an auditor counts, filters and draws from it without any tool of ours. */
import { tablesOf } from "../audit/query.js";
import { type ControlsByRule, servingRules } from "./controls.js";
import type { Item } from "./read-period.js";

const columns = [
  "item",
  "time_utc",
  "principal",
  "principal_kind",
  "on_behalf_of",
  "session",
  "ip",
  "connection",
  "environment",
  "statement",
  "tables",
  "verdict",
  "rules",
  "controls",
  "masked_columns",
  "approval",
  "approval_state",
  "approved_by",
  "approved_at_utc",
  "execution",
  "rows",
  "policy_digest",
  "message",
] as const;

export const populationHeader: readonly string[] = columns;

/** The name of an item: the index of its decision in the log. */
export const nameOf = ({ decision }: Item): string => String(decision.index);

export function populationRow(
  item: Item,
  controls: ReadonlyMap<string, ControlsByRule>,
): readonly (string | number | null)[] {
  const { decision: event, session, approval, execution } = item;
  const { detail } = event;
  const last = approval.at(-1)?.detail;
  const given = (last?.decisions ?? []).filter(({ decision }: { readonly decision: string }) => decision === "approve");
  const row: Readonly<Record<(typeof columns)[number], string | number | null>> = {
    item: event.index,
    time_utc: event.time,
    principal: detail.principal.id,
    principal_kind: detail.principal.kind,
    on_behalf_of: detail.principal.on_behalf_of,
    session: detail.session,
    ip: session?.detail.ip ?? null,
    connection: detail.connection.name,
    environment: detail.connection.env,
    statement: detail.statement.text,
    tables: [...new Set(tablesOf(detail))].join(" "),
    verdict: detail.decision.verdict,
    rules: detail.decision.rules.map(({ id }: { readonly id: string }) => id).join(" "),
    controls: [...new Set(servingRules(item, controls, null).flatMap((rule) => rule.controls))].join(" "),
    masked_columns: detail.decision.masks.map(({ column }: { readonly column: string }) => column).join(" "),
    approval: last?.approval ?? null,
    approval_state: last?.state ?? null,
    approved_by: given.map(({ user }: { readonly user: string }) => user).join(" "),
    approved_at_utc: given.at(-1)?.at ?? null,
    execution: execution?.detail.status ?? "not_run",
    rows: execution?.detail.rows ?? null,
    policy_digest: detail.policy_digest,
    message: detail.decision.message,
  };
  return columns.map((name) => row[name]);
}

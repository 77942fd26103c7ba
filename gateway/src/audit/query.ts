/**
 * Looks events up in a log.
 *
 * In: a log's folder and what to look for. Out: the lines that fit, in order, as they stand. A filter that an event has
 * nothing to say about does not fit it: only decisions have a verdict, rules and tables. Absent: an index; every line is read.
 */
import { linesOf } from "./segments.js";

/** What events must have; all of it. */
export interface AuditFilter {
  /** Milliseconds since 1970, inclusive. */
  readonly from_ms?: number;
  /** Milliseconds since 1970, exclusive. */
  readonly to_ms?: number;
  readonly kind?: string;
  readonly principal?: string;
  readonly connection?: string;
  readonly session?: string;
  /** `module/rule`, or the part behind the slash. */
  readonly rule?: string;
  /** `schema.table`, or the part behind the dot. */
  readonly table?: string;
  readonly verdict?: string;
  /** What a shadow policy would have decided. */
  readonly would_be?: string;
}

/** A line of the log, read. */
export interface LoggedEvent {
  readonly index: number;
  readonly time: string;
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are those of `spec/audit-event.schema.json`, one a kind.
  readonly detail: any;
}

/** The events of the log in `folder` that fit `filter`, each with its line. Lines that are no events are passed over. */
export async function* queryAuditLog(
  folder: string,
  filter: AuditFilter = {},
): AsyncGenerator<{ readonly event: LoggedEvent; readonly line: string }> {
  for await (const { bytes, isWhole } of linesOf(folder)) {
    const event = isWhole ? readEvent(bytes) : null;
    if (event !== null && fits(event, filter)) yield { event, line: bytes.toString("utf8") };
  }
}

/** An event from its line; null when it is none. */
export function readEvent(bytes: Buffer): LoggedEvent | null {
  try {
    const value = JSON.parse(bytes.toString("utf8"));
    return typeof value?.kind === "string" && typeof (value.detail ?? 0) === "object" ? value : null;
  } catch {
    return null;
  }
}

/** Whether `event` has everything that `filter` asks for. */
export function fits({ time, kind, detail }: LoggedEvent, filter: AuditFilter): boolean {
  const { from_ms = Number.NEGATIVE_INFINITY, to_ms = Number.POSITIVE_INFINITY } = filter;
  const at_ms = Date.parse(time);
  return (
    at_ms >= from_ms &&
    at_ms < to_ms &&
    isOf(filter.kind, [kind]) &&
    isOf(filter.principal, [principalOf(detail)]) &&
    isOf(filter.connection, [connectionOf(detail)]) &&
    isOf(filter.session, [detail.session]) &&
    isOf(filter.verdict, [detail.decision?.verdict]) &&
    isOf(filter.would_be, [detail.would_be?.verdict]) &&
    isOf(
      filter.rule,
      rulesOf(detail).flatMap((id) => [id, afterLast(id, "/")]),
    ) &&
    isOf(
      filter.table,
      tablesOf(detail).flatMap((name) => [name, afterLast(name, ".")]),
    )
  );
}

const isOf = (wanted: string | undefined, found: readonly unknown[]): boolean =>
  wanted === undefined || found.includes(wanted);

const afterLast = (text: string, separator: string): string => text.slice(text.lastIndexOf(separator) + 1);

/** Id of the principal an event is about; undefined where it is about none. */
export function principalOf(detail: LoggedEvent["detail"]): string | undefined {
  const { principal, binding } = detail;
  return typeof principal === "object" && principal !== null ? principal.id : (principal ?? binding?.principal);
}

/** Name of the connection an event is about; undefined where it is about none. */
export const connectionOf = (detail: LoggedEvent["detail"]): string | undefined =>
  detail.connection?.name ?? detail.binding?.connection;

/** Ids of the rules that an event names. */
export function rulesOf({ decision, rules }: LoggedEvent["detail"]): readonly string[] {
  if (decision !== undefined) return decision.rules.map(({ id }: { readonly id: string }) => id);
  return Array.isArray(rules) ? rules : [];
}

/** `schema.name` of the relations that a decision is about. */
export function tablesOf({ facts }: LoggedEvent["detail"]): readonly string[] {
  if (!Array.isArray(facts)) return [];
  return facts.flatMap(({ relations = [] }) =>
    relations.map(({ schema, name }: { readonly schema: string; readonly name: string }) => `${schema}.${name}`),
  );
}

import { type Action, type Decision, type FactList, isOpenList, isUnknown, itemsOf } from "@hpl/runtime";
import type { ColumnMask, JudgedStatement, StatementLimit, ValueSearch } from "./enforcement.js";

/** Effects after which names or settings may mean something else. */
const changing: ReadonlySet<string> = new Set([
  "create",
  "drop",
  "alter",
  "grant",
  "config",
  "identity",
  "dynamic",
  "exec",
]);

/**
 * Effects whose errors and notices say nothing of a row. Any other can: writes (SQLSTATE 23502, 23514: `Failing row contains
 * (..)`), DDL that checks or converts rows, code we did not read.
 */
const silent: ReadonlySet<string> = new Set(["read", "lock", "transaction"]);

/** What a protocol must know of each statement to enforce `decision`. */
export function statementsOf(
  actions: readonly Action[],
  decision: Decision,
  hasMasks: boolean,
  searchOf: (decision: Decision, action: number) => ValueSearch | null,
  isCounted: (action: number) => boolean,
): readonly JudgedStatement[] {
  return actions.map((action, i) => {
    const [masks, limit] = [masksOf(decision, i, action), limitOf(decision, i)];
    const search = searchOf(decision, i);
    const is_counted = isCounted(i);
    if (action.opaque || action.family !== "sql") return { ...notUnderstood, masks, search, limit, is_counted };
    const { kind, effects, columns, columns_complete, predicate_columns } = action.facts;
    const known = itemsOf(effects).filter((effect) => !isUnknown(effect)) as readonly string[];
    const isOpen = !isClosed(effects);
    return {
      kind: isUnknown(kind) ? "unknown" : kind,
      effects: known,
      changes_catalog: isOpen || known.some((effect) => changing.has(effect)),
      masks,
      search,
      limit,
      is_counted,
      columns_count: columns_complete === true && isClosed(columns) ? itemsOf(columns).length : null,
      redact_errors:
        masks.length > 0 ||
        search !== null ||
        (hasMasks && (isOpen || !isClosed(predicate_columns) || known.some((effect) => !silent.has(effect)))),
    };
  });
}

const notUnderstood: Omit<JudgedStatement, "masks" | "search" | "limit" | "is_counted"> = {
  kind: "unknown",
  effects: [],
  changes_catalog: true,
  columns_count: null,
  redact_errors: true,
};

const isClosed = <T>(list: FactList<T>): boolean => !isUnknown(list) && !isOpenList(list) && !list.some(isUnknown);

function limitOf({ obligations }: Decision, index: number): StatementLimit | null {
  const found = obligations.find((obligation) => obligation.type === "limit" && obligation.action === index);
  if (found?.type !== "limit") return null;
  const { rows = null, bytes = null, time_ms = null } = found;
  return { rows, bytes, time_ms };
}

function masksOf(decision: Decision, index: number, action: Action): readonly ColumnMask[] {
  const columns = action.opaque || action.family !== "sql" ? [] : itemsOf(action.facts.columns);
  return decision.obligations.flatMap((obligation) => {
    if (obligation.type !== "mask" || obligation.action !== index) return [];
    const column = columns[obligation.index];
    const exact = column !== undefined && !isUnknown(column) && column.exact === true;
    const { index: position, name, source, transform, rule } = obligation;
    return [{ index: position, name, source, transform, rule, exact }];
  });
}

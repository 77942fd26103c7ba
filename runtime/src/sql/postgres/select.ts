/** SELECT, VALUES, TABLE and set operations: from the FROM list to the output columns. */
import { bareColumn, influenceOf, sourcesOf, windowSources } from "./expression.js";
import { addFromItems } from "./from.js";
import { columnsOfFunction } from "./functions.js";
import { addEffects, influence, loseLineage, visit } from "./ledger.js";
import { newRelation, noteRelation } from "./names.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { outputName } from "./output-names.js";
import { unitedRowsets, withCtes } from "./query.js";
import { resolveReference } from "./references.js";
import { allSources, type Column, columnIn, type Item, type Loose, type Rowset, type Scope, union } from "./scope.js";

/** Analyses a SELECT. Adds `read` as soon as a relation is read; a query of constants alone reads nothing. */
export function analyseSelect(outer: Scope, select: Fields): Rowset {
  const { ledger } = outer;
  visit(ledger);
  ledger.reached.add(select);
  const scope = withCtes(outer, bare(select.withClause));
  const rows = coreRows(scope, select);
  orderAndLimit(scope, select, rows);
  lockRows(scope, select);
  intoTable(scope, bare(select.intoClause), rows);
  return rows;
}

function coreRows(scope: Scope, select: Fields): Rowset {
  if (select.op !== undefined && select.op !== "SETOP_NONE") return setOperation(scope, select);
  if (listOf(select.valuesLists).length > 0) return valuesRows(scope, listOf(select.valuesLists));
  return plainSelect(scope, select);
}

function setOperation(scope: Scope, select: Fields): Rowset {
  const left = analyseSelect(innerOf(scope), bare(select.larg) ?? {});
  const right = analyseSelect(innerOf(scope), bare(select.rarg) ?? {});
  return unitedRowsets(scope, left, right, select.op === "SETOP_UNION" && select.all === true);
}

/** A branch sees what the whole sees: the same outer names and common table expressions. */
const innerOf = (scope: Scope): Scope => ({ ...scope, items: [], visible: [] });

function valuesRows(scope: Scope, lists: readonly unknown[]): Rowset {
  const columns: { name: string; sources: readonly string[]; exact: boolean }[] = [];
  for (const list of lists)
    listOf(fieldsOf(list).items).forEach((value, i) => {
      const column = bareColumn(scope, value);
      const sources = column?.sources ?? sourcesOf(scope, value);
      const before = columns[i];
      columns[i] = {
        name: `column${i + 1}`,
        sources: union(before?.sources ?? [], sources),
        exact: lists.length === 1 && column?.exact === true,
      };
    });
  return { columns, rest: [] };
}

function plainSelect(scope: Scope, select: Fields): Rowset {
  addFromItems(scope, listOf(select.fromClause));
  influenceOf(scope, select.whereClause);
  const rows = outputRows(scope, listOf(select.targetList));
  groupBy(scope, listOf(select.groupClause), rows);
  influenceOf(scope, select.havingClause);
  for (const window of listOf(select.windowClause)) influence(scope.ledger, windowSources(scope, fieldsOf(window)));
  distinct(scope, listOf(select.distinctClause), rows);
  return rows;
}

/** Output columns of a target list or a RETURNING list. */
export function outputRows(scope: Scope, targets: readonly unknown[]): Rowset {
  const columns: Column[] = [];
  const rest: Loose[] = [];
  for (const target of targets) {
    const { name, val } = fieldsOf(target);
    const expanded = expandStar(scope, val);
    if (expanded === null) columns.push(outputColumn(scope, textOf(name), val));
    else {
      columns.push(...expanded.columns);
      rest.push(...expanded.rest);
    }
  }
  return { columns, rest };
}

function outputColumn(scope: Scope, name: string, value: unknown): Column {
  const column = bareColumn(scope, value);
  const named = name || outputName(value);
  if (column !== null) return { name: named, sources: column.sources, exact: column.exact };
  return { name: named, sources: sourcesOf(scope, value), exact: false };
}

/** `*`, `alias.*`, `(expression).*` as columns; null for a target that is no star. */
function expandStar(scope: Scope, value: unknown): Rowset | null {
  const kind = kindOf(value);
  const fields = fieldsOf(value);
  if (kind === "ColumnRef" && kindOf(listOf(fields.fields).at(-1)) === "A_Star") {
    const reference = resolveReference(scope, fields);
    if (reference.kind !== "star") return { columns: [], rest: [{ kind: "value", sources: [] }] };
    return reference.item === null ? starOfAll(scope) : starOfItem(scope, reference.item);
  }
  if (kind === "A_Indirection" && kindOf(listOf(fields.indirection).at(-1)) === "A_Star")
    return compositeStar(scope, fields);
  return null;
}

function starOfAll(scope: Scope): Rowset {
  if (scope.items.some((item) => !item.star_certain)) loseLineage(scope.ledger, "star");
  for (const rowset of scope.visible) reportUnknownColumns(scope, rowset);
  return {
    columns: scope.visible.flatMap((rowset) => rowset.columns),
    rest: scope.visible.flatMap((rowset) => rowset.rest),
  };
}

function starOfItem(scope: Scope, item: Item): Rowset {
  if (!item.star_certain) loseLineage(scope.ledger, "star");
  reportUnknownColumns(scope, item);
  return { columns: item.columns, rest: item.rest };
}

function reportUnknownColumns(scope: Scope, rowset: Rowset): void {
  if (rowset.rest.length > 0) loseLineage(scope.ledger, "star");
}

/** `(e).*`: the columns of a row, of a function with a row type of its own, or unknown ones. */
function compositeStar(scope: Scope, fields: Fields): Rowset {
  const reference = only("ColumnRef", fields.arg);
  const steps = listOf(fields.indirection);
  if (reference !== null && steps.length === 1) {
    const found = resolveReference(scope, reference);
    if (found.kind === "row") return starOfItem(scope, found.item);
  }
  const sources = sourcesOf(scope, fields.arg);
  const call = only("FuncCall", fields.arg);
  const names = call === null ? null : columnsOfFunction(stringsOf(call.funcname).at(-1) ?? "");
  if (names !== null && steps.length === 1)
    return { columns: names.map((name) => ({ name, sources, exact: false })), rest: [] };
  loseLineage(scope.ledger, "star");
  return { columns: [], rest: [{ kind: "value", sources }] };
}

/** GROUP BY names an input column first, else an output column by name or position: all that fit count. */
function groupBy(scope: Scope, clause: readonly unknown[], rows: Rowset): void {
  for (const node of clause) influence(scope.ledger, keySources(scope, node, rows));
}

function orderAndLimit(scope: Scope, select: Fields, rows: Rowset): void {
  for (const node of listOf(select.sortClause)) {
    const key = fieldsOf(node);
    if (listOf(key.useOp).length > 0) influenceOf(scope, { A_Expr: { name: key.useOp } });
    influence(scope.ledger, keySources(scope, key.node, rows));
  }
  influenceOf(scope, select.limitCount);
  influenceOf(scope, select.limitOffset);
}

function distinct(scope: Scope, clause: readonly unknown[], rows: Rowset): void {
  if (clause.length === 0) return;
  const on = clause.filter((node) => kindOf(node) !== "");
  if (on.length === 0) influence(scope.ledger, allSources(rows));
  else for (const node of on) influence(scope.ledger, keySources(scope, node, rows));
}

/** What a key of GROUP BY, ORDER BY or DISTINCT ON reads: an output column by position or name, or an expression. */
function keySources(scope: Scope, node: unknown, rows: Rowset): readonly string[] {
  const position = bare(only("A_Const", node)?.ival)?.ival;
  if (typeof position === "number") return rows.columns[position - 1]?.sources ?? allSources(rows);
  const set = only("GroupingSet", node);
  if (set !== null)
    return listOf(set.content).reduce<readonly string[]>((all, key) => union(all, keySources(scope, key, rows)), []);
  const reference = only("ColumnRef", node);
  const [name, more] = reference === null ? [] : stringsOf(reference.fields);
  const output = name === undefined || more !== undefined ? null : columnIn({ columns: rows.columns, rest: [] }, name);
  if (output === null || reference === null) return sourcesOf(scope, node);
  scope.ledger.reached.add(reference);
  const inputKnows = scope.visible.some((rowset) => columnIn(rowset, name ?? "") !== null);
  return inputKnows ? union(output.sources, sourcesOf(scope, node)) : output.sources;
}

/** FOR UPDATE and its kin lock the rows of the tables they name, or of all. */
function lockRows(scope: Scope, select: Fields): void {
  for (const node of listOf(select.lockingClause)) {
    const clause = fieldsOf(node);
    scope.ledger.reached.add(clause);
    addEffects(scope.ledger, ["lock"]);
    const named = listOf(clause.lockedRels).map((relation) => bare(fieldsOf(relation)) ?? {});
    for (const relation of named) scope.ledger.reached.add(relation);
    const aliases = new Set(named.map((relation) => textOf(relation.relname)));
    for (const item of scope.items)
      if (item.relation !== null && (aliases.size === 0 || aliases.has(item.alias)))
        noteRelation(scope.ledger, item.relation, "lock", scope.via, false);
  }
}

/** SELECT INTO creates a table and fills it. */
function intoTable(scope: Scope, into: Fields | null, rows: Rowset): void {
  if (into === null) return;
  scope.ledger.reached.add(into);
  const target = bare(into.rel);
  if (target !== null) {
    scope.ledger.reached.add(target);
    noteRelation(scope.ledger, newRelation(scope.ledger, target), "create", "target", false);
  }
  addEffects(scope.ledger, ["create"]);
  influence(scope.ledger, allSources(rows));
}

/**
 * INSERT, UPDATE, DELETE and MERGE: which rows change, what flows where, what RETURNING gives back. Values that are
 * written are influence: they leave the statement by another way than its output.
 */
import { type SqlTarget, unknown } from "../../facts/index.js";
import { sqlPath } from "../paths.js";
import type { Restriction } from "../truth.js";
import { influenceOf, influenceOfAll } from "./expression.js";
import { addFromItems, relationItem } from "./from.js";
import { addEffects, addTarget, influence, type Ledger, loseLineage, visit } from "./ledger.js";
import { noteRelation, type Relation, resolveRelation } from "./names.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, only, textOf } from "./nodes.js";
import { analyseQuery, withCtes } from "./query.js";
import { restrictionOf } from "./restrict.js";
import { allSources, columnIn, type Item, innerScope, noRows, type Rowset, type Scope } from "./scope.js";
import { outputRows } from "./select.js";
import { noteSideEffects } from "./side-effects.js";
import { viewTargets } from "./views.js";

type Change = Extract<SqlTarget["change"], string>;

/** Resolves the table whose rows change and writes down that it does. */
function changedItem(scope: Scope, rangeVar: Fields): Item & { readonly relation: Relation } {
  const { ledger } = scope;
  visit(ledger);
  ledger.reached.add(rangeVar);
  const relation = resolveRelation(ledger, rangeVar);
  addEffects(ledger, relation.entry?.kind === "foreign" ? ["write", "network"] : ["write"]);
  noteRelation(ledger, relation, "write", "target", rangeVar.inh === true);
  return { ...relationItem(scope, relation, rangeVar), relation };
}

/** `written`: names of the columns that get values; of the tables behind a view any may be meant. */
function addChange(
  ledger: Ledger,
  relation: Relation,
  change: Change,
  restriction: Restriction,
  written: readonly string[] | null,
): void {
  const kind = change === "merge" ? "update" : change;
  noteSideEffects(ledger, relation, { kind, written });
  for (const base of viewTargets(ledger, relation)) noteSideEffects(ledger, base, { kind, written: null });
  for (const { schema, name } of [relation, ...viewTargets(ledger, relation)])
    addTarget(ledger, { relation: sqlPath(schema, name), schema, name, change, ...restriction });
}

/** Names of the columns a list of assignments gives values to. */
const assigned = (targets: unknown): readonly string[] => listOf(targets).map((node) => textOf(fieldsOf(node).name));

/** An INSERT without a list of columns may give values to all of them. */
const insertedColumns = (targets: unknown): readonly string[] | null =>
  listOf(targets).length === 0 ? null : assigned(targets);

const unrestricted: Restriction = { restricted: false, by_key: false };
const uncertain = (reason: string): Restriction => ({ restricted: unknown(reason), by_key: unknown(reason) });

export function analyseInsert(outer: Scope, statement: Fields): Rowset {
  outer.ledger.reached.add(statement);
  const scope = withCtes(outer, bare(statement.withClause));
  const item = changedItem(scope, bare(statement.relation) ?? {});
  addChange(scope.ledger, item.relation, "insert", unrestricted, insertedColumns(statement.cols));
  const values = statement.selectStmt === undefined ? noRows : analyseQuery(innerScope(scope), statement.selectStmt);
  influence(scope.ledger, allSources(values));
  if (values.rest.some((loose) => loose.kind === "table")) loseLineage(scope.ledger, "star");
  assignments(innerScope(scope, [item]), statement.cols);
  onConflict(scope, item, bare(statement.onConflictClause), areListed(statement.selectStmt));
  return returned(innerScope(scope, [item]), statement, item);
}

/**
 * Whether the rows to insert stand in the text, one by one. A single row of VALUES may hold calls that give several rows; the
 * server allows none in a list of rows.
 */
function areListed(query: unknown): boolean {
  const lists = listOf(only("SelectStmt", query)?.valuesLists);
  return lists.length > 1 || (lists.length === 1 && listOf(fieldsOf(lists[0]).items).every(isOneValue));
}

const plainValues = new Set(["A_Const", "ParamRef", "SetToDefault", "SQLValueFunction"]);

const isOneValue = (node: unknown): boolean =>
  plainValues.has(kindOf(node)) || (kindOf(node) === "TypeCast" && isOneValue(fieldsOf(node).arg));

/** `isListed`: the rows stand in the text, and each changes one stored row at most. */
function onConflict(
  scope: Scope,
  item: Item & { readonly relation: Relation },
  clause: Fields | null,
  isListed: boolean,
): void {
  if (clause === null) return;
  const inner = innerScope(scope, [item, { ...item, alias: "excluded", schema: null }]);
  const target = bare(clause.infer);
  for (const node of listOf(target?.indexElems)) {
    const { name, expr } = fieldsOf(node);
    influence(scope.ledger, columnIn(item, textOf(name))?.sources ?? []);
    influenceOf(innerScope(scope, [item]), expr);
  }
  influenceOf(innerScope(scope, [item]), target?.whereClause);
  assignments(inner, clause.targetList);
  influenceOf(inner, clause.whereClause);
  if (clause.action !== "ONCONFLICT_UPDATE") return;
  const restricted = isListed ? true : unknown("on_conflict");
  const restriction = { restricted, by_key: unknown("on_conflict") };
  addChange(scope.ledger, item.relation, "update", restriction, assigned(clause.targetList));
}

/** `SET a = e`, `SET a[i] = e`, `(a, b) = (..)`, and the column list of an INSERT. */
function assignments(scope: Scope, targets: unknown): void {
  for (const node of listOf(targets)) {
    const { val, indirection } = fieldsOf(node);
    influenceOf(scope, val);
    influenceOfAll(
      scope,
      listOf(indirection).filter((step) => "A_Indices" in (step as Fields)),
    );
  }
}

export function analyseUpdate(outer: Scope, statement: Fields): Rowset {
  outer.ledger.reached.add(statement);
  const scope = withCtes(outer, bare(statement.withClause));
  const item = changedItem(scope, bare(statement.relation) ?? {});
  const inner = changeScope(scope, item, statement.fromClause);
  assignments(inner, statement.targetList);
  influenceOf(inner, statement.whereClause);
  addChange(
    scope.ledger,
    item.relation,
    "update",
    restrictionOf(inner, item, statement.whereClause),
    assigned(statement.targetList),
  );
  return returned(inner, statement, item);
}

export function analyseDelete(outer: Scope, statement: Fields): Rowset {
  outer.ledger.reached.add(statement);
  const scope = withCtes(outer, bare(statement.withClause));
  const item = changedItem(scope, bare(statement.relation) ?? {});
  const inner = changeScope(scope, item, statement.usingClause);
  influenceOf(inner, statement.whereClause);
  addChange(scope.ledger, item.relation, "delete", restrictionOf(inner, item, statement.whereClause), []);
  return returned(inner, statement, item);
}

/** The changed table first, then the FROM or USING list. */
function changeScope(scope: Scope, item: Item, from: unknown): Scope {
  const inner = innerScope(scope, [item]);
  addFromItems(inner, listOf(from));
  return inner;
}

export function analyseMerge(outer: Scope, statement: Fields): Rowset {
  outer.ledger.reached.add(statement);
  const scope = withCtes(outer, bare(statement.withClause));
  const item = changedItem(scope, bare(statement.relation) ?? {});
  const inner = changeScope(scope, item, [statement.sourceRelation]);
  influenceOf(inner, statement.joinCondition);
  addChange(scope.ledger, item.relation, "merge", uncertain("merge"), []);
  for (const node of listOf(statement.mergeWhenClauses)) mergeAction(inner, item, fieldsOf(node));
  // `RETURNING *` gives the source's columns first.
  return returned({ ...inner, visible: inner.visible.toReversed() }, statement, item);
}

const mergeChanges: ReadonlyMap<unknown, Change> = new Map([
  ["CMD_UPDATE", "update"],
  ["CMD_DELETE", "delete"],
  ["CMD_INSERT", "insert"],
]);

function mergeAction(scope: Scope, item: Item & { readonly relation: Relation }, clause: Fields): void {
  influenceOf(scope, clause.condition);
  assignments(scope, clause.targetList);
  influenceOfAll(scope, clause.values);
  const change = mergeChanges.get(clause.commandType);
  if (change === undefined) return;
  const written = change === "insert" ? insertedColumns(clause.targetList) : assigned(clause.targetList);
  addChange(scope.ledger, item.relation, change, uncertain("merge"), written);
}

const rowVersions: ReadonlyMap<unknown, string> = new Map([
  ["RETURNING_OPTION_OLD", "old"],
  ["RETURNING_OPTION_NEW", "new"],
]);

/** RETURNING: newer grammars have a clause that can name the old and the new row, older ones a plain list. */
function returned(scope: Scope, statement: Fields, item: Item & { readonly relation: Relation }): Rowset {
  const clause = bare(statement.returningClause);
  const targets = clause === null ? listOf(statement.returningList) : listOf(clause.exprs);
  if (targets.length === 0) return noRows;
  addEffects(scope.ledger, ["read"]);
  noteRelation(scope.ledger, item.relation, "read", "returning", false);
  const aliases = new Set(rowVersions.values());
  for (const node of listOf(clause?.options)) {
    const { option, value } = fieldsOf(node);
    aliases.delete(rowVersions.get(option) ?? "");
    aliases.add(textOf(value));
  }
  // First in the list, because an alias that the statement gives itself wins, and the last one of a name is taken.
  const versions = [...aliases].map((alias) => ({ ...item, alias, schema: null }));
  return outputRows({ ...scope, items: [...versions, ...scope.items] }, targets);
}

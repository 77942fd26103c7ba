/** FROM lists: tables, views, subqueries, functions, joins. Each becomes items and visible rowsets of the scope. */

import { sqlPath } from "../paths.js";
import { noteCast, noteImplicitOperators, qualified } from "./calls.js";
import { influenceOf, influenceOfAll, sourcesOf, sourcesOfAll } from "./expression.js";
import { columnsOfFunction } from "./functions.js";
import { addEffects, influence, loseLineage, unsure, type Via, visit } from "./ledger.js";
import { noteRelation, type Relation, resolveRelation } from "./names.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { analyseQuery, cteRowset, renamed } from "./query.js";
import { columnsOf, starIsCertain } from "./relation-columns.js";
import {
  allSources,
  type Column,
  columnIn,
  type Item,
  innerScope,
  openScope,
  type Rowset,
  type Scope,
  union,
} from "./scope.js";
import { viewRows } from "./views.js";

/** Adds the members of a FROM list to `scope`, in order: a LATERAL one sees those before it. */
export function addFromItems(scope: Scope, nodes: readonly unknown[]): void {
  for (const node of nodes) scope.visible.push(addMember(scope, node));
}

/** Adds the items of one member to `scope.items` and returns the rowset it shows to bare names. */
function addMember(scope: Scope, node: unknown): Rowset {
  visit(scope.ledger);
  const fields = fieldsOf(node);
  switch (kindOf(node)) {
    case "RangeVar":
      return addItem(scope, tableItem(scope, fields, scope.via));
    case "RangeSubselect":
      return addItem(scope, subqueryItem(scope, fields));
    case "RangeFunction":
      return addItem(scope, functionItem(scope, fields));
    case "RangeTableFunc":
      return addItem(scope, xmlTableItem(scope, fields));
    case "JsonTable":
      return addItem(scope, jsonTableItem(scope, fields));
    case "RangeTableSample":
      return sampled(scope, fields);
    case "JoinExpr":
      return joined(scope, fields);
    default:
      unsure(scope.ledger, `node:${kindOf(node)}`);
      return { columns: [], rest: [{ kind: "value", sources: [] }] };
  }
}

function addItem(scope: Scope, item: Item): Rowset {
  scope.items.push(item);
  return item;
}

function aliased(scope: Scope, alias: Fields | null, fallback: string, rows: Rowset, certain = true): Item {
  const named = renamed(scope, rows, stringsOf(alias?.colnames));
  return {
    alias: textOf(alias?.aliasname) || fallback,
    schema: null,
    relation: null,
    star_certain: certain,
    columns: named.columns,
    rest: named.rest,
  };
}

/** A table, view or common table expression by name. `via` says how its rows are used. */
export function tableItem(scope: Scope, rangeVar: Fields, via: Via): Item {
  const { ledger } = scope;
  ledger.reached.add(rangeVar);
  const name = textOf(rangeVar.relname);
  const alias = bare(rangeVar.alias);
  const cte = textOf(rangeVar.schemaname) === "" ? cteRowset(scope, name) : null;
  if (cte !== null) return aliased(scope, alias, name, cte);
  const relation = resolveRelation(ledger, rangeVar);
  addEffects(ledger, relation.entry?.kind === "foreign" ? ["read", "network"] : ["read"]);
  noteRelation(ledger, relation, "read", via, rangeVar.inh === true);
  if (relation.entry?.reads_call) unsure(ledger, `policies:${sqlPath(relation.schema, relation.name)}`);
  return relationItem(scope, relation, rangeVar);
}

/** The item of a resolved relation, under its alias or its own name. */
export function relationItem(scope: Scope, relation: Relation, rangeVar: Fields): Item {
  const { ledger } = scope;
  const alias = bare(rangeVar.alias);
  const own = columnsOf(ledger, relation, rangeVar.inh !== true);
  const rows =
    relation.entry?.kind === "view" || relation.entry?.definition !== undefined ? viewRows(scope, relation, own) : own;
  const item = aliased(scope, alias, relation.name, rows, starIsCertain(ledger, relation));
  return { ...item, schema: alias === null ? relation.schema : null, relation };
}

function subqueryItem(scope: Scope, fields: Fields): Item {
  const { ledger, ctes, via } = scope;
  const inner = fields.lateral === true ? innerScope(scope) : openScope(ledger, scope.parent, ctes, via);
  return aliased(scope, bare(fields.alias), "", analyseQuery(inner, fields.subquery));
}

/** `f(..)` or `ROWS FROM (f(..), g(..))`: a member is a list of the call and its column definitions. */
function functionItem(scope: Scope, fields: Fields): Item {
  const alias = bare(fields.alias);
  const columns: Column[] = [];
  let open = false;
  let sources: readonly string[] = [];
  for (const member of listOf(fields.functions)) {
    const [call, definitions] = listOf(fieldsOf(member).items);
    const own = sourcesOf(scope, call);
    influence(scope.ledger, own);
    sources = union(sources, own);
    const defined = [...listOf(fieldsOf(definitions).items), ...listOf(fields.coldeflist)];
    const names =
      defined.length > 0 ? definedNames(scope, defined) : functionColumnNames(call, textOf(alias?.aliasname));
    if (names === null) open = true;
    columns.push(...(names ?? []).map((name) => ({ name, sources: own, exact: false })));
  }
  if (fields.ordinality === true) columns.push({ name: "ordinality", sources: [], exact: false });
  const rest = open ? [{ kind: "value" as const, sources }] : [];
  return aliased(scope, alias, columns[0]?.name ?? "", { columns, rest });
}

function definedNames(scope: Scope, definitions: readonly unknown[]): readonly string[] {
  return definitions.map((node) => {
    const definition = fieldsOf(node);
    noteCast(scope.ledger, bare(definition.typeName));
    return textOf(definition.colname);
  });
}

/** Functions that return rows of the type of an argument: their columns are whatever that type has. */
const polymorphicRows = new Set([
  "json_populate_record",
  "json_populate_recordset",
  "jsonb_populate_record",
  "jsonb_populate_recordset",
  "json_to_record",
  "json_to_recordset",
  "jsonb_to_record",
  "jsonb_to_recordset",
  "unnest",
]);

/** Names of the columns a call in FROM gives; null when they are not known. A scalar one has the alias as its name. */
function functionColumnNames(call: unknown, alias: string): readonly string[] | null {
  const function_call = only("FuncCall", call);
  if (function_call === null) return [alias || textOf(fieldsOf(call).op).replace("SVFOP_", "").toLowerCase()];
  const [, name] = qualified(stringsOf(function_call.funcname));
  const columns = columnsOfFunction(name);
  if (columns !== null) return columns;
  if (name === "unnest") return unnestColumns(function_call, alias);
  return polymorphicRows.has(name) ? null : [alias || name];
}

/** `unnest(a, b)` gives a column for each array; an array of rows gives their columns, which we cannot know. */
function unnestColumns(call: Fields, alias: string): readonly string[] | null {
  const args = listOf(call.args);
  if (args.length === 1 && kindOf(args[0]) === "A_ArrayExpr") {
    const [element] = listOf(fieldsOf(args[0]).elements);
    if (kindOf(element) !== "A_Const" && kindOf(element) !== "ColumnRef" && element !== undefined) return null;
  }
  return args.map(() => alias || "unnest");
}

function xmlTableItem(scope: Scope, fields: Fields): Item {
  let sources = union(sourcesOf(scope, fields.docexpr), sourcesOf(scope, fields.rowexpr));
  sources = union(sources, sourcesOfAll(scope, fields.namespaces));
  const columns = listOf(fields.columns).map((node): Column => {
    const column = fieldsOf(node);
    const own = union(sourcesOf(scope, column.colexpr), sourcesOf(scope, column.coldefexpr));
    if (bare(column.typeName) !== null) noteCast(scope.ledger, bare(column.typeName));
    return { name: textOf(column.colname), sources: union(sources, own), exact: false };
  });
  influence(scope.ledger, sources);
  return aliased(scope, bare(fields.alias), "xmltable", { columns, rest: [] });
}

function jsonTableItem(scope: Scope, fields: Fields): Item {
  const context = sourcesOf(scope, { JsonValueExpr: fields.context_item });
  const sources = union(context, sourcesOfAll(scope, fields.passing));
  influence(scope.ledger, sources);
  const columns = jsonColumns(scope, listOf(fields.columns), sources);
  influenceOf(scope, bare(fields.on_error) === null ? undefined : { JsonBehavior: fields.on_error });
  return aliased(scope, bare(fields.alias), "json_table", { columns, rest: [] });
}

/** Columns of a JSON_TABLE, those of NESTED PATHs in place. */
function jsonColumns(scope: Scope, nodes: readonly unknown[], sources: readonly string[]): readonly Column[] {
  return nodes.flatMap((node) => {
    const column = fieldsOf(node);
    const nested = listOf(column.columns);
    if (nested.length > 0) return jsonColumns(scope, nested, sources);
    if (bare(column.typeName) !== null) noteCast(scope.ledger, bare(column.typeName));
    for (const behavior of [column.on_empty, column.on_error])
      if (bare(behavior) !== null) influenceOf(scope, { JsonBehavior: behavior });
    return [{ name: textOf(column.name), sources, exact: false }];
  });
}

function sampled(scope: Scope, fields: Fields): Rowset {
  const method = stringsOf(fields.method);
  const [schema, name] = qualified(method);
  if ((schema !== null && schema !== "pg_catalog") || (name !== "system" && name !== "bernoulli"))
    unsure(scope.ledger, `function:${name}`);
  const rows = addMember(scope, fields.relation);
  influenceOfAll(scope, fields.args);
  influenceOf(scope, fields.repeatable);
  return rows;
}

/** A join: its sides' items stay reachable by alias; bare names see columns merged by USING or NATURAL once. */
function joined(scope: Scope, fields: Fields): Rowset {
  const items_before = scope.items.length;
  const visible_before = scope.visible.length;
  const left = addMember(scope, fields.larg);
  scope.visible.push(left);
  const right = addMember(scope, fields.rarg);
  scope.visible.push(right);
  const names = fields.isNatural === true ? commonNames(scope, left, right) : stringsOf(fields.usingClause);
  const merged = names.map((name) => mergedColumn(left, right, name));
  if (merged.length > 0) noteImplicitOperators(scope.ledger, "=");
  for (const column of merged) influence(scope.ledger, column.sources);
  influenceOf(scope, fields.quals);
  scope.visible.length = visible_before;
  const rows: Rowset = {
    columns: [...merged, ...without(left.columns, names), ...without(right.columns, names)],
    rest: [...left.rest, ...right.rest],
  };
  const alias = bare(fields.join_using_alias);
  if (alias !== null) scope.items.push(aliased(scope, alias, "", { columns: merged, rest: [] }));
  return hideBehindAlias(scope, bare(fields.alias), items_before, rows);
}

/** `(a JOIN b) AS j` hides `a` and `b`. */
function hideBehindAlias(scope: Scope, alias: Fields | null, items_before: number, rows: Rowset): Rowset {
  if (alias === null) return rows;
  const certain = scope.items.slice(items_before).every((item) => item.star_certain);
  scope.items.length = items_before;
  return addItem(scope, aliased(scope, alias, "", rows, certain));
}

function mergedColumn(left: Rowset, right: Rowset, name: string): Column {
  const [a, b] = [columnIn(left, name), columnIn(right, name)];
  return { name, sources: union(a?.sources ?? [], b?.sources ?? []), exact: false };
}

const without = (columns: readonly Column[], names: readonly string[]): readonly Column[] =>
  names.length === 0 ? columns : columns.filter((column) => !names.includes(column.name));

function commonNames(scope: Scope, left: Rowset, right: Rowset): readonly string[] {
  if (left.rest.length + right.rest.length > 0) {
    loseLineage(scope.ledger, "natural_join");
    influence(scope.ledger, union(allSources(left), allSources(right)));
  }
  const names = new Set(right.columns.map((column) => column.name));
  return left.columns.map((column) => column.name).filter((name) => names.has(name));
}

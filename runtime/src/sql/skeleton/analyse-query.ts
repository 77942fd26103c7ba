/** Queries: in a scope, a query; out, its rows with their sources. Effects, relations and influences go into the ledger. */
import { addEffects, incomplete, influence, loseLineage, type Via } from "../ledger.js";
import { influenceOf, nameColumn, sourcesOf } from "./analyse-expression.js";
import { fold, lookUp } from "./catalog.js";
import { noteRelation, resolveRelation, rowsOf } from "./relations.js";
import {
  type Column,
  type CteEntry,
  type Item,
  innerScope,
  type Loose,
  type Relation,
  type Rowset,
  type Scope,
  spend,
  union,
} from "./scope.js";
import type { Branch, Cte, Expression, From, Path, Query, Select, SelectItem, Source, Table } from "./tree.js";

/** The rows of `query`. `via` is where its tables stand for whoever asked. */
export function analyseQuery(outer: Scope, query: Query, via: Via): Rowset {
  const scope = withCtes(outer, query.ctes, query.is_recursive);
  const branches = query.branches.map((branch) => analyseBranch(scope, branch, via));
  const rows = branches.map((branch) => branch.rows).reduce((left, right) => unite(scope, left, right));
  const [first] = branches;
  const keys = branches.length === 1 ? (first?.scope ?? scope) : { ...innerScope(scope), outer: null };
  for (const key of query.order) influence(scope.ledger, keySources(keys, key, rows));
  influenceOf(scope, query.bounds);
  if (query.compares) influenceOfRows(scope, rows);
  if (query.locks)
    lockTables(
      branches.map((branch) => branch.scope),
      via,
    );
  if (query.into !== null) noteInto(scope, query.into.kind, rows);
  return rows;
}

/** Rows that leave by another way: a file of the server, or variables. */
function noteInto(scope: Scope, kind: "file" | "variables", rows: Rowset): void {
  if (kind === "file") addEffects(scope.ledger, ["file_write"]);
  influenceOfRows(scope, rows);
}

export function influenceOfRows(scope: Scope, rows: Rowset): void {
  influence(scope.ledger, union(rows.columns.map((column) => column.sources)));
  if (rows.loose.length > 0) loseLineage(scope.ledger, "star");
}

function lockTables(scopes: readonly Scope[], via: Via): void {
  for (const scope of scopes) {
    addEffects(scope.ledger, ["lock"]);
    for (const { table } of scope.items) if (table !== null) noteRelation(scope, table, "lock", via);
  }
}

/** `scope` with the common table expressions of a WITH: each sees those before it. */
export function withCtes(scope: Scope, ctes: readonly Cte[], is_recursive: boolean): Scope {
  if (ctes.length === 0) return scope;
  const known = new Map<string, CteEntry>(scope.ctes);
  for (const cte of ctes) {
    const inner: Scope = { ...innerScope(scope), ctes: known };
    if (is_recursive) known.set(fold(cte.name), { name: cte.name, rows: ownRows });
    const rows = analyseQuery(inner, cte.query, "from");
    known.set(fold(cte.name), { name: cte.name, rows: renamed(scope, rows, cte.columns) });
  }
  return { ...scope, ctes: known };
}

/** What a recursive query reads of itself: columns by any name, of sources that would grow with every round. */
const ownRows: Rowset = { columns: [], loose: [{ kind: "value", sources: [] }] };

/** `alias (a, b)`. */
function renamed(scope: Scope, rows: Rowset, names: readonly string[] | null): Rowset {
  if (names === null) return rows;
  if (rows.loose.length > 0) loseLineage(scope.ledger, "star");
  return {
    columns: names.map((name, i) => ({ ...(rows.columns[i] ?? noColumn), name: fold(name) })),
    loose: rows.loose,
  };
}

const noColumn: Column = { name: "", sources: [], exact: false };

interface Analysed {
  readonly rows: Rowset;
  readonly scope: Scope;
}

function analyseBranch(outer: Scope, branch: Branch, via: Via): Analysed {
  const scope = innerScope(outer);
  switch (branch.kind) {
    case "select":
      return { rows: analyseSelect(scope, branch, via), scope };
    case "query":
      return { rows: analyseQuery(scope, branch.query, via), scope };
    case "values":
      return { rows: valuesRows(scope, branch.rows), scope };
    case "table": {
      const item = tableItem(scope, branch.table, via);
      scope.items.push(item);
      return { rows: item, scope };
    }
  }
}

function valuesRows(scope: Scope, rows: readonly (readonly Expression[])[]): Rowset {
  const columns: { name: string; sources: readonly string[]; exact: boolean }[] = [];
  for (const row of rows)
    row.forEach((value, i) => {
      const sources = union([columns[i]?.sources ?? [], sourcesOf(scope, value)]);
      columns[i] = { name: `column_${i}`, sources, exact: false };
    });
  return { columns, loose: [] };
}

/** Rows of either; names are those of the first. */
function unite({ budget }: Scope, left: Rowset, right: Rowset): Rowset {
  spend(budget, left.columns.length + left.loose.length + right.loose.length);
  const count = Math.max(left.columns.length, right.columns.length);
  const columns = Array.from({ length: count }, (_, i): Column => {
    const [a, b] = [left.columns[i] ?? noColumn, right.columns[i] ?? noColumn];
    return { name: a.name, sources: union([a.sources, b.sources]), exact: false };
  });
  return { columns, loose: [...left.loose, ...right.loose] };
}

function analyseSelect(scope: Scope, select: Select, via: Via): Rowset {
  addFrom(scope, select.from, via);
  if (select.where !== null) influenceOf(scope, [select.where]);
  const rows = outputRows(scope, select.items);
  for (const key of select.influences) influence(scope.ledger, keySources(scope, key, rows));
  if (select.distinct) influenceOfRows(scope, rows);
  if (select.into !== null) noteInto(scope, select.into.kind, rows);
  return rows;
}

/** Adds the sources of FROM to the scope; conditions of joins influence. */
export function addFrom(scope: Scope, from: From, via: Via): void {
  for (const source of from.sources) scope.items.push(itemOf(scope, source, via));
  influenceOf(scope, [...from.conditions, ...from.influences]);
  if (from.merges_columns) naturalInfluence(scope, from);
}

/** NATURAL compares columns that nobody names. */
function naturalInfluence(scope: Scope, from: From): void {
  if (from.influences.length === 0) loseLineage(scope.ledger, "natural_join");
}

export function itemOf(scope: Scope, source: Source, via: Via): Item {
  switch (source.kind) {
    case "table":
      return tableItem(scope, source, via);
    case "derived": {
      const place = source.is_lateral ? innerScope(scope) : { ...innerScope(scope), outer: scope.outer };
      const rows = renamed(scope, analyseQuery(place, source.query, via), source.columns);
      return { ...rows, alias: fold(source.alias), table: null };
    }
    case "computed":
      return computedItem(
        scope,
        fold(source.alias),
        union(source.operands.map((operand) => sourcesOf(scope, operand))),
      );
  }
}

/** Any column of a computed source is made of its operands; how many rows there are tells something of them too. */
function computedItem(scope: Scope, alias: string, sources: readonly string[]): Item {
  influence(scope.ledger, sources);
  return { columns: [], loose: [{ kind: "value", sources }], alias, table: null };
}

/** A table of the database, a common table expression, or an array of an earlier source. */
function tableItem(scope: Scope, table: Table, via: Via): Item {
  const alias = fold(table.alias ?? "");
  const cte = cteOf(scope, table);
  if (cte !== undefined && cte.name === table.path[0]) return cteItem(scope, cte, alias);
  const array = arrayItem(scope, table.path, alias);
  if (array !== null) return array;
  const relation = resolveRelation(scope, table.path);
  noteRelation(scope, relation, "read", via);
  addEffects(scope.ledger, ["read"]);
  const rows = rowsOf(scope, relation);
  // Told apart by case on some servers alone: it may be either.
  const both = cte === undefined ? rows : unite(scope, rows, cte.rows);
  if (cte !== undefined) loseLineage(scope.ledger, `ambiguous_case:${relation.name}`);
  return { ...both, alias, table: relation };
}

const cteOf = ({ ctes }: Scope, { path }: Table): CteEntry | undefined =>
  path.length === 1 ? ctes.get(fold(path[0] ?? "")) : undefined;

function cteItem(scope: Scope, { name, rows }: CteEntry, alias: string): Item {
  if (rows === ownRows) loseLineage(scope.ledger, "recursive_query");
  return { ...rows, alias: alias || fold(name), table: null };
}

/** BigQuery: `FROM t, t.items` reads an array of the row at hand. */
function arrayItem(scope: Scope, path: Path, alias: string): Item | null {
  const [first = "", ...more] = path.map(fold);
  if (scope.setting.grammar.dialect !== "bigquery" || more.length === 0) return null;
  const isInSight = scope.items.some((item) => (item.alias || item.table?.name) === first);
  if (!isInSight) return null;
  const relation = resolveAsTable(scope, path);
  if (relation !== null) {
    noteRelation(scope, relation, "read", "from");
    incomplete(scope.ledger, `array_or_table:${relation.name}`);
  }
  const column = nameColumn(scope, path);
  const own = alias || (more.at(-1) ?? "");
  return computedItem(scope, own, column.sources);
}

/** The table of a dataset that is called as an alias in sight is, if the catalog has one. */
function resolveAsTable(scope: Scope, path: Path): Relation | null {
  const { index } = scope.setting;
  const [name = "", schema = ""] = path.toReversed();
  return index !== null && lookUp(index, schema, name).length > 0 ? resolveRelation(scope, path) : null;
}

/** Output columns of a select list or of RETURNING. */
export function outputRows(scope: Scope, items: readonly SelectItem[]): Rowset {
  const columns: Column[] = [];
  const loose: Loose[] = [];
  for (const item of items)
    if (item.kind === "value") columns.push(outputColumn(scope, item.value, item.name, columns.length));
    else {
      const rows = starRows(scope, item);
      columns.push(...rows.columns);
      loose.push(...rows.loose);
    }
  return { columns, loose };
}

/** A column by another name is still that column. */
function outputColumn(scope: Scope, value: Expression, name: string | null, count: number): Column {
  if (value.kind !== "name")
    return { name: fold(name ?? `f${count}_`), sources: sourcesOf(scope, value), exact: false };
  return { ...nameColumn(scope, value.path), name: fold(name ?? value.path.at(-1) ?? "") };
}

function starRows(scope: Scope, item: SelectItem & { kind: "star" }): Rowset {
  influenceOf(scope, item.replaced);
  const [first, second] = item.path.map(fold);
  const isMeant = (each: Item): boolean =>
    first === undefined || (each.alias === "" ? each.table?.name === (second ?? first) : each.alias === first);
  const items = scope.items.filter(isMeant);
  if (item.changed || items.length === 0) loseLineage(scope.ledger, "star");
  for (const each of items) spend(scope.budget, each.columns.length + each.loose.length);
  const columns = items.flatMap((each) => each.columns);
  const loose = items.flatMap((each) => each.loose);
  return item.changed || items.length === 0 ? { columns, loose: [...loose, unknownColumns] } : { columns, loose };
}

/** Columns whose lineage is given up. */
const unknownColumns: Loose = { kind: "value", sources: [] };

/** What a key of GROUP BY, HAVING or ORDER BY reads: an output column by position or name, an input column, or both. */
function keySources(scope: Scope, key: Expression, rows: Rowset): readonly string[] {
  if (key.kind === "number") return rows.columns[key.value - 1]?.sources ?? union(rows.columns.map((c) => c.sources));
  const outputs: Item = {
    columns: rows.columns.filter((column) => column.name !== ""),
    loose: scope.items.length === 0 ? rows.loose : [],
    alias: "",
    table: null,
  };
  return sourcesOf({ ...scope, items: [...scope.items, outputs] }, key);
}

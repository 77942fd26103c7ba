/**
 * A query inside a statement: whatever returns rows. In: its node, and the scope it stands in. Out: its rowset, that is
 * its output columns with their sources; effects, relations and influences go into the ledger.
 */

import { limits } from "../limits.js";
import { analyseDelete, analyseInsert, analyseMerge, analyseUpdate } from "./changes.js";
import { influence, loseLineage, unsure } from "./ledger.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, stringsOf, textOf } from "./nodes.js";
import {
  allSources,
  type Column,
  type Cte,
  type CteScope,
  findCte,
  noRows,
  openScope,
  type Rowset,
  type Scope,
  union,
} from "./scope.js";
import { analyseSelect } from "./select.js";

/** Analyses a query node. `scope` is its own, empty scope, whose parent holds the names of the outer query. */
export function analyseQuery(scope: Scope, node: unknown): Rowset {
  const fields = fieldsOf(node);
  switch (kindOf(node)) {
    case "SelectStmt":
      return analyseSelect(scope, fields);
    case "InsertStmt":
      return analyseInsert(scope, fields);
    case "UpdateStmt":
      return analyseUpdate(scope, fields);
    case "DeleteStmt":
      return analyseDelete(scope, fields);
    case "MergeStmt":
      return analyseMerge(scope, fields);
    default:
      unsure(scope.ledger, `node:${kindOf(node)}`);
      return noRows;
  }
}

/** The scope of a query with its WITH clause in force; every one of its queries has been analysed. */
export function withCtes(scope: Scope, withClause: Fields | null): Scope {
  if (withClause === null) return scope;
  const recursive = withClause.recursive === true;
  let inner = scope;
  const entries = new Map<string, Cte>();
  const together: CteScope = { parent: scope.ctes, entries };
  for (const node of listOf(withClause.ctes)) {
    const fields = fieldsOf(node);
    const name = textOf(fields.ctename);
    if (recursive) {
      entries.set(name, { fields, scope: { ...inner, ctes: together }, recursive, state: "waiting", rowset: noRows });
      continue;
    }
    const cte: Cte = { fields, scope: inner, recursive, state: "waiting", rowset: noRows };
    inner = { ...inner, ctes: { parent: inner.ctes, entries: new Map([[name, cte]]) } };
    rowsetOfCte(cte);
  }
  for (const cte of entries.values()) rowsetOfCte(cte);
  return recursive ? { ...inner, ctes: together } : inner;
}

/** The rowset a common table expression gives; analysed when it is first asked for. */
export function rowsetOfCte(cte: Cte): Rowset {
  if (cte.state === "waiting") {
    cte.state = "busy";
    cte.rowset = cte.recursive ? recursiveRowset(cte) : withAddedColumns(cte, bodyRowset(cte));
    cte.state = "done";
  }
  return cte.rowset;
}

function bodyRowset(cte: Cte): Rowset {
  const { ledger, ctes, via } = cte.scope;
  const rows = analyseQuery(openScope(ledger, cte.scope.parent, ctes, via), cte.fields.ctequery);
  return renamed(cte.scope, rows, stringsOf(cte.fields.aliascolnames));
}

/**
 * A query that reads itself: starts from its first branch and repeats until its lineage no longer grows. Sources are
 * only ever added and are finite, so that this ends; a bound on the passes guards against our own mistakes.
 */
function recursiveRowset(cte: Cte): Rowset {
  const query = fieldsOf(cte.fields.ctequery);
  const first = bare(query.larg);
  if (first !== null) {
    const { ledger, parent, ctes, via } = cte.scope;
    const start = analyseSelect(withCtes(openScope(ledger, parent, ctes, via), bare(query.withClause)), first);
    cte.rowset = withAddedColumns(cte, renamed(cte.scope, start, stringsOf(cte.fields.aliascolnames)));
  }
  for (let pass = 0; pass < limits.recursive_passes; pass++) {
    const next = withAddedColumns(cte, bodyRowset(cte));
    if (sourcesCount(next) === sourcesCount(cte.rowset) && next.columns.length === cte.rowset.columns.length)
      return next;
    cte.rowset = next;
  }
  loseLineage(cte.scope.ledger, "recursion");
  return cte.rowset;
}

const sourcesCount = (rows: Rowset): number => rows.columns.reduce((count, column) => count + column.sources.length, 0);

/** The columns that SEARCH and CYCLE add: they hold keys of the rows, so they hold what any column holds. */
function withAddedColumns(cte: Cte, rows: Rowset): Rowset {
  const search = bare(cte.fields.search_clause);
  const cycle = bare(cte.fields.cycle_clause);
  const names = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column].map(textOf);
  const sources = allSources(rows);
  const added = names.filter((name) => name !== "").map((name): Column => ({ name, sources, exact: false }));
  return added.length === 0 ? rows : { columns: [...rows.columns, ...added], rest: rows.rest };
}

/** `rows` with its first columns renamed. Names for columns that are not known cannot be placed: lineage is lost. */
export function renamed(scope: Scope, rows: Rowset, names: readonly string[]): Rowset {
  if (names.length === 0) return rows;
  if (rows.rest.length > 0) {
    if (rows.rest.some((loose) => loose.kind === "table")) loseLineage(scope.ledger, "renamed_unknown_columns");
    const sources = allSources(rows);
    return { columns: names.map((name) => ({ name, sources, exact: false })), rest: rows.rest };
  }
  return { columns: rows.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name })), rest: [] };
}

/**
 * Finds the common table expression a bare name means, if any; one that is still being analysed gives what is known.
 */
export function cteRowset(scope: Scope, name: string): Rowset | null {
  const cte = findCte(scope.ctes, name);
  return cte === null ? null : rowsetOfCte(cte);
}

/** The two branches of a set operation, position by position. */
export function unitedRowsets(scope: Scope, left: Rowset, right: Rowset, keeps_duplicates: boolean): Rowset {
  const columns = left.columns.map((column, i): Column => {
    const other = right.columns[i];
    const sources = union(column.sources, other?.sources ?? []);
    const same = other?.exact === true && sources.length === column.sources.length;
    return { name: column.name, sources, exact: column.exact && same };
  });
  const rows = { columns, rest: [...left.rest, ...right.rest] };
  if (rows.rest.length === 0 && left.columns.length !== right.columns.length)
    loseLineage(scope.ledger, "set_operation");
  if (!keeps_duplicates) influence(scope.ledger, allSources(rows));
  return rows;
}

/** Which table a name means, and its columns. */
import { type Access, addRelation, incomplete, loseLineage, unsure, type Via } from "../ledger.js";
import { limits } from "../limits.js";
import { sqlPath } from "../paths.js";
import { analyseQuery } from "./analyse-query.js";
import { fold, isPlainName, lookUp } from "./catalog.js";
import { NotUnderstood } from "./cursor.js";
import { type Column, openScope, type Relation, type Rowset, type Scope, spend } from "./scope.js";
import type { Path } from "./tree.js";

/** Schemas of the server's own, which no catalog lists. */
const systemSchemas = new Set(["information_schema", "performance_schema", "mysql", "sys"]);
/** System tables that show what other sessions run or what stored values are. */
const telling = /^(processlist|innodb_.*|column_statistics|jobs.*|sessions.*|streaming.*|column_stats|events_.*)$/;

/** The relation `path` means. Names are folded; without a catalog they mean plain tables as written. */
export function resolveRelation({ setting, ledger }: Scope, path: Path): Relation {
  const { catalog, schema, name } = partsOf(setting.grammar.dialect, path, setting.default_schema);
  if (path.some((part) => !isPlainName(part))) incomplete(ledger, "name_folding");
  if (name.includes("*")) unsure(ledger, `wildcard_table:${name}`);
  const isSystem = systemSchemas.has(schema);
  if (isSystem && (schema !== "information_schema" || telling.test(name))) loseLineage(ledger, `system_table:${name}`);
  if (setting.index === null || isSystem) return { catalog, schema, name, entry: null };
  const [entry = null, ...others] = lookUp(setting.index, schema, name);
  if (entry === null) incomplete(ledger, `unresolved:${sqlPath(schema, name)}`);
  if (others.length > 0) incomplete(ledger, `ambiguous_case:${sqlPath(schema, name)}`);
  return { catalog, schema, name, entry };
}

interface NameParts {
  readonly catalog: string | null;
  readonly schema: string;
  readonly name: string;
}

/** `t`, `s.t`; in BigQuery also `project.s.t`, and INFORMATION_SCHEMA behind a dataset or region. */
function partsOf(dialect: string, path: Path, default_schema: string): NameParts {
  const folded = path.map(fold);
  const [name = "", schema = default_schema, ...rest] = folded.toReversed();
  const most = dialect === "mysql" ? 2 : schema === "information_schema" ? 4 : 3;
  if (path.length > most) throw new NotUnderstood();
  return { catalog: rest.length === 0 ? null : rest.toReversed().join("."), schema, name };
}

export const isResolved = ({ setting }: Scope, relation: Relation): boolean =>
  setting.index === null || relation.entry !== null || systemSchemas.has(relation.schema);

export function noteRelation(scope: Scope, relation: Relation, access: Access, via: Via): void {
  const { catalog, schema, name } = relation;
  const resolved = isResolved(scope, relation);
  addRelation(scope.ledger, { ...(catalog === null ? {} : { catalog }), schema, name, access, via, resolved });
}

/** The columns of a table or view. Those of a table that no catalog knows are loose. */
export function rowsOf(scope: Scope, relation: Relation): Rowset {
  const { schema, name, entry } = relation;
  if (entry === null) return { columns: [], loose: [{ kind: "table", schema, name }] };
  if (entry.kind === "view") return viewRows(scope, relation);
  const columns = entry.columns.map((column): Column => {
    const folded = fold(column.name);
    // What a generated column is worked out from is not read here.
    if (column.generated !== undefined) loseLineage(scope.ledger, `generated:${sqlPath(schema, name, folded)}`);
    return { name: folded, sources: [sqlPath(schema, name, folded)], exact: true };
  });
  return { columns, loose: [] };
}

/** A view's rows are those of its query, which is read in a scope of its own. */
function viewRows(scope: Scope, { schema, name, entry }: Relation): Rowset {
  const path = sqlPath(schema, name);
  const query = entry?.definition === undefined ? null : scope.setting.readView(entry.definition);
  if (query === null || scope.view_depth >= limits.recursive_passes) {
    unsure(scope.ledger, `view:${path}`);
    return { columns: [], loose: [{ kind: "table", schema, name }] };
  }
  const { budget, ledger, view_depth } = scope;
  spend(budget, visits_of_view);
  const setting = { ...scope.setting, default_schema: schema };
  const place: Scope = { ...openScope(setting, ledger), budget, view_depth: view_depth + 1 };
  const rows = analyseQuery(place, query, "view");
  const columns = (entry?.columns ?? []).map((column, i): Column => {
    const inner = rows.columns[i];
    return { name: fold(column.name), sources: inner?.sources ?? [], exact: inner?.exact ?? false };
  });
  const isKnown = rows.loose.length === 0 && rows.columns.length === columns.length;
  if (!isKnown) loseLineage(scope.ledger, `view:${path}`);
  return { columns, loose: [] };
}

/** Reading a definition costs about as much as looking at so many columns: views that name each other end soon. */
const visits_of_view = 100;

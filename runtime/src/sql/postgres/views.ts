/** Views: their query is parsed and analysed against the same catalog, so that lineage and effects go through them. */
import type { CatalogRelation } from "../../facts/index.js";
import { sqlPath } from "../paths.js";
import { takeInventory } from "./inventory.js";
import { incomplete, type Ledger, unsure } from "./ledger.js";
import { noteRelation, type Relation, resolveRelation } from "./names.js";
import { fieldsOf, listOf, only } from "./nodes.js";
import { parse } from "./parser.js";
import { analyseQuery } from "./query.js";
import { openScope, type Rowset, type Scope, union } from "./scope.js";

/** The columns of a view: `own`, with the sources of the columns its query gives them. */
export function viewRows(scope: Scope, relation: Relation, own: Rowset): Rowset {
  const { ledger } = scope;
  const path = sqlPath(relation.schema, relation.name);
  const known = ledger.views.get(path) as Rowset | undefined;
  if (known !== undefined) return known;
  ledger.views.set(path, own); // A view cannot read itself; a catalog that says so must not hang us.
  const inner = queryRows(scope, path, relation.entry);
  if (inner.rest.length > 0 || inner.columns.length !== own.columns.length) incomplete(ledger, `view:${path}`);
  const columns = own.columns.map((column, i) => ({
    name: column.name,
    sources: union(column.sources, inner.columns[i]?.sources ?? []),
    exact: inner.columns[i]?.exact ?? false,
  }));
  const rows = { columns, rest: own.rest };
  ledger.views.set(path, rows);
  return rows;
}

function queryRows(scope: Scope, path: string, entry: CatalogRelation | null): Rowset {
  const { ledger } = scope;
  const parsed = parse(entry?.definition ?? "", ledger.setting.major);
  const [statement, more] = parsed.kind === "tree" ? parsed.statements : [];
  if (statement === undefined || more !== undefined) {
    unsure(ledger, `view:${path}`);
    return { columns: [], rest: [] };
  }
  const inventory = takeInventory(statement.stmt);
  for (const unknown of inventory.unknown) unsure(ledger, `node:${unknown}`);
  if (inventory.too_deep) unsure(ledger, `view:${path}`);
  const rows = inventory.too_deep
    ? { columns: [], rest: [] }
    : analyseQuery(openScope(ledger, null, null, "view"), statement.stmt);
  for (const { kind, fields } of inventory.expected)
    if (!ledger.reached.has(fields)) unsure(ledger, `unreached:${kind}`);
  return rows;
}

/** The tables behind a view whose rows change when the view is written to, views between them included. */
export function viewTargets(ledger: Ledger, relation: Relation, levels = 8): readonly Relation[] {
  const definition = relation.entry?.definition;
  if (definition === undefined) return [];
  const parsed = parse(definition, ledger.setting.major);
  const select = parsed.kind === "tree" ? fieldsOf(parsed.statements[0]?.stmt) : {};
  const from = listOf(select.fromClause).map((node) => only("RangeVar", node));
  if (from.length === 0 || levels === 0) unsure(ledger, `view:${sqlPath(relation.schema, relation.name)}`);
  return from.flatMap((rangeVar) => {
    if (rangeVar === null || levels === 0) {
      unsure(ledger, `view:${sqlPath(relation.schema, relation.name)}`);
      return [];
    }
    const base = resolveRelation(ledger, rangeVar);
    noteRelation(ledger, base, "write", "view");
    return [base, ...viewTargets(ledger, base, levels - 1)];
  });
}

/**
 * The columns of a relation, each with every name its values are known by: its own, those of the tables it inherits
 * from and of those that inherit from it, and for a generated column those it is worked out from. Worked out once a
 * catalog.
 */
import type { CatalogColumn } from "../../facts/index.js";
import { limits } from "../limits.js";
import { sqlPath } from "../paths.js";
import { type CatalogIndex, systemRelation } from "./catalog-index.js";
import { ingredientsOf } from "./generated-columns.js";
import { ancestors, descendants, type Pair } from "./inheritance.js";
import { type Ledger, loseLineage } from "./ledger.js";
import type { Relation } from "./names.js";
import { newestMajor } from "./parser.js";
import type { Column, Item, Rowset } from "./scope.js";

/** System relations whose rows hold values of other tables, other sessions' statements or secrets. */
const revealing = new Set([
  "pg_statistic",
  "pg_statistic_ext_data",
  "pg_stats",
  "pg_stats_ext",
  "pg_stats_ext_exprs",
  "pg_stat_activity",
  "pg_cursors",
  "pg_prepared_statements",
  "pg_largeobject",
  "pg_locks",
  "pg_indexes",
  "pg_stat_wal",
]);

interface KnownColumns {
  readonly rowset: Rowset;
  /** Why they may not be all that is to be known. */
  readonly doubts: readonly string[];
}

const known = new WeakMap<CatalogIndex, Map<string, KnownColumns>>();

/** The columns of a relation with their sources; `rest` answers for the others when the columns are not known. */
export function columnsOf(ledger: Ledger, relation: Relation, only: boolean): Rowset {
  const { index, major } = ledger.setting;
  const { schema, name } = relation;
  if (relation.system) return systemColumns(ledger, relation);
  if (relation.entry === null || index === null) return { columns: [], rest: [{ kind: "table", schema, name }] };
  const columns = cached(index, `${major} ${only} ${schema}\u0000${name}`, () =>
    tableColumns(index, relation, only, major),
  );
  for (const doubt of columns.doubts) loseLineage(ledger, doubt);
  return columns.rowset;
}

function cached(index: CatalogIndex, key: string, make: () => KnownColumns): KnownColumns {
  const byKey = known.get(index) ?? new Map<string, KnownColumns>();
  known.set(index, byKey);
  const columns = byKey.get(key) ?? make();
  byKey.set(key, columns);
  return columns;
}

function tableColumns(index: CatalogIndex, relation: Relation, only: boolean, major: number): KnownColumns {
  const { schema, name } = relation;
  const kin = [...ancestors(index, schema, name), ...(only ? [] : descendants(index, schema, name))];
  const doubts = kin.length > limits.children ? ["too_many_partitions"] : [];
  const columns = (relation.entry?.columns ?? []).map((column): Column => {
    const ingredients = ingredientsOf(column, major);
    if (ingredients === null) doubts.push(`generated:${sqlPath(schema, name, column.name)}`);
    return {
      name: column.name,
      sources: sourcesOf(index, relation, kin, column, ingredients ?? []),
      exact: column.generated === undefined,
    };
  });
  return { rowset: { columns, rest: [] }, doubts };
}

const sourcesOf = (
  index: CatalogIndex,
  relation: Relation,
  kin: readonly Pair[],
  column: CatalogColumn,
  ingredients: readonly string[],
): readonly string[] =>
  [column.name, ...ingredients].flatMap((own) => [
    sqlPath(relation.schema, relation.name, own),
    ...kinColumns(index, kin, own),
  ]);

const kinColumns = (index: CatalogIndex, kin: readonly Pair[], column: string): readonly string[] =>
  kin
    .filter(([schema, name]) => index.relation(schema, name)?.columns.some((own) => own.name === column))
    .map(([schema, name]) => sqlPath(schema, name, column));

function systemColumns(ledger: Ledger, relation: Relation): Rowset {
  if (relation.schema === "pg_catalog" && revealing.has(relation.name)) loseLineage(ledger, `reveals:${relation.name}`);
  const entry = systemRelation(relation.schema, relation.name);
  const older = ledger.setting.major === newestMajor ? [] : (entry?.older ?? []);
  const columns = [...(entry?.columns ?? []), ...older].map((name) => ({
    name,
    sources: [sqlPath(relation.schema, relation.name, name)],
    exact: true,
  }));
  return { columns, rest: [] };
}

/** Whether `*` over a relation gives the columns we know, in this order, on this server. */
export function starIsCertain(ledger: Ledger, relation: Relation): boolean {
  if (!relation.system || ledger.setting.major === newestMajor) return true;
  return systemRelation(relation.schema, relation.name)?.stable ?? false;
}

/** A relation that a statement is about, as an item that its columns can be asked of. */
export const itemOf = (ledger: Ledger, relation: Relation, alias = ""): Item => ({
  alias: alias || relation.name,
  schema: relation.schema,
  relation,
  star_certain: true,
  ...columnsOf(ledger, relation, false),
});

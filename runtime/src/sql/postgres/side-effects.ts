/**
 * What a change of rows does beyond its own words: code of users that it sets off, in the table, its partitions and the tables
 * that foreign keys change with it; and the stored values that constraints compare it with, whose answer is an error or none.
 */
import type { CatalogComparison } from "../../facts/index.js";
import { sqlPath } from "../paths.js";
import type { CatalogIndex } from "./catalog-index.js";
import { descendants, type Pair, reachableFrom } from "./inheritance.js";
import { addRelation, influence, type Ledger, unsure } from "./ledger.js";
import type { Relation } from "./names.js";
import { rowSources } from "./references.js";
import { itemOf } from "./relation-columns.js";
import { columnIn, type Item } from "./scope.js";

/** How rows change. `written`: names of the columns that get values; null for all of them. */
export interface RowChange {
  readonly kind: "insert" | "update" | "delete";
  readonly written: readonly string[] | null;
}

/** Writes down what follows from `change` of rows of `relation`. */
export function noteSideEffects(ledger: Ledger, relation: Relation, change: RowChange): void {
  const { index } = ledger.setting;
  const own: Pair = [relation.schema, relation.name];
  const changed = [own, ...descendants(index, ...own)];
  const cascaded = cascadesOf(index, changed, change);
  for (const [schema, name] of cascaded)
    addRelation(ledger, { schema, name, access: "write", via: "reference", resolved: true });
  noteHiddenCode(ledger, [...changed, ...cascaded]);
  for (const pair of changed)
    for (const each of comparisonsOf(index, pair))
      if (applies(each, change)) noteComparison(ledger, pair, each, change);
}

const comparisonsOf = (index: CatalogIndex | null, pair: Pair): readonly CatalogComparison[] =>
  index?.relation(...pair)?.compared ?? [];

/** Tables that change along: when rows go, or get another key. */
function cascadesOf(index: CatalogIndex | null, changed: readonly Pair[], change: RowChange): readonly Pair[] {
  const isKeyChange = changed.some((pair) =>
    comparisonsOf(index, pair).some((each) => each.by === "referenced" && applies(each, change)),
  );
  if (index === null || !isKeyChange) return [];
  const next = (pair: Pair): readonly Pair[] => [
    ...(index.relation(...pair)?.cascades ?? []),
    ...index.children(...pair),
  ];
  const isOther = (pair: Pair): boolean => !changed.some((own) => sqlPath(...own) === sqlPath(...pair));
  return reachableFrom(changed, next).filter(isOther);
}

/** Triggers, rules, defaults and checks of `relations` that run code which nobody here has read. */
export function noteHiddenCode(ledger: Ledger, relations: readonly Pair[]): void {
  for (const pair of relations)
    if (ledger.setting.index?.relation(...pair)?.has_triggers) unsure(ledger, `triggers:${sqlPath(...pair)}`);
}

/** Whether the server makes the comparison for this change. */
function applies({ by, columns }: CatalogComparison, { kind, written }: RowChange): boolean {
  const isWritten = kind !== "delete" && (written === null || columns.some((column) => written.includes(column)));
  if (by === "referenced") return kind === "delete" || (kind === "update" && isWritten);
  return isWritten && !(by === "check" && kind === "insert");
}

function noteComparison(ledger: Ledger, table: Pair, comparison: CatalogComparison, { written }: RowChange): void {
  const { by, columns } = comparison;
  // A check sees what is written and what stands beside it; only the latter was there before.
  const stored = by === "check" ? comparison.with.filter(([, , name]) => !written?.includes(name)) : comparison.with;
  for (const path of stored) influence(ledger, storedSources(ledger, path));
  if (by === "referenced") for (const name of columns) influence(ledger, storedSources(ledger, [...table, name]));
}

const itemAt = (ledger: Ledger, schema: string, name: string): Item => {
  const entry = ledger.setting.index?.relation(schema, name) ?? null;
  return itemOf(ledger, {
    database: null,
    schema,
    name,
    resolved: true,
    entry,
    system: false,
    assumed: entry === null,
  });
};

/** Sources of a stored column, under every name its values are known by. */
const storedSources = (ledger: Ledger, [schema, table, column]: readonly [string, string, string]): readonly string[] =>
  columnIn(itemAt(ledger, schema, table), column)?.sources ?? [];

/** All that a table holds. */
export const storedInAll = (ledger: Ledger, [schema, name]: Pair): readonly string[] =>
  rowSources(ledger, itemAt(ledger, schema, name));

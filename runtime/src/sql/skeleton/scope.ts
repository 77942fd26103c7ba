/**
 * Names in sight, and what a reference to a column can mean. Where several candidates fit, all of them count: more sources are
 * safe, fewer are not.
 */

import type { CatalogRelation } from "../../facts/index.js";
import type { Column, Loose } from "../columns.js";
import { type Ledger, loseLineage } from "../ledger.js";
import { limits } from "../limits.js";
import { sqlPath } from "../paths.js";
import { type CatalogIndex, fold, isPlainName } from "./catalog.js";
import type { FunctionTable } from "./functions.js";
import type { Grammar } from "./grammar.js";
import type { Path, Query } from "./tree.js";

/** What all statements of a text have in common. */
export interface Setting {
  readonly grammar: Grammar;
  readonly index: CatalogIndex | null;
  /** Schema of names that name none; empty when it is not known. */
  readonly default_schema: string;
  readonly functions: FunctionTable;
  /** Names, folded, that may be variables of a script instead of columns. */
  readonly variables: ReadonlySet<string>;
  /** Reads the query of a view; null when it is not understood. */
  readonly readView: (definition: string) => Query | null;
}

export type { Column, Loose };

/** Columns in order; with `loose`, any other column of those tables may be among them. */
export interface Rowset {
  readonly columns: readonly Column[];
  readonly loose: readonly Loose[];
}

/** A source of FROM that names can refer to. */
export interface Item extends Rowset {
  /** Folded; empty for a table without an alias, which its own names stand for. */
  readonly alias: string;
  /** The table itself; null for anything computed. */
  readonly table: Relation | null;
}

export interface Relation {
  readonly catalog: string | null;
  readonly schema: string;
  readonly name: string;
  /** Null when no catalog knows it. */
  readonly entry: CatalogRelation | null;
}

export interface CteEntry {
  /** As written: some servers tell names apart by case. */
  readonly name: string;
  readonly rows: Rowset;
}

/** What a statement may still cost: shared by all its scopes. */
export interface Budget {
  visits_left: number;
}

/** Looking at `count` columns or sources is more than a statement may cost. */
export class TooComplex extends Error {}

export function spend(budget: Budget, count: number): void {
  budget.visits_left -= count;
  if (budget.visits_left < 0) throw new TooComplex();
}

export interface Scope {
  readonly setting: Setting;
  readonly ledger: Ledger;
  readonly budget: Budget;
  readonly items: Item[];
  readonly ctes: ReadonlyMap<string, CteEntry>;
  readonly outer: Scope | null;
  /** How many views deep it is. */
  readonly view_depth: number;
}

export const openScope = (setting: Setting, ledger: Ledger): Scope => ({
  setting,
  ledger,
  budget: { visits_left: limits.visits },
  items: [],
  ctes: new Map(),
  outer: null,
  view_depth: 0,
});

export const innerScope = (outer: Scope): Scope => ({ ...outer, items: [], outer });

/** What a reference may be. */
export interface Candidate {
  readonly column: Column;
  readonly item: Item;
}

/** Every column that `path` can refer to, nearest scope first. */
export function candidatesOf(scope: Scope, path: Path): readonly Candidate[] {
  for (const name of path) if (!isPlainName(name)) loseLineage(scope.ledger, "name_folding");
  const names = path.map(fold);
  const { setting } = scope;
  if (setting.variables.size > 0 && setting.variables.has(names[0] ?? "")) loseLineage(scope.ledger, "variable");
  const hasFields = setting.grammar.dialect === "bigquery";
  const found: Candidate[] = [];
  for (let place: Scope | null = scope; place !== null; place = place.outer) {
    spend(scope.budget, place.items.length);
    const before = found.length;
    addCandidates(place, names, hasFields, found);
    // A table whose columns are known hides those of outer scopes.
    if (found.length > before && found.every(({ item }) => item.loose.length === 0)) break;
  }
  return found;
}

function addCandidates({ items, budget }: Scope, names: Path, hasFields: boolean, found: Candidate[]): void {
  // The name of a table goes before a column of that name, of which the rest would be fields.
  const isQualified = names.length > 1 && items.some((item) => (stepBehind(item, names, hasFields) ?? 0) > 0);
  for (const item of items) {
    const step = stepBehind(item, names, hasFields);
    const name = step === null || (isQualified && step === 0) ? undefined : names[step];
    if (name === undefined) continue;
    spend(budget, item.columns.length + item.loose.length);
    const isField = step !== names.length - 1;
    for (const column of columnsNamed(item, name))
      found.push({ item, column: isField ? { ...column, exact: false } : column });
  }
}

/** Position in `names` of the column's name when they may refer to `item`; null when they cannot. */
function stepBehind(item: Item, names: Path, hasFields: boolean): number | null {
  if (names.length === 1) return 0;
  const [first = "", second = ""] = names;
  if (item.alias !== "" && item.alias === first && (hasFields || names.length === 2)) return 1;
  if (item.alias === "" && item.table !== null) {
    if (item.table.name === first && (hasFields || names.length === 2)) return 1;
    if (item.table.schema === first && item.table.name === second && names.length > 2) return 2;
  }
  // `column.field`.
  return hasFields ? 0 : null;
}

/** The columns of `rows` that `name`, folded, can mean. */
export function columnsNamed(rows: Rowset, name: string): readonly Column[] {
  const known = rows.columns.filter((column) => column.name === name);
  if (known.length > 0) return known;
  return rows.loose.map((loose) => {
    if (loose.kind === "value") return { name, sources: loose.sources, exact: false };
    const exact = rows.loose.length === 1 && rows.columns.length === 0;
    return { name, sources: [sqlPath(loose.schema, loose.name, name)], exact };
  });
}

export const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())];

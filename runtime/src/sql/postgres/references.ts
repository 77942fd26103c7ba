/**
 * What a column reference means: a column, a whole row, or, in PostgreSQL's attribute notation, a call of a function
 * with a row as its argument.
 */

import { noteCall } from "./calls.js";
import { mayBeFunction } from "./functions.js";
import { incomplete, type Ledger, loseLineage } from "./ledger.js";
import { type Fields, kindOf, listOf, stringsOf } from "./nodes.js";
import { allSources, type Column, columnIn, findColumn, findItem, type Item, type Scope, unionAll } from "./scope.js";

export type Reference =
  | { readonly kind: "column"; readonly column: Column }
  | { readonly kind: "row"; readonly item: Item }
  /** `*` or `alias.*`; null stands for every item of the scope. */
  | { readonly kind: "star"; readonly item: Item | null }
  | { readonly kind: "nothing" };

const systemColumns = new Set(["tableoid", "xmin", "xmax", "cmin", "cmax"]);
const nothing: Reference = { kind: "nothing" };

/** Resolves a `ColumnRef`. What cannot be resolved is reported in the ledger and gives `nothing`. */
export function resolveReference(scope: Scope, reference: Fields): Reference {
  scope.ledger.reached.add(reference);
  const members = listOf(reference.fields);
  const names = stringsOf(members);
  const star = kindOf(members.at(-1)) === "A_Star";
  const [first = "", second = "", third = ""] = names.slice(-3 + (star ? 1 : 0));
  if (star) return names.length === 0 ? { kind: "star", item: null } : starOf(scope, names);
  if (names.length === 1) return bareName(scope, first);
  if (names.length === 2) return memberOf(scope, findItem(scope, null, first), second);
  return memberOf(scope, findItem(scope, first, second), third);
}

function starOf(scope: Scope, names: readonly string[]): Reference {
  const item = findItem(scope, names.at(-2) ?? null, names.at(-1) ?? "");
  if (item !== null) return { kind: "star", item };
  incomplete(scope.ledger, `unknown_column:${names.join(".")}.*`);
  return nothing;
}

function bareName(scope: Scope, name: string): Reference {
  const column = findColumn(scope, name);
  const item = findItem(scope, null, name);
  if (column !== null) {
    // A relation without known columns may or may not have one of this name; else the name is the row itself.
    if (item !== null && onlyAssumed(scope, name)) loseLineage(scope.ledger, `row_or_column:${name}`);
    return { kind: "column", column };
  }
  if (item !== null) return { kind: "row", item };
  if (name === "ctid") return { kind: "column", column: placeOf(scope.items) };
  if (systemColumns.has(name)) return { kind: "column", column: { name, sources: [], exact: false } };
  incomplete(scope.ledger, `unknown_column:${name}`);
  return nothing;
}

/** Where a row is stored depends on the sizes of the rows before it. */
const placeOf = (items: readonly Item[]): Column => ({
  name: "ctid",
  sources: unionAll(items.map(allSources)),
  exact: false,
});

function onlyAssumed(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent)
    if (at.visible.some((rowset) => rowset.columns.some((column) => column.name === name))) return false;
  return true;
}

function memberOf(scope: Scope, item: Item | null, name: string): Reference {
  if (item === null) {
    incomplete(scope.ledger, `unknown_column:${name}`);
    return nothing;
  }
  const column = columnIn(item, name);
  if (column !== null) return { kind: "column", column };
  if (name === "ctid" && item.relation !== null) return { kind: "column", column: placeOf([item]) };
  if (systemColumns.has(name) && item.relation !== null)
    return { kind: "column", column: { name, sources: [], exact: false } };
  return { kind: "column", column: attributeCall(scope.ledger, name, allSources(item)) };
}

/** `row.name` where `name` is no column of the row: a call of the function `name`, if there is one. */
export function attributeCall(ledger: Ledger, name: string, sources: readonly string[]): Column {
  if (mayBeFunction(name, ledger.setting.index)) noteCall(ledger, null, name, sources);
  else incomplete(ledger, `unknown_column:${name}`);
  return { name, sources, exact: false };
}

/** Every source of an item taken as one value. Columns that are not known cannot be named: lineage is lost then. */
export function rowSources(ledger: Ledger, item: Item): readonly string[] {
  if (item.rest.some((loose) => loose.kind === "table")) loseLineage(ledger, `unknown_columns:${item.alias}`);
  return allSources(item);
}

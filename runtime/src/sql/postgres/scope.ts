/**
 * Names that are visible at one place of a statement. A scope has *items* (what `alias.column` looks at) and *visible*
 * rowsets (what a bare `column` looks at: after a JOIN .. USING they are not the same). An inner scope is asked first.
 * Where several candidates fit, all of them are taken: more sources are safe, fewer are not.
 */

import type { Column, Loose } from "../columns.js";
import { sqlPath } from "../paths.js";
import type { Ledger, Via } from "./ledger.js";
import type { Relation } from "./names.js";
import type { Fields } from "./nodes.js";

export type { Column, Loose };

/** Columns in order; with `rest`, there are others among them whose names are not known. */
export interface Rowset {
  readonly columns: readonly Column[];
  readonly rest: readonly Loose[];
}

export const noRows: Rowset = { columns: [], rest: [] };

/** A member of a FROM list. */
export interface Item extends Rowset {
  readonly alias: string;
  /** Schema by which the item can be qualified; null when it has an alias or is no relation. */
  readonly schema: string | null;
  /** The relation it reads; null for subqueries, functions and joins. */
  readonly relation: Relation | null;
  /** Whether `*` gives exactly `columns`. */
  readonly star_certain: boolean;
}

export interface Cte {
  readonly fields: Fields;
  /** Where its query stands: outer columns and earlier common table expressions. */
  readonly scope: Scope;
  readonly recursive: boolean;
  state: "waiting" | "busy" | "done";
  rowset: Rowset;
}

export interface CteScope {
  readonly parent: CteScope | null;
  readonly entries: ReadonlyMap<string, Cte>;
}

export interface Scope {
  readonly ledger: Ledger;
  readonly parent: Scope | null;
  readonly ctes: CteScope | null;
  /** How relations that are read here stand in the statement. */
  readonly via: Via;
  readonly items: Item[];
  readonly visible: Rowset[];
}

export const openScope = (
  ledger: Ledger,
  parent: Scope | null,
  ctes: CteScope | null,
  via: Via,
  items: readonly Item[] = [],
): Scope => ({ ledger, parent, ctes, via, items: [...items], visible: [...items] });

/** A scope inside `outer`, with the same common table expressions. */
export const innerScope = (outer: Scope, items: readonly Item[] = []): Scope =>
  openScope(outer.ledger, outer, outer.ctes, outer.via, items);

export function findCte(ctes: CteScope | null, name: string): Cte | null {
  for (let at = ctes; at !== null; at = at.parent) {
    const cte = at.entries.get(name);
    if (cte !== undefined) return cte;
  }
  return null;
}

const none: readonly string[] = [];

/** The union of two lists of sources, in order of first appearance. */
export function union(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return b;
  if (b.length === 0 || a === b) return a;
  const missing = b.filter((source) => !a.includes(source));
  return missing.length === 0 ? a : [...a, ...missing];
}

export const unionAll = (lists: readonly (readonly string[])[]): readonly string[] => lists.reduce(union, none);

/** Every source of a rowset: what a whole-row value is made of. */
export const allSources = (rowset: Rowset): readonly string[] =>
  unionAll([...rowset.columns.map((column) => column.sources), ...rowset.rest.map(looseSources)]);

const looseSources = (loose: Loose): readonly string[] => (loose.kind === "value" ? loose.sources : none);

/** What `name` is in `rowset`: one column, several merged, or null. */
export function columnIn(rowset: Rowset, name: string): Column | null {
  const matches = rowset.columns.filter((column) => column.name === name);
  return merge(name, matches.length > 0 ? matches : rowset.rest.map((loose) => looseColumn(loose, name)));
}

const looseColumn = (loose: Loose, name: string): Column =>
  loose.kind === "table"
    ? { name, sources: [sqlPath(loose.schema, loose.name, name)], exact: true }
    : { name, sources: loose.sources, exact: false };

function merge(name: string, columns: readonly Column[]): Column | null {
  const [first] = columns;
  if (first === undefined || columns.length === 1) return first ?? null;
  return { name, sources: unionAll(columns.map((column) => column.sources)), exact: false };
}

/** What a bare `name` is, innermost scope first; candidates that are only possible do not hide outer ones. */
export function findColumn(scope: Scope, name: string): Column | null {
  const found: Column[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const listed = at.visible.filter((rowset) => rowset.columns.some((column) => column.name === name));
    const candidates = listed.length > 0 ? listed : at.visible.filter((rowset) => rowset.rest.length > 0);
    for (const rowset of candidates) {
      const column = columnIn(rowset, name);
      if (column !== null) found.push(column);
    }
    if (listed.length > 0) break;
  }
  return merge(name, found);
}

export function findItem(scope: Scope, schema: string | null, alias: string): Item | null {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const item = at.items.findLast((it) => it.alias === alias && (schema === null || it.schema === schema));
    if (item !== undefined) return item;
  }
  return null;
}

/**
 * Names of a catalog, found whatever their case. Whether tables are told apart by case depends on the server and its file
 * system. So facts give all names in lower case, and a rule meets a table however it is spelled; a catalog in which two names
 * differ by case alone leaves both uncertain, so that a grant for one is none for the other.
 */
import type { Catalog, CatalogRelation } from "../../facts/index.js";

export interface CatalogIndex {
  readonly default_schema: string;
  /** By `schema NUL name`, folded: all relations whose names fold to these. */
  readonly relations: ReadonlyMap<string, readonly CatalogRelation[]>;
  /** Names of the functions that users made, folded. Which names are built in depends on the server and its version. */
  readonly functions: ReadonlySet<string>;
}

/** Lower case. What it does beyond ASCII need not be what a server does: see `isPlainName`. */
export const fold = (name: string): string => name.toLowerCase();

/** Whether every server folds the name as we do. */
export function isPlainName(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return false;
  return true;
}

const key = (schema: string, name: string): string => `${fold(schema)}\0${fold(name)}`;

const indexes = new WeakMap<Catalog, CatalogIndex>();

/** The index of `catalog`, built once. O(relations). */
export function indexOf(catalog: Catalog): CatalogIndex {
  const known = indexes.get(catalog);
  if (known !== undefined) return known;
  const relations = new Map<string, CatalogRelation[]>();
  for (const [schema, members] of Object.entries(catalog.schemas))
    for (const [name, relation] of Object.entries(members)) {
      const same = relations.get(key(schema, name)) ?? [];
      relations.set(key(schema, name), [...same, relation]);
    }
  const functions = new Set(catalog.functions?.map(fold));
  const index = { default_schema: fold(catalog.search_path[0] ?? ""), relations, functions };
  indexes.set(catalog, index);
  return index;
}

export const lookUp = (index: CatalogIndex, schema: string, name: string): readonly CatalogRelation[] =>
  index.relations.get(key(schema, name)) ?? [];

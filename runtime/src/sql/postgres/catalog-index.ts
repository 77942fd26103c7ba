/**
 * A catalog made ready for look-ups: who inherits from whom, which names are taken by user code, what comes first.
 * Built once a catalog object and kept as long as that object lives. All look-ups go by own properties, because a table
 * may be called `constructor`.
 */
import type { Catalog, CatalogRelation } from "../../facts/catalog.js";
import { builtinOperators, builtinTypes } from "./data/functions.generated.js";
import { systemRelations } from "./data/relations.generated.js";

export interface CatalogIndex {
  readonly relation: (schema: string, name: string) => CatalogRelation | null;
  /** Schemas searched for an unqualified relation, in order, the implicit ones included. */
  readonly search_order: readonly string[];
  readonly temp_schema: string | null;
  /** Whether built-in functions, types and operators come before those of any other schema. */
  readonly builtins_first: boolean;
  readonly children: (schema: string, name: string) => readonly (readonly [string, string])[];
  readonly functions: ReadonlySet<string>;
  readonly operators: ReadonlySet<string>;
  /** Names of built-in types that user types have too. */
  readonly types: ReadonlySet<string>;
  /** Names of types of users that run nothing of theirs. */
  readonly plain_types: ReadonlySet<string>;
  /** Whether casts run user code: they need not be written to be used. */
  readonly casts_call: boolean;
  /** Names of the relations of a schema. */
  readonly relationsIn: (schema: string) => readonly string[];
  /**
   * Whether the catalog lists functions at all; without it a name that is not built in may or may not be a function.
   */
  readonly lists_functions: boolean;
}

export interface SystemRelation {
  readonly columns: readonly string[];
  /** Columns that only older servers have. */
  readonly older: readonly string[];
  /** Whether the columns are the same, in the same order, in every supported version. */
  readonly stable: boolean;
}

const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

export const isBuiltinType: (name: string) => boolean = (
  (set) => (name: string) =>
    set.has(name)
)(new Set(wordsOf(builtinTypes)));
export const isBuiltinOperator: (name: string) => boolean = (
  (set) => (name: string) =>
    set.has(name)
)(new Set(wordsOf(builtinOperators)));

const systemSchemas: ReadonlyMap<string, Map<string, SystemRelation>> = new Map([
  ["pg_catalog", new Map()],
  ["information_schema", new Map()],
]);

for (const line of systemRelations.trim().split(/\n(?! )/)) {
  const [path = "", ...names] = wordsOf(line);
  const [schema = "", name = ""] = path.replace("!", "").split(".");
  const columns = names.filter((column) => !column.startsWith("-"));
  const older = names.slice(columns.length).map((column) => column.slice(1));
  systemSchemas.get(schema)?.set(name, { columns, older, stable: !path.endsWith("!") });
}

/** A table or view that every server has, of `pg_catalog` or `information_schema`. */
export const systemRelation = (schema: string, name: string): SystemRelation | null =>
  systemSchemas.get(schema)?.get(name) ?? null;

const indexes = new WeakMap<Catalog, CatalogIndex>();

export function indexOf(catalog: Catalog): CatalogIndex {
  const known = indexes.get(catalog);
  if (known !== undefined) return known;
  const index = buildIndex(catalog);
  indexes.set(catalog, index);
  return index;
}

function buildIndex(catalog: Catalog): CatalogIndex {
  const temp_schema = catalog.temp_schema ?? (Object.hasOwn(catalog.schemas, "pg_temp") ? "pg_temp" : null);
  const path = catalog.search_path;
  const implicit = [temp_schema, "pg_catalog"].filter((schema) => schema !== null && !path.includes(schema));
  const children = childrenByParent(catalog);
  return {
    relation: (schema, name) => relationIn(catalog, schema, name),
    search_order: [...implicit.filter((schema) => schema !== null), ...path],
    temp_schema,
    builtins_first: !path.includes("pg_catalog") || path[0] === "pg_catalog",
    children: (schema, name) => children.get(`${schema}\u0000${name}`) ?? [],
    functions: new Set(catalog.functions ?? []),
    operators: new Set(catalog.operators ?? []),
    types: new Set(catalog.types ?? []),
    plain_types: new Set(catalog.plain_types ?? []),
    casts_call: catalog.casts_call === true,
    relationsIn: (schema) => (Object.hasOwn(catalog.schemas, schema) ? Object.keys(catalog.schemas[schema] ?? {}) : []),
    lists_functions: catalog.functions !== undefined,
  };
}

function relationIn(catalog: Catalog, schema: string, name: string): CatalogRelation | null {
  if (!Object.hasOwn(catalog.schemas, schema)) return null;
  const relations = catalog.schemas[schema] ?? {};
  return Object.hasOwn(relations, name) ? (relations[name] ?? null) : null;
}

function childrenByParent(catalog: Catalog): ReadonlyMap<string, (readonly [string, string])[]> {
  const children = new Map<string, (readonly [string, string])[]>();
  for (const [schema, relations] of Object.entries(catalog.schemas))
    for (const [name, relation] of Object.entries(relations))
      for (const parent of relation.parents ?? []) {
        const key = parent.join("\u0000");
        const list = children.get(key) ?? [];
        list.push([schema, name]);
        children.set(key, list);
      }
  return children;
}

/**
 * Which relation a name means. As the server: temporary tables first, then `pg_catalog`, then the search path; a
 * written schema decides. Without a catalog, names are plain tables as written, in `public` when no schema is written.
 */
import type { CatalogRelation, SqlRelation } from "../../facts/index.js";
import { sqlPath } from "../paths.js";
import { type CatalogIndex, systemRelation } from "./catalog-index.js";
import { descendants } from "./inheritance.js";
import { type Access, addRelation, incomplete, type Ledger, type Via } from "./ledger.js";
import { type Fields, textOf } from "./nodes.js";

export interface Relation {
  readonly database: string | null;
  readonly schema: string;
  readonly name: string;
  readonly resolved: boolean;
  /** From the catalog; null for system relations, unresolved names, and without a catalog. */
  readonly entry: CatalogRelation | null;
  readonly system: boolean;
  /** Whether the columns are not known and any name is taken for one. */
  readonly assumed: boolean;
}

export function resolveRelation(ledger: Ledger, rangeVar: Fields): Relation {
  const { index } = ledger.setting;
  const name = textOf(rangeVar.relname);
  const database = textOf(rangeVar.catalogname) || null;
  const written = textOf(rangeVar.schemaname);
  const schema = written === "pg_temp" && index?.temp_schema ? index.temp_schema : written;
  const found = schema === "" ? searchRelation(index, name) : lookUp(index, schema, name);
  if (found !== null) return database === null ? found : { ...found, database };
  const resolved = index === null;
  return {
    database,
    schema: schema || (index?.search_order.at(-1) ?? "public"),
    name,
    resolved,
    entry: null,
    system: false,
    assumed: true,
  };
}

function searchRelation(index: CatalogIndex | null, name: string): Relation | null {
  for (const schema of index?.search_order ?? ["pg_catalog"]) {
    const found = lookUp(index, schema, name);
    if (found !== null) return found;
  }
  return null;
}

function lookUp(index: CatalogIndex | null, schema: string, name: string): Relation | null {
  const entry = index?.relation(schema, name) ?? null;
  const system = entry === null;
  if (system && systemRelation(schema, name) === null) return null;
  return { database: null, schema, name, resolved: true, entry, system, assumed: false };
}

/**
 * The relation a new one will be: in the written schema, the session's temporary one, or the first of the search path.
 */
export function newRelation(ledger: Ledger, rangeVar: Fields): Relation {
  const { index } = ledger.setting;
  const temporary = rangeVar.relpersistence === "t" || rangeVar.schemaname === "pg_temp";
  const path = index?.search_order.filter((schema) => schema !== "pg_catalog" && schema !== index.temp_schema);
  const schema = temporary ? (index?.temp_schema ?? "pg_temp") : textOf(rangeVar.schemaname) || (path?.[0] ?? "public");
  const database = textOf(rangeVar.catalogname) || null;
  return {
    database,
    schema,
    name: textOf(rangeVar.relname),
    resolved: true,
    entry: null,
    system: false,
    assumed: true,
  };
}

/** Writes down that the statement touches `relation`, its heirs included unless it says ONLY. */
export function noteRelation(ledger: Ledger, relation: Relation, access: Access, via: Via, heirs = true): void {
  addRelation(ledger, factOf(relation, access, via));
  if (!relation.resolved) incomplete(ledger, `unresolved:${sqlPath(relation.schema, relation.name)}`);
  if (!heirs) return;
  for (const [schema, name] of descendants(ledger.setting.index, relation.schema, relation.name))
    addRelation(ledger, factOf({ ...relation, schema, name }, access, "reference"));
}

function factOf({ database, schema, name, resolved }: Relation, access: Access, via: Via): SqlRelation {
  const fact = { schema, name, access, via, resolved };
  return database === null ? fact : { catalog: database, ...fact };
}

/**
 * What a database holds, as far as facts need it. Read by a gateway on the client's own upstream session, or from a
 * catalog file (DESIGN section 8). Names are as the server stores them; nothing is folded here.
 */
export interface Catalog {
  /** Schemas in the order names are looked up; `pg_catalog` only when the session lists it itself, else it comes first. */
  readonly search_path: readonly string[];
  readonly schemas: { readonly [schema: string]: { readonly [relation: string]: CatalogRelation } };
  /** Names of the functions, operators and casts that are not built in, so that a call by such a name is not known. */
  readonly functions?: readonly string[];
  readonly operators?: readonly string[];
  /** The session's own schema of temporary tables, which is searched before all others. */
  readonly temp_schema?: string;
}

export interface CatalogRelation {
  readonly columns: readonly CatalogColumn[];
  readonly kind?: "table" | "view" | "sequence" | "foreign";
  /** The query of a view. What a view without one reads is not known. */
  readonly definition?: string;
  /** Columns of the primary key. */
  readonly key?: readonly string[];
  /** Whether triggers, rules, defaults or constraints make a change do more than it says. */
  readonly has_triggers?: boolean;
  /** The table this one inherits from or is a partition of, as [schema, name]: its labels hold here too. */
  readonly parents?: readonly (readonly [string, string])[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  /** The expression a generated column is worked out from. */
  readonly generated?: string;
}

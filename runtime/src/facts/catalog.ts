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
  /** Names of built-in types that types of users have too. */
  readonly types?: readonly string[];
  /** Names that stand only for types of users whose values run nothing of theirs: enums, and domains over built-in types. */
  readonly plain_types?: readonly string[];
  /** Whether a cast, written or implicit, may run a function that is not built in and not written in C. */
  readonly casts_call?: boolean;
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
  /** Whether reading it runs functions that are not built in: those of its row security policies. */
  readonly reads_call?: boolean;
  /** What the values of a change are compared with, beyond the statement's own words: an error, or none, tells the client. */
  readonly compared?: readonly CatalogComparison[];
  /** Tables whose rows change with this one's rows, by actions of foreign keys, as [schema, name]. */
  readonly cascades?: readonly (readonly [string, string])[];
  /** The table this one inherits from or is a partition of, as [schema, name]: its labels hold here too. */
  readonly parents?: readonly (readonly [string, string])[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  /** The expression a generated column is worked out from. */
  readonly generated?: string;
}

/** A constraint as a way to ask. */
export interface CatalogComparison {
  /**
   * `unique`: written values, with those stored. `references`: written values, with those of another table. `check`: what is
   * written, with the rest of its row. `referenced`: rows that go or change, with those of another table.
   */
  readonly by: "unique" | "references" | "check" | "referenced";
  readonly columns: readonly string[];
  /** As [schema, table, column]. */
  readonly with: readonly (readonly [string, string, string])[];
}

/**
 * The skeleton of a statement: what decides facts, and no more. Lists stay flat (a chain of ANDs, of UNIONs, of joins is one
 * list), so that only what is written in brackets is nested. Names are as written, without quotes.
 */

/** `a`, `t.a`, `s.t.a`: one entry a part. */
export type Path = readonly string[];

export type Expression =
  | { readonly kind: "null" | "parameter" | "constant" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "truth"; readonly value: boolean }
  /** `@x`, `@@x`: what it holds was put there by another statement or by the server. */
  | { readonly kind: "variable"; readonly is_system: boolean }
  | { readonly kind: "name"; readonly path: Path }
  | Call
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "comparison"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "membership";
      readonly value: Expression;
      readonly items: readonly Expression[];
      readonly negated: boolean;
    }
  | {
      readonly kind: "between";
      readonly value: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | { readonly kind: "like"; readonly value: Expression; readonly pattern: Expression; readonly negated: boolean }
  | { readonly kind: "is_null"; readonly value: Expression; readonly negated: boolean }
  | { readonly kind: "exists" | "subquery"; readonly query: Query }
  /** `@x := v`: the value leaves the statement by another way than its output. */
  | { readonly kind: "assignment"; readonly value: Expression }
  /** Any other value, made of its operands. */
  | { readonly kind: "operation"; readonly operands: readonly Expression[] };

export interface Call {
  readonly kind: "call";
  readonly path: Path;
  readonly args: readonly Expression[];
  /** Whether a blank stands before the bracket, which in MySQL can make another function of it. */
  readonly is_spaced: boolean;
}

export interface Query {
  readonly ctes: readonly Cte[];
  readonly is_recursive: boolean;
  /** Branches of UNION, INTERSECT and EXCEPT. */
  readonly branches: readonly Branch[];
  /** Whether branches are compared with each other: all but UNION ALL. */
  readonly compares: boolean;
  readonly order: readonly Expression[];
  /** Literal count of LIMIT; null without one. */
  readonly limit: number | null;
  /** Expressions of LIMIT and OFFSET. */
  readonly bounds: readonly Expression[];
  readonly locks: boolean;
  readonly into: Into | null;
}

export interface Cte {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly query: Query;
}

export type Branch =
  | Select
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "values"; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: "table"; readonly table: Table };

export interface Select {
  readonly kind: "select";
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: From;
  readonly where: Expression | null;
  /** GROUP BY, HAVING, QUALIFY and named windows. */
  readonly influences: readonly Expression[];
  readonly into: Into | null;
}

export type SelectItem =
  | { readonly kind: "value"; readonly value: Expression; readonly name: string | null }
  /** `*`, `t.*`; `changed` when columns are left out or replaced, by the expressions in `replaced`. */
  | { readonly kind: "star"; readonly path: Path; readonly changed: boolean; readonly replaced: readonly Expression[] };

export type Into = { readonly kind: "file" } | { readonly kind: "variables" };

export interface From {
  readonly sources: readonly Source[];
  /** ON of inner joins: they limit rows as WHERE does. */
  readonly conditions: readonly Expression[];
  /** ON of outer joins, and columns of USING. */
  readonly influences: readonly Expression[];
  /** Whether columns of several tables become one: NATURAL, USING. */
  readonly merges_columns: boolean;
}

export type Source =
  | Table
  | {
      readonly kind: "derived";
      readonly query: Query;
      readonly alias: string;
      readonly columns: readonly string[] | null;
      /** Whether it sees the sources before it. */
      readonly is_lateral: boolean;
    }
  /** UNNEST, JSON_TABLE and functions that return tables: values made of their arguments. */
  | { readonly kind: "computed"; readonly operands: readonly Expression[]; readonly alias: string };

export interface Table {
  readonly kind: "table";
  readonly path: Path;
  readonly alias: string | null;
}

export interface Assignment {
  readonly column: Path;
  readonly value: Expression;
}

export type Change =
  | {
      readonly kind: "insert";
      /** REPLACE also deletes the rows it replaces. */
      readonly replaces: boolean;
      readonly table: Table;
      readonly values: readonly Expression[];
      readonly query: Query | null;
      /** ON DUPLICATE KEY UPDATE; null without one. */
      readonly on_duplicate: readonly Assignment[] | null;
      readonly returning: readonly SelectItem[];
    }
  | {
      readonly kind: "update";
      readonly ctes: readonly Cte[];
      readonly from: From;
      readonly assignments: readonly Assignment[];
      readonly where: Expression | null;
      readonly influences: readonly Expression[];
    }
  | {
      readonly kind: "delete";
      readonly ctes: readonly Cte[];
      readonly from: From;
      /** Names of the tables whose rows go, among those of `from`. */
      readonly targets: readonly Path[];
      readonly where: Expression | null;
      readonly influences: readonly Expression[];
      readonly returning: readonly SelectItem[];
    }
  | {
      readonly kind: "merge";
      readonly table: Table;
      readonly source: Source;
      readonly on: Expression;
      readonly actions: readonly MergeAction[];
    };

export interface MergeAction {
  readonly change: "insert" | "update" | "delete";
  readonly condition: Expression | null;
  readonly values: readonly Expression[];
}

export const emptyFrom: From = { sources: [], conditions: [], influences: [], merges_columns: false };

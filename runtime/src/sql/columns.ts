/** One column of rows: what its value is made of. */
export interface Column {
  readonly name: string;
  readonly sources: readonly string[];
  /** Whether it is one source column, unchanged. */
  readonly exact: boolean;
}

/** Columns that are not listed: those of a table that no catalog knows, or of rows made of some values. */
export type Loose =
  | { readonly kind: "table"; readonly schema: string; readonly name: string }
  | { readonly kind: "value"; readonly sources: readonly string[] };

/**
 * What one text may cost. Each limit is declared here once; beyond it a text is opaque, with the limit's name as
 * reason.
 */
export const limits = {
  /** UTF-8 bytes of a text. Parsing is linear, about 80 ns a byte with the tree: 20 ms at worst. */
  text_bytes: 256 * 1024,
  /** Statements of a text. Drivers send one, migrations a few dozen. */
  statements: 64,
  /** Levels of nodes in a parse tree. Our walks recurse, with up to three stack frames a level. */
  depth: 600,
  /** Scopes, expressions and view bodies visited for one text. Bounds views of views and nested recursive queries. */
  visits: 200_000,
  /** Passes over a recursive query until its lineage no longer grows. */
  recursive_passes: 32,
  /** Partitions or heirs whose column names are listed beside the parent's. */
  children: 256,
} as const;

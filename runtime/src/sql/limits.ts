/**
 * What one text may cost. Each limit is declared here once; beyond it a text is opaque, with the limit's name as
 * reason.
 */
export const limits = {
  /** UTF-8 bytes of a text. Parsing is linear, about 80 ns a byte with the tree: 20 ms at worst. */
  text_bytes: 256 * 1024,
  /** Tokens of a text, about 30 ns each to cut and 300 ns to parse. A list of 70,000 numbers still fits. */
  tokens: 150_000,
  /** Brackets open at once. Nobody writes a tenth of it; parsers recurse at each. */
  nesting: 256,
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

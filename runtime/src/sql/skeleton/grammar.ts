/** What the skeleton parser must know of a dialect, as tables. */
export interface Grammar {
  readonly dialect: "mysql" | "bigquery";
  /** Words that are no names unless quoted or behind a dot. */
  readonly reserved: ReadonlySet<string>;
  /** Words that may be names, but never an alias without AS: some clause starts with them. */
  readonly clause_words: ReadonlySet<string>;
  /** Reserved words that are also functions. */
  readonly callable: ReadonlySet<string>;
  /** Functions that are called without brackets. */
  readonly bare_functions: ReadonlySet<string>;
  readonly infixes: ReadonlyMap<string, Infix>;
  /** How tightly NOT binds. */
  readonly not_power: number;
  /** Words of date parts, which stand where a value does in some functions. */
  readonly date_parts: ReadonlySet<string>;
  readonly date_part_functions: ReadonlySet<string>;
}

/** An operator between two operands: how tightly it binds, and what becomes of it. */
export interface Infix {
  readonly power: number;
  readonly shape: "and" | "or" | "comparison" | "operation" | "assignment";
}

/** Powers of the operators that are words with a grammar of their own. */
export const power = { or: 2, xor: 3, and: 4, not: 5, comparison: 6, predicate: 7, operand: 8, unary: 20 } as const;

export const wordSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Infixes by lines of `power shape operators..`. */
export const infixTable = (lines: readonly (readonly [number, Infix["shape"], string])[]): ReadonlyMap<string, Infix> =>
  new Map(lines.flatMap(([level, shape, words]) => words.split(" ").map((word) => [word, { power: level, shape }])));

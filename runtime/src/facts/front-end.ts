import type { Action } from "./action.js";
import type { Fact } from "./fact.js";

/**
 * Turns text into actions. Pure and total: text that cannot be understood gives opaque actions with reasons, never an
 * exception. `Context` is what the text's meaning depends on beside itself: a dialect, a catalog, a working directory.
 */
export interface FrontEnd<Context> {
  analyse(text: string, context: Context): Analysis;
}

export interface Analysis {
  /** In the order they run. Empty when the text does nothing: only blanks and comments. */
  readonly actions: readonly Action[];
  /** Texts in another language found inside this one, for the judge to hand to their own front ends. */
  readonly nested?: readonly NestedSql[];
}

/** A SQL text inside another text: `psql -c '..'` in a shell line. */
export interface NestedSql {
  /** `sqlite` and others have no front end; they are named so that a decision can say so. */
  readonly dialect: "postgres" | "mysql" | "bigquery" | "sqlite";
  /**
   * Unknown when nothing of it is certain. With `has_holes`, parts of it are not known and a placeholder stands for each: what
   * is found in it is certain, and there may be more.
   */
  readonly text: Fact<string>;
  readonly has_holes: boolean;
  /** Index of the action it is part of. */
  readonly parent: number;
}

import type { Action } from "./action.js";
import type { Fact } from "./fact.js";
import type { WireRequest } from "./wire.js";

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
  readonly estimate?: Estimate;
}

/** Turns requests of a wire into actions. Pure and total, as a front end for texts is. */
export interface WireFrontEnd {
  analyse(request: WireRequest): WireAnalysis;
}

export interface WireAnalysis {
  readonly actions: readonly Action[];
  /** SQL that the request runs. */
  readonly statement?: WireStatement;
  /** A command that the request starts on another machine: its arguments, the program first. It is part of the first action. */
  readonly started?: readonly string[];
}

export interface WireStatement {
  readonly dialect: "bigquery";
  readonly text: Fact<string>;
  /** What names that name no schema belong to; null when nobody says. */
  readonly database: string | null;
  readonly estimate: Estimate | null;
  /**
   * Whether the statement is all that the request does. Then the statement stands first and `actions` are parts of it, so that
   * a policy for SQL alone decides; else it is part of the first action.
   */
  readonly is_all: boolean;
}

/** What a server expects a statement to cost. What is missing is not known. */
export interface Estimate {
  readonly rows?: number;
  readonly bytes?: number;
}

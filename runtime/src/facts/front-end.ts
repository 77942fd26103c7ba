import type { Action } from "./action.js";

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
}

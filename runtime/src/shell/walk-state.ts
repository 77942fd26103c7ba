import type { Action } from "../facts/action.js";
import type { NestedSql } from "../facts/front-end.js";
import type { ShellContext } from "./context.js";
import type { Script } from "./parser.js";
import type { Body, State } from "./state.js";
import type { Output } from "./walk.js";

/** What one walk over one text collects. One a call of the front end. */
export interface Walk {
  readonly context: ShellContext;
  /** Folder in which the request began; empty when nobody said. */
  readonly workspace: string;
  readonly actions: Action[];
  readonly nested: NestedSql[];
  commands_count: number;
  /** Whether a Git command so far may have changed which branch is checked out. */
  branch_moved: boolean;
  /** Outputs of the substitutions walked so far. */
  readonly outputs: Map<Script, Output>;
  /** Functions, aliases and traps that nothing has called yet. They may be called later, so they are walked at the end. */
  readonly uncalled: Map<string, { readonly body: Body; readonly state: State }>;
}

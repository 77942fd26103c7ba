import type { CommandNode, CompoundList } from "./parser.js";
import { either, type Value, type Word } from "./value.js";

/** Where a command runs. Paths of another machine are nobody's workspace. */
export type Place = "local" | "remote" | "container";

export interface Variable {
  readonly value: Value;
  readonly is_exported: boolean;
}

export type Body = CommandNode | CompoundList;

/**
 * What the shell knows at one point of a line: it changes from command to command, and a subshell has a copy. What is not in
 * `variables` is not known, not even that it is unset.
 */
export interface State {
  cwd: Value;
  readonly variables: Map<string, Variable>;
  readonly functions: Map<string, Body>;
  readonly aliases: Map<string, Value>;
  /** `$1` and so on; null when nobody knows. */
  positional: readonly Word[] | null;
  readonly place: Place;
  /** Outermost first. */
  readonly wrappers: readonly string[];
  readonly privileged: boolean;
  /** Environment variables set for the command at hand by its wrappers (`env A=b`). */
  readonly env: readonly string[];
  /** Variables that decide what programs are or load (`PATH`, `LD_PRELOAD`), and that this line has set. */
  loaders: readonly string[];
  readonly depth: number;
}

/** A copy whose changes stay in it. */
export const fork = (state: State, change: Partial<State> = {}): State => ({
  ...state,
  variables: new Map(state.variables),
  functions: new Map(state.functions),
  aliases: new Map(state.aliases),
  ...change,
});

/** What a program that is started inherits: exported variables, and neither functions nor aliases. */
export const inherit = (state: State, change: Partial<State> = {}): State => ({
  ...state,
  variables: new Map([...state.variables].filter(([, { is_exported }]) => is_exported)),
  functions: new Map(),
  aliases: new Map(),
  positional: null,
  ...change,
});

/** Makes `state` stand for either itself or `other`: two ways through a line meet. */
export function meet(state: State, other: State): void {
  state.cwd = either(state.cwd, other.cwd);
  for (const name of [...state.variables.keys()]) {
    const [mine, theirs] = [state.variables.get(name), other.variables.get(name)];
    // A variable that only one way has set may be what it was before, which nobody knows.
    if (mine === undefined || theirs === undefined) state.variables.delete(name);
    else if (mine !== theirs)
      state.variables.set(name, {
        value: either(mine.value, theirs.value),
        is_exported: mine.is_exported || theirs.is_exported,
      });
  }
  state.loaders = [...new Set([...state.loaders, ...other.loaders])];
  for (const [name, body] of other.functions) if (!state.functions.has(name)) state.functions.set(name, body);
  for (const [name, value] of other.aliases) if (!state.aliases.has(name)) state.aliases.set(name, value);
}

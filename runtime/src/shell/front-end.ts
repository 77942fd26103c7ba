import type { Action } from "../facts/action.js";
import type { Analysis, FrontEnd } from "../facts/front-end.js";
import type { ShellContext } from "./context.js";
import { LimitPassed, limits } from "./limits.js";
import { parseShell } from "./parser.js";
import { fork, type State, type Variable } from "./state.js";
import { hole, literal } from "./value.js";
import { noStdin, walkBody, walkScript } from "./walk.js";
import type { Walk } from "./walk-state.js";

/**
 * Shell text to actions. Total: what is no bash, or passes a limit, is one opaque action with the reason. Costs a few
 * microseconds a command. Facts assume that what stands before a command ran.
 */
export const shellFrontEnd: FrontEnd<ShellContext> = {
  analyse(text, context) {
    try {
      return analyse(text, context);
    } catch (error) {
      if (error instanceof LimitPassed) return opaque(error.reason);
      // The parser and the walk recurse; a text that is nested deeper than the stack is too deep.
      if (error instanceof RangeError) return opaque("too_deep");
      throw error;
    }
  },
};

const opaque = (reason: string): Analysis => ({ actions: [{ family: "shell", opaque: true, reasons: [reason] }] });

function analyse(text: string, context: ShellContext): Analysis {
  if (text.length > limits.text_size_max) return opaque("too_long");
  const script = parseShell(text);
  if (script === null) return opaque("parse_error");
  const workspace = context.cwd ?? "";
  const actions: Action[] = [];
  const walk: Walk = {
    context,
    workspace: workspace.length > 1 ? workspace.replace(/\/+$/, "") : workspace,
    actions,
    nested: [],
    commands_count: 0,
    branch_moved: false,
    outputs: new Map(),
    uncalled: new Map(),
  };
  walkScript(walk, script, firstState(context), noStdin);
  walkUncalled(walk);
  return walk.nested.length === 0 ? { actions } : { actions, nested: walk.nested };
}

function firstState({ cwd, env = {}, place = "local" }: ShellContext): State {
  const variables = new Map<string, Variable>();
  for (const [name, value] of Object.entries(env)) variables.set(name, { value: literal(value), is_exported: true });
  return {
    cwd: place === "local" ? literal(cwd ?? "") : hole("other_machine"),
    variables,
    functions: new Map(),
    aliases: new Map(),
    positional: null,
    place,
    wrappers: [],
    privileged: false,
    env: [],
    loaders: [],
    depth: 0,
  };
}

/** Functions and aliases that nothing called: a later line may, with whatever arguments, from whatever folder. */
function walkUncalled(walk: Walk): void {
  for (const [name, { body, state }] of [...walk.uncalled]) {
    walk.uncalled.delete(name);
    const later = fork(state, { positional: null, depth: state.depth + 1 });
    walkBody(walk, body, later, { ...noStdin, text: null });
  }
}

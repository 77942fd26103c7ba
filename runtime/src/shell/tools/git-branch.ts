import { hasFlag } from "../arguments.js";
import type { Tool } from "../call.js";
import { textOf } from "../value.js";

/** Verbs after which another branch may be checked out, in this repository or in the one that comes next. */
const moving = new Set([
  "checkout",
  "switch",
  "branch",
  "symbolic-ref",
  "rebase",
  "bisect",
  "worktree",
  "pull",
  "clone",
  "init",
]);

/**
 * The branch that `HEAD` stands for; null when nobody knows. What a request says of it holds for the folder in which the
 * request began, and until a command may have checked out another.
 */
export function branchOf({ walk, state, invocation }: Tool): string | null {
  const isElsewhere = textOf(state.cwd) !== (walk.context.cwd ?? null) || state.place !== "local";
  const isOther =
    hasFlag(invocation, "-C", "--git-dir", "--work-tree") || state.env.some((name) => name.startsWith("GIT_"));
  return isElsewhere || isOther || walk.branch_moved ? null : (walk.context.git?.branch ?? null);
}

/** Notes what `written`, a verb as it stands there, may have done to the branch. */
export function noteVerb({ walk }: Tool, written: string, isKnown: boolean): void {
  if (!isKnown || moving.has(written)) walk.branch_moved = true;
}

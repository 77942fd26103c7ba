/** Whether a Git command may lose work that exists nowhere else: uncommitted changes, unpushed commits, stashes. */
import { hasFlag, type Invocation } from "../arguments.js";
import type { Tool } from "../call.js";
import { textOf, type Word } from "../value.js";
import { branchOf } from "./git-branch.js";

const wordAt = ({ operands }: Invocation, index: number): string | null => {
  const word = operands[index];
  return word === undefined ? "" : word.count === "one" ? textOf(word.value) : null;
};

/** True, false, or null when the repository would have to be looked at. `verb` as it is written. */
export function discards(tool: Tool, verb: string): boolean | null {
  const { invocation } = tool;
  const first = wordAt(invocation, 0);
  if (invocation.flags_open && losing.has(verb)) return null;
  switch (verb) {
    case "reset":
      return hasFlag(invocation, "--hard", "--merge", "--keep") && !hasFlag(invocation, "--soft");
    case "clean":
      return !hasFlag(invocation, "--dry-run");
    case "checkout":
      return checkedOut(invocation, branchOf(tool));
    case "switch":
      return hasFlag(invocation, "--discard-changes", "--force", "-C", "--force-create");
    case "restore":
      return !hasFlag(invocation, "--staged") || hasFlag(invocation, "--worktree");
    case "stash":
      return first === null ? null : first === "drop" || first === "clear";
    case "branch":
      return (
        hasFlag(invocation, "-D", "-M", "-C") || (hasFlag(invocation, "--force") && !hasFlag(invocation, "--list"))
      );
    case "tag":
      return hasFlag(invocation, "--delete") || hasFlag(invocation, "--force");
    case "reflog":
      return first === null ? null : first === "expire" || first === "delete";
    case "gc":
      return hasFlag(invocation, "--prune");
    case "prune":
    case "filter-branch":
    case "filter-repo":
      return true;
    case "worktree":
      return first === null ? null : first === "remove" && hasFlag(invocation, "--force");
    case "update-ref":
      return true;
    case "rebase":
    case "merge":
    case "am":
    case "cherry-pick":
    case "revert":
      return false;
    case "rm":
      return hasFlag(invocation, "--force") || !hasFlag(invocation, "--cached");
    case "checkout-index":
      return hasFlag(invocation, "--force");
    case "read-tree":
      return hasFlag(invocation, "--reset", "-u");
    case "submodule":
      return first === "deinit" ? true : first === null ? null : hasFlag(invocation, "--force");
    default:
      return false;
  }
}

const losing = new Set([
  "reset",
  "clean",
  "checkout",
  "switch",
  "restore",
  "branch",
  "rm",
  "worktree",
  "stash",
  "tag",
  "gc",
]);

/** Names that are branches by custom, and so no files. */
const branches =
  /^(?:main|master|develop|dev|trunk|staging|production|HEAD|-|@|(?:origin|upstream)\/.+|(?:feature|feat|fix|bugfix|hotfix|release|chore|refactor|docs|test)[/-].+)$/;

/**
 * `git checkout NAME` changes the branch, or throws away what was changed in a file of that name. Without a look at the
 * repository only custom tells; `git switch` and `git restore` say which.
 */
function checkedOut(invocation: Invocation, branch: string | null): boolean | null {
  const { operands, before_dashes } = invocation;
  if (hasFlag(invocation, "--force", "--ours", "--theirs", "--merge", "-B", "--patch", "--pathspec-from-file"))
    return true;
  if (before_dashes < operands.length) return true;
  if (operands.length === 0 || hasFlag(invocation, "-b", "--orphan", "--track", "--detach")) return false;
  if (operands.length > 1) return true;
  const [only] = operands;
  const name = nameOf(only);
  if (name === null) return null;
  if (name === branch || branches.test(name) || /^[0-9a-f]{7,40}$/.test(name)) return false;
  return /^(?:\.|\.?\.?\/|:)|\/$|\.[A-Za-z]{1,5}$/.test(name) ? true : null;
}

const nameOf = (word: Word | undefined): string | null =>
  word === undefined || word.count !== "one" ? null : textOf(word.value);

/** What flags and operands mean by the roles their spec gives them: paths, texts in other languages, a command. */
import type { Invocation } from "./arguments.js";
import type { Tool } from "./call.js";
import { addCode, addEffects, addPath, doubt, type FsOp } from "./draft.js";
import { pathFacts } from "./paths.js";
import type { Role, ToolSpec } from "./spec.js";
import { runCode } from "./tools/code.js";
import { addHttp } from "./tools/http-request.js";
import { textOf, type Value, type Word } from "./value.js";

const pathOps: ReadonlySet<string> = new Set<FsOp>([
  "read",
  "write",
  "append",
  "delete",
  "move",
  "permissions",
  "link",
]);

export function applyFlags(tool: Tool): void {
  const { draft, invocation } = tool;
  for (const { spec, value } of invocation.flags) {
    addEffects(draft, ...spec.effects);
    for (const code of spec.code) addCode(draft, code);
    if (spec.is_opaque) doubt(draft, `flag:${spec.name}`);
    if (value !== null && spec.role !== null) applyRole(tool, spec.role, value);
  }
}

/** Applies the roles of the operands. The words of a command that the program starts, if its spec says that there is one. */
export function applyOperands(tool: Tool): readonly Word[] | null {
  const { invocation } = tool;
  const { spec } = invocation;
  const roles = rolesOf(spec, invocation);
  const start = roles.indexOf("command");
  const words = invocation.operands;
  const plain = start < 0 ? words : words.slice(0, start);
  plain.forEach((word, i) => {
    applyRole(tool, roleAt(roles, i, plain.length), word.value);
  });
  return start < 0 ? null : words.slice(start);
}

function rolesOf(spec: ToolSpec, { flags }: Invocation): readonly string[] {
  const roles = spec.operands ?? [];
  const given = spec.first_given_by ?? [];
  return flags.some((flag) => given.includes(flag.spec.name)) ? roles.slice(1) : roles;
}

/** `["read...", "write"]`: the last operand is written, all before it read. */
function roleAt(roles: readonly string[], index: number, count: number): Role {
  const repeated = roles.findIndex((role) => role.endsWith("..."));
  const behind = repeated < 0 ? 0 : roles.length - 1 - repeated;
  const fromEnd = count - index;
  const found =
    repeated >= 0 && index >= repeated
      ? fromEnd <= behind
        ? roles[roles.length - fromEnd]
        : roles[repeated]
      : roles[index];
  return (found?.replace("...", "") ?? "value") as Role;
}

export function applyRole(tool: Tool, role: Role, value: Value): void {
  const { walk, draft, invocation } = tool;
  const recursive = invocation.spec.recursive === true || draft.flags.has("--recursive");
  if (textOf(value) === "-" && (role === "read" || role === "write")) return;
  if (pathOps.has(role)) {
    addPath(walk, draft, value, { op: role as FsOp, recursive });
    return;
  }
  switch (role) {
    case "list":
      addPath(walk, draft, value, { op: "read", recursive, names_only: true });
      return;
    case "linked":
      addPath(walk, draft, value, { op: "read", names_only: true });
      // What is done through a link is done to what it leads to, and paths are not followed.
      if (pathFacts(value, draft.state, walk.workspace).inside_workspace !== true) doubt(draft, "link_outside");
      return;
    case "sql":
      draft.sql.push({ dialect: invocation.spec.dialect ?? "postgres", text: value });
      return;
    case "shell":
      runCode(tool, value);
      return;
    case "url":
      addHttp(draft, { url: value, method: "GET", uploads_file: false });
      return;
    case "cwd":
      return;
    default:
      return;
  }
}

/** File programs and channels whose arguments need more than roles: `dd`, `tar`, `rsync`, `scp`, `ssh`, `env`. */
import { hasFlag, valuesOf } from "../arguments.js";
import { enter, type Tool } from "../call.js";
import { addCode, addEffects, addPath, doubt } from "../draft.js";
import { isSecretVariable } from "../secrets.js";
import { literal, prefixOf, splitAt, textOf, type Value } from "../value.js";
import { type Output, walkText } from "../walk.js";
import { splitText } from "./interpreter.js";

/** `dd if=a of=b`. */
export function dd({ walk, draft, call }: Tool): null {
  for (const { value, count } of call.words.slice(1)) {
    const split = count === "one" ? splitAt(value, "=") : null;
    if (split === null) doubt(draft, "argument");
    else if (split[0] === "if") addPath(walk, draft, split[1], { op: "read" });
    else if (split[0] === "of") addPath(walk, draft, split[1], { op: "write" });
  }
  return null;
}

/** `env` without a command prints the environment; `-S` is a text. */
export function environment(tool: Tool): Output | null {
  const { invocation, draft } = tool;
  const split = splitText(tool);
  const isOnly = invocation.operands.every(({ value }) => /^\w+=/.test(prefixOf(value)));
  if (isOnly && split === null) addEffects(draft, "read", "secret_read");
  return split;
}

/** `printenv NAME..`: all of it without a name. */
export function printenv({ invocation, draft }: Tool): null {
  const names = invocation.operands.map(({ value, count }) => (count === "one" ? textOf(value) : null));
  addEffects(draft, "read");
  if (names.length === 0 || names.some((name) => name !== null && isSecretVariable(name)))
    addEffects(draft, "secret_read");
  if (names.includes(null)) doubt(draft, "argument");
  return null;
}

const tarModes: readonly (readonly [string, string])[] = [
  ["--create", "c"],
  ["--append", "r"],
  ["--update", "u"],
  ["--extract", "x"],
  ["--list", "t"],
  ["--delete", "--delete"],
];

/** `tar`: reads what it packs, writes where it unpacks. The first word may be letters without a dash. */
export function tar(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  const mode = tarModes.find(([flag]) => hasFlag(invocation, flag))?.[1];
  const folders = valuesOf(invocation, "--directory");
  const [archive] = valuesOf(invocation, "--file");
  const files = invocation.operands.map(({ value }) => value);
  if (mode === undefined) doubt(draft, "tar_mode");
  if (mode === "c" || mode === "r" || mode === "u") {
    for (const file of files) addPath(walk, draft, inFolder(folders, file), { op: "read", recursive: true });
    if (archive !== undefined && textOf(archive) !== "-") addPath(walk, draft, archive, { op: "write" });
  } else if (archive !== undefined && textOf(archive) !== "-")
    addPath(walk, draft, archive, { op: mode === "--delete" ? "write" : "read" });
  if (mode === "x") addPath(walk, draft, folders.at(-1) ?? literal("."), { op: "write", recursive: true });
  if (mode === "x" && hasFlag(invocation, "--absolute-names")) doubt(draft, "archive_paths");
  for (const action of valuesOf(invocation, "--checkpoint-action")) checkpoint(tool, action);
  return null;
}

function inFolder(folders: readonly Value[], file: Value): Value {
  const folder = textOf(folders.at(-1) ?? literal(""));
  const path = textOf(file);
  return folder === null || folder === "" || path === null || path.startsWith("/")
    ? file
    : literal(`${folder}/${path}`);
}

function checkpoint(tool: Tool, action: Value): void {
  const split = splitAt(action, "=");
  if (split === null) return;
  if (split[0] !== "exec" || !walkText(tool.walk, split[1], enter(tool))) addCode(tool.draft, "unknown");
}

/** The path behind the host of `host:path`, `user@host:path` or a URL; null for a path of this machine. */
function remotePath(value: Value): Value | null {
  const start = prefixOf(value);
  return /^(?:[\w.@-]+:|rsync:\/\/|sftp:\/\/|scp:\/\/)/.test(start) ? value : null;
}

/** `scp`, `rsync`: from all operands but the last to the last; either may be on another machine. */
export function copy(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  const operands = invocation.operands.map(({ value }) => value);
  const recursive = hasFlag(invocation, "--recursive", "--archive");
  const target = operands.length > 1 ? operands.at(-1) : undefined;
  const isRemote = operands.some((value) => remotePath(value) !== null);
  if (isRemote) addEffects(draft, "network");
  for (const source of operands.slice(0, target === undefined ? undefined : -1)) {
    if (remotePath(source) === null) addPath(walk, draft, source, { op: "read", recursive });
    if (remotePath(source) === null && target !== undefined && remotePath(target) !== null) addEffects(draft, "export");
    if (hasFlag(invocation, "--remove-source-files")) addPath(walk, draft, source, { op: "delete", recursive });
  }
  if (target === undefined) return null;
  const removes = invocation.flags.some(({ spec }) => spec.name.startsWith("--delete") || spec.name === "--del");
  if (remotePath(target) === null) addPath(walk, draft, target, { op: removes ? "delete" : "write", recursive });
  else addEffects(draft, "write", ...(removes ? (["delete"] as const) : []));
  return null;
}

const executingOptions = /^(?:ProxyCommand|LocalCommand|KnownHostsCommand|Match|Include)$/i;

/** Options of ssh that start programs here; what it runs there is the rest of its words. */
export function ssh(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  addEffects(draft, "network");
  for (const option of valuesOf(invocation, "-o")) {
    const text = textOf(option);
    const [, name = "", rest = ""] = /^\s*(\w+)[\s=]+(.*)$/s.exec(text ?? "") ?? [];
    if (text === null) doubt(draft, "option");
    else if (executingOptions.test(name) && !/^none$/i.test(rest)) {
      if (!walkText(walk, literal(rest), enter(tool))) addCode(draft, "unknown");
    }
  }
  if (invocation.operands.length < 2) doubt(draft, "interactive");
  return null;
}

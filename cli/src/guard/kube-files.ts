import { delimiter, join } from "node:path";
import { readSmallFile } from "./small-file.js";

/**
 * The current context of kubectl: of the files that `KUBECONFIG` lists, or `~/.kube/config`, the first that sets one. Only the
 * layouts that kubectl itself writes are read, JSON and one plain line of YAML; anything else leaves the context unknown.
 */
export function currentContext(environment: Readonly<Record<string, string | undefined>>): {
  readonly context?: string;
} {
  const { KUBECONFIG = "", HOME = "" } = environment;
  const home = HOME === "" ? [] : [join(HOME, ".kube", "config")];
  const paths = KUBECONFIG === "" ? home : KUBECONFIG.split(delimiter).filter((path) => path !== "");
  for (const path of paths) {
    const text = readSmallFile(path);
    const context = text === null ? null : contextIn(text);
    if (context === null) return {};
    if (context !== "") return { context };
  }
  return {};
}

/** Empty when the file sets none; null when that cannot be told. */
function contextIn(text: string): string | null {
  if (text.trimStart().startsWith("{")) return contextInJson(text);
  const lines = text.split(/\r?\n/).filter((line) => /^["'?]?current-context|^---|^\.\.\.|^[?{&*!]|^<</.test(line));
  if (lines.length === 0) return "";
  const value = /^current-context: *(?:"([\w@./:+-]*)"|'([\w@./:+-]*)'|([\w./+][\w@./:+-]*)?) *$/.exec(lines[0] ?? "");
  if (value === null || lines.length > 1) return null;
  return value[1] ?? value[2] ?? value[3] ?? "";
}

function contextInJson(text: string): string | null {
  try {
    const context: unknown = (JSON.parse(text) as { readonly "current-context"?: unknown })["current-context"] ?? "";
    return typeof context === "string" ? context : null;
  } catch {
    return null;
  }
}

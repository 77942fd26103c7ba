/** Interpreters of other languages: `python3`, `node`, `ruby`. What they run is not read; where it comes from is. */
import { hasFlag, valuesOf } from "../arguments.js";
import type { Tool } from "../call.js";
import { addCode, addPath, doubt } from "../draft.js";
import { prefixOf, textOf } from "../value.js";

const buildModules = new Set([
  "pytest",
  "unittest",
  "mypy",
  "ruff",
  "black",
  "flake8",
  "pylint",
  "isort",
  "build",
  "compileall",
  "tox",
  "nox",
  "coverage",
  "json.tool",
  "py_compile",
]);

export function interpreter(tool: Tool): null {
  const { invocation, draft, walk, call } = tool;
  if (hasFlag(invocation, "--version", "--help", "--check")) return null;
  const texts = valuesOf(invocation, "--eval", "--command", "--print");
  if (texts.length > 0) {
    // Text that is put together when the line runs can be anything.
    addCode(draft, texts.every((text) => textOf(text) !== null) ? "inline" : "unknown");
    return null;
  }
  const [module] = valuesOf(invocation, "--module");
  if (module !== undefined) {
    if (buildModules.has(textOf(module) ?? "")) addCode(draft, "project");
    else addCode(draft, "file");
    return null;
  }
  const [file] = invocation.operands;
  if (file !== undefined && textOf(file.value) !== "-") {
    const start = prefixOf(file.value);
    if (start.startsWith("/dev/fd/") || start === "/dev/stdin") addCode(draft, "unknown");
    else addPath(walk, draft, file.value, { op: "execute" });
    addCode(draft, "file");
    return null;
  }
  const { stdin } = call;
  if (stdin.kind === "none") doubt(draft, "interactive");
  else if (stdin.kind === "file") addCode(draft, "file");
  else
    addCode(
      draft,
      stdin.is_fetched ? "fetched" : stdin.text !== null && stdin.text.kind === "literal" ? "inline" : "unknown",
    );
  return null;
}

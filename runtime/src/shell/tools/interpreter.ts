/** Shells: what they run is walked, whether it stands in an argument, comes on standard input, or is in a file. */
import { hasFlag } from "../arguments.js";
import { enter, type Tool } from "../call.js";
import { addCode, addPath, doubt } from "../draft.js";
import type { inherit } from "../state.js";
import { concatAll, literal, prefixOf, textOf, type Value } from "../value.js";
import { type Output, unknownOutput, walkText } from "../walk.js";

export function shell(tool: Tool): Output {
  const { invocation, draft, walk } = tool;
  const { operands } = invocation;
  const inner = enter(tool);
  if (hasFlag(invocation, "--rcfile", "--init-file", "-i", "--login", "-l")) startupFiles(tool);
  if (hasFlag(invocation, "-c")) {
    const [text, , ...positional] = operands;
    inner.positional = positional;
    const known = text !== undefined && text.count === "one" && walkText(walk, text.value, inner, tool.call.stdin);
    if (!known) addCode(draft, "unknown");
    return unknownOutput;
  }
  const [file] = operands;
  const isInput = file === undefined || textOf(file.value) === "-" || hasFlag(invocation, "-s");
  if (!isInput) readFile(tool, file.value);
  else readInput(tool, { ...inner, positional: operands });
  return unknownOutput;
}

/** `-l` and `-i` read files of the user's own, which are what every shell of theirs reads: only others are worth a doubt. */
function startupFiles({ invocation, draft }: Tool): void {
  if (hasFlag(invocation, "--rcfile", "--init-file")) doubt(draft, "startup_file");
}

function readFile({ walk, draft }: Tool, file: Value): void {
  const start = prefixOf(file);
  if (start.startsWith("/dev/fd/") || start === "/dev/stdin" || start === "/proc/self/fd/0") addCode(draft, "unknown");
  else {
    addPath(walk, draft, file, { op: "execute" });
    addCode(draft, "file");
  }
}

/** Commands from standard input: read if they are known; a terminal's are typed later, and judged by nobody. */
function readInput({ walk, draft, call }: Tool, inner: ReturnType<typeof inherit>): void {
  const { stdin } = call;
  if (stdin.text !== null && walkText(walk, stdin.text, inner)) return;
  if (stdin.kind === "none") doubt(draft, "interactive");
  else if (stdin.kind === "file" && stdin.path !== null) {
    addPath(walk, draft, stdin.path, { op: "execute" });
    addCode(draft, "file");
  } else addCode(draft, stdin.is_fetched ? "fetched" : "unknown");
}

/** `env -S 'cmd args'`: a text that is split into a command. */
export function splitText(tool: Tool): Output | null {
  const { invocation, walk } = tool;
  const given = invocation.flags.find(({ spec }) => spec.name === "--split-string")?.value ?? null;
  if (given === null) return null;
  const rest = invocation.operands.flatMap(({ value }) => [literal(" "), value]);
  // The words of `-S` are not quite a shell's, but whatever they start is started by the shell's reading too.
  if (!walkText(walk, concatAll([given, ...rest]), enter(tool))) addCode(tool.draft, "unknown");
  return unknownOutput;
}

/** Containers: what is run in one is judged as a command that runs elsewhere; what of the host it gets is judged here. */
import { hasFlag, valuesOf } from "../arguments.js";
import { enter, runStarted, type Tool } from "../call.js";
import { addEffects, addPath, doubt } from "../draft.js";
import { literal, splitAt, textOf } from "../value.js";
import { type Output, unknownOutput } from "../walk.js";

export function docker(tool: Tool): Output | null {
  const { invocation } = tool;
  const verb = invocation.subcommand.at(-1) ?? "";
  if (verb === "run" || verb === "create") return startContainer(tool);
  if (verb === "exec") return inContainer(tool, 1);
  if (verb === "cp") return copyFiles(tool);
  return null;
}

/** The image's own code is not known; a command that is given is. */
function startContainer(tool: Tool): Output {
  const { invocation, draft, walk } = tool;
  doubt(draft, "container_image");
  if (hasFlag(invocation, "--privileged", "--pid", "--cap-add", "--device", "--userns", "--security-opt"))
    addEffects(draft, "identity");
  for (const mount of [...valuesOf(invocation, "--volume"), ...valuesOf(invocation, "--mount")]) {
    const text = textOf(mount);
    if (text === null) {
      doubt(draft, "mount");
      continue;
    }
    const source = /(?:^|,)(?:source|src)=([^,]*)/.exec(text)?.[1] ?? splitAt(mount, ":")?.[0];
    const isReadOnly = /:ro(?:,|$)|readonly/.test(text);
    if (source !== undefined && /^[./~]/.test(source))
      addPath(walk, draft, literal(source), { op: isReadOnly ? "read" : "append", recursive: true });
  }
  return inContainer(tool, 1);
}

function inContainer(tool: Tool, skip: number): Output {
  const { invocation, walk, call, draft } = tool;
  const words = invocation.operands.slice(skip);
  addEffects(draft, "exec");
  if (words.length === 0) return unknownOutput;
  const inner = {
    ...enter({ ...tool, invocation: { ...invocation, spec: { ...invocation.spec, place: "container" } } }),
  };
  return runStarted(walk, { words, assigned: [], redirects: [], stdin: call.stdin }, inner);
}

function copyFiles({ invocation, walk, draft }: Tool): null {
  const [source, target] = invocation.operands.map(({ value }) => value);
  const isThere = (text: string | null): boolean => text !== null && /^[\w.-]+:/.test(text);
  if (source !== undefined && !isThere(textOf(source))) addPath(walk, draft, source, { op: "read", recursive: true });
  if (target !== undefined && !isThere(textOf(target))) addPath(walk, draft, target, { op: "write", recursive: true });
  return null;
}

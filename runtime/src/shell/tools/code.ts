/** Texts that a program runs as code: shell is walked, other languages are named and left unknown. */
import { operandOf, valuesOf } from "../arguments.js";
import { type Call, enter, type Tool } from "../call.js";
import { addCode, addPath, doubt, finish, openDraft } from "../draft.js";
import type { State } from "../state.js";
import { literal, one, textOf, type Value, type Word } from "../value.js";
import { noStdin, type Output, unknownOutput, walkText } from "../walk.js";
import type { Walk } from "../walk-state.js";

/** Runs `text` as a shell that the program starts. */
export function runCode(tool: Tool, text: Value): void {
  if (!walkText(tool.walk, text, enter(tool), noStdin)) addCode(tool.draft, "unknown");
}

/** A builtin that runs a text nobody can read. */
export function runCodeOf(walk: Walk, call: Call, state: State, name: string, args: readonly Word[]): Output {
  const draft = openDraft(state, [one(literal(name)), ...args], call.stdin, call.redirects, literal(name));
  addCode(draft, "unknown");
  finish(walk, draft);
  return unknownOutput;
}

/** Programs in AWK that neither start commands nor open files nor load others. */
const harmlessAwk = /^(?:(?!system|getline|[|]|@|close|ENVIRON|nextfile|printf?\b[^;}\n]*>)[\s\S])*$/;

export function awk(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  const files = valuesOf(invocation, "--file");
  for (const file of files) addPath(walk, draft, file, { op: "read" });
  const text = files.length > 0 ? null : textOf(operandOf(invocation, 0));
  // `print a > b` writes a file; a comparison elsewhere does not.
  if (text === null || !harmlessAwk.test(text.replaceAll(/\|\||>=/g, ""))) addCode(draft, "inline");
  return null;
}

/** Scripts of sed made of addresses, substitutions and deletions; `e`, `w`, `r` and the flags `e` and `w` are not among them. */
const harmlessSed =
  /^(?:\s*(?:(?:\d+|\$|\/(?:[^/\\\n]|\\.)*\/I?)(?:\s*,\s*(?:[+~]?\d+|\$|\/(?:[^/\\\n]|\\.)*\/I?))?\s*)?!?\s*(?:[pdqDPhHgGxnN=]\d*|s([^\s\\\w])(?:(?!\1)[^\\\n]|\\[\s\S])*\1(?:(?!\1)[^\\\n]|\\[\s\S])*\1[gpIi\d]*|y\/(?:[^/\\\n]|\\.)*\/(?:[^/\\\n]|\\.)*\/)?\s*(?:[;\n}]|$))+$/;

export function sed(tool: Tool): null {
  const { invocation, draft } = tool;
  const given = valuesOf(invocation, "--expression");
  const scripts = given.length > 0 ? given : [operandOf(invocation, 0)];
  for (const script of scripts) {
    const text = textOf(script);
    if (text === null || !harmlessSed.test(text)) addCode(draft, "inline");
  }
  if (valuesOf(invocation, "--file").length > 0) doubt(draft, "script_file");
  const files = invocation.operands.slice(given.length > 0 ? 0 : 1);
  const op = draft.flags.has("--in-place") ? "write" : "read";
  for (const { value } of files) addPath(tool.walk, draft, value, { op });
  return null;
}

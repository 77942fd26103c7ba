/**
 * Walks a line as bash would run it: in order, with what each command leaves behind for the next. Every command of the tree is
 * visited, whatever may keep it from running; where two ways meet, both count. What a command is, `call.ts` says.
 */
import { run, type Stdin } from "./call.js";
import { assign } from "./environment.js";
import { expandValue, expandWord } from "./expand.js";
import { LimitPassed, limits } from "./limits.js";
import {
  type Assignment,
  type Command,
  type CommandNode,
  type CompoundList,
  hasErrors,
  mayHoldScripts,
  type Pipeline,
  parseShell,
  type Redirection,
  type Script,
  type Statement,
  type SyntaxNode,
  scriptsIn,
} from "./parser.js";
import { type Body, fork, meet, type State } from "./state.js";
import { concatAll, hole, literal, oneOf, textOf, textsOf, type Value, type Word } from "./value.js";
import type { Walk } from "./walk-state.js";

/** What a command leaves on its standard output, as far as it matters to whoever reads it. */
export interface Output {
  /** Null when it is not known. */
  readonly text: Value | null;
  /** Something in it came over the network. */
  readonly is_fetched: boolean;
  /** What each record of it is, where that is known though the text is not. */
  readonly each?: Value;
}

export const noOutput: Output = { text: literal(""), is_fetched: false };
export const unknownOutput: Output = { text: null, is_fetched: false };

export const noStdin: Stdin = { kind: "none", text: null, path: null, is_fetched: false };

/** A redirection, with its target expanded. */
export interface Redirect {
  readonly mode: "read" | "write" | "append" | "text";
  /** The descriptor that is redirected; both outputs count as 1. */
  readonly descriptor: number;
  /** A path, or the text itself. */
  readonly target: Value;
}

/** Walks a text of shell; false when nobody knows what it says. What it leaves behind stays in `state`. */
export function walkText(walk: Walk, text: Value, state: State, stdin: Stdin = noStdin): boolean {
  const texts = textsOf(text);
  if (texts === null || state.depth >= limits.nesting_depth_max) {
    if (texts !== null) throw new LimitPassed("too_deep");
    return false;
  }
  const scripts = texts.map((each) => (each.length > limits.text_size_max ? null : parseShell(each)));
  if (scripts.includes(null)) return false;
  const deeper = { ...state, depth: state.depth + 1 };
  for (const script of scripts) if (script !== null) walkScript(walk, script, deeper, stdin);
  state.cwd = deeper.cwd;
  state.positional = deeper.positional;
  state.loaders = deeper.loaders;
  return true;
}

export function walkScript(walk: Walk, script: Script, state: State, stdin: Stdin): Output {
  return walkStatements(walk, script.commands, state, stdin);
}

function walkStatements(walk: Walk, statements: readonly Statement[], state: State, stdin: Stdin): Output {
  const outputs = statements.map((statement) => walkStatement(walk, statement, state, stdin));
  if (outputs.length === 1) return outputs[0] ?? noOutput;
  const texts = outputs.map(({ text }) => text);
  const known = texts.filter((text) => text !== null);
  return {
    text: known.length === texts.length ? concatAll(known) : null,
    is_fetched: outputs.some(({ is_fetched }) => is_fetched),
  };
}

function walkStatement(walk: Walk, { command, background }: Statement, state: State, stdin: Stdin): Output {
  const own = background ? fork(state) : state;
  if (command.type !== "AndOr") return walkNode(walk, command, own, stdin);
  let output = noOutput;
  command.commands.forEach((each, i) => {
    // What stands behind `&&` runs with what came before; what stands behind `||` may not run at all.
    const isChoice = command.operators[i - 1] === "||";
    const before = isChoice ? fork(own) : null;
    const one = walkNode(walk, each, own, stdin);
    if (before !== null) meet(own, before);
    output = i === 0 ? one : { text: null, is_fetched: output.is_fetched || one.is_fetched };
  });
  return output;
}

function walkNode(walk: Walk, node: CommandNode | Pipeline, state: State, stdin: Stdin): Output {
  return node.type === "Pipeline" ? walkPipeline(walk, node, state, stdin) : walkCommand(walk, node, state, stdin);
}

function walkPipeline(walk: Walk, { commands }: Pipeline, state: State, stdin: Stdin): Output {
  const [only, ...more] = commands;
  if (only === undefined) return noOutput;
  if (more.length === 0) return walkCommand(walk, only, state, stdin);
  let [output, input] = [noOutput, stdin];
  for (const command of commands) {
    output = walkCommand(walk, command, fork(state), input);
    const is_fetched = output.is_fetched || input.is_fetched;
    output = { ...output, is_fetched };
    const each = output.each === undefined ? {} : { each: output.each };
    input = { kind: "pipe", text: output.text, path: null, is_fetched, ...each };
  }
  return output;
}

function walkCommand(walk: Walk, node: CommandNode, state: State, stdin: Stdin): Output {
  switch (node.type) {
    case "Command":
      return walkSimple(walk, node, state, stdin);
    case "Redirected": {
      const redirects = readRedirects(walk, node.redirects, state);
      runRedirects(walk, redirects, state);
      return walkCommand(walk, node.command, state, stdinOf(redirects, stdin));
    }
    case "Function":
      state.functions.set(node.name.value, node.body);
      walk.uncalled.set(node.name.value, { body: node.body, state });
      return noOutput;
    case "Coproc":
      walkBody(walk, node.body, fork(state), stdin);
      return unknownOutput;
    case "Subshell":
      return walkList(walk, node.body, fork(state), stdin);
    case "BraceGroup":
      return walkList(walk, node.body, state, stdin);
    default:
      return walkCompound(walk, node, state, stdin);
  }
}

type Compound = Extract<
  CommandNode,
  { type: "If" | "For" | "ArithmeticFor" | "Select" | "While" | "Case" | "TestCommand" | "ArithmeticCommand" }
>;

function walkCompound(walk: Walk, node: Compound, state: State, stdin: Stdin): Output {
  switch (node.type) {
    case "If":
      walkList(walk, node.clause, state, stdin);
      walkBranches(
        walk,
        [node.then, ...node.elif.flatMap((each) => [each.clause, each.then]), node.else],
        state,
        stdin,
      );
      return unknownOutput;
    case "While":
      walkLoop(walk, [node.clause, node.body], state, stdin);
      return unknownOutput;
    case "For":
    case "Select":
      walkWords(walk, node.wordlist ?? [], state);
      assign(state, [node.name.value, itemsValue(node.wordlist, walk, state)]);
      walkLoop(walk, [node.body], state, stdin, node.name.value);
      return unknownOutput;
    case "ArithmeticFor":
      forgetArithmetic(node, state);
      walkLoop(walk, [node.body], state, stdin);
      return unknownOutput;
    case "Case":
      walkNested(walk, node.word, state);
      walkBranches(
        walk,
        node.items.map(({ body }) => body),
        state,
        stdin,
      );
      return unknownOutput;
    default:
      walkNested(walk, node, state);
      if (node.type === "ArithmeticCommand") forgetArithmetic(node, state);
      return noOutput;
  }
}

const walkList = (walk: Walk, { commands }: CompoundList, state: State, stdin: Stdin): Output =>
  walkStatements(walk, commands, state, stdin);

export const walkBody = (walk: Walk, body: Body, state: State, stdin: Stdin): Output =>
  body.type === "CompoundList" ? walkList(walk, body, state, stdin) : walkCommand(walk, body, state, stdin);

/** Each may run, or none of them. */
function walkBranches(walk: Walk, lists: readonly (CompoundList | undefined)[], state: State, stdin: Stdin): void {
  const before = fork(state);
  for (const list of lists) {
    if (list === undefined) continue;
    const branch = fork(before);
    walkList(walk, list, branch, stdin);
    meet(state, branch);
  }
}

/** What the body changes is not known in the body itself: it may be the second time round. */
function walkLoop(walk: Walk, lists: readonly CompoundList[], state: State, stdin: Stdin, item?: string): void {
  for (const name of assignedIn(lists)) if (name !== item) state.variables.delete(name);
  const before = fork(state);
  for (const list of lists) walkList(walk, list, state, stdin);
  if (textOf(before.cwd) !== textOf(state.cwd)) state.cwd = hole("loop");
  meet(state, before);
}

/** Names of the variables that commands of `lists` assign, by whatever means: taken from the words, so rather too many. */
function assignedIn(lists: readonly CompoundList[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, name, text } = node as { type?: string; name?: unknown; text?: unknown };
    if (type === "Assignment" && typeof name === "string") names.add(name);
    if (type === "Word" && typeof text === "string" && /^[A-Za-z_]\w*$/.test(text)) names.add(text);
    for (const [key, child] of Object.entries(node)) if (key !== "parts") visitChild(child, visit);
  };
  for (const list of lists) visit(list);
  return names;
}

function visitChild(child: unknown, visit: (node: unknown) => void): void {
  if (Array.isArray(child)) for (const each of child) visit(each);
  else visit(child);
}

function itemsValue(words: Extract<CommandNode, { type: "For" }>["wordlist"], walk: Walk, state: State): Value {
  if (words === undefined) return hole("arguments");
  const items = words.flatMap((word) => expandWord(word, expanderOf(walk, state)));
  const texts = items.flatMap(({ value, count }) => (count === "one" ? (textsOf(value) ?? []) : []));
  const [only] = items;
  if (items.length === 1 && only?.count === "glob") return only.value;
  return texts.length === items.length ? oneOf(texts) : hole("loop");
}

/** Variables that an arithmetic expression may change. */
function forgetArithmetic(node: SyntaxNode, state: State): void {
  const text = JSON.stringify(node);
  for (const name of state.variables.keys()) if (new RegExp(`\\b${name}\\b`).test(text)) state.variables.delete(name);
}

function walkSimple(walk: Walk, node: Command, state: State, stdin: Stdin): Output {
  walk.commands_count++;
  if (walk.commands_count > limits.commands_count_max) throw new LimitPassed("too_many_commands");
  const words: readonly SyntaxNode[] =
    node.name === undefined ? node.prefix : [...node.prefix, node.name, ...node.suffix];
  for (const word of words) walkNested(walk, word, state);
  const expander = expanderOf(walk, state);
  const redirects = readRedirects(walk, node.redirects, state);
  const assigned = node.prefix.flatMap((each) =>
    each.type === "Assignment" ? [readAssignment(walk, each, state)] : [],
  );
  const argv = node.name === undefined ? [] : expandWord(node.name, expander);
  const args = node.args.flatMap((each) =>
    each.type === "Word" ? expandWord(each, expander) : [assignmentWord(walk, each, state)],
  );
  const given = stdinOf(redirects, stdin);
  return run(walk, { words: [...argv, ...args], assigned, redirects, stdin: given }, state);
}

/** `declare x=y` as the builtin sees it. */
function assignmentWord(walk: Walk, node: Assignment, state: State): Word {
  const [, value] = readAssignment(walk, node, state);
  return { value: concatAll([literal(`${node.name}=`), value]), count: "one" };
}

export type Assigned = readonly [name: string, value: Value];

function readAssignment(walk: Walk, { name, value, append, index }: Assignment, state: State): Assigned {
  if (value.type === "ArrayValue" || index !== undefined) return [name, hole("array")];
  const text = expandValue(value, expanderOf(walk, state));
  const before = append ? (state.variables.get(name)?.value ?? hole(`variable:${name}`)) : literal("");
  return [name, append ? concatAll([before, text]) : text];
}

function walkWords(walk: Walk, words: readonly SyntaxNode[], state: State): void {
  for (const word of words) walkNested(walk, word, state);
}

/** Commands of substitutions run, too, each in a subshell. Their output is asked for apart, by `expanderOf`. */
function walkNested(walk: Walk, node: SyntaxNode, state: State): void {
  if ("text" in node && typeof node.text === "string" && node.type !== "Assignment" && !mayHoldScripts(node.text))
    return;
  for (const script of scriptsIn(node)) {
    if (script === undefined || hasErrors(script)) throw new LimitPassed("parse_error");
    if (state.depth >= limits.nesting_depth_max) throw new LimitPassed("too_deep");
    walk.outputs.set(script, walkScript(walk, script, fork(state, { depth: state.depth + 1 }), noStdin));
  }
  if ("text" in node && typeof node.text === "string" && node.text.includes("$((")) forgetArithmetic(node, state);
}

/** Expansion with the outputs that are known: those of substitutions that were just walked. */
export const expanderOf = (walk: Walk, state: State) => ({
  state,
  outputOf: (script: Script): Value => {
    const text = walk.outputs.get(script)?.text ?? null;
    const texts = text === null ? null : textsOf(text);
    return texts === null ? hole("substitution") : oneOf(texts.map((each) => each.replace(/\n+$/, "")));
  },
});

function readRedirects(walk: Walk, redirections: readonly Redirection[], state: State): readonly Redirect[] {
  return redirections.flatMap((each): readonly Redirect[] => {
    const descriptor = each.descriptor?.type === "FileDescriptor" ? each.descriptor.value : null;
    if (each.type === "HereDoc") {
      walkNested(walk, each, state);
      return [{ mode: "text", descriptor: descriptor ?? 0, target: hereDocText(walk, each, state) }];
    }
    if (each.target === undefined) throw new LimitPassed("parse_error");
    walkNested(walk, each.target, state);
    const target = expandValue(each.target, expanderOf(walk, state));
    if (each.type === "HereString")
      return [{ mode: "text", descriptor: descriptor ?? 0, target: concatAll([target, literal("\n")]) }];
    return readRedirect(each.operator, descriptor, target);
  });
}

function hereDocText(
  walk: Walk,
  { body, delimiter, operator }: Extract<Redirection, { type: "HereDoc" }>,
  state: State,
): Value {
  const strip = (text: string): string => (operator === "<<-" ? text.replaceAll(/^\t+/gm, "") : text);
  if (delimiter?.quoted || body.parts === undefined)
    return literal(strip(unescapeBody(body.text, delimiter?.quoted ?? false)));
  const word = { type: "Word" as const, text: "", value: "", pos: body.pos, end: body.end, parts: body.parts };
  const text = expandValue(word, expanderOf(walk, state));
  return operator === "<<-" && text.kind === "literal" ? literal(strip(text.text)) : text;
}

const unescapeBody = (text: string, quoted: boolean): string =>
  quoted ? text : text.replaceAll(/\\(\n|[$`\\])/g, (_, c) => (c === "\n" ? "" : c));

const writers = new Set([">", ">|", "&>", ">&", "<>"]);

function readRedirect(operator: string, descriptor: number | null, target: Value): readonly Redirect[] {
  const duplicates = (operator === ">&" || operator === "<&") && /^(?:\d+-?|-)$/.test(textOf(target) ?? "");
  if (duplicates) return [];
  if (operator === "<") return [{ mode: "read", descriptor: descriptor ?? 0, target }];
  if (operator === "<>")
    return [
      { mode: "read", descriptor: descriptor ?? 0, target },
      { mode: "append", descriptor: descriptor ?? 0, target },
    ];
  if (operator === ">>" || operator === "&>>") return [{ mode: "append", descriptor: descriptor ?? 1, target }];
  if (writers.has(operator)) return [{ mode: "write", descriptor: descriptor ?? 1, target }];
  return [{ mode: "read", descriptor: descriptor ?? 0, target }];
}

/** Redirections of a compound command, as a command that does nothing else. */
function runRedirects(walk: Walk, redirects: readonly Redirect[], state: State): void {
  if (redirects.some(({ mode }) => mode !== "text"))
    run(walk, { words: [], assigned: [], redirects, stdin: noStdin }, state);
}

function stdinOf(redirects: readonly Redirect[], piped: Stdin): Stdin {
  const last = redirects.findLast(({ descriptor, mode }) => descriptor === 0 && (mode === "text" || mode === "read"));
  if (last === undefined) return piped;
  if (last.mode === "text") return { kind: "text", text: last.target, path: null, is_fetched: false };
  // `< <(cmd)`: a pipe by another name.
  if (last.target.kind === "pattern" && last.target.parts[0] === "/dev/fd/")
    return { kind: "pipe", text: null, path: null, is_fetched: piped.is_fetched };
  return { kind: "file", text: null, path: last.target, is_fetched: false };
}

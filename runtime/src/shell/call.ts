/**
 * One simple command: which program it is, and what starts it.
 *
 * In: words with holes, redirections, standard input, and the shell's state. Out: actions in the walk, and what the command
 * prints as far as it is known. Builtins change the state; wrappers (`sudo`, `env`, `timeout`) are read through to the
 * command they start; every other program is described by its spec and, where it needs more than data, a handler.
 */
import { unknown } from "../facts/fact.js";
import { hasFlag, type Invocation, readArguments } from "./arguments.js";
import { builtins } from "./builtins.js";
import { addCode, addEffects, type Draft, doubt, finish, openDraft } from "./draft.js";
import { assign, withEnvironment } from "./environment.js";
import { LimitPassed, limits } from "./limits.js";
import { outputOf } from "./outputs.js";
import { parseShell } from "./parser.js";
import { folderFrom, pathFacts } from "./paths.js";
import { applyFlags, applyOperands } from "./roles.js";
import { specOf, type ToolSpec } from "./spec.js";
import { fork, inherit, type State } from "./state.js";
import { handlers } from "./tools/index.js";
import { concatAll, either, hole, literal, one, textOf, textsOf, type Value, type Word } from "./value.js";
import { type Assigned, noOutput, type Output, type Redirect, unknownOutput, walkBody, walkText } from "./walk.js";
import type { Walk } from "./walk-state.js";

/** Where a command's input comes from. */
export interface Stdin {
  readonly kind: "none" | "text" | "file" | "pipe";
  /** What comes; null when it is not known. */
  readonly text: Value | null;
  readonly path: Value | null;
  readonly is_fetched: boolean;
  /** What each record of it is, where that is known though the text is not: a path that `find` gives. */
  readonly each?: Value;
}

export interface Call {
  readonly words: readonly Word[];
  /** `A=b` in front of the command. */
  readonly assigned: readonly Assigned[];
  readonly redirects: readonly Redirect[];
  readonly stdin: Stdin;
}

/** Everything a handler has to work with. */
export interface Tool {
  readonly walk: Walk;
  readonly state: State;
  readonly call: Call;
  readonly invocation: Invocation;
  readonly draft: Draft;
}

/** Runs `call` in `state`, which it may change. */
export function run(walk: Walk, call: Call, state: State): Output {
  const [program, ...args] = call.words;
  if (program === undefined) return runNothing(walk, call, state);
  if (program.count === "one") {
    const names = textsOf(program.value);
    if (names !== null) return runEach(walk, names, args, call, state);
  }
  return runUnknown(walk, call, state);
}

/** Assignments and redirections without a command. */
function runNothing(walk: Walk, call: Call, state: State): Output {
  for (const each of call.assigned) assign(state, each);
  if (call.redirects.some(({ mode }) => mode !== "text"))
    finish(walk, openDraft(state, [], call.stdin, call.redirects, literal("")));
  return noOutput;
}

function runEach(walk: Walk, names: readonly string[], args: readonly Word[], call: Call, state: State): Output {
  const [name, ...others] = names;
  if (name === undefined) return noOutput;
  for (const other of others) runNamed(walk, other, args, call, fork(state));
  return runNamed(walk, name, args, call, state);
}

/** A program nobody knows the name of may be any, and may do anything to anything. */
function runUnknown(walk: Walk, call: Call, state: State): Output {
  const own = withEnvironment(state, call.assigned);
  const program = call.words[0]?.count === "one" ? call.words[0].value : hole("program");
  const draft = openDraft(own, call.words, call.stdin, call.redirects, program);
  addCode(draft, "unknown");
  draft.flags_open = true;
  const why = unknown("program");
  draft.derived.push({
    family: "fs",
    facts: { op: why, path: why, recursive: why, inside_workspace: why, secret: why, place: own.place },
  });
  finish(walk, draft);
  return unknownOutput;
}

function runNamed(walk: Walk, name: string, args: readonly Word[], call: Call, state: State): Output {
  const alias = state.aliases.get(name);
  if (alias !== undefined && !state.wrappers.includes(`alias:${name}`)) runAlias(walk, name, alias, args, call, state);
  const body = state.functions.get(name);
  if (body !== undefined) {
    walk.uncalled.delete(name);
    if (state.depth >= limits.nesting_depth_max) throw new LimitPassed("too_deep");
    const inner: State = { ...withEnvironment(state, call.assigned), positional: args, depth: state.depth + 1 };
    const output = walkBody(walk, body, inner, call.stdin);
    state.cwd = inner.cwd;
    state.loaders = inner.loaders;
    return output;
  }
  const builtin = builtins.get(name);
  if (builtin !== undefined) return builtin(walk, args, call, state);
  return runProgram(walk, name, args, call, withEnvironment(state, call.assigned));
}

/** The first word may be an alias: its text, and the other words behind it. The program of that name is judged, too. */
function runAlias(walk: Walk, name: string, alias: Value, args: readonly Word[], call: Call, state: State): void {
  walk.uncalled.delete(`alias ${name}`);
  const text = textOf(alias);
  const script = text === null ? null : parseShell(text);
  const [only, ...more] = script?.commands ?? [];
  const own = fork(state, { wrappers: [...state.wrappers, `alias:${name}`] });
  if (only?.command.type === "Command" && more.length === 0 && text !== null && /^[\w\s./=-]+$/.test(text)) {
    const words = text.split(/\s+/).filter((word) => word !== "");
    run(walk, { ...call, words: [...words.map((word) => one(literal(word))), ...args] }, own);
  } else if (!walkText(walk, alias, own, call.stdin)) runUnknown(walk, call, own);
}

const systemFolders = /^\/(?:usr\/(?:local\/)?)?s?bin\/|^\/opt\/homebrew\/bin\/|^\/snap\/bin\//;

/** Starts a program by its name or path: builtins and functions no longer count. */
export function runProgram(walk: Walk, written: string, args: readonly Word[], call: Call, state: State): Output {
  const name = written.slice(written.lastIndexOf("/") + 1);
  const path = written.includes("/") ? (pathFacts(literal(written), state, walk.workspace).path ?? written) : null;
  const isKnownPlace = path === null || systemFolders.test(path);
  const spec = isKnownPlace ? specOf(name) : null;
  if (spec === null) return runUnlisted(walk, written, name, args, call, state);
  const [reading = args, ...others] = readingsOf(args);
  const apart = others.map((other) => ({ other, own: fork(state) }));
  const output = runListed(walk, name, spec, reading, call, state);
  return apart.map(({ other, own }) => runListed(walk, name, spec, other, call, own)).reduce(eitherOutput, output);
}

/**
 * The ways to read `args` where some of them are one of several known texts: each is a command of its own, and all of them must be
 * allowed. One way, as they are, when there are too many.
 */
function readingsOf(args: readonly Word[]): readonly (readonly Word[])[] {
  let readings: readonly (readonly Word[])[] = [args];
  for (const [i, { value, count }] of args.entries()) {
    if (count !== "one" || value.kind !== "one_of") continue;
    if (readings.length * value.texts.length > limits.readings_count_max) return [args];
    readings = readings.flatMap((reading) => value.texts.map((text) => reading.with(i, one(literal(text)))));
  }
  return readings;
}

const eitherOutput = (a: Output, b: Output): Output => ({
  text: a.text === null || b.text === null ? null : either(a.text, b.text),
  is_fetched: a.is_fetched || b.is_fetched,
});

function runListed(walk: Walk, name: string, spec: ToolSpec, args: readonly Word[], call: Call, state: State): Output {
  const words = [one(literal(name)), ...args];
  const given = spec.bundled ? withDash(args) : args;
  const invocation = readArguments(spec, given);
  // A wrapper whose flags are not all known starts one of two commands: both count.
  const isUncertain = startsCommand(spec) && invocation.unknown_flags.length > 0;
  if (isUncertain) describe(walk, words, readArguments(spec, given, 1), { ...call, words }, fork(state));
  return describe(walk, words, invocation, { ...call, words }, state);
}

function withDash([first, ...rest]: readonly Word[]): readonly Word[] {
  const text = first === undefined ? null : textOf(first.value);
  return first === undefined || text === null || !/^[A-Za-z]+$/.test(text)
    ? [first, ...rest].filter((word) => word !== undefined)
    : [one(literal(`-${text}`)), ...rest];
}

const startsCommand = ({ operands, handler }: ToolSpec): boolean =>
  (operands ?? []).includes("command") || (operands ?? []).includes("shell") || handler === "shell";

/** A program without a spec: nobody knows what it does. One of the project's own tools is as a build of it. */
function runUnlisted(
  walk: Walk,
  written: string,
  name: string,
  args: readonly Word[],
  call: Call,
  state: State,
): Output {
  const draft = openDraft(state, [one(literal(written)), ...args], call.stdin, call.redirects, literal(name));
  draft.flags_open = true;
  if (/(?:^|\/)node_modules\/\.bin\/[\w.-]+$/.test(written)) addCode(draft, "project");
  else if (written.includes("/")) addCode(draft, "file");
  else doubt(draft, `unknown_program:${name}`);
  finish(walk, draft);
  return unknownOutput;
}

/** Describes a program that has a spec, and runs what it starts. */
function describe(walk: Walk, words: readonly Word[], invocation: Invocation, call: Call, state: State): Output {
  const { spec } = invocation;
  const name = words[0]?.value ?? literal("");
  const draft = openDraft(state, words, call.stdin, call.redirects, name);
  const tool: Tool = { walk, state, call, invocation, draft };
  addInvocation(draft, invocation);
  applyFlags(tool);
  const command = applyOperands(tool);
  const handler = spec.handler === undefined ? undefined : handlers.get(spec.handler);
  const handled = handler?.(tool) ?? null;
  if (command !== null) return runWrapped(tool, command);
  finish(walk, draft);
  return handled ?? outputOf(tool);
}

function addInvocation(draft: Draft, invocation: Invocation): void {
  const { spec } = invocation;
  draft.subcommand.push(...invocation.subcommand);
  for (const { spec: flag } of invocation.flags) draft.flags.add(flag.name);
  for (const flag of invocation.unknown_flags) draft.flags.add(flag);
  draft.flags_open = invocation.flags_open;
  addEffects(draft, ...(spec.effects ?? []));
  if (spec.code !== undefined) addCode(draft, spec.code);
  if (spec.opaque) doubt(draft, "opaque_program");
  if (invocation.is_unlisted) doubt(draft, `unknown_subcommand:${draft.subcommand.join(" ")}`);
  if (spec.code === "project") addProjectDoubts(draft);
  if (spec.harmless && !(invocation.flags_open && hasTellingFlags(spec))) return;
  if (spec.harmless) {
    doubt(draft, "flags");
    return;
  }
  for (const flag of invocation.unknown_flags) doubt(draft, `unknown_flag:${flag}`);
  if (invocation.flags_open) doubt(draft, "flags");
}

/** Whether one of the flags does more than the program does without it. */
const hasTellingFlags = ({ flags }: ToolSpec): boolean =>
  [...flags.values()].some(
    ({ role, effects, code }) =>
      effects.length > 0 || code.length > 0 || (role !== null && /^(?:write|append|delete|shell)$/.test(role)),
  );

/** What leads a build out of the project: a path elsewhere, a package from anywhere, a variable in place of a program. */
const leavingProject = /(?:^|=)(?:\/|~|\.\.(?:\/|$))|\/\.\.(?:\/|$)|^(?:git\+|[a-z+]+:\/\/|file:|github:)|^[A-Z_]+=/;

/** A build does what the project says, as long as its arguments name nothing else. */
function addProjectDoubts(draft: Draft): void {
  const { state, words } = draft;
  const root = textOf(state.cwd) ?? "";
  for (const { value, count } of words.slice(1)) {
    const text = count === "any" ? null : textOf(value);
    const isInside =
      text !== null && root !== "" && text.replace(/^[^=]*=/, "").startsWith(`${root}/`) && !text.includes("..");
    if (text === null && count !== "glob") doubt(draft, "argument");
    else if (text !== null && !isInside && leavingProject.test(text)) doubt(draft, "outside_project");
  }
}

/** What a wrapper starts. A wrapper that does nothing itself has no action of its own. */
function runWrapped(tool: Tool, given: readonly Word[]): Output {
  const { walk, call, invocation, draft } = tool;
  const { spec } = invocation;
  const words = textOf(given[0]?.value ?? literal("")) === "--" ? given.slice(1) : given;
  const isMoved = invocation.flags.some(({ spec: flag }) => flag.role === "cwd");
  const isTransparent =
    spec.effects === undefined && spec.handler === undefined && draft.reasons.size === 0 && !isMoved;
  if (words.length === 0 || !isTransparent) finish(walk, draft);
  if (words.length === 0) return unknownOutput;
  const inner = enter(tool);
  const redirects = isTransparent ? call.redirects : [];
  // `flock FILE -c TEXT`: options that stand behind the operands.
  if (textOf(words[0]?.value ?? literal("")) === "-c" && words[1] !== undefined) {
    if (!walkText(walk, words[1].value, inner, call.stdin)) runUnknown(walk, { ...call, words, redirects: [] }, inner);
    return unknownOutput;
  }
  if (spec.joins) {
    const text = concatAll(words.flatMap(({ value }, i) => (i === 0 ? [value] : [literal(" "), value])));
    if (words.every(({ count }) => count === "one") && walkText(walk, text, inner, call.stdin)) return unknownOutput;
    return runUnknown(walk, { words, assigned: [], redirects: [], stdin: call.stdin }, inner);
  }
  const [assigned, rest] = spec.assignments ? leadingAssignments(words) : [[], words];
  if (rest.length === 0) finish(walk, draft);
  return runStarted(walk, { words: rest, assigned, redirects, stdin: call.stdin }, inner);
}

/** Runs a command that another program starts: no builtin, function or alias of the shell. */
export function runStarted(walk: Walk, call: Call, inner: State): Output {
  walk.commands_count++;
  if (walk.commands_count > limits.commands_count_max) throw new LimitPassed("too_many_commands");
  if (inner.wrappers.length > limits.wrappers_count_max) throw new LimitPassed("too_many_wrappers");
  const [program, ...args] = call.words;
  if (program === undefined) return noOutput;
  const names = program.count === "one" ? textsOf(program.value) : null;
  if (names === null) return runUnknown(walk, call, inner);
  const own = withEnvironment(inner, call.assigned);
  const outputs = names.map((name) => runProgram(walk, name, args, call, fork(own)));
  return outputs[0] ?? noOutput;
}

/** The state inside what a program starts. */
export function enter({ state, invocation, draft }: Tool): State {
  const { spec } = invocation;
  const name = textOf(draft.program) ?? "";
  const elsewhere = spec.place === undefined ? {} : { place: spec.place, cwd: hole("other_machine") };
  const folder = invocation.flags.findLast(({ spec: flag }) => flag.role === "cwd")?.value ?? null;
  const inner = inherit(state, {
    ...(folder === null ? {} : { cwd: folderFrom(state.cwd, folder) }),
    wrappers: [...state.wrappers, name],
    privileged: state.privileged || spec.privileged === true,
    ...elsewhere,
  });
  if (spec.place !== undefined || hasFlag(invocation, "--ignore-environment")) inner.variables.clear();
  return inner;
}

function leadingAssignments(words: readonly Word[]): readonly [readonly Assigned[], readonly Word[]] {
  const assigned: Assigned[] = [];
  for (const word of words) {
    const found = word.count === "one" ? /^([A-Za-z_]\w*)=/.exec(textStart(word.value)) : null;
    if (found === null) break;
    assigned.push([found[1] ?? "", withoutStart(word.value, found[0].length)]);
  }
  return [assigned, words.slice(assigned.length)];
}

const textStart = (value: Value): string => {
  if (value.kind === "literal") return value.text;
  const [first] = value.kind === "pattern" ? value.parts : [];
  return typeof first === "string" ? first : "";
};

const withoutStart = (value: Value, size: number): Value =>
  value.kind === "literal" ? literal(value.text.slice(size)) : hole("environment");

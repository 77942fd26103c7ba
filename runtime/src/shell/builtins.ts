/** Commands of the shell itself: they change what later commands mean, or read text as commands. */
import { type Call, run, runProgram } from "./call.js";
import { addCode, addEffects, addPath, doubt, finish, openDraft } from "./draft.js";
import { assign, noteLoader, withEnvironment } from "./environment.js";
import { parseShell } from "./parser.js";
import { folderFrom } from "./paths.js";
import { fork, type State } from "./state.js";
import { runCodeOf } from "./tools/code.js";
import { concatAll, hole, literal, one, textOf, textsOf, type Value, type Word } from "./value.js";
import { noOutput, type Output, unknownOutput, walkText } from "./walk.js";
import type { Walk } from "./walk-state.js";

type Builtin = (walk: Walk, args: readonly Word[], call: Call, state: State) => Output;

const textAt = (args: readonly Word[], index: number): string | null => {
  const word = args[index];
  return word === undefined || word.count !== "one" ? null : textOf(word.value);
};

/** An action for the builtin itself, so that redirections, and what cannot be told, are judged. */
function record(
  walk: Walk,
  args: readonly Word[],
  call: Call,
  state: State,
  name: string,
  doubts: readonly string[] = [],
): Output {
  const own = withEnvironment(state, call.assigned);
  const draft = openDraft(own, [one(literal(name)), ...args], call.stdin, call.redirects, literal(name));
  for (const reason of doubts) doubt(draft, reason);
  finish(walk, draft);
  return noOutput;
}

/** `hash -p FILE NAME` makes another program of a name. */
const hash: Builtin = (walk, args, call, state) => {
  const isSet = args.some(({ value }) => /^-\w*p/.test(startOf(value)));
  if (isSet) state.loaders = [...state.loaders, "hash"];
  return record(walk, args, call, state, "hash", isSet ? ["environment:hash"] : []);
};

const plain =
  (name: string): Builtin =>
  (walk, args, call, state) =>
    record(walk, args, call, state, name);

const changeFolder =
  (name: string): Builtin =>
  (walk, args, call, state) => {
    const operands = args.filter(({ value, count }) => count !== "one" || !/^-[LPe@]+$|^--$/.test(textOf(value) ?? ""));
    record(walk, args, call, state, name);
    state.cwd = nextFolder(operands, state);
    return noOutput;
  };

function nextFolder([target, ...more]: readonly Word[], state: State): Value {
  if (target === undefined) return state.variables.get("HOME")?.value ?? hole("variable:HOME");
  if (target.count !== "one" || more.length > 0) return hole("folder");
  const text = textOf(target.value);
  if (text === "-" || /^[+-]\d/.test(text ?? "")) return hole("folder");
  return folderFrom(state.cwd, target.value);
}

/** `export`, `declare`, `local`, `readonly`: assignments among the arguments. */
const declare =
  (name: string): Builtin =>
  (walk, args, call, state) => {
    const flags = args.map(({ value }) => textOf(value) ?? "").filter((text) => /^[-+]/.test(text));
    const exports = name === "export" || flags.some((flag) => /^-[a-z]*x/i.test(flag));
    for (const { value, count } of args) {
      const start = startOf(value);
      const found = /^([A-Za-z_]\w*)(\+?=)?/.exec(start);
      if (found === null || count !== "one") continue;
      const [matched, variable = "", sign] = found;
      if (sign === undefined) exportKnown(state, variable, exports);
      else if (flags.some((flag) => /^-[a-z]*[niaAlu]/.test(flag)) || sign === "+=")
        assign(state, [variable, hole("declared")], exports);
      else assign(state, [variable, dropText(value, matched.length)], exports);
    }
    // Without arguments the environment is printed, and with it what is secret in it.
    const prints = args.length === 0 || flags.some((flag) => flag.includes("p"));
    return prints ? recordEnvironment(walk, args, call, state, name) : record(walk, args, call, state, name);
  };

const startOf = (value: Value): string => {
  if (value.kind === "literal") return value.text;
  const [first] = value.kind === "pattern" ? value.parts : [];
  return typeof first === "string" ? first : "";
};

function dropText(value: Value, size: number): Value {
  if (value.kind === "literal") return literal(value.text.slice(size));
  if (value.kind === "one_of") return hole("declared");
  const [first, ...rest] = value.parts;
  return typeof first === "string" ? { kind: "pattern", parts: [first.slice(size), ...rest] } : value;
}

function exportKnown(state: State, name: string, exports: boolean): void {
  const known = state.variables.get(name);
  if (known !== undefined && exports) state.variables.set(name, { ...known, is_exported: true });
}

function recordEnvironment(walk: Walk, args: readonly Word[], call: Call, state: State, name: string): Output {
  const draft = openDraft(state, [one(literal(name)), ...args], call.stdin, call.redirects, literal(name));
  addEffects(draft, "read", "secret_read");
  finish(walk, draft);
  return unknownOutput;
}

/** Forgets the variables it names: what they are now is not known. */
const forget =
  (name: string): Builtin =>
  (walk, args, call, state) => {
    for (const { value, count } of args) {
      const text = textOf(value);
      if (text === null || count !== "one") state.variables.clear();
      else {
        state.variables.delete(text);
        state.functions.delete(text);
        noteLoader(state, text);
      }
    }
    return record(walk, args, call, state, name);
  };

const evaluate: Builtin = (walk, args, call, state) => {
  const words = textAt(args, 0) === "--" ? args.slice(1) : args;
  const known = words.every(({ count }) => count === "one");
  const text = concatAll(words.flatMap(({ value }, i) => (i === 0 ? [value] : [literal(" "), value])));
  const own = withEnvironment(state, call.assigned);
  if (known && walkText(walk, text, own, call.stdin)) {
    state.cwd = own.cwd;
    return call.redirects.length === 0 ? unknownOutput : record(walk, args, call, state, "eval");
  }
  const draft = openDraft(own, [one(literal("eval")), ...args], call.stdin, call.redirects, literal("eval"));
  addCode(draft, "unknown");
  finish(walk, draft);
  state.variables.clear();
  return unknownOutput;
};

/** `source FILE`: code of a file, which may change everything this shell knows. */
const source: Builtin = (walk, args, call, state) => {
  const [file] = args;
  const draft = openDraft(state, [one(literal("source")), ...args], call.stdin, call.redirects, literal("source"));
  const path = file?.value ?? literal("");
  const isPipe = startOf(path).startsWith("/dev/fd/") || startOf(path) === "/dev/stdin";
  if (isPipe) addCode(draft, "unknown");
  else {
    addPath(walk, draft, path, { op: "read" });
    addCode(draft, "file");
  }
  finish(walk, draft);
  for (const name of [...state.variables.keys()]) if (name !== "HOME") state.variables.delete(name);
  state.positional = null;
  return unknownOutput;
};

/** `trap TEXT SIGNAL..`: the text runs, later. */
const trap: Builtin = (walk, args, call, state) => {
  const words = textAt(args, 0) === "--" ? args.slice(1) : args;
  const [text] = words;
  const known = textAt(words, 0);
  if (text === undefined || known === "-" || known === "" || /^-[lp]+$/.test(known ?? "") || words.length < 2)
    return record(walk, args, call, state, "trap");
  if (text.count === "one" && walkText(walk, text.value, fork(state), call.stdin))
    return record(walk, args, call, state, "trap");
  return runCodeOf(walk, call, state, "trap", args);
};

const alias: Builtin = (walk, args, call, state) => {
  for (const { value } of args) {
    const found = /^([^=\s]+)=/.exec(startOf(value));
    if (found === null) continue;
    const [matched, name = ""] = found;
    const text = dropText(value, matched.length);
    state.aliases.set(name, text);
    const script = textOf(text) === null ? null : parseShell(textOf(text) ?? "");
    if (script === null) runCodeOf(walk, call, state, "alias", args);
    else {
      const body = { type: "CompoundList" as const, pos: 0, end: 0, commands: script.commands };
      walk.uncalled.set(`alias ${name}`, { body, state });
    }
  }
  return record(walk, args, call, state, "alias");
};

/** `command`, `builtin`, `exec`: what follows, without functions and aliases. */
const started =
  (name: string, withValue: RegExp): Builtin =>
  (walk, args, call, state) => {
    let at = 0;
    for (let text = textAt(args, at); text !== null && /^-./.test(text); text = textAt(args, at)) {
      if (name === "command" && /^-[pvV]*[vV]/.test(text)) return record(walk, args, call, state, name);
      at++;
      if (text === "--") break;
      if (withValue.test(text)) at++;
    }
    const words = args.slice(at);
    const [program] = words;
    if (program === undefined) return record(walk, args, call, state, name);
    const names = program.count === "one" ? textsOf(program.value) : null;
    const inner: Call = { ...call, words };
    if (names === null) return run(walk, inner, state);
    const outputs = names.map((each) => {
      const builtin = builtins.get(each);
      if (builtin !== undefined) return builtin(walk, words.slice(1), inner, state);
      return runProgram(walk, each, words.slice(1), inner, withEnvironment(state, call.assigned));
    });
    return outputs[0] ?? noOutput;
  };

const setOptions: Builtin = (walk, args, call, state) => {
  if (args.length === 0) return recordEnvironment(walk, args, call, state, "set");
  const dashes = args.findIndex(({ value }) => textOf(value) === "--");
  if (dashes >= 0) state.positional = args.slice(dashes + 1);
  else if (!/^[-+]/.test(textAt(args, 0) ?? "")) state.positional = args;
  return record(walk, args, call, state, "set");
};

const shift: Builtin = (walk, args, call, state) => {
  const count = Number(textAt(args, 0) ?? "1");
  const known = state.positional?.slice(0, count).every((word) => word.count === "one");
  state.positional = known && state.positional !== null ? state.positional.slice(count) : null;
  return record(walk, args, call, state, "shift");
};

/** `printf -v NAME`; all else of it is an ordinary program. */
const printf: Builtin = (walk, args, call, state) => {
  const start = startOf(args[0]?.value ?? literal(""));
  if (start.startsWith("-v")) {
    const name = start === "-v" ? textAt(args, 1) : start.slice(2);
    if (name === null) state.variables.clear();
    else {
      state.variables.delete(name);
      noteLoader(state, name);
    }
    return record(walk, args, call, state, "printf");
  }
  return runProgram(walk, "printf", args, call, withEnvironment(state, call.assigned));
};

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...["cd", "pushd", "popd"].map((name) => [name, changeFolder(name)] as const),
  ...["export", "declare", "typeset", "local", "readonly"].map((name) => [name, declare(name)] as const),
  ...["unset", "read", "mapfile", "readarray", "getopts", "let"].map((name) => [name, forget(name)] as const),
  ...[
    ":",
    "true",
    "false",
    "exit",
    "return",
    "break",
    "continue",
    "wait",
    "jobs",
    "fg",
    "bg",
    "disown",
    "umask",
    "times",
    "type",
    "help",
    "dirs",
    "test",
    "[",
    "shopt",
    "unalias",
    "ulimit",
    "bind",
    "complete",
    "compgen",
    "compopt",
    "caller",
    "suspend",
    "logout",
  ].map((name) => [name, plain(name)] as const),
  ["hash", hash],
  ["eval", evaluate],
  ["source", source],
  [".", source],
  ["trap", trap],
  ["alias", alias],
  ["command", started("command", /^$/)],
  ["builtin", started("builtin", /^$/)],
  ["exec", started("exec", /^-[cl]*a$/)],
  ["set", setOptions],
  ["shift", shift],
  ["printf", printf],
]);

/** Programs that start another one on what they find or read: `find`, `xargs`, `parallel`. */
import { hasFlag, valuesOf } from "../arguments.js";
import { enter, runStarted, type Tool } from "../call.js";
import { addEffects, addPath, doubt } from "../draft.js";
import { concat, hole, literal, one, type Part, partsOf, pattern, textOf, type Value, type Word } from "../value.js";
import { noStdin, type Output, unknownOutput } from "../walk.js";

/** Tests and actions of find that take a word. */
const withValue =
  /^-(?:amin|anewer|atime|cmin|cnewer|context|ctime|D|fstype|gid|group|ilname|iname|inum|ipath|iregex|iwholename|links|lname|maxdepth|mindepth|mmin|mtime|name|newer..|newer|path|perm|printf|regex|regextype|samefile|size|type|uid|used|user|wholename|xtype)$/;
const withoutValue =
  /^(?:-(?:a|and|o|or|not|daystart|depth|d|empty|executable|false|true|follow|H|L|P|O\d|ignore_readdir_race|noignore_readdir_race|mount|xdev|nogroup|nouser|noleaf|print|print0|prune|quit|readable|writable|warn|nowarn|ls|help|version)|[!(),])$/;

export function find(tool: Tool): Output {
  const { walk, draft, call } = tool;
  const words = call.words.slice(1);
  const start = words.findIndex(
    ({ value }) => /^[-!(),]/.test(textOf(value) ?? "-") && !/^-[HLPDO]/.test(textOf(value) ?? ""),
  );
  const roots = words
    .slice(0, start < 0 ? words.length : start)
    .filter(({ value }) => !/^-/.test(textOf(value) ?? "x"));
  const folders = roots.length === 0 ? [literal(".")] : roots.map(({ value }) => value);
  const rest = start < 0 ? [] : words.slice(start);
  for (const folder of folders) addPath(walk, draft, folder, { op: "read", recursive: true, names_only: true });
  for (let at = 0; at < rest.length; ) at = readTest(tool, folders, rest, at);
  const [folder, ...others] = folders;
  const each = folder === undefined || others.length > 0 ? null : foundIn(folder, rest);
  return each === null ? unknownOutput : { ...unknownOutput, each };
}

/** Reads one test or action; the index behind it. */
function readTest(tool: Tool, folders: readonly Value[], words: readonly Word[], at: number): number {
  const { walk, draft } = tool;
  const word = words[at];
  const text = word === undefined || word.count !== "one" ? null : textOf(word.value);
  if (text === null) {
    doubt(draft, "find_expression");
    return at + 1;
  }
  draft.flags.add(text);
  if (text === "-delete")
    for (const folder of folders)
      addPath(walk, draft, foundIn(folder, words.slice(0, at)), { op: "delete", recursive: true });
  if (/^-(?:exec|execdir|ok|okdir)$/.test(text)) return runFound(tool, folders, words, at + 1);
  if (/^-(?:fprint|fprint0|fls)$/.test(text)) return writeTo(tool, words, at + 1, 1);
  if (text === "-fprintf") return writeTo(tool, words, at + 1, 2);
  if (text === "-files0-from") doubt(draft, "find_expression");
  if (withValue.test(text) || text === "-files0-from") return at + 2;
  if (!withoutValue.test(text) && text !== "-delete") doubt(draft, `unknown_flag:${text}`);
  return at + 1;
}

function writeTo({ walk, draft }: Tool, words: readonly Word[], at: number, size: number): number {
  addPath(walk, draft, words[at]?.value ?? hole("argument"), { op: "write" });
  return at + size;
}

/** `-exec command {} ;`: each `{}` is a path below one of the folders. */
function runFound(tool: Tool, folders: readonly Value[], words: readonly Word[], from: number): number {
  const end = words.findIndex(
    ({ value }, i) =>
      i >= from &&
      (textOf(value) === ";" || (textOf(value) === "+" && textOf(words[i - 1]?.value ?? literal("")) === "{}")),
  );
  const command = words.slice(from, end < 0 ? words.length : end);
  for (const folder of folders) {
    const found = foundIn(folder, words.slice(0, from));
    const filled = command.map((word) => fillBraces(word, "{}", one(found)));
    runStarted(tool.walk, { words: filled, assigned: [], redirects: [], stdin: tool.call.stdin }, enter(tool));
  }
  return end < 0 ? words.length : end + 1;
}

/** A path that find gives: below the folder, and by the name that a single `-name` asks for. */
function foundIn(folder: Value, tests: readonly Word[]): Value {
  const below: Part[] = [...partsOf(folder), "/", { may_be: "below", why: "find" }];
  const texts = tests.map(({ value }) => textOf(value));
  const at = texts.indexOf("-name");
  const isOnly =
    at >= 0 && !texts.some((text) => text === null || /^(?:-o|-or|!|-not|[(),]|-exec.*|-ok.*)$/.test(text));
  const name = isOnly ? texts[at + 1] : null;
  if (name === null || name === undefined) return pattern(below);
  const parts = [...name].map((letter): Part => (/[*?[\]\\]/.test(letter) ? { may_be: "name", why: "glob" } : letter));
  return pattern([...below, "/", ...parts]);
}

/** `word` with `mark` replaced by what stands for it. */
function fillBraces(word: Word, mark: string, filling: Word): Word {
  const text = textOf(word.value);
  if (text === null || !text.includes(mark)) return word;
  if (text === mark) return filling;
  const value = text
    .split(mark)
    .map(literal)
    .reduce((a, b) => concat(concat(a, filling.value), b));
  return { value, count: "one" };
}

/** Words from standard input, behind those of the command or in place of a mark. */
export function xargs(tool: Tool): Output {
  const { invocation, draft, call, walk } = tool;
  addEffects(draft, "exec");
  const [mark] = valuesOf(invocation, "-I", "--replace");
  const isReplacing = hasFlag(invocation, "-I", "--replace");
  const words = invocation.operands.length === 0 ? [one(literal("echo"))] : invocation.operands;
  const input = hole("stdin");
  // Names that end at NUL are taken whole; otherwise a blank in a name makes two of it, and the second may be anything.
  const each = hasFlag(invocation, "--null") ? (call.stdin.each ?? null) : null;
  const filled = isReplacing
    ? words.map((word) => fillBraces(word, mark === undefined ? "{}" : (textOf(mark) ?? "{}"), one(each ?? input)))
    : [...words, each === null ? { value: input, count: "any" as const } : { value: each, count: "glob" as const }];
  runStarted(walk, { words: filled, assigned: [], redirects: [], stdin: noStdin }, enter(tool));
  return { text: null, is_fetched: call.stdin.is_fetched };
}

/** `parallel command ::: a b`: the command on each. Without `:::` the words come from standard input. */
export function parallel(tool: Tool): Output {
  const { invocation, walk, draft } = tool;
  addEffects(draft, "exec");
  const words = invocation.operands;
  const sign = words.findIndex(({ value }) => /^:::\+?$/.test(textOf(value) ?? ""));
  const command = sign < 0 ? words : words.slice(0, sign);
  const items = sign < 0 ? [{ value: hole("stdin"), count: "any" as const }] : words.slice(sign + 1);
  for (const item of items) {
    const hasMark = command.some(({ value }) => textOf(value)?.includes("{}"));
    const filled = hasMark ? command.map((word) => fillBraces(word, "{}", item)) : [...command, item];
    runStarted(walk, { words: filled, assigned: [], redirects: [], stdin: noStdin }, enter(tool));
  }
  return unknownOutput;
}

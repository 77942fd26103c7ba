/**
 * From a word as it is written to the arguments the program receives.
 *
 * In: a word of the tree, and what is known of variables. Out: words with holes. Order as in bash: braces, tilde, parameters,
 * substitutions, splitting, globs, quote removal. Output of a substitution is known only where `outputOf` says so.
 */
import { expandBraces } from "./braces.js";
import type { Script, Word as SyntaxWord, WordPart } from "./parser.js";
import { parseWords } from "./parser.js";
import type { State } from "./state.js";
import {
  concat,
  empty,
  equals,
  type Hole,
  hole,
  literal,
  one,
  oneOf,
  pattern,
  prefixOf,
  textOf,
  textsOf,
  type Value,
  type Word,
  whyOf,
} from "./value.js";

/** What expansion asks of whoever walks the line. */
export interface Expander {
  readonly state: State;
  /** The text a command substitution gives, if it is known. */
  outputOf(script: Script): Value;
}

/** The arguments that `word` becomes: none, one or several. */
export function expandWord(word: SyntaxWord, expander: Expander): readonly Word[] {
  if (word.text.includes("$\\\n")) return [unknownWords("continuation")];
  if (word.parts !== undefined && /^[A-Za-z_]\w*=(?:\\\n)*~/.test(word.text)) return [unknownWords("tilde")];
  const raws = word.text.includes("{") ? expandBraces(word.text) : [word.text];
  if (raws === null) return [unknownWords("too_many_braces")];
  if (raws.length === 1 && raws[0] === word.text) return expandPlain(word, expander);
  return raws.flatMap((raw) => {
    const words = parseWords(raw);
    // A tilde behind `name=` counts only where no brace made the name; which it was can no longer be seen.
    const isOdd = words === null || words.some(({ text }) => /^\w+=~/.test(text));
    return isOdd ? [unknownWords("braces")] : words.flatMap((each) => expandPlain(each, expander));
  });
}

const unknownWords = (why: string): Word => ({ value: hole(why), count: "any" });

/** A word whose braces are expanded already; those that are left are plain text. */
function expandPlain(word: SyntaxWord, expander: Expander): readonly Word[] {
  const { parts } = word;
  return parts === undefined
    ? [one(plainWord(word, expander.state))]
    : expandParts(word, parts.flatMap(withoutBraces), expander);
}

function withoutBraces(part: WordPart): readonly WordPart[] {
  if (part.type !== "BraceExpansion") return [part];
  if (part.parts === undefined) return [plainPart(part, part.text.replaceAll(/\\\n|\\(?=[\s\S])/g, ""))];
  return [plainPart(part, "{"), ...part.parts.flatMap(withoutBraces), plainPart(part, "}")];
}

const plainPart = ({ pos, end }: WordPart, value: string): WordPart => ({
  type: "Literal",
  pos,
  end,
  value,
  text: value,
});

/** The one value of a word that is not split: of an assignment, a redirection, `case`, a here-string. */
export function expandValue(word: SyntaxWord, expander: Expander): Value {
  const { parts, text } = word;
  if (parts === undefined) return plainWord(word, expander.state);
  const start = text.startsWith("~") ? tilde(parts, expander.state) : null;
  return parts.reduce<Value>((value, part, i) => {
    if (i === 0 && start !== null) return start;
    return concat(value, valueOfPart(part, expander));
  }, empty);
}

function plainWord({ text: written, value }: SyntaxWord, state: State): Value {
  const text = written.replaceAll("\\\n", "");
  // Quotes in front of the first slash keep a tilde as it is, and colons are read in more than one way.
  if (text.startsWith("~")) return /^~[^/]*[\\:]/.test(text) ? hole("tilde") : tildeText(value, state);
  // Bash expands a tilde behind `name=` in arguments, too.
  const assigned = /^[A-Za-z_]\w*=(?=~)/.exec(text);
  return assigned === null
    ? literal(value)
    : concat(literal(assigned[0]), tildeText(value.slice(assigned[0].length), state));
}

/** `~/x`, `~`, `~+`; the home of another user is not known. */
function tildeText(text: string, state: State): Value {
  const [, user = "", rest = ""] = /^~([^/:]*)(.*)$/s.exec(text) ?? [];
  return concat(homeOf(user, state), literal(rest));
}

function tilde([first]: readonly WordPart[], state: State): Value | null {
  if (first?.type !== "Literal") return null;
  return first.value.includes("/") ? tildeText(first.value, state) : hole("tilde");
}

function homeOf(user: string, state: State): Value {
  if (user === "") return state.variables.get("HOME")?.value ?? hole("variable:HOME");
  return user === "+" ? state.cwd : hole("tilde");
}

/** Words being built: `open` may still grow, `done` are finished. */
interface Fields {
  readonly done: Word[];
  open: Value;
  /** Whether `open` is a word even if it is empty: something in it was quoted, or is not nothing. */
  isWord: boolean;
  hasGlob: boolean;
  count: Word["count"];
}

function expandParts(word: SyntaxWord, parts: readonly WordPart[], expander: Expander): readonly Word[] {
  const fields: Fields = { done: [], open: empty, isWord: false, hasGlob: false, count: "one" };
  const start = word.text.startsWith("~") ? tilde(parts, expander.state) : null;
  parts.forEach((part, i) => {
    if (i === 0 && start !== null) append(fields, start);
    else addPart(fields, part, expander);
  });
  close(fields);
  return fields.done;
}

function append(fields: Fields, value: Value): void {
  fields.open = concat(fields.open, value);
  fields.isWord = true;
}

function close(fields: Fields): void {
  if (fields.isWord) fields.done.push({ value: fields.open, count: fields.count });
  fields.open = empty;
  fields.isWord = false;
  fields.count = "one";
}

function addPart(fields: Fields, part: WordPart, expander: Expander): void {
  switch (part.type) {
    case "SimpleExpansion":
    case "ParameterExpansion":
      addExpansion(fields, part, expander);
      return;
    case "CommandExpansion":
      addUnquoted(fields, valueOfPart(part, expander));
      return;
    case "ArithmeticExpansion":
      addUnquoted(fields, hole("arithmetic"));
      return;
    case "DoubleQuoted":
    case "LocaleString":
      addQuoted(fields, part.parts, expander);
      return;
    case "Glob":
    case "ExtendedGlob":
      append(fields, valueOfPart(part, expander));
      if (fields.count === "one") fields.count = "glob";
      return;
    default:
      append(fields, valueOfPart(part, expander));
      return;
  }
}

/** Quotes keep a text in one word, but for `"$@"`: that is each argument. */
function addQuoted(fields: Fields, parts: readonly WordPart[], expander: Expander): void {
  const every = parts.length === 1 && isEveryArgument(parts[0]);
  if (every && expander.state.positional !== null) {
    addWords(fields, expander.state.positional);
    return;
  }
  if (every) {
    append(fields, hole("arguments"));
    fields.count = "any";
    return;
  }
  append(fields, empty);
  for (const part of parts) {
    if (isEveryArgument(part)) fields.count = "any";
    append(fields, valueOfPart(part, expander));
  }
}

const isEveryArgument = (part: WordPart | undefined): boolean =>
  part !== undefined && (/^\$(?:@|\{@)/.test(part.text) || /^\$\{[A-Za-z_]\w*\[@\]/.test(part.text));

function addWords(fields: Fields, words: readonly Word[]): void {
  words.forEach((word, i) => {
    if (i > 0) close(fields);
    append(fields, word.value);
    if (word.count !== "one") fields.count = word.count;
  });
}

function addExpansion(fields: Fields, part: WordPart, expander: Expander): void {
  const { positional } = expander.state;
  const isEvery = /^\$(?:[@*]|\{[@*]\})$/.test(part.text);
  if (isEvery && positional?.every(isPlain)) {
    addWords(fields, positional);
    return;
  }
  const value = valueOfPart(part, expander);
  // What splits words was changed: nothing is known of how.
  addUnquoted(fields, expander.state.variables.has("IFS") ? hole("split") : value);
}

const isPlain = ({ value, count }: Word): boolean => count === "one" && /^[^\s*?[\\]+$/.test(textOf(value) ?? " ");

/** What an unquoted expansion gives is split at blanks, and its stars are globs. */
function addUnquoted(fields: Fields, value: Value): void {
  const texts = textsOf(value);
  if (texts === null || (texts.length > 1 && texts.some((text) => /[\s*?[\\]/.test(text)))) {
    append(fields, hole(whyOf(value) ?? "split"));
    fields.count = "any";
    return;
  }
  if (texts.length > 1) {
    // An empty one of them may be no word at all.
    append(fields, value);
    if (texts.includes("")) fields.count = "any";
    return;
  }
  const [text = ""] = texts;
  const words = text.split(/[ \t\n]+/);
  words.forEach((each, i) => {
    if (i > 0) close(fields);
    if (each === "") return;
    const globbed = globOf(each);
    append(fields, globbed ?? literal(each));
    if (globbed !== null && fields.count === "one") fields.count = "glob";
  });
}

/** The pattern of a text that is read as a glob; null when it has nothing to match. */
function globOf(text: string): Value | null {
  if (!/[*?[]/.test(text)) return null;
  return pattern([...text].map((letter) => (/[*?[\]\\]/.test(letter) ? globHole("name") : letter)));
}

const globHole = (may_be: Hole["may_be"]): Hole => ({ may_be, why: "glob" });

function valueOfPart(part: WordPart, expander: Expander): Value {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
      return literal(part.value);
    case "AnsiCQuoted":
      // Unlike in any other quotes, a backslash at the end of a line is kept here.
      if (part.text.includes("\\\n")) return hole("continuation");
      return literal(part.value.split("\0", 1)[0] ?? "");
    case "DoubleQuoted":
    case "LocaleString":
      return part.parts.reduce<Value>((value, each) => concat(value, valueOfPart(each, expander)), empty);
    case "Glob":
      return globValue(part);
    case "ExtendedGlob":
      return { kind: "pattern", parts: [globHole("name")] };
    case "SimpleExpansion":
      return variable(part.text.slice(1), expander.state);
    case "ParameterExpansion":
      return parameter(part, expander);
    case "CommandExpansion":
      return part.script === undefined ? hole("substitution") : expander.outputOf(part.script);
    case "ProcessSubstitution":
      return concat(literal("/dev/fd/"), hole("process_substitution"));
    case "ArithmeticExpansion":
      return hole("arithmetic");
    case "BraceExpansion":
      return literal(part.text);
  }
}

/**
 * What a glob may become: a part of a name that it matches, or itself where nothing matches. A class of one letter, which
 * nobody needs but to disguise a name, is read as both.
 */
function globValue(part: Extract<WordPart, { type: "Glob" }>): Value {
  if (part.kind !== "bracket") return pattern([globHole(part.kind === "star" ? "name" : "letter")]);
  if (part.parts.some(({ type }) => type !== "Literal")) return hole("glob");
  // A slash ends the hunt for a closing bracket: then there is no class, but plain text.
  if (part.value.includes("/")) return literal(part.value);
  const only = /^\[([^\]!^[-])\]$/.exec(part.value)?.[1];
  return only === undefined ? pattern([globHole("name")]) : oneOf([only, part.value]);
}

/** `$name` without braces. What is not set here is not known: it may come from the environment. */
export function variable(name: string, state: State): Value {
  if (/^[1-9]$/.test(name)) {
    const { positional } = state;
    const before = positional?.slice(0, Number(name)) ?? [];
    if (positional === null || before.some(({ count }) => count !== "one")) return hole("arguments");
    return positional[Number(name) - 1]?.value ?? empty;
  }
  if (name === "PWD") return state.cwd;
  return state.variables.get(name)?.value ?? hole(`variable:${name}`);
}

function parameter(part: Extract<WordPart, { type: "ParameterExpansion" }>, expander: Expander): Value {
  const { prefix, index, operation } = part;
  if (prefix !== undefined || index !== undefined) return hole("parameter");
  const value = variable(part.parameter, expander.state);
  if (operation === undefined) return value;
  if (operation.type !== "Default") return hole("parameter");
  const operand = () => expandValue(operation.operand, expander);
  const isSet = expander.state.variables.has(part.parameter);
  const isEmpty = isSet ? equals(value, "") : null;
  switch (operation.operator) {
    case ":-":
      if (isEmpty === false) return value;
      return isEmpty ? operand() : alternatives(value, operand());
    case "-":
      return isSet ? value : alternatives(value, operand());
    case ":+":
      return isEmpty === null ? alternatives(empty, operand()) : isEmpty ? empty : operand();
    case "+":
      return isSet ? operand() : alternatives(empty, operand());
    case ":?":
    case "?":
      return value;
    default:
      // `${x:=y}` may set it.
      expander.state.variables.delete(part.parameter);
      return hole("parameter");
  }
}

function alternatives(a: Value, b: Value): Value {
  const [left, right] = [textsOf(a), textsOf(b)];
  return left !== null && right !== null ? oneOf([...left, ...right]) : hole(whyOf(a) ?? whyOf(b) ?? "parameter");
}

/** Whether an argument may be read as a flag: it begins with a dash, or with something unknown that may be one. */
export function mayBeFlag({ value, count }: Word): boolean {
  if (count === "any") return true;
  const texts = textsOf(value);
  if (texts !== null) return texts.some((text) => text.startsWith("-") && text !== "-");
  const start = prefixOf(value);
  if (start !== "") return start.startsWith("-");
  const [first] = value.kind === "pattern" ? value.parts : [];
  return typeof first === "object" && first.may_be === "any";
}

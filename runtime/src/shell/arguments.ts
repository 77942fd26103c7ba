/**
 * From arguments to what they mean: flags by name, operands, subcommand. In: words with holes, and a spec. Out: an invocation.
 * A word that may be a flag makes the set of flags open; a flag that no spec knows is named, and its arity is `unlisted_take`.
 */
import { mayBeFlag } from "./expand.js";
import type { FlagSpec, ToolSpec } from "./spec.js";
import { dropStart, literal, prefixOf, splitAt, textOf, type Value, type Word } from "./value.js";

export interface GivenFlag {
  readonly spec: FlagSpec;
  /** Null for a switch. */
  readonly value: Value | null;
}

export interface Invocation {
  /** The innermost spec: of the subcommand, where there is one. */
  readonly spec: ToolSpec;
  readonly subcommand: readonly string[];
  /** A subcommand was asked for that the spec does not list, or is not certain. */
  readonly is_unlisted: boolean;
  readonly flags: readonly GivenFlag[];
  /** Flags may be given that are not listed here. */
  readonly flags_open: boolean;
  /** Flags that no spec knows. */
  readonly unknown_flags: readonly string[];
  readonly operands: readonly Word[];
  /** How many of the operands stand before `--`; all of them without one. */
  readonly before_dashes: number;
}

/** What is being read; one a call of `readArguments`. */
interface Reading {
  spec: ToolSpec;
  readonly words: readonly Word[];
  at: number;
  readonly subcommand: string[];
  is_unlisted: boolean;
  readonly flags: GivenFlag[];
  flags_open: boolean;
  readonly unknown_flags: string[];
  readonly operands: Word[];
  /** What an unlisted flag takes: 0 or 1 words behind it. */
  readonly unlisted_take: 0 | 1;
}

/** Reads `words`, the arguments without the program's name. O(words x length). */
export function readArguments(spec: ToolSpec, words: readonly Word[], unlisted_take: 0 | 1 = 0): Invocation {
  const reading: Reading = {
    spec,
    words,
    at: 0,
    subcommand: [],
    is_unlisted: false,
    flags: [],
    flags_open: false,
    unknown_flags: [],
    operands: [],
    unlisted_take,
  };
  let dashes: number | null = null;
  while (reading.at < words.length) {
    const word = words[reading.at];
    if (word === undefined) break;
    reading.at++;
    const text = word.count === "one" ? textOf(word.value) : null;
    if (text === "--") {
      dashes = reading.operands.length;
      reading.operands.push(...words.slice(reading.at));
      break;
    }
    if (word.count === "one" && /^-./s.test(prefixOf(word.value))) {
      readFlag(reading, word.value);
      if (reading.flags.at(-1)?.spec.ends) reading.operands.push(...words.slice(reading.at));
      if (reading.flags.at(-1)?.spec.ends) break;
    } else {
      if (mayBeFlag(word)) reading.flags_open = true;
      if (readOperand(reading, word, text)) break;
    }
  }
  const { at: _, words: __, unlisted_take: ___, ...invocation } = reading;
  return { ...invocation, before_dashes: dashes ?? reading.operands.length };
}

/** Takes one operand; true when everything behind it is operands, too. */
function readOperand(reading: Reading, word: Word, text: string | null): boolean {
  const { spec } = reading;
  const isChoice = reading.operands.length === 0 && spec.subcommands.size > 0;
  if (isChoice) {
    const chosen = text === null ? undefined : spec.subcommands.get(text);
    if (chosen !== undefined) {
      reading.spec = chosen;
      reading.subcommand.push(text ?? "");
      return false;
    }
    if (text !== null && reading.subcommand.length === 0) reading.subcommand.push(text);
    if (!spec.any_subcommand) reading.is_unlisted = true;
  }
  reading.operands.push(word);
  if (!reading.spec.stops) return false;
  reading.operands.push(...reading.words.slice(reading.at));
  return true;
}

function readFlag(reading: Reading, value: Value): void {
  const start = prefixOf(value);
  if (reading.spec.style === "single") {
    readNamed(reading, value, start.startsWith("--") ? 1 : 0);
    return;
  }
  if (start.startsWith("--")) {
    readNamed(reading, value, 0);
    return;
  }
  readCluster(reading, value);
}

/** `--name`, `--name=value`; `drop` leading dashes do not count. */
function readNamed(reading: Reading, value: Value, drop: number): void {
  const split = splitAt(value, "=");
  const written = split === null ? textOf(value) : split[0];
  if (written === null) {
    reading.flags_open = true;
    reading.unknown_flags.push(prefixOf(value));
    return;
  }
  const flag = findNamed(reading.spec, written.slice(drop)) ?? findNamed(reading.spec, written);
  if (flag === null) {
    addUnlisted(reading, written, split !== null);
    return;
  }
  if (flag === "negated") return;
  if (flag.role === null) {
    // A switch that is turned off was not given.
    if (split !== null && isFalse(split[1])) return;
    reading.flags.push({ spec: flag, value: split === null ? null : split[1] });
    return;
  }
  if (split !== null) reading.flags.push({ spec: flag, value: split[1] });
  else if (flag.is_optional) reading.flags.push({ spec: flag, value: null });
  else addWithNext(reading, flag);
}

const isFalse = (value: Value): boolean => ["false", "0", "no", "False", "none"].includes(textOf(value) ?? "");

function addUnlisted(reading: Reading, name: string, hasValue: boolean): void {
  reading.unknown_flags.push(name);
  if (!hasValue && reading.unlisted_take === 1) reading.at++;
}

/** Exactly, or as the only long name that begins so. */
function findNamed(spec: ToolSpec, name: string): FlagSpec | "negated" | null {
  const exact = spec.flags.get(name);
  if (exact !== undefined) return exact;
  if ((spec.style ?? "getopt") === "getopt" && name.length > 2) {
    const matching = new Set(spec.long.filter((each) => each.startsWith(name)).map((each) => spec.flags.get(each)));
    const [only] = matching;
    if (matching.size === 1 && only !== undefined) return only;
  }
  // `--no-force` takes back `--force`; the last one counts, and whoever writes both is read as giving it.
  const positive = name.startsWith("--no-") ? spec.flags.get(`--${name.slice(5)}`) : undefined;
  return positive === undefined ? null : "negated";
}

/** The value is the next word. */
function addWithNext(reading: Reading, flag: FlagSpec): void {
  const next = reading.words[reading.at];
  reading.at++;
  if (next === undefined) return void reading.flags.push({ spec: flag, value: literal("") });
  if (next.count !== "one") reading.flags_open = true;
  reading.flags.push({ spec: flag, value: next.value });
}

/** `-abc`, `-ovalue`, `-o value`. */
function readCluster(reading: Reading, value: Value): void {
  const start = prefixOf(value);
  for (let at = 1; at < start.length; at++) {
    const flag = reading.spec.flags.get(`-${start[at]}`);
    if (flag === undefined) {
      const whole = textOf(value);
      const named = whole === null || at > 1 ? undefined : reading.spec.flags.get(whole);
      if (named !== undefined) {
        addExact(reading, named);
        return;
      }
      addUnlisted(reading, at === 1 ? start : `-${start[at]}`, at + 1 < start.length);
      return;
    }
    if (flag.role === null) {
      reading.flags.push({ spec: flag, value: null });
      continue;
    }
    const glued = dropStart(value, at + 1);
    if (textOf(glued) !== "") {
      const isBehindEquals = reading.spec.style === "go" && prefixOf(glued).startsWith("=");
      return void reading.flags.push({ spec: flag, value: isBehindEquals ? dropStart(glued, 1) : glued });
    }
    if (flag.is_optional) return void reading.flags.push({ spec: flag, value: null });
    addWithNext(reading, flag);
    return;
  }
  if (textOf(value) === null) {
    reading.flags_open = true;
    reading.unknown_flags.push(start);
  }
}

function addExact(reading: Reading, flag: FlagSpec): void {
  if (flag.role === null || flag.is_optional) reading.flags.push({ spec: flag, value: null });
  else addWithNext(reading, flag);
}

export const hasFlag = ({ flags }: Invocation, ...names: readonly string[]): boolean =>
  flags.some(({ spec }) => names.includes(spec.name));

/** Values of a flag, in order. */
export const valuesOf = ({ flags }: Invocation, ...names: readonly string[]): readonly Value[] =>
  flags.flatMap(({ spec, value }) => (names.includes(spec.name) && value !== null ? [value] : []));

export const operandOf = (invocation: Invocation, index: number): Value =>
  invocation.operands[index]?.value ?? literal("");

import type { Tool } from "./call.js";
import { concatAll, literal, textOf, type Value, type Word } from "./value.js";
import { type Output, unknownOutput } from "./walk.js";

/**
 * What a program prints, for the few of which that is certain from the line alone: `echo`, `printf` without a format, and
 * `cat`, `tee` and the like, which hand on what they read. Never more than is sure.
 */
export function outputOf({ call, invocation, draft }: Tool): Output {
  const is_fetched = draft.effects.has("network");
  const given: Output = { text: call.stdin.text, is_fetched: is_fetched || call.stdin.is_fetched };
  switch (textOf(draft.program)) {
    case "echo":
      return { text: echoed(call.words.slice(1)), is_fetched: false };
    case "printf":
      return { text: printed(call.words.slice(1)), is_fetched: false };
    case "cat":
      return invocation.operands.length === 0 && invocation.flags.length === 0 ? given : unknownOutput;
    case "tee":
      return given;
    case "pwd":
      return { text: draft.state.cwd, is_fetched: false };
    default:
      return { text: null, is_fetched: given.is_fetched };
  }
}

function echoed(words: readonly Word[]): Value | null {
  const [first] = words;
  const isQuiet = first !== undefined && textOf(first.value) === "-n";
  const shown = isQuiet ? words.slice(1) : words;
  if (shown.some(({ value, count }, i) => count !== "one" || (i === 0 && /^-[neE]+$/.test(textOf(value) ?? ""))))
    return null;
  const values = shown.flatMap(({ value }, i) => (i === 0 ? [value] : [literal(" "), value]));
  return concatAll(isQuiet ? values : [...values, literal("\n")]);
}

function printed([format, ...rest]: readonly Word[]): Value | null {
  if (format === undefined || format.count !== "one") return null;
  const text = textOf(format.value);
  const [argument, ...more] = rest;
  const isOneText = argument !== undefined && argument.count === "one" && more.length === 0;
  if ((text === "%s" || text === "%s\\n") && isOneText) return argument.value;
  return text === null || /[%\\]/.test(text) || rest.length > 0 ? null : format.value;
}

/**
 * Scripts: the statements of a text, those inside IF, LOOP and BEGIN included. Whichever of them run, each is an action; the
 * condition of an IF or WHILE is one too. O(tokens).
 */
import type { Tokens } from "../lexer/lexer.js";
import type { TokenRange } from "../lexer/statements.js";

/** Words that stand alone between statements. */
const structure = new Set(["ELSE", "LOOP", "REPEAT"]);
/** Words before a condition, and the word behind it. */
const conditions: ReadonlyMap<string, string> = new Map([
  ["IF", "THEN"],
  ["ELSEIF", "THEN"],
  ["WHEN", "THEN"],
  ["WHILE", "DO"],
  ["FOR", "DO"],
  ["UNTIL", "END"],
]);

/** Cuts a text into statements and conditions. What is no script is cut at its semicolons. */
export function splitScript(_tokens: Tokens, words: readonly string[]): readonly TokenRange[] {
  const ranges: TokenRange[] = [];
  for (let at = 0; at < words.length; ) {
    const step = stepAt(words, at);
    if (step.range !== null && step.range.end > step.range.start) ranges.push(step.range);
    at = step.next;
  }
  return ranges;
}

interface Step {
  readonly range: TokenRange | null;
  readonly next: number;
}

const skip = (next: number): Step => ({ range: null, next });

function stepAt(words: readonly string[], at: number): Step {
  const word = words[at] ?? "";
  const next = words[at + 1] ?? "";
  if (word === ";" || structure.has(word)) return skip(at + 1);
  if (next === ":") return skip(at + 2);
  if (word === "BEGIN" && next !== "TRANSACTION" && next !== ";" && next !== "") return skip(at + 1);
  if (word === "EXCEPTION") return skip(at + 4);
  if (word === "END") return skip(endOf(words, at));
  if (word === "CASE") {
    const when = seek(words, at + 1, "WHEN");
    return { range: when > at + 1 ? { start: at, end: when } : null, next: when };
  }
  const closing = conditions.get(word);
  if (closing !== undefined) {
    const end = seek(words, at + 1, closing);
    return { range: { start: at, end }, next: closing === "END" ? end : end + 1 };
  }
  // A procedure's body is a script of its own: where it ends is not read.
  const end = isProcedure(words, at) ? words.length : endOf(words, at);
  return { range: { start: at, end }, next: end };
}

/** The next semicolon, or the end. */
function endOf(words: readonly string[], at: number): number {
  const end = words.indexOf(";", at);
  return end < 0 ? words.length : end;
}

/** The next `word` that belongs to no CASE expression; the end when there is none. */
function seek(words: readonly string[], start: number, word: string): number {
  let cases = 0;
  for (let i = start; i < words.length; i++) {
    if (cases === 0 && words[i] === word) return i;
    if (words[i] === "CASE") cases++;
    else if (words[i] === "END") cases--;
    if (words[i] === ";" && word !== "END") return words.length;
  }
  return words.length;
}

function isProcedure(words: readonly string[], at: number): boolean {
  if (words[at] !== "CREATE") return false;
  return words[at + (words[at + 1] === "OR" ? 3 : 1)] === "PROCEDURE";
}

/** Names that DECLARE and FOR give to variables, folded: a column of that name may be one. */
export function variablesIn({ text, kinds, starts, ends }: Tokens, words: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  words.forEach((word, i) => {
    if (word !== "DECLARE" && word !== "FOR") return;
    for (let at = i + 1; kinds[at] === "word" || kinds[at] === "quoted"; at += 2) {
      found.add(text.slice(starts[at], ends[at]).replaceAll("`", "").toLowerCase());
      if (words[at + 1] !== ",") break;
    }
  });
  return found;
}

/** Where MySQL's statements end: at semicolons, but for the body of a routine, whose end is not read. */
import type { Tokens } from "../lexer/lexer.js";
import { splitStatements, type TokenRange } from "../lexer/statements.js";

const routines = new Set(["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"]);
/** Words that open a block of statements. */
const blocks = new Set(["BEGIN", "LOOP", "REPEAT", "WHILE", "CASE", "IF"]);

/**
 * A routine with a block takes the rest of the text with it: how the server would go on behind its END is not known, and the
 * routine's own facts say that nothing is.
 */
export function splitMysql(tokens: Tokens, words: readonly string[]): readonly TokenRange[] {
  const ranges = splitStatements(tokens);
  const first = ranges.findIndex((range) => opensBlock(words, range));
  const routine = ranges[first];
  if (routine === undefined || first === ranges.length - 1) return ranges;
  return [...ranges.slice(0, first), { start: routine.start, end: tokens.kinds.length }];
}

/** Whether a statement creates or alters a routine with a block in it. */
export function opensBlock(words: readonly string[], { start, end }: TokenRange): boolean {
  if (words[start] !== "CREATE" && words[start] !== "ALTER") return false;
  let is_routine = false;
  for (let i = start + 1; i < end; i++) {
    const word = words[i] ?? "";
    if (routines.has(word)) is_routine = true;
    // IF [NOT] EXISTS, and the function IF.
    else if (is_routine && blocks.has(word) && words[i + 1] !== "(" && !isExistence(words, i)) return true;
  }
  return false;
}

const isExistence = (words: readonly string[], i: number): boolean =>
  words[i] === "IF" && (words[i + 1] === "EXISTS" || (words[i + 1] === "NOT" && words[i + 2] === "EXISTS"));

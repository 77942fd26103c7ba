/**
 * From a text to actions, for the dialects without a server's grammar at hand.
 *
 * In: a text, and a dialect: lexical rules, words, functions, a reader for each verb. Out: an action a statement. A text passes
 * gate and lexer, is cut into statements, and each is read to its very end: the parsers build a skeleton of what decides facts
 * (`tree.ts`), the `analyse-` files walk it with the names in sight and write into a ledger. Parsers are wide inside values,
 * where the server rejects what it does not know, and strict about everything that brings in a table, a call or a condition.
 * What a reader does not understand is opaque. Absent: what single words of a dialect mean, which is in its own folder.
 */
import type { Action, ByteRange } from "../../facts/index.js";
import { passGate } from "../gate.js";
import { mentionsOf } from "../lexer/identifiers.js";
import { asLimit, lex, type Tokens } from "../lexer/lexer.js";
import type { LexicalRules } from "../lexer/rules.js";
import { byteRangesOf, splitStatements, type TokenRange } from "../lexer/statements.js";
import { limits } from "../limits.js";
import { actionsOf, opaque, type StatementFacts } from "../sequence.js";
import { NotUnderstood, openCursor, TooDeep, wordsOf } from "./cursor.js";
import { type Setting, TooComplex } from "./scope.js";
import { analyseStatement, type Readers } from "./statement.js";

export interface Dialect {
  readonly rules: LexicalRules;
  readonly setting: Setting;
  readonly readers: Readers;
  /** The statements of a text, those inside a script included. Throws what the parser throws. */
  readonly split?: (tokens: Tokens, words: readonly string[]) => readonly TokenRange[];
  /** Why nothing about this text is certain, or null. */
  readonly doubt: string | null;
}

/** Levels of texts that run texts. */
const nested_max = 4;

/** Actions of `text`. Never throws. */
export function analyseText(text: string, dialect: Dialect, level = 0): readonly Action[] {
  if (level > nested_max) return [opaque("too_deep")];
  const passage = passGate(text);
  if (passage.kind === "refused") return [opaque(passage.reason)];
  const lexed = lex(text, dialect.rules);
  if (lexed.kind === "refused") return [opaque(refusalText(lexed.reason))];
  const { tokens } = lexed;
  const words = wordsOf(tokens);
  const ranges = guarded(() => (dialect.split ?? splitStatements)(tokens, words));
  if (typeof ranges === "string") return [opaque(ranges)];
  if (ranges.length > limits.statements) return [opaque("too_many_statements")];
  const places = byteRangesOf(tokens, ranges, passage.bytes.length);
  return analyseRanges(dialect, tokens, words, ranges, places, level);
}

const refusalText = (reason: Parameters<typeof asLimit>[0]): string =>
  asLimit(reason) ?? (reason === "executable_comment" ? reason : "parse_error");

function analyseRanges(
  dialect: Dialect,
  tokens: Tokens,
  words: readonly string[],
  ranges: readonly TokenRange[],
  places: readonly ByteRange[],
  level: number,
): readonly Action[] {
  const nested = new Map<TokenRange, string>();
  const actions = actionsOf(
    ranges.map((range, i) => [range, places[i]] as const),
    (range, doubt): StatementFacts => {
      const read = guarded(() => {
        const cursor = openCursor(dialect.setting.grammar, tokens, words, range);
        return analyseStatement(
          cursor,
          dialect.setting,
          dialect.readers,
          dialect.doubt ?? doubt,
          mentionsOf(tokens, range),
        );
      });
      if (typeof read === "string") return { kind: "opaque", reason: read };
      if (read.kind === "facts") return read;
      nested.set(range, read.text);
      return { kind: "opaque", reason: "nested_text" };
    },
  );
  return actions.flatMap((action, i) => {
    const text = ranges[i] === undefined ? undefined : nested.get(ranges[i]);
    return text === undefined ? [action] : nestedActions(text, dialect, level, places[i]);
  });
}

/** The actions of a literal that is run as a text; they stand where it stands. */
function nestedActions(text: string, dialect: Dialect, level: number, place?: ByteRange): readonly Action[] {
  const range = place === undefined ? {} : { range: place };
  return analyseText(text, dialect, level + 1).map((action) => ({ ...action, ...range }));
}

/** What `read` gives, or why it gave up. */
function guarded<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotUnderstood) return "parse_error";
    if (error instanceof TooComplex) return "too_complex";
    return error instanceof TooDeep || error instanceof RangeError ? "too_deep" : "internal_error";
  }
}

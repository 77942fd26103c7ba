/** The query of a view, read from its definition in a catalog. */
import { lex } from "../lexer/lexer.js";
import type { LexicalRules } from "../lexer/rules.js";
import { isAtEnd, openCursor, wordsOf } from "./cursor.js";
import type { Grammar } from "./grammar.js";
import { parseQuery } from "./query-parser.js";
import type { Query } from "./tree.js";

/** Reads definitions; null for one that is not understood. */
export const viewReader =
  (grammar: Grammar, rules: LexicalRules) =>
  (definition: string): Query | null => {
    const lexed = lex(definition, rules);
    if (lexed.kind === "refused") return null;
    const { tokens } = lexed;
    const cursor = openCursor(grammar, tokens, wordsOf(tokens), { start: 0, end: tokens.kinds.length });
    try {
      const query = parseQuery(cursor);
      return isAtEnd(cursor) ? query : null;
    } catch {
      return null;
    }
  };

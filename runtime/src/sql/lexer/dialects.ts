/**
 * The lexical rules of each dialect, one table a mode. Sources: PostgreSQL `scan.l`, MySQL and MariaDB `sql_lex.cc`,
 * BigQuery's page on lexical structure.
 */
import { classesWith, type LexicalRules, operatorsOf, type Quote, wordPartsWith } from "./rules.js";

const quote = (kind: Quote["kind"], how: Partial<Quote>): Quote => ({
  kind,
  doubled: false,
  backslash: false,
  triple: false,
  ...how,
});

const plainString = quote("string", { doubled: true });
const escapeString = quote("string", { doubled: true, backslash: true });
const plainName = quote("quoted", { doubled: true });

const postgresPrefixes: LexicalRules["prefixes"] = new Map([
  ["e", { single: escapeString, double: null }],
  ["b", { single: plainString, double: null }],
  ["x", { single: plainString, double: null }],
  ["n", { single: plainString, double: null }],
]);

/** PostgreSQL; `standard_strings` is the setting standard_conforming_strings. */
export const postgresRules = (standard_strings = true): LexicalRules => ({
  classes: classesWith({ dollar_words: false }),
  word_parts: wordPartsWith(/[A-Za-z0-9_$]/),
  wide_letters: true,
  single: standard_strings ? plainString : escapeString,
  double: plainName,
  backtick: null,
  prefixes: postgresPrefixes,
  continued_strings: true,
  dollar_quotes: true,
  dash_comment: "always",
  hash_comment: false,
  comment_ends_at_return: true,
  nested_comments: true,
  executable_comments: false,
  at_sign: "operator",
  question_parameters: false,
  number: /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y,
  number_then_letters: "two_tokens",
  operators: operatorsOf("::"),
});

/** What of `sql_mode` changes where tokens end and what they are. */
export interface MysqlLexicalModes {
  readonly ansi_quotes: boolean;
  readonly no_backslash_escapes: boolean;
}

/** MySQL and MariaDB. */
export function mysqlRules({ ansi_quotes, no_backslash_escapes }: MysqlLexicalModes): LexicalRules {
  const string = no_backslash_escapes ? plainString : escapeString;
  return {
    classes: classesWith({ dollar_words: true }),
    word_parts: wordPartsWith(/[A-Za-z0-9_$]/),
    wide_letters: true,
    single: string,
    double: ansi_quotes ? plainName : string,
    backtick: plainName,
    prefixes: new Map([
      ["n", { single: string, double: null }],
      ["x", { single: quote("string", {}), double: null }],
      ["b", { single: quote("string", {}), double: null }],
    ]),
    continued_strings: false,
    dollar_quotes: false,
    dash_comment: "before_blank",
    hash_comment: true,
    comment_ends_at_return: false,
    nested_comments: false,
    executable_comments: true,
    at_sign: "variable",
    question_parameters: true,
    number:
      /0x[\da-fA-F]+(?![\w$\u0080-\uffff])|0b[01]+(?![\w$\u0080-\uffff])|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+/y,
    number_then_letters: "word",
    operators: operatorsOf("<=> ->> -> := <= >= <> != || && << >>"),
  };
}

const bigqueryString = quote("string", { backslash: true, triple: true });
const bigqueryStrings = { single: bigqueryString, double: bigqueryString };

/** BigQuery (GoogleSQL). A raw string's backslash does not escape, but still takes the next character with it. */
export const bigqueryRules: LexicalRules = {
  classes: classesWith({ dollar_words: false }),
  word_parts: wordPartsWith(/[A-Za-z0-9_]/),
  wide_letters: false,
  single: bigqueryString,
  double: bigqueryString,
  backtick: quote("quoted", { backslash: true }),
  prefixes: new Map(["r", "b", "rb", "br"].map((prefix) => [prefix, bigqueryStrings])),
  continued_strings: false,
  dollar_quotes: false,
  dash_comment: "always",
  hash_comment: true,
  comment_ends_at_return: true,
  nested_comments: false,
  executable_comments: false,
  at_sign: "parameter",
  question_parameters: true,
  // The dot of `project-1.dataset` is none of a number.
  number: /0[xX][\da-fA-F]+|(?:\d+(?:\.(?![A-Za-z_])\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y,
  number_then_letters: "refused",
  // No `>>`: it also closes two types. Whoever reads an expression joins two adjacent `>`.
  operators: operatorsOf("<= >= <> != || << => -> |> += -="),
};

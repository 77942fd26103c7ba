/**
 * The words and signs of HPL, for chevrotain's lexer.
 *
 * In: source text. Out: token types, most specific first, because chevrotain takes the first that matches. Reserved words
 * are words only after a dot (category `AnyWord`); all other keywords are soft: where the grammar wants a name, they are
 * names (category `Word`). Text literals are one token each, quotes included; what they hold is decoded by
 * `text-literal.ts`. Broken spellings (`Unterminated`, `BadWord`) have tokens of their own, so that the parser sees a word
 * where the author wrote one and the error can say what is wrong with it. There is no indentation and no line structure.
 */
import { type CustomPatternMatcherFunc, createToken, type IToken, Lexer, type TokenType } from "chevrotain";

export const AnyWord = createToken({ name: "AnyWord", pattern: Lexer.NA, label: "a name" });
export const Word = createToken({ name: "Word", pattern: Lexer.NA, label: "a name", categories: [AnyWord] });

/** A name with capitals or a leading underscore: an error, but one word. */
export const BadWord = createToken({
  name: "BadWord",
  pattern: /[a-z0-9_]*[A-Z][A-Za-z0-9_]*|_[A-Za-z0-9_]*/,
  label: "a name",
  categories: [Word],
});
export const Identifier = createToken({
  name: "Identifier",
  pattern: /[a-z][a-z0-9_]*/,
  label: "a name",
  longer_alt: BadWord,
  categories: [Word],
});

// `longer_alt` keeps `masked_rows` one identifier instead of `mask` + `ed_rows`.
const keyword = (word: string, category: TokenType): TokenType =>
  createToken({
    name: `Kw_${word}`,
    pattern: word,
    label: `\`${word}\``,
    longer_alt: [BadWord, Identifier],
    categories: [category],
  });
const keywords = <W extends string>(words: readonly W[], category: TokenType): Readonly<Record<W, TokenType>> =>
  Object.fromEntries(words.map((word) => [word, keyword(word, category)])) as Record<W, TokenType>;

/** Never a name, except after a dot. */
export const reserved = keywords(
  // biome-ignore format: a table of words
  ["and", "or", "not", "in", "like", "matches", "has", "only", "is", "any", "all", "no", "where", "when", "unless", "granted", "true", "false"],
  AnyWord,
);

/** Words that start an item, at the start of a line. */
export const item = keywords(
  // biome-ignore format: a table of words
  ["policy", "library", "use", "default", "group", "let", "define", "data", "attribute", "label", "window", "grant", "counter", "detector", "allow", "block", "require", "mask", "limit", "exception", "test", "prove", "assume", "fixture"],
  Word,
);

/** Words kept for items of later versions of the language: recognised, so that one clear error names them. */
export const futureItem = keywords(["filter", "inspect"], Word);

/** Words that start a line of a body. No word is in both lists: a missing `}` is then one error. */
export const body = keywords(
  // biome-ignore format: a table of words
  ["why", "fix", "control", "hit", "miss", "even", "audit", "predicates", "rows", "time", "bytes", "given", "expect", "pattern", "check", "context"],
  Word,
);

/** Words inside an item. */
export const clause = keywords(
  // biome-ignore format: a table of words
  ["governs", "for", "as", "on", "column", "after", "approval", "from", "of", "within", "with", "but", "hard", "soft", "advisory", "values", "unknown", "if", "incomplete", "ignore", "cidr", "present", "absent", "then", "stop", "to", "until", "reason", "approved", "by", "daily", "asking", "lasting", "telling", "labelled", "per", "over", "at", "always", "never", "approve", "this", "at_least_as_strict_as", "bundle"],
  Word,
);

/** Types of parameters and attributes: the only words with capitals, and never names. */
export const TypeName = createToken({
  name: "TypeName",
  pattern: /(?:String|Number|Bool|Group|Time|Label)(?![A-Za-z0-9_])/,
  label: "a type",
});

const sign = (name: string, text: string): TokenType => createToken({ name, pattern: text, label: `\`${text}\`` });

export const LeftBrace = sign("LeftBrace", "{");
export const RightBrace = sign("RightBrace", "}");
export const LeftParenthesis = sign("LeftParenthesis", "(");
export const RightParenthesis = sign("RightParenthesis", ")");
export const Comma = sign("Comma", ",");
export const Dot = sign("Dot", ".");
export const Colon = sign("Colon", ":");
export const Equals = sign("Equals", "=");
export const Question = sign("Question", "?");

/** `== != < <= > >=` */
export const Operator = createToken({ name: "Operator", pattern: /[=!<>]=|[<>]/, label: "a comparison" });

export const Text = createToken({
  name: "Text",
  pattern: /"""[\s\S]*?"""|"(?:[^"\\\n]|\\[^\n])*"|'[^'\n]*'/,
  label: "text in quotes",
  line_breaks: true,
});

/** A quote that is never closed on its line, or `"""` that is never closed. */
export const Unterminated = createToken({
  name: "Unterminated",
  pattern: /"""[\s\S]*|["'][^\n]*/,
  label: "text in quotes",
  line_breaks: true,
  categories: [Text],
});

export const Duration = createToken({
  name: "Duration",
  pattern: /\d[\d_]*(?:ms|[smhd])(?![A-Za-z0-9_])/,
  label: "a time such as `30m`",
});
export const Size = createToken({
  name: "Size",
  pattern: /\d[\d_]* ?(?:[kKMGT]i?)?B(?![A-Za-z0-9_])/,
  label: "a size such as `10 MB`",
});
// Wider than what is right, so that a wrong point in time is one word and the error can say what is wrong with it.
export const Instant = createToken({
  name: "Instant",
  pattern: /\d{4}-\d\d?-\d\d?(?:[Tt][\d:.]*(?:[Zz]|[+-]\d\d:?(?:\d\d)?)?)?(?![A-Za-z0-9_])/,
  label: "a point in time such as `2026-12-01T00:00Z`",
});
export const TimeOfDay = createToken({
  name: "TimeOfDay",
  pattern: /\d\d?:\d\d(?::\d\d)?(?![A-Za-z0-9_:])/,
  label: "a time of day such as `09:00`",
});
export const Integer = createToken({ name: "Integer", pattern: /\d[\d_]*/, label: "a number" });

// Control identifiers (`soc2:CC8.1`, `nist:AC-6(9)`) have signs and capitals that mean nothing elsewhere, so they are
// looked for only right after `control`.
const controlPattern = /[a-z][a-z0-9_]*:[A-Za-z0-9][A-Za-z0-9._()-]*/y;
const matchControl: CustomPatternMatcherFunc = (text: string, offset: number, matched: IToken[]) => {
  if (matched.at(-1)?.tokenType !== body.control) return null;
  controlPattern.lastIndex = offset;
  return controlPattern.exec(text);
};
export const ControlId = createToken({
  name: "ControlId",
  pattern: matchControl,
  label: "a control such as `soc2:CC8.1`",
  line_breaks: false,
  start_chars_hint: Array.from("abcdefghijklmnopqrstuvwxyz"),
});

const Trivia = createToken({
  name: "Trivia",
  pattern: /(?:[ \t\r\n]|#[^\n]*)+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

// Longest first: at `allow`, the keyword `all` would otherwise win and be read as the longer `Identifier`.
const allKeywords = [reserved, item, futureItem, body, clause]
  .flatMap((words): TokenType[] => Object.values(words))
  .sort((a, b) => b.name.length - a.name.length);

/** In the order chevrotain tries them. */
export const tokenTypes: readonly TokenType[] = [
  Trivia,
  ControlId,
  ...allKeywords,
  TypeName,
  ...[Instant, TimeOfDay, Duration, Size], // Before `BadWord`, which `1kB` would be.
  BadWord,
  Identifier,
  Text,
  Unterminated,
  Integer,
  Operator,
  Equals,
  Question,
  LeftBrace,
  RightBrace,
  LeftParenthesis,
  RightParenthesis,
  Comma,
  Dot,
  Colon,
  Word,
  AnyWord,
];

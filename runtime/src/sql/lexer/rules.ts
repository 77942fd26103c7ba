/**
 * What the lexical rules of a dialect and a mode of it are made of. The engine in `lexer.ts` knows no dialect: it is driven
 * by one of these tables.
 */

/** How a quoted token is read. */
export interface Quote {
  /** A value, or a name. */
  readonly kind: "string" | "quoted";
  /** Whether the quote written twice stands for itself. */
  readonly doubled: boolean;
  /** Whether a backslash takes the next character with it. */
  readonly backslash: boolean;
  /** Whether three quotes open a token that only three quotes close. */
  readonly triple: boolean;
}

export interface LexicalRules {
  /** By ASCII code: what a token that starts with it can be. */
  readonly classes: Uint8Array;
  /** By ASCII code: 1 where the character can stand inside a word. */
  readonly word_parts: Uint8Array;
  /** Whether characters beyond ASCII are letters; else they may stand only in quotes and comments. */
  readonly wide_letters: boolean;
  readonly single: Quote;
  readonly double: Quote;
  /** Null where the backtick is no quote. */
  readonly backtick: Quote | null;
  /** Lower-case words that say how the quote right behind them is read. */
  readonly prefixes: ReadonlyMap<string, { readonly single: Quote; readonly double: Quote | null }>;
  /** Whether `'a'`, a line break and `'b'` are one string, read by the rules of its first part. */
  readonly continued_strings: boolean;
  readonly dollar_quotes: boolean;
  /** Whether `--` is a comment anywhere, or only before a blank, a control character or the end. */
  readonly dash_comment: "always" | "before_blank";
  readonly hash_comment: boolean;
  /** Whether a carriage return ends a line comment; a line feed always does. */
  readonly comment_ends_at_return: boolean;
  readonly nested_comments: boolean;
  /** Whether some comments are code. They are refused: which servers run them depends on their version. */
  readonly executable_comments: boolean;
  /** What `@` starts: a variable, a named parameter (`@@` then starts a variable), or an operator. */
  readonly at_sign: "variable" | "parameter" | "operator";
  readonly question_parameters: boolean;
  /** A number, sticky. */
  readonly number: RegExp;
  /** What digits followed by letters are. */
  readonly number_then_letters: "word" | "two_tokens" | "refused";
  /** Operators longer than one character, longest first, by their first character. */
  readonly operators: ReadonlyMap<string, readonly string[]>;
}

/** The classes of `LexicalRules.classes`. Zero is for characters that start nothing. */
export const characterClass = {
  none: 0,
  blank: 1,
  word: 2,
  digit: 3,
  single: 4,
  double: 5,
  backtick: 6,
  dash: 7,
  hash: 8,
  slash: 9,
  dot: 10,
  at: 11,
  dollar: 12,
  question: 13,
  open: 14,
  close: 15,
  operator: 16,
} as const;

const members: readonly (readonly [keyof typeof characterClass, RegExp])[] = [
  ["blank", /[ \t\n\v\f\r]/],
  ["word", /[A-Za-z_]/],
  ["digit", /\d/],
  ["single", /'/],
  ["double", /"/],
  ["backtick", /`/],
  ["dash", /-/],
  ["hash", /#/],
  ["slash", /\//],
  ["dot", /\./],
  ["at", /@/],
  ["dollar", /\$/],
  ["question", /\?/],
  ["open", /[([{]/],
  ["close", /[)\]}]/],
  ["operator", /[!%&*+,:;<=>^|~\\]/],
];

const codes = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** The classes that all dialects share; `$` starts a word in some. */
export const classesWith = ({ dollar_words }: { readonly dollar_words: boolean }): Uint8Array =>
  Uint8Array.from(codes, (character) => {
    if (dollar_words && character === "$") return characterClass.word;
    const [name] = members.find(([, pattern]) => pattern.test(character)) ?? (["none"] as const);
    return characterClass[name];
  });

export const wordPartsWith = (pattern: RegExp): Uint8Array =>
  Uint8Array.from(codes, (character) => Number(pattern.test(character)));

export const operatorsOf = (text: string): ReadonlyMap<string, readonly string[]> => {
  const all = text.split(" ").toSorted((a, b) => b.length - a.length);
  return new Map(all.map((operator) => [operator.charAt(0), all.filter((other) => other[0] === operator[0])]));
};

/**
 * The lexer: one engine for all dialects.
 *
 * In: a text that passed the gate, and the lexical rules of a dialect and mode. Out: its tokens as three parallel lists, or
 * why it is refused: an unclosed quote or comment, a comment that some servers run, too many tokens, too deep brackets, a
 * character that starts nothing. It was shaped by its speed (no object a token, no regular expression but for numbers) and by
 * its promise: a token ends where the server's own ends. Absent: grammar, keywords, the meaning of escapes.
 */
import { limits } from "../limits.js";
import { characterClass, type LexicalRules, type Quote } from "./rules.js";

export type TokenKind = "word" | "quoted" | "string" | "number" | "parameter" | "variable" | "operator";

/** Tokens of `text` without blanks and comments. Token `i` is `text.slice(starts[i], ends[i])`, in UTF-16 code units. */
export interface Tokens {
  readonly text: string;
  readonly kinds: readonly TokenKind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether a comment holds hints for the optimizer, which can change settings. */
  readonly has_hints: boolean;
}

export type Lexed =
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  | { readonly kind: "refused"; readonly reason: LexicalRefusal };

export type LexicalRefusal =
  | "unclosed"
  | "executable_comment"
  | "bad_character"
  | "bad_number"
  | "too_many_tokens"
  | "too_deep";

/** The name of the limit that was met; null when the text is refused for what it says. */
export const asLimit = (refusal: LexicalRefusal): string | null =>
  refusal === "too_many_tokens" || refusal === "too_deep" ? refusal : null;

/** Cuts `text` into tokens. Never throws. Linear in the text, but for dollar quotes, of which each is searched once. */
export function lex(text: string, rules: LexicalRules): Lexed {
  const reader = new Reader(text, rules);
  const refusal = reader.read();
  if (refusal !== null) return { kind: "refused", reason: refusal };
  const { kinds, starts, ends, has_hints } = reader;
  return { kind: "tokens", tokens: { text, kinds, starts, ends, has_hints } };
}

const [lineFeed, carriageReturn, star, slash, dash, backslash, plus] = [10, 13, 42, 47, 45, 92, 43];
const [singleQuote, doubleQuote, backtick, ampersand, dollar, at, dot] = [39, 34, 96, 38, 36, 64, 46];

/** Codes of a position that is none: what was opened does not close, or is refused. */
const unclosed = -1;
const executable = -2;

/** The state of one reading. A class, because the engine's speed rests on fields of one shape. */
class Reader {
  readonly kinds: TokenKind[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  has_hints = false;
  private depth = 0;
  private readonly text: string;
  private readonly rules: LexicalRules;

  constructor(text: string, rules: LexicalRules) {
    this.text = text;
    this.rules = rules;
  }

  /** Reads everything; null when all was well. */
  read(): LexicalRefusal | null {
    const { text, rules } = this;
    const { classes } = rules;
    let position = 0;
    while (position < text.length) {
      const code = text.charCodeAt(position);
      const kind = code < 128 ? classes[code] : rules.wide_letters ? characterClass.word : characterClass.none;
      if (kind === characterClass.blank) {
        position++;
        continue;
      }
      const end = this.readOne(position, kind ?? 0);
      if (typeof end === "string") return end;
      if (this.kinds.length > limits.tokens) return "too_many_tokens";
      if (end < 0) return end === executable ? "executable_comment" : "unclosed";
      position = end;
    }
    return null;
  }

  /** Reads one token or comment; gives the position behind it. */
  private readOne(start: number, kind: number): number | LexicalRefusal {
    switch (kind) {
      case characterClass.word:
        return this.word(start);
      case characterClass.digit:
        return this.number(start);
      case characterClass.single:
        return this.quoted(start, start, this.rules.single);
      case characterClass.double:
        return this.quoted(start, start, this.rules.double);
      case characterClass.backtick:
        return this.rules.backtick === null ? this.operator(start) : this.quoted(start, start, this.rules.backtick);
      case characterClass.dash:
        return this.startsDashComment(start) ? this.afterLine(start) : this.operator(start);
      case characterClass.hash:
        return this.rules.hash_comment ? this.afterLine(start) : this.operator(start);
      case characterClass.slash:
        return this.text.charCodeAt(start + 1) === star ? this.afterComment(start) : this.operator(start);
      case characterClass.dot:
        return this.isDigit(start + 1) && !this.followsName(start) ? this.number(start) : this.operator(start);
      case characterClass.at:
        return this.rules.at_sign === "operator" ? this.operator(start) : this.variable(start);
      case characterClass.dollar:
        return this.dollar(start);
      case characterClass.question:
        return this.rules.question_parameters ? this.add("parameter", start, start + 1) : this.operator(start);
      case characterClass.open:
        return ++this.depth > limits.nesting ? "too_deep" : this.add("operator", start, start + 1);
      case characterClass.close:
        if (this.depth > 0) this.depth--;
        return this.add("operator", start, start + 1);
      case characterClass.operator:
        return this.operator(start);
      default:
        return "bad_character";
    }
  }

  private add(kind: TokenKind, start: number, end: number): number {
    this.kinds.push(kind);
    this.starts.push(start);
    this.ends.push(end);
    return end;
  }

  private isDigit(position: number): boolean {
    const code = this.text.charCodeAt(position);
    return code >= 48 && code <= 57;
  }

  private isWordPart(position: number): boolean {
    const code = this.text.charCodeAt(position);
    return code < 128 ? this.rules.word_parts[code] === 1 : this.rules.wide_letters && code >= 128;
  }

  /** Whether a name ends right at `position`, so that a dot there separates and a digit behind it is part of a name. */
  private followsName(position: number): boolean {
    const last = this.kinds.length - 1;
    return this.ends[last] === position && (this.kinds[last] === "word" || this.kinds[last] === "quoted");
  }

  private afterWord(start: number): number {
    let end = start;
    while (this.isWordPart(end)) end++;
    return end;
  }

  private word(start: number): number {
    const end = this.afterWord(start + 1);
    const next = this.text.charCodeAt(end);
    if (end - start <= 2 && (next === singleQuote || next === doubleQuote)) {
      const quotes = this.rules.prefixes.get(this.text.slice(start, end).toLowerCase());
      const quote = next === singleQuote ? quotes?.single : quotes?.double;
      if (quote) return this.quoted(start, end, quote);
    }
    if (next === ampersand && end - start === 1 && this.rules.dollar_quotes) return this.unicodeQuoted(start, end);
    return this.add("word", start, end);
  }

  /** PostgreSQL's `U&'..'` and `U&".."`, whose escapes do not move their ends. */
  private unicodeQuoted(start: number, end: number): number {
    const quote = this.text.charCodeAt(end + 1);
    const isPrefix = (this.text.charCodeAt(start) | 32) === 117;
    if (!isPrefix || (quote !== singleQuote && quote !== doubleQuote)) return this.add("word", start, end);
    const name = { ...this.rules.double, kind: "quoted" } as const;
    const string = { ...this.rules.single, backslash: false };
    return this.quoted(start, end + 1, quote === singleQuote ? string : name);
  }

  private number(start: number): number | LexicalRefusal {
    // `t.1a`: behind the dot of a name, digits start a name.
    if (this.rules.number_then_letters === "word" && this.followsDotOfName(start))
      return this.add("word", start, this.afterWord(start));
    const { number, number_then_letters } = this.rules;
    number.lastIndex = start;
    if (!number.test(this.text)) return "bad_number";
    const end = number.lastIndex;
    if (!this.isWordPart(end) || number_then_letters === "two_tokens") return this.add("number", start, end);
    if (number_then_letters === "refused") return "bad_number";
    return this.numberThenLetters(start, end);
  }

  /** MySQL: `1a` is a name, `1e5a` is two tokens, and some versions drop the `1.e` of `1.e(`. */
  private numberThenLetters(start: number, end: number): number | LexicalRefusal {
    const number = this.text.slice(start, end);
    if (/^\d+$/.test(number)) return this.add("word", start, this.afterWord(end));
    if (number.includes(".") && (this.text.charCodeAt(end) | 32) === 101) return "bad_number";
    return this.add("number", start, end);
  }

  private followsDotOfName(start: number): boolean {
    const last = this.kinds.length - 1;
    const isDot = this.ends[last] === start && this.text.charCodeAt(start - 1) === dot;
    const before = this.kinds[last - 1];
    return isDot && this.ends[last - 1] === start - 1 && (before === "word" || before === "quoted");
  }

  /** A quoted token from `start`, whose opening quote stands at `open`. */
  private quoted(start: number, open: number, quote: Quote): number {
    let end = this.afterQuote(open, quote);
    if (end < 0) return end;
    if (this.rules.continued_strings && quote.kind === "string")
      for (let next = this.continuation(end); next >= 0; next = this.continuation(end)) {
        end = this.afterQuote(next, quote);
        if (end < 0) return end;
      }
    return this.add(quote.kind, start, end);
  }

  /** Position behind the quote that closes the one at `open`. */
  private afterQuote(open: number, quote: Quote): number {
    const { text } = this;
    const mark = text.charCodeAt(open);
    const isTriple = quote.triple && text.charCodeAt(open + 1) === mark && text.charCodeAt(open + 2) === mark;
    for (let position = open + (isTriple ? 3 : 1); position < text.length; position++) {
      const code = text.charCodeAt(position);
      if (code === backslash && quote.backslash) position++;
      else if (code !== mark) continue;
      else if (isTriple) {
        if (text.charCodeAt(position + 1) === mark && text.charCodeAt(position + 2) === mark) return position + 3;
      } else if (quote.doubled && text.charCodeAt(position + 1) === mark) position++;
      else return position + 1;
    }
    return unclosed;
  }

  /** The quote that goes on with a string that ended at `end`: behind blanks and comments with a line break; else negative. */
  private continuation(end: number): number {
    const { text } = this;
    let position = end;
    let has_break = false;
    while (position < text.length) {
      const code = text.charCodeAt(position);
      if (code === singleQuote) return has_break ? position : unclosed;
      if (code === dash && text.charCodeAt(position + 1) === dash) position = this.afterLine(position);
      else if (this.rules.classes[code] === characterClass.blank) {
        if (code === lineFeed || code === carriageReturn) has_break = true;
        position++;
      } else return unclosed;
    }
    return unclosed;
  }

  private startsDashComment(start: number): boolean {
    if (this.text.charCodeAt(start + 1) !== dash) return false;
    if (this.rules.dash_comment === "always") return true;
    const next = this.text.charCodeAt(start + 2);
    return Number.isNaN(next) || next <= 32 || next === 127;
  }

  private afterLine(start: number): number {
    const { text } = this;
    const ends_at_return = this.rules.comment_ends_at_return;
    let position = start;
    for (; position < text.length; position++) {
      const code = text.charCodeAt(position);
      if (code === lineFeed || (ends_at_return && code === carriageReturn)) break;
    }
    return position;
  }

  private afterComment(start: number): number {
    const { text, rules } = this;
    if (rules.executable_comments && /^M?!/.test(text.slice(start + 2, start + 4))) return executable;
    if (text.charCodeAt(start + 2) === plus) this.has_hints = true;
    let depth = 1;
    for (let position = start + 2; position < text.length - 1; position++) {
      const [code, next] = [text.charCodeAt(position), text.charCodeAt(position + 1)];
      if (code === star && next === slash) depth--;
      else if (rules.nested_comments && code === slash && next === star) depth++;
      else continue;
      position++;
      if (depth === 0) return position + 1;
    }
    return unclosed;
  }

  private variable(start: number): number | LexicalRefusal {
    const { text, rules } = this;
    const is_system = text.charCodeAt(start + 1) === at;
    const name = start + (is_system ? 2 : 1);
    const kind = rules.at_sign === "variable" || is_system ? "variable" : "parameter";
    const code = text.charCodeAt(name);
    const isQuote = code === singleQuote || code === doubleQuote || code === backtick;
    if (isQuote && !is_system && rules.at_sign === "variable") {
      const quote = code === singleQuote ? rules.single : code === doubleQuote ? rules.double : rules.backtick;
      const end = quote === null ? unclosed : this.afterQuote(name, quote);
      return end < 0 ? end : this.add(kind, start, end);
    }
    let end = name;
    while (this.isWordPart(end) || (text.charCodeAt(end) === dot && this.isWordPart(end + 1))) end++;
    return end === name ? this.add("operator", start, name) : this.add(kind, start, end);
  }

  /** PostgreSQL's `$1` and `$tag$ .. $tag$`. */
  private dollar(start: number): number | LexicalRefusal {
    const { text } = this;
    if (!this.rules.dollar_quotes) return "bad_character";
    if (this.isDigit(start + 1)) {
      let end = start + 1;
      while (this.isDigit(end)) end++;
      return this.add("parameter", start, end);
    }
    let close = start + 1;
    while (this.isWordPart(close) && text.charCodeAt(close) !== dollar) close++;
    if (text.charCodeAt(close) !== dollar) return "bad_character";
    const found = text.indexOf(text.slice(start, close + 1), close + 1);
    return found < 0 ? unclosed : this.add("string", start, found + close + 1 - start);
  }

  private operator(start: number): number {
    const { text, rules } = this;
    const longer = rules.operators.get(text.charAt(start))?.find((operator) => text.startsWith(operator, start));
    return this.add("operator", start, start + (longer?.length ?? 1));
  }
}

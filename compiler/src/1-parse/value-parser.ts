import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from "chevrotain";
import { badNumber, badTime } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Span } from "../source/source-file.js";
import { durationOf, instantOf, integerOf, sizeOf, timeOfDayOf } from "./amounts.js";
import type { Expr, ExprOf, Path, Text as TextNode, Word as WordNode } from "./ast.js";
import { parserErrorMessages } from "./error-messages.js";
import { spanOf } from "./scan.js";
import { decodeText } from "./text-literal.js";
import {
  AnyWord,
  Comma,
  clause,
  Dot,
  Duration,
  Instant,
  Integer,
  LeftBrace,
  LeftParenthesis,
  RightBrace,
  RightParenthesis,
  reserved,
  Size,
  Text,
  tokenTypes,
  Unterminated,
  Word,
} from "./tokens.js";

/**
 * The grammar of values, and the tools all of the grammar shares.
 *
 * chevrotain runs every rule once to learn the grammar, with tokens that say nothing: whatever looks at a token stands in
 * `this.build`, which that run leaves out. Recursion is through brackets alone, and segments deeper than the limit never
 * come here.
 */
export abstract class ValueParser extends EmbeddedActionsParser {
  protected file = 0;
  protected text = "";
  protected diagnostics: Diagnostic[] = [];
  /** What is said of an item only when it has no syntax error, after which it may well be there. */
  protected missing: Diagnostic[] = [];

  constructor() {
    super([...tokenTypes], { errorMessageProvider: parserErrorMessages, skipValidations: false });
  }

  /** Runs `make` unless chevrotain is only learning the grammar. */
  protected build<T>(make: () => T): T {
    return this.ACTION(make);
  }

  protected spanFrom(first: IToken): Span {
    return { file: this.file, start: first.startOffset, end: this.endOffset() };
  }

  /** Where the last consumed token ends. */
  protected endOffset(): number {
    const last = this.LA(0);
    return last.startOffset + last.image.length;
  }

  protected textOf(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  protected wordOf(found: IToken): WordNode {
    return { text: found.image, span: spanOf(found, this.file) };
  }

  protected textNode(found: IToken): TextNode {
    const span = spanOf(found, this.file);
    const { value, diagnostics } = decodeText(found.image, span, found.tokenType !== Unterminated);
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic);
    return { kind: "Text", value, span };
  }

  /** What a token with digits stands for; 0 after an error. */
  protected amountOf(found: IToken, decode: (image: string) => number | null): number {
    const value = decode(found.image);
    if (value === null) this.diagnostics.push(badNumber(spanOf(found, this.file), { text: found.image }));
    return value ?? 0;
  }

  protected numberOf(found: IToken): number {
    return this.amountOf(found, integerOf);
  }

  protected durationOf(found: IToken): number {
    return this.amountOf(found, durationOf);
  }

  protected timeOf(found: IToken, decode: typeof instantOf): number {
    const amount = decode(found.image);
    if (amount.kind === "Value") return amount.value;
    this.diagnostics.push(badTime(spanOf(found, this.file), amount));
    return 0;
  }

  /** Minutes since midnight. */
  protected timeOfDayOf(found: IToken): number {
    return this.timeOf(found, timeOfDayOf);
  }

  protected instantNode(found: IToken): ExprOf<"Instant"> {
    return { kind: "Instant", value: this.timeOf(found, instantOf), span: spanOf(found, this.file) };
  }

  protected abstract readonly condition: ParserMethod<[], Expr>;

  /** `people.dba`: after a dot, any word is a name. */
  protected readonly path: ParserMethod<[], Path> = this.RULE("path", () => {
    const first = this.CONSUME(Word);
    const words = [first];
    this.MANY(() => {
      this.CONSUME(Dot);
      words.push(this.CONSUME(AnyWord));
    });
    return this.build(() => ({ words: words.map((found) => this.wordOf(found)), span: this.spanFrom(first) }));
  });

  protected readonly value: ParserMethod<[], Expr> = this.RULE("value", () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.literal) },
        { ALT: () => this.SUBRULE(this.set) },
        { ALT: () => this.SUBRULE(this.parenthesized) },
        { ALT: () => this.SUBRULE(this.cidr) },
        { ALT: () => this.SUBRULE(this.granted) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
      ],
      ERR_MSG: "a condition or a value",
      IGNORE_AMBIGUITIES: true, // `cidr` is also a name; `cidr {` comes first.
    }),
  );

  protected readonly name: ParserMethod<[], Expr> = this.RULE("name", () => {
    const path = this.SUBRULE(this.path);
    return this.build((): Expr => ({ kind: "Name", path, span: path.span }));
  });

  private readonly nameOrCall: ParserMethod<[], Expr> = this.RULE("nameOrCall", () => {
    const path = this.SUBRULE(this.path);
    const values = this.OPTION(() => this.SUBRULE(this.callArguments));
    return this.build((): Expr => {
      if (values === undefined) return { kind: "Name", path, span: path.span };
      return { kind: "Call", name: path, arguments: values, span: { ...path.span, end: this.endOffset() } };
    });
  });

  private readonly callArguments: ParserMethod<[], Expr[]> = this.RULE("callArguments", () => {
    this.CONSUME(LeftParenthesis);
    const values: Expr[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => values.push(this.SUBRULE(this.value)) });
    this.CONSUME(RightParenthesis);
    return values;
  });

  private readonly granted: ParserMethod<[], Expr> = this.RULE("granted", () => {
    const first = this.CONSUME(reserved.granted);
    const grant = this.SUBRULE(this.path);
    return this.build((): Expr => ({ kind: "Granted", grant, span: this.spanFrom(first) }));
  });

  private readonly cidr: ParserMethod<[], Expr> = this.RULE("cidr", () => {
    const first = this.CONSUME(clause.cidr);
    const members = this.SUBRULE(this.members);
    return this.build((): Expr => ({ kind: "Cidr", members, span: this.spanFrom(first) }));
  });

  private readonly parenthesized: ParserMethod<[], Expr> = this.RULE("parenthesized", () => {
    const first = this.CONSUME(LeftParenthesis);
    const inner = this.SUBRULE(this.condition);
    this.CONSUME(RightParenthesis);
    return this.build((): Expr => ({ ...inner, span: this.spanFrom(first) }));
  });

  private readonly literal: ParserMethod<[], Expr> = this.RULE("literal", () => {
    const found = this.OR({
      DEF: [
        { ALT: () => this.CONSUME(Text) },
        { ALT: () => this.CONSUME(Integer) },
        { ALT: () => this.CONSUME(Duration) },
        { ALT: () => this.CONSUME(Size) },
        { ALT: () => this.CONSUME(Instant) },
        { ALT: () => this.CONSUME(reserved.true) },
        { ALT: () => this.CONSUME(reserved.false) },
      ],
      ERR_MSG: "a value",
    });
    return this.build(() => this.literalOf(found));
  });

  protected readonly set: ParserMethod<[], Expr> = this.RULE("set", () => {
    const first = this.LA(1);
    const members = this.SUBRULE(this.members);
    return this.build((): Expr => ({ kind: "Set", members, span: this.spanFrom(first) }));
  });

  private readonly members: ParserMethod<[], Expr[]> = this.RULE("members", () => {
    this.CONSUME(LeftBrace);
    const members: Expr[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => members.push(this.SUBRULE(this.member)) });
    this.CONSUME(RightBrace);
    return members;
  });

  protected readonly member: ParserMethod<[], Expr> = this.RULE("member", () =>
    this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.literal) }, { ALT: () => this.SUBRULE(this.name) }],
      ERR_MSG: "a member of the set",
    }),
  );

  private literalOf(found: IToken): Expr {
    const span = spanOf(found, this.file);
    const types: ReadonlyMap<TokenType, () => Expr> = new Map([
      [Text, () => this.textNode(found)],
      [Unterminated, () => this.textNode(found)],
      [Integer, (): Expr => ({ kind: "Number", value: this.numberOf(found), span })],
      [Duration, (): Expr => ({ kind: "Measure", unit: "Duration", value: this.durationOf(found), span })],
      [Size, (): Expr => ({ kind: "Measure", unit: "Bytes", value: this.amountOf(found, sizeOf), span })],
      [Instant, () => this.instantNode(found)],
      [reserved.true, (): Expr => ({ kind: "Bool", value: true, span })],
      [reserved.false, (): Expr => ({ kind: "Bool", value: false, span })],
    ]);
    return types.get(found.tokenType)?.() ?? { kind: "Broken", span };
  }
}

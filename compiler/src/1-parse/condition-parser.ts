import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from "chevrotain";
import {
  badNumber,
  chainedComparison,
  misplacedNot,
  mixedConnectives,
  notInThisVersion,
} from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Span } from "../source/source-file.js";
import type { CompareOperator, Expr, Path, Text as TextNode, Word as WordNode } from "./ast.js";
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
  Operator,
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
 * The grammar of conditions and values, and the tools the grammar of items shares.
 *
 * chevrotain runs every rule once to learn the grammar, with tokens that say nothing: whatever looks at a token stands in
 * `this.build`, which that run leaves out. Recursion is through brackets alone, and segments deeper than the limit never
 * come here. Mistakes the grammar can understand (mixed connectives, chains, `x not in`) are parsed and reported.
 */
export class ConditionParser extends EmbeddedActionsParser {
  protected file = 0;
  protected text = "";
  protected diagnostics: Diagnostic[] = [];

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
  private endOffset(): number {
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
    this.diagnostics.push(...diagnostics);
    return { kind: "Text", value, span };
  }

  protected numberOf(found: IToken): number {
    const value = Number(found.image.replaceAll("_", ""));
    if (!Number.isSafeInteger(value) || !/^(?:0|[1-9]\d*(?:_\d+)*)$/.test(found.image))
      this.diagnostics.push(badNumber(spanOf(found, this.file), { text: found.image }));
    return value;
  }

  protected later(span: Span, what: string, instead: string | null = null): Expr {
    this.diagnostics.push(notInThisVersion(span, { what, instead }));
    return { kind: "Broken", span };
  }

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

  protected readonly condition: ParserMethod<[], Expr> = this.RULE("condition", () => {
    const operands = [this.SUBRULE(this.operand)];
    const connectives: IToken[] = [];
    this.MANY(() => {
      connectives.push(this.OR([{ ALT: () => this.CONSUME(reserved.and) }, { ALT: () => this.CONSUME(reserved.or) }]));
      operands.push(this.SUBRULE1(this.operand));
    });
    return this.build(() => this.connect(operands, connectives));
  });

  private readonly operand: ParserMethod<[], Expr> = this.RULE("operand", () => {
    const not = this.OPTION(() => this.CONSUME(reserved.not));
    const operand = this.SUBRULE(this.comparison);
    return this.build((): Expr => (not === undefined ? operand : { kind: "Not", operand, span: this.spanFrom(not) }));
  });

  private readonly comparison: ParserMethod<[], Expr> = this.RULE("comparison", () =>
    this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.quantified) }, { ALT: () => this.SUBRULE(this.test) }],
      ERR_MSG: "a condition",
    }),
  );

  private readonly test: ParserMethod<[], Expr> = this.RULE("test", () => {
    const left = this.SUBRULE(this.value);
    const test = this.OPTION({ DEF: () => this.SUBRULE(this.tail, { ARGS: [left] }) });
    return this.build(() => test ?? left);
  });

  /** What follows the left side. Total over the operators: the result spans both sides. */
  private readonly tail: ParserMethod<[Expr], Expr> = this.RULE("tail", (left: Expr) =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.comparisonTail, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.inTail, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.hasTail, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.isTail, { ARGS: [left] }) },
      ],
      ERR_MSG: "a comparison",
    }),
  );

  private readonly comparisonTail: ParserMethod<[Expr], Expr> = this.RULE("comparisonTail", (left: Expr) => {
    const operators = [this.CONSUME(Operator)];
    const values = [this.SUBRULE(this.value)];
    this.MANY(() => {
      operators.push(this.CONSUME1(Operator));
      values.push(this.SUBRULE1(this.value));
    });
    return this.build(() => this.compare(left, operators, values));
  });

  private readonly inTail: ParserMethod<[Expr], Expr> = this.RULE("inTail", (left: Expr) => {
    const not = this.OPTION(() => this.CONSUME(reserved.not));
    const operator = this.OR({
      DEF: [
        { ALT: () => this.CONSUME(reserved.in) },
        { ALT: () => this.CONSUME(reserved.like) },
        { ALT: () => this.CONSUME(reserved.only) },
        { ALT: () => this.CONSUME(reserved.matches) },
      ],
      ERR_MSG: "`in` or `like`",
    });
    const right = this.SUBRULE(this.value);
    return this.build(() => this.setTest(left, not, operator, right));
  });

  private readonly hasTail: ParserMethod<[Expr], Expr> = this.RULE("hasTail", (left: Expr) => {
    this.CONSUME(reserved.has);
    const quantifier = this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(reserved.any) }, { ALT: () => this.CONSUME(reserved.all) }]),
    );
    const right = this.SUBRULE(this.value);
    return this.build((): Expr => {
      const named = quantifier?.tokenType === reserved.all ? "all" : "any";
      return { kind: "Has", quantifier: quantifier ? named : "one", left, right, span: this.across(left) };
    });
  });

  private readonly isTail: ParserMethod<[Expr], Expr> = this.RULE("isTail", (left: Expr) => {
    this.CONSUME(reserved.is);
    const found = this.CONSUME(Word);
    return this.build((): Expr => {
      const isKnown = found.image === "present" || found.image === "absent";
      if (!isKnown)
        return this.later(spanOf(found, this.file), `is ${found.image}`, "write `is present` or `is absent`");
      return { kind: "Presence", operand: left, present: found.image === "present", span: this.across(left) };
    });
  });

  private readonly quantified: ParserMethod<[], Expr> = this.RULE("quantified", () => {
    const quantifier = this.OR([
      { ALT: () => this.CONSUME(reserved.any) },
      { ALT: () => this.CONSUME(reserved.all) },
      { ALT: () => this.CONSUME(reserved.no) },
    ]);
    const variable = this.CONSUME(Word);
    this.CONSUME(reserved.in);
    const list = this.SUBRULE(this.path);
    this.CONSUME(reserved.where);
    this.CONSUME(LeftParenthesis);
    const body = this.SUBRULE(this.condition);
    this.CONSUME(RightParenthesis);
    return this.build(
      (): Expr => ({
        kind: "Quantified",
        quantifier:
          quantifier.tokenType === reserved.any ? "any" : quantifier.tokenType === reserved.all ? "all" : "no",
        variable: this.wordOf(variable),
        list: { kind: "Name", path: list, span: list.span },
        body,
        span: this.spanFrom(quantifier),
      }),
    );
  });

  protected readonly value: ParserMethod<[], Expr> = this.RULE("value", () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.literal) },
        { ALT: () => this.SUBRULE(this.set) },
        { ALT: () => this.SUBRULE(this.parenthesized) },
        { ALT: () => this.SUBRULE(this.laterValue) },
        { ALT: () => this.SUBRULE(this.name) },
      ],
      ERR_MSG: "a condition or a value",
      IGNORE_AMBIGUITIES: true, // `cidr` is also a name; `cidr {` comes first.
    }),
  );

  private readonly name: ParserMethod<[], Expr> = this.RULE("name", () => {
    const path = this.SUBRULE(this.path);
    return this.build((): Expr => ({ kind: "Name", path, span: path.span }));
  });

  private readonly parenthesized: ParserMethod<[], Expr> = this.RULE("parenthesized", () => {
    const first = this.CONSUME(LeftParenthesis);
    const inner = this.SUBRULE(this.condition);
    this.CONSUME(RightParenthesis);
    return this.build((): Expr => ({ ...inner, span: this.spanFrom(first) }));
  });

  /** Values of later versions: `granted x`, `cidr {..}`, instants. */
  private readonly laterValue: ParserMethod<[], Expr> = this.RULE("laterValue", () => {
    const first = this.OR([
      {
        ALT: () => {
          const granted = this.CONSUME(reserved.granted);
          this.SUBRULE(this.path);
          return granted;
        },
      },
      {
        ALT: () => {
          const cidr = this.CONSUME(clause.cidr);
          this.SUBRULE(this.set);
          return cidr;
        },
      },
      { ALT: () => this.CONSUME(Instant) },
    ]);
    return this.build(() =>
      this.later(this.spanFrom(first), first.tokenType === Instant ? "a point in time" : first.image),
    );
  });

  protected readonly literal: ParserMethod<[], Expr> = this.RULE("literal", () => {
    const found = this.OR({
      DEF: [
        { ALT: () => this.CONSUME(Text) },
        { ALT: () => this.CONSUME(Integer) },
        { ALT: () => this.CONSUME(Duration) },
        { ALT: () => this.CONSUME(Size) },
        { ALT: () => this.CONSUME(reserved.true) },
        { ALT: () => this.CONSUME(reserved.false) },
      ],
      ERR_MSG: "a value",
    });
    return this.build(() => this.literalOf(found));
  });

  protected readonly set: ParserMethod<[], Expr> = this.RULE("set", () => {
    const first = this.CONSUME(LeftBrace);
    const members: Expr[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => members.push(this.SUBRULE(this.member)) });
    this.CONSUME(RightBrace);
    return this.build((): Expr => ({ kind: "Set", members, span: this.spanFrom(first) }));
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
      [reserved.true, (): Expr => ({ kind: "Bool", value: true, span })],
      [reserved.false, (): Expr => ({ kind: "Bool", value: false, span })],
    ]);
    return types.get(found.tokenType)?.() ?? { kind: "Measure", span };
  }

  /** From the start of `left` to the last consumed token. */
  private across(left: Expr): Span {
    return { file: this.file, start: left.span.start, end: this.endOffset() };
  }

  private connect(operands: readonly Expr[], connectives: readonly IToken[]): Expr {
    const [first, second] = operands;
    if (first === undefined || second === undefined)
      return first ?? { kind: "Broken", span: this.spanFrom(this.LA(0)) };
    const span = this.across(first);
    const change = connectives.findIndex((found, i) => i > 0 && found.tokenType !== connectives[i - 1]?.tokenType);
    if (change > 0) return this.reportMixed(span, operands.slice(change - 1, change + 2), connectives[change]);
    return { kind: connectives[0]?.tokenType === reserved.and ? "And" : "Or", operands, span };
  }

  /** `x or y and z`: shows both readings and a request on which they differ. */
  private reportMixed(span: Span, operands: readonly Expr[], last: IToken | undefined): Expr {
    const [x, y, z] = operands.map((operand) => this.textOf(operand.span));
    const endsWithAnd = last?.tokenType === reserved.and;
    const [c1, c2] = endsWithAnd ? ["or", "and"] : ["and", "or"];
    const differ = endsWithAnd ? `\`${x}\` holds and \`${z}\` does not` : `\`${z}\` holds and \`${x}\` does not`;
    const readings = { first: `(${x} ${c1} ${y}) ${c2} ${z}`, second: `${x} ${c1} (${y} ${c2} ${z})`, differ };
    this.diagnostics.push(mixedConnectives(span, readings));
    return { kind: "Broken", span };
  }

  private compare(left: Expr, operators: readonly IToken[], values: readonly Expr[]): Expr {
    const [operator, next] = operators;
    const [right, last] = values;
    const span = this.across(left);
    if (operator === undefined || right === undefined) return { kind: "Broken", span };
    if (next !== undefined && last !== undefined) {
      const middle = this.textOf(right.span);
      const first = `${this.textOf(left.span)} ${operator.image} ${middle}`;
      const second = `${middle} ${next.image} ${this.textOf(last.span)}`;
      this.diagnostics.push(chainedComparison(span, { first, second }));
      return { kind: "Broken", span };
    }
    return { kind: "Compare", operator: operator.image as CompareOperator, left, right, span };
  }

  private setTest(left: Expr, not: IToken | undefined, operator: IToken, right: Expr): Expr {
    const span = this.across(left);
    if (operator.tokenType === reserved.matches) return this.later(span, "matches", "use `like` with `*` and `**`");
    if (not !== undefined) {
      const rewritten = `not ${this.textOf(left.span)} ${operator.image} ${this.textOf(right.span)}`;
      this.diagnostics.push(misplacedNot(span, { rewritten }));
      return { kind: "Broken", span };
    }
    const kinds = { in: "In", like: "Like", only: "Only" } as const;
    return { kind: kinds[operator.image as keyof typeof kinds], left, right, span };
  }
}

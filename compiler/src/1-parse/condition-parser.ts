import type { IToken, ParserMethod } from "chevrotain";
import { chainedComparison, misplacedNot, mixedConnectives } from "../diagnostics/catalog.js";
import type { Span } from "../source/source-file.js";
import type { CompareOperator, Expr } from "./ast.js";
import { clause, LeftParenthesis, Operator, RightParenthesis, reserved, Word } from "./tokens.js";
import { ValueParser } from "./value-parser.js";

/**
 * The grammar of conditions. Mistakes it can understand (mixed connectives, chains, `x not in`) are parsed and reported,
 * each with what to write.
 */
export class ConditionParser extends ValueParser {
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
      DEF: [{ ALT: () => this.SUBRULE(this.quantified) }, { ALT: () => this.SUBRULE(this.comparisonOrValue) }],
      ERR_MSG: "a condition",
    }),
  );

  private readonly comparisonOrValue: ParserMethod<[], Expr> = this.RULE("comparisonOrValue", () => {
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
    const found = this.OR([{ ALT: () => this.CONSUME(clause.present) }, { ALT: () => this.CONSUME(clause.absent) }]);
    return this.build((): Expr => {
      const present = found.tokenType === clause.present;
      return { kind: "Presence", operand: left, present, span: this.across(left) };
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
    if (not !== undefined) {
      const rewritten = `not ${this.textOf(left.span)} ${operator.image} ${this.textOf(right.span)}`;
      this.diagnostics.push(misplacedNot(span, { rewritten }));
      return { kind: "Broken", span };
    }
    const kinds = { in: "In", like: "Like", only: "Only", matches: "Matches" } as const;
    return { kind: kinds[operator.image as keyof typeof kinds], left, right, span };
  }
}

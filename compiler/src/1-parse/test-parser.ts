import type { IToken, ParserMethod } from "chevrotain";
import { missingLine } from "../diagnostics/catalog.js";
import type {
  ComparisonItem,
  Expectation,
  Item,
  ObligationClause,
  ProofItem,
  TestCase,
  Text as TextNode,
} from "./ast.js";
import { DetectorParser } from "./detector-parser.js";
import { body, clause, item, LeftBrace, RightBrace, reserved, Text, Word } from "./tokens.js";

/** The grammar of what a policy says about itself: tests, proofs, and what proofs may assume. */
export class TestParser extends DetectorParser {
  protected readonly test: ParserMethod<[], Item> = this.RULE("test", () => {
    const first = this.CONSUME(item.test);
    const id = this.CONSUME(Text);
    const cases = this.SUBRULE(this.testBody);
    return this.build((): Item => {
      const node = this.textNode(id);
      if (cases.length === 0)
        this.missing.push(missingLine(node.span, { item: "test", lines: "`given` and `expect`" }));
      return { kind: "Test", id: node, cases, span: this.spanFrom(first) };
    });
  });

  private readonly testBody: ParserMethod<[], TestCase[]> = this.RULE("testBody", () => {
    const cases: TestCase[] = [];
    this.CONSUME(LeftBrace);
    this.MANY(() => cases.push(this.SUBRULE(this.testCase)));
    this.CONSUME(RightBrace, { ERR_MSG: "`given`, `expect` or `}`" });
    return cases;
  });

  private readonly testCase: ParserMethod<[], TestCase> = this.RULE("testCase", () => {
    const first = this.CONSUME(body.given);
    const subject = this.SUBRULE(this.subject);
    const circumstances = this.SUBRULE(this.circumstances);
    const expectations: Expectation[] = [];
    this.MANY(() => expectations.push(this.SUBRULE(this.expectation)));
    return this.build((): TestCase => {
      const span = this.spanFrom(first);
      if (expectations.length === 0)
        this.missing.push(missingLine(this.wordOf(first).span, { item: "given", lines: "an `expect`" }));
      return { subject, circumstances, expectations, span };
    });
  });

  private readonly expectation: ParserMethod<[], Expectation> = this.RULE("expectation", () => {
    const first = this.CONSUME(body.expect);
    const verdict = this.OR({
      DEF: [
        { ALT: () => this.CONSUME(item.allow) },
        { ALT: () => this.CONSUME(clause.approve) },
        { ALT: () => this.CONSUME(item.block) },
      ],
      ERR_MSG: "`allow`, `approve` or `block`",
    });
    const by = this.OPTION(() => this.SUBRULE(this.byRule));
    const obligations: ObligationClause[] = [];
    this.OPTION1(() => {
      this.CONSUME(clause.with);
      obligations.push(this.SUBRULE(this.obligation));
      this.MANY(() => {
        this.CONSUME(reserved.and);
        obligations.push(this.SUBRULE1(this.obligation));
      });
    });
    return this.build((): Expectation => {
      return { verdict: this.wordOf(verdict), by: by ?? null, with: obligations, span: this.spanFrom(first) };
    });
  });

  private readonly byRule: ParserMethod<[], TextNode> = this.RULE("byRule", () => {
    this.CONSUME(clause.by);
    const found = this.CONSUME(Text);
    return this.build(() => this.textNode(found));
  });

  private readonly obligation: ParserMethod<[], ObligationClause> = this.RULE("obligation", () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.expectedMask) },
        { ALT: () => this.SUBRULE(this.expectedNoMask) },
        { ALT: () => this.SUBRULE(this.expectedApproval) },
        { ALT: () => this.SUBRULE(this.expectedLimit) },
      ],
      ERR_MSG: "`mask`, `no mask`, `approval` or `limit`",
    }),
  );

  private readonly expectedMask: ParserMethod<[], ObligationClause> = this.RULE("expectedMask", () => {
    const first = this.CONSUME(item.mask);
    const column = this.SUBRULE(this.column);
    const by = this.OPTION(() => this.SUBRULE(this.byRule));
    return this.build((): ObligationClause => ({ kind: "mask", column, by: by ?? null, span: this.spanFrom(first) }));
  });

  private readonly expectedNoMask: ParserMethod<[], ObligationClause> = this.RULE("expectedNoMask", () => {
    const first = this.CONSUME(reserved.no);
    this.CONSUME(item.mask);
    const column = this.OPTION(() => {
      this.CONSUME(clause.on);
      return this.SUBRULE(this.column);
    });
    return this.build(
      (): ObligationClause => ({ kind: "no mask", column: column ?? null, span: this.spanFrom(first) }),
    );
  });

  private readonly expectedApproval: ParserMethod<[], ObligationClause> = this.RULE("expectedApproval", () => {
    const first = this.CONSUME(clause.approval);
    const all = this.SUBRULE(this.approverList);
    return this.build((): ObligationClause => ({ kind: "approval", all, span: this.spanFrom(first) }));
  });

  private readonly expectedLimit: ParserMethod<[], ObligationClause> = this.RULE("expectedLimit", () => {
    const first = this.CONSUME(item.limit);
    const amount = this.SUBRULE(this.amount);
    return this.build((): ObligationClause => ({ kind: "limit", ...amount, span: this.spanFrom(first) }));
  });

  /** A column of the result: a bare word is its name as the text would be. */
  private readonly column: ParserMethod<[], TextNode> = this.RULE("column", () => {
    const found = this.OR({
      DEF: [{ ALT: () => this.CONSUME(Word) }, { ALT: () => this.CONSUME(Text) }],
      ERR_MSG: "a column",
    });
    return this.build(() => this.columnOf(found));
  });

  private columnOf(found: IToken): TextNode {
    const { text, span } = this.wordOf(found);
    return /^["']/.test(text) ? this.textNode(found) : { kind: "Text", value: text, span };
  }

  protected readonly proof: ParserMethod<[], Item> = this.RULE("proof", () => {
    const first = this.CONSUME(item.prove);
    const id = this.CONSUME(Text);
    const said = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.proofClaim) }, { ALT: () => this.SUBRULE(this.comparedPolicy) }],
      ERR_MSG: "`always`, `never` or `this`",
    });
    return this.build((): Item => ({ ...said, id: this.textNode(id), span: this.spanFrom(first) }));
  });

  private readonly proofClaim: ParserMethod<[], Omit<ProofItem, "id" | "span">> = this.RULE("proofClaim", () => {
    const quantifier = this.OR({
      DEF: [{ ALT: () => this.CONSUME(clause.always) }, { ALT: () => this.CONSUME(clause.never) }],
    });
    const claim = this.SUBRULE(this.condition);
    const conditions = this.SUBRULE(this.conditions);
    return this.build((): Omit<ProofItem, "id" | "span"> => {
      const word = quantifier.tokenType === clause.never ? "never" : "always";
      return { kind: "Proof", quantifier: word, claim, ...conditions };
    });
  });

  private readonly comparedPolicy: ParserMethod<[], Omit<ComparisonItem, "id" | "span">> = this.RULE(
    "comparedPolicy",
    () => {
      this.CONSUME(clause.this);
      this.CONSUME(clause.at_least_as_strict_as);
      this.CONSUME(clause.bundle);
      const path = this.CONSUME(Text);
      return this.build(
        (): Omit<ComparisonItem, "id" | "span"> => ({ kind: "Comparison", bundle: this.textNode(path) }),
      );
    },
  );

  protected readonly assumption: ParserMethod<[], Item> = this.RULE("assumption", () => {
    const first = this.CONSUME(item.assume);
    const id = this.CONSUME(Text);
    const condition = this.SUBRULE(this.condition);
    return this.build(
      (): Item => ({ kind: "Assumption", id: this.textNode(id), condition, span: this.spanFrom(first) }),
    );
  });
}

import type { IToken, ParserMethod } from "chevrotain";
import type { Approvers, Circumstances, Expr, ExprOf, FixtureField, FixtureValue, Path, SubjectClause } from "./ast.js";
import { ConditionParser } from "./condition-parser.js";
import { spanOf } from "./scan.js";
import {
  Colon,
  Comma,
  clause,
  Dot,
  Duration,
  Instant,
  Integer,
  item,
  LeftBrace,
  RightBrace,
  reserved,
  Text,
  Word,
} from "./tokens.js";

export interface Conditions {
  readonly when: Expr | null;
  readonly unless: readonly Expr[];
}

type Approver = Approvers["all"][number];

/** How long an approval of a grant is waited for when the grant does not say. */
const grantApprovalWithin_s = 3_600;

/** The clauses that items of several sorts have: conditions, approvers, records, and what an example is about. */
export class ClauseParser extends ConditionParser {
  protected readonly conditions: ParserMethod<[], Conditions> = this.RULE("conditions", () => {
    const when = this.OPTION(() => {
      this.CONSUME(reserved.when);
      return this.SUBRULE(this.condition);
    });
    const unless: Expr[] = [];
    this.MANY(() => {
      this.CONSUME(reserved.unless);
      unless.push(this.SUBRULE1(this.condition));
    });
    return { when: when ?? null, unless };
  });

  protected readonly instant: ParserMethod<[], ExprOf<"Instant">> = this.RULE("instant", () => {
    const found = this.CONSUME(Instant);
    return this.build(() => this.instantNode(found));
  });

  protected readonly approvers: ParserMethod<[], Approvers> = this.RULE("approvers", () => {
    const all = this.SUBRULE(this.approverList);
    this.CONSUME(clause.within);
    const within = this.CONSUME(Duration);
    return this.build(() => this.approversWithin(all, within));
  });

  /** The same with a time to answer that may be left out. */
  protected readonly grantApprovers: ParserMethod<[], Approvers> = this.RULE("grantApprovers", () => {
    const first = this.LA(1);
    const all = this.SUBRULE(this.approverList);
    const within = this.OPTION(() => {
      this.CONSUME(clause.within);
      return this.CONSUME(Duration);
    });
    return this.build(() => {
      if (within !== undefined) return this.approversWithin(all, within);
      return { all, within_s: grantApprovalWithin_s, within: this.spanFrom(first) };
    });
  });

  protected readonly approverList: ParserMethod<[], Approver[]> = this.RULE("approverList", () => {
    this.CONSUME(clause.from);
    const all = [this.SUBRULE(this.approver)];
    this.MANY({
      GATE: () => !this.isObligationNext(),
      DEF: () => {
        this.CONSUME(reserved.and);
        all.push(this.SUBRULE1(this.approver));
      },
    });
    return all;
  });

  private readonly approver: ParserMethod<[], Approver> = this.RULE("approver", () => {
    const count = this.OPTION(() => {
      const number = this.CONSUME(Integer);
      this.CONSUME(clause.of);
      return number;
    });
    const group = this.SUBRULE(this.path);
    return this.build(() => {
      const start = count?.startOffset ?? group.span.start;
      return { group, count: count ? this.numberOf(count) : 1, span: { ...group.span, start } };
    });
  });

  /**
   * In a test, `and` after an approver may start the next obligation: `approval from people.dba and mask e`. These words
   * then do, unless a dot makes them the start of a path.
   */
  private isObligationNext(): boolean {
    const [next, after] = [this.LA(2).tokenType, this.LA(3).tokenType];
    if (next === reserved.no) return true;
    return (next === item.mask || next === item.limit || next === clause.approval) && after !== Dot;
  }

  private approversWithin(all: readonly Approver[], within: IToken): Approvers {
    return { all, within_s: this.durationOf(within) / 1_000, within: spanOf(within, this.file) };
  }

  protected readonly paths: ParserMethod<[], Path[]> = this.RULE("paths", () => {
    const paths: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => paths.push(this.SUBRULE(this.path)), ERR_MSG: "a name" });
    return paths;
  });

  /** `sql "SELECT 1"`, or the facts of one action: `git { verb: push, force: true }`. */
  protected readonly subject: ParserMethod<[], SubjectClause> = this.RULE("subject", () => {
    const family = this.CONSUME(Word);
    return this.OR({
      DEF: [
        {
          ALT: () => {
            const found = this.CONSUME(Text);
            return this.build(
              (): SubjectClause => ({
                kind: "text",
                family: this.wordOf(family),
                text: this.textNode(found),
                span: this.spanFrom(family),
              }),
            );
          },
        },
        {
          ALT: () => {
            const fields = this.SUBRULE(this.record);
            return this.build(
              (): SubjectClause => ({
                kind: "facts",
                family: this.wordOf(family),
                fields,
                span: this.spanFrom(family),
              }),
            );
          },
        },
      ],
      ERR_MSG: "text in quotes or facts in braces",
    });
  });

  protected readonly circumstances: ParserMethod<[], Circumstances> = this.RULE("circumstances", () => {
    this.CONSUME(clause.as);
    const principal = this.SUBRULE(this.path);
    this.CONSUME(clause.on);
    const connection = this.SUBRULE1(this.path);
    const session = this.OPTION(() => {
      this.CONSUME(reserved.in);
      return this.SUBRULE2(this.path);
    });
    const at = this.OPTION1(() => {
      this.CONSUME(clause.at);
      return this.SUBRULE(this.instant);
    });
    return { principal, connection, session: session ?? null, at: at ?? null };
  });

  protected readonly record: ParserMethod<[], FixtureField[]> = this.RULE("record", () => {
    this.CONSUME(LeftBrace);
    const fields: FixtureField[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.field)) });
    this.CONSUME(RightBrace);
    return fields;
  });

  private readonly field: ParserMethod<[], FixtureField> = this.RULE("field", () => {
    const name = this.CONSUME(Word);
    this.CONSUME(Colon);
    const value = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.braces) }, { ALT: () => this.SUBRULE(this.plainValue) }],
      ERR_MSG: "a value",
    });
    return this.build(() => ({ name: this.wordOf(name), value }));
  });

  /** A record or a set: both stand in braces. Empty braces are a record. */
  private readonly braces: ParserMethod<[], FixtureValue> = this.RULE("braces", () => {
    const first = this.CONSUME(LeftBrace);
    const fields: FixtureField[] = [];
    const members: Expr[] = [];
    this.OR([
      { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.field)) }) },
      { ALT: () => this.MANY_SEP({ SEP: Comma, DEF: () => members.push(this.SUBRULE(this.member)) }) },
    ]);
    this.CONSUME(RightBrace);
    return this.build((): FixtureValue => {
      const span = this.spanFrom(first);
      return members.length > 0 ? { kind: "List", members, span } : { kind: "Record", fields, span };
    });
  });

  private readonly plainValue: ParserMethod<[], FixtureValue> = this.RULE("plainValue", () => {
    const value = this.SUBRULE(this.member);
    return this.build((): FixtureValue => ({ kind: "Value", value, span: value.span }));
  });
}

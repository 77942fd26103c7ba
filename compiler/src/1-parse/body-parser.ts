import type { ParserMethod } from "chevrotain";
import { duplicateClause } from "../diagnostics/catalog.js";
import { sizeOf } from "./amounts.js";
import type { BodyLine } from "./ast.js";
import { ClauseParser } from "./clause-parser.js";
import { body, ControlId, clause, Duration, Integer, item, LeftBrace, RightBrace, Size, Text, Word } from "./tokens.js";

export interface Amount {
  readonly of: "rows" | "time" | "bytes";
  readonly value: number;
}

/** The grammar of what stands in the braces of a rule: reasons, examples, and the amounts of a `limit`. */
export class BodyParser extends ClauseParser {
  protected readonly body: ParserMethod<[], BodyLine[]> = this.RULE("body", () => {
    const lines: BodyLine[] = [];
    this.CONSUME(LeftBrace);
    this.MANY(() => lines.push(this.SUBRULE(this.bodyLine)));
    this.CONSUME(RightBrace, { ERR_MSG: "`why`, `fix`, `control`, `hit`, `miss` or `}`" });
    this.build(() => this.reportDuplicates(lines));
    return lines;
  });

  protected readonly limitBody: ParserMethod<[], BodyLine[]> = this.RULE("limitBody", () => {
    const lines: BodyLine[] = [];
    this.CONSUME(LeftBrace);
    this.MANY(() =>
      lines.push(this.OR([{ ALT: () => this.SUBRULE(this.amountLine) }, { ALT: () => this.SUBRULE(this.bodyLine) }])),
    );
    this.CONSUME(RightBrace, { ERR_MSG: "`rows`, `time`, `bytes`, `why` or `}`" });
    this.build(() => this.reportDuplicates(lines));
    return lines;
  });

  private readonly bodyLine: ParserMethod<[], BodyLine> = this.RULE("bodyLine", () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.reason) },
      { ALT: () => this.SUBRULE(this.control) },
      { ALT: () => this.SUBRULE(this.example) },
      { ALT: () => this.SUBRULE(this.evenIfIncomplete) },
      { ALT: () => this.SUBRULE(this.onUnknown) },
      { ALT: () => this.SUBRULE(this.setting) },
    ]),
  );

  private readonly reason: ParserMethod<[], BodyLine> = this.RULE("reason", () => {
    const word = this.OR([{ ALT: () => this.CONSUME(body.why) }, { ALT: () => this.CONSUME(body.fix) }]);
    const found = this.CONSUME(Text);
    return this.build(
      (): BodyLine => ({
        kind: word.tokenType === body.why ? "why" : "fix",
        text: this.textNode(found),
        span: this.spanFrom(word),
      }),
    );
  });

  private readonly control: ParserMethod<[], BodyLine> = this.RULE("control", () => {
    const first = this.CONSUME(body.control);
    const id = this.CONSUME(ControlId);
    return this.build((): BodyLine => ({ kind: "control", id: id.image, span: this.spanFrom(first) }));
  });

  private readonly example: ParserMethod<[], BodyLine> = this.RULE("example", () => {
    const first = this.OR([{ ALT: () => this.CONSUME(body.hit) }, { ALT: () => this.CONSUME(body.miss) }]);
    const unknown = this.OPTION({
      GATE: () => first.tokenType === body.hit,
      DEF: () => this.CONSUME(clause.unknown),
    });
    const subject = this.SUBRULE(this.subject);
    const circumstances = this.SUBRULE(this.circumstances);
    return this.build((): BodyLine => {
      const expect = first.tokenType === body.miss ? "miss" : unknown ? "hit unknown" : "hit";
      return { kind: "example", expect, subject, circumstances, span: this.spanFrom(first) };
    });
  });

  private readonly evenIfIncomplete: ParserMethod<[], BodyLine> = this.RULE("evenIfIncomplete", () => {
    const first = this.CONSUME(body.even);
    this.CONSUME(clause.if);
    this.CONSUME(clause.incomplete);
    return this.build((): BodyLine => ({ kind: "even if incomplete", span: this.spanFrom(first) }));
  });

  private readonly onUnknown: ParserMethod<[], BodyLine> = this.RULE("onUnknown", () => {
    const first = this.CONSUME(clause.on);
    this.CONSUME(clause.unknown);
    const approvers = this.OR({
      DEF: [
        { ALT: () => void this.CONSUME(clause.ignore) },
        {
          ALT: () => {
            this.CONSUME(item.require);
            this.CONSUME(clause.approval);
            return this.SUBRULE(this.approvers);
          },
        },
      ],
      ERR_MSG: "`ignore` or `require approval`",
    });
    return this.build(
      (): BodyLine => ({ kind: "on unknown", approvers: approvers ?? null, span: this.spanFrom(first) }),
    );
  });

  /** `audit durable`, `predicates deny`. */
  private readonly setting: ParserMethod<[], BodyLine> = this.RULE("setting", () => {
    const first = this.OR([{ ALT: () => this.CONSUME(body.audit) }, { ALT: () => this.CONSUME(body.predicates) }]);
    const word = this.CONSUME(Word);
    return this.build((): BodyLine => {
      const kind = first.tokenType === body.audit ? "audit" : "predicates";
      return { kind, word: this.wordOf(word), span: this.spanFrom(first) };
    });
  });

  private readonly amountLine: ParserMethod<[], BodyLine> = this.RULE("amountLine", () => {
    const first = this.LA(1);
    const amount = this.SUBRULE(this.amount);
    this.OPTION({
      GATE: () => first.tokenType === body.rows,
      DEF: () => {
        this.CONSUME(clause.then);
        this.CONSUME(clause.stop);
      },
    });
    return this.build((): BodyLine => ({ kind: amount.of, value: amount.value, span: this.spanFrom(first) }));
  });

  protected readonly amount: ParserMethod<[], Amount> = this.RULE("amount", () =>
    this.OR({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(body.rows);
            const found = this.CONSUME(Integer);
            return this.build((): Amount => ({ of: "rows", value: this.numberOf(found) }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(body.time);
            const found = this.CONSUME(Duration);
            return this.build((): Amount => ({ of: "time", value: this.durationOf(found) }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(body.bytes);
            const found = this.CONSUME(Size);
            return this.build((): Amount => ({ of: "bytes", value: this.amountOf(found, sizeOf) }));
          },
        },
      ],
      ERR_MSG: "`rows`, `time` or `bytes`",
    }),
  );

  private reportDuplicates(lines: readonly BodyLine[]): void {
    const seen = new Set<string>();
    for (const line of lines) {
      if (line.kind === "example" || line.kind === "control") continue;
      if (seen.has(line.kind)) this.diagnostics.push(duplicateClause(line.span, { clause: line.kind }));
      seen.add(line.kind);
    }
  }
}

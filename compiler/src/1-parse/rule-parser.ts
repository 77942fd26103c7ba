import type { IToken, ParserMethod } from "chevrotain";
import { duplicateClause, missingWhen } from "../diagnostics/catalog.js";
import type {
  Approvers,
  BodyLine,
  Expr,
  Item,
  MaskTierClause,
  Path,
  RuleItem,
  RuleKind,
  TransformCall,
} from "./ast.js";
import { ConditionParser } from "./condition-parser.js";
import { spanOf } from "./scan.js";
import {
  body,
  Colon,
  Comma,
  ControlId,
  clause,
  Duration,
  Integer,
  item,
  LeftBrace,
  LeftParenthesis,
  RightBrace,
  RightParenthesis,
  reserved,
  Text,
  Word,
} from "./tokens.js";

interface RuleTail {
  readonly when: Expr | null;
  readonly unless: readonly Expr[];
  readonly body: readonly BodyLine[];
}

interface RuleHead {
  readonly id: IToken;
  readonly level: IToken | undefined;
  readonly family: IToken | undefined;
}

/** The grammar of rules: `allow`, `block`, `require approval` and `mask`, with their clauses and bodies. */
export class RuleParser extends ConditionParser {
  protected readonly approvers: ParserMethod<[], Approvers> = this.RULE("approvers", () => {
    this.CONSUME(clause.from);
    const all = [this.SUBRULE(this.approver)];
    this.MANY(() => {
      this.CONSUME(reserved.and);
      all.push(this.SUBRULE1(this.approver));
    });
    this.CONSUME(clause.within);
    const within = this.CONSUME(Duration);
    return this.build(() => ({ all, within_s: secondsOf(within.image), within: spanOf(within, this.file) }));
  });

  private readonly approver: ParserMethod<[], Approvers["all"][number]> = this.RULE("approver", () => {
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

  protected readonly allow: ParserMethod<[], Item> = this.RULE("allow", () => {
    const first = this.CONSUME(item.allow);
    const id = this.CONSUME(Text);
    const after = this.OPTION(() => {
      this.CONSUME(clause.after);
      this.CONSUME(clause.approval);
      return this.SUBRULE(this.approvers);
    });
    const { level, family } = this.SUBRULE(this.levelAndFamily);
    const tail = this.SUBRULE(this.ruleTail);
    return this.build(() => this.rule(first, { kind: "allow", after: after ?? null }, { id, level, family }, tail));
  });

  protected readonly block: ParserMethod<[], Item> = this.RULE("block", () => {
    const first = this.CONSUME(item.block);
    const id = this.CONSUME(Text);
    const { level, family } = this.SUBRULE(this.levelAndFamily);
    const tail = this.SUBRULE(this.ruleTail);
    return this.build(() => this.rule(first, { kind: "block" }, { id, level, family }, tail));
  });

  protected readonly require: ParserMethod<[], Item> = this.RULE("require", () => {
    const first = this.CONSUME(item.require);
    this.CONSUME(clause.approval);
    const id = this.CONSUME(Text);
    const { level, family } = this.SUBRULE(this.levelAndFamily);
    const approvers = this.SUBRULE(this.approvers);
    const tail = this.SUBRULE(this.ruleTail);
    return this.build(() => this.rule(first, { kind: "approve", approvers }, { id, level, family }, tail));
  });

  protected readonly mask: ParserMethod<[], Item> = this.RULE("mask", () => {
    const first = this.CONSUME(item.mask);
    const id = this.CONSUME(Text);
    const { level, family } = this.SUBRULE(this.levelAndFamily);
    const labels = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.laterValues) }, { ALT: () => this.SUBRULE(this.paths) }],
      ERR_MSG: "a label",
      IGNORE_AMBIGUITIES: true, // `values` is also a name; `values NAME` comes first.
    });
    this.CONSUME(clause.with);
    const transform = this.SUBRULE(this.transform);
    const tiers: MaskTierClause[] = [];
    this.MANY(() => tiers.push(this.SUBRULE(this.tier)));
    const tail = this.SUBRULE(this.ruleTail);
    return this.build((): Item => {
      if (labels === null) return { kind: "Broken", word: "mask", name: null, span: this.spanFrom(first) };
      return this.rule(first, { kind: "mask", labels, transform, tiers }, { id, level, family }, tail);
    });
  });

  /** `values std.detect.secrets`: masks by content are of a later version. */
  private readonly laterValues: ParserMethod<[], Path[] | null> = this.RULE("laterValues", () => {
    const first = this.CONSUME(clause.values);
    this.SUBRULE(this.path);
    return this.build(() => {
      this.later(this.spanFrom(first), "values");
      return null;
    });
  });

  private readonly paths: ParserMethod<[], Path[]> = this.RULE("paths", () => {
    const paths: Path[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => paths.push(this.SUBRULE(this.path)), ERR_MSG: "a label" });
    return paths;
  });

  private readonly transform: ParserMethod<[], TransformCall> = this.RULE("transform", () => {
    const name = this.CONSUME(Word);
    const calls: TransformCall["arguments"][number][] = [];
    this.OPTION(() => {
      this.CONSUME(LeftParenthesis);
      this.MANY_SEP({ SEP: Comma, DEF: () => calls.push(this.SUBRULE(this.argument)) });
      this.CONSUME(RightParenthesis);
    });
    return this.build(() => ({ name: this.wordOf(name), arguments: calls, span: this.spanFrom(name) }));
  });

  private readonly argument: ParserMethod<[], TransformCall["arguments"][number]> = this.RULE("argument", () => {
    const name = this.CONSUME(Word);
    const value = this.OPTION(() => {
      this.CONSUME(Colon);
      return this.CONSUME(Integer);
    });
    return this.build(() => ({ name: this.wordOf(name), value: value ? this.numberOf(value) : null }));
  });

  private readonly tier: ParserMethod<[], MaskTierClause> = this.RULE("tier", () => {
    this.CONSUME(clause.but);
    const transform = this.SUBRULE(this.transform);
    const labels = this.OPTION(() => {
      this.CONSUME(clause.on);
      return this.SUBRULE(this.paths);
    });
    this.CONSUME(reserved.when);
    const when = this.SUBRULE(this.condition);
    return { transform, labels: labels ?? null, when };
  });

  private readonly levelAndFamily: ParserMethod<[], Omit<RuleHead, "id">> = this.RULE("levelAndFamily", () => {
    const level = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(clause.hard) },
        { ALT: () => this.CONSUME(clause.soft) },
        { ALT: () => this.CONSUME(clause.advisory) },
      ]),
    );
    const family = this.OPTION1(() => {
      this.CONSUME(clause.on);
      return this.CONSUME(Word);
    });
    return { level, family };
  });

  private readonly ruleTail: ParserMethod<[], RuleTail> = this.RULE("ruleTail", () => {
    const when = this.OPTION(() => {
      this.CONSUME(reserved.when);
      return this.SUBRULE(this.condition);
    });
    const unless: Expr[] = [];
    this.MANY(() => {
      this.CONSUME(reserved.unless);
      unless.push(this.SUBRULE1(this.condition));
    });
    const lines: BodyLine[] = [];
    this.OPTION1(() => {
      this.CONSUME(LeftBrace);
      this.MANY1(() => lines.push(this.SUBRULE(this.bodyLine)));
      this.CONSUME(RightBrace);
    });
    return { when: when ?? null, unless, body: lines };
  });

  private readonly bodyLine: ParserMethod<[], BodyLine> = this.RULE("bodyLine", () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.reason) },
        { ALT: () => this.SUBRULE(this.control) },
        { ALT: () => this.SUBRULE(this.example) },
        { ALT: () => this.SUBRULE(this.evenIfIncomplete) },
        { ALT: () => this.SUBRULE(this.laterLine) },
      ],
      ERR_MSG: "`why`, `fix`, `control`, `hit`, `miss` or `}`",
    }),
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
    const family = this.CONSUME(Word);
    const found = this.CONSUME(Text);
    this.CONSUME(clause.as);
    const principal = this.SUBRULE(this.path);
    this.CONSUME(clause.on);
    const connection = this.SUBRULE1(this.path);
    return this.build((): BodyLine => {
      const expect = first.tokenType === body.miss ? "miss" : unknown ? "hit unknown" : "hit";
      const text = this.textNode(found);
      return {
        kind: "example",
        expect,
        family: this.wordOf(family),
        text,
        principal,
        connection,
        span: this.spanFrom(first),
      };
    });
  });

  private readonly evenIfIncomplete: ParserMethod<[], BodyLine> = this.RULE("evenIfIncomplete", () => {
    const first = this.CONSUME(body.even);
    this.CONSUME(clause.if);
    this.CONSUME(clause.incomplete);
    return this.build((): BodyLine => ({ kind: "even if incomplete", span: this.spanFrom(first) }));
  });

  /** `audit durable`, `predicates deny`, `on unknown ignore`: of a later version. */
  private readonly laterLine: ParserMethod<[], BodyLine> = this.RULE("laterLine", () => {
    const first = this.OR([
      { ALT: () => this.CONSUME(body.audit) },
      { ALT: () => this.CONSUME(body.predicates) },
      { ALT: () => this.CONSUME(clause.on) },
    ]);
    this.CONSUME(Word);
    this.OPTION(() => {
      this.OR1([
        { ALT: () => void this.CONSUME(clause.ignore) },
        {
          ALT: () => {
            this.CONSUME(item.require);
            this.CONSUME(clause.approval);
            this.SUBRULE(this.approvers);
          },
        },
      ]);
    });
    return this.build((): BodyLine => {
      const what = first.tokenType === clause.on ? "on unknown" : first.image;
      this.later(this.spanFrom(first), what);
      return { kind: "later", span: this.spanFrom(first) };
    });
  });

  private rule(first: IToken, rule: RuleKind, { id, level, family }: RuleHead, tail: RuleTail): RuleItem {
    const span = this.spanFrom(first);
    const head = { ...span, end: id.startOffset + id.image.length };
    this.reportDuplicates(tail.body);
    if (tail.when === null && rule.kind !== "mask") {
      const words = { allow: "allow", block: "block", approve: "require approval" };
      this.diagnostics.push(missingWhen(head, { rule: words[rule.kind] }));
    }
    return {
      kind: "Rule",
      rule,
      id: this.textNode(id),
      level: level?.tokenType === clause.hard ? "hard" : level?.tokenType === clause.advisory ? "advisory" : "soft",
      family: family ? this.wordOf(family) : null,
      ...tail,
      head,
      span,
    };
  }

  private reportDuplicates(lines: readonly BodyLine[]): void {
    const seen = new Set<string>();
    for (const line of lines) {
      if (line.kind === "example" || line.kind === "control" || line.kind === "later") continue;
      if (seen.has(line.kind)) this.diagnostics.push(duplicateClause(line.span, { clause: line.kind }));
      seen.add(line.kind);
    }
  }
}

const secondsIn = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of a duration as written, for instance `30m`. */
function secondsOf(image: string): number {
  const unit = image.endsWith("ms") ? "ms" : image.slice(-1);
  const amount = Number(image.slice(0, -unit.length).replaceAll("_", ""));
  return amount * secondsIn[unit as keyof typeof secondsIn];
}

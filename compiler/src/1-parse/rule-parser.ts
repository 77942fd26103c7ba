import type { IToken, ParserMethod } from "chevrotain";
import { missingLine, missingWhen } from "../diagnostics/catalog.js";
import type {
  BodyLine,
  Item,
  MaskSubject,
  MaskTierClause,
  RuleItem,
  RuleKind,
  TransformArgument,
  TransformCall,
} from "./ast.js";
import { BodyParser } from "./body-parser.js";
import type { Conditions } from "./clause-parser.js";
import {
  Colon,
  Comma,
  clause,
  Integer,
  item,
  LeftParenthesis,
  RightParenthesis,
  reserved,
  Text,
  Word,
} from "./tokens.js";

interface RuleTail extends Conditions {
  readonly body: readonly BodyLine[];
}

interface RuleHead {
  readonly id: IToken;
  readonly level: IToken | undefined;
  readonly family: IToken | undefined;
}

/** The grammar of rules and of what lifts one: `allow`, `block`, `require approval`, `mask`, `limit` and `exception`. */
export class RuleParser extends BodyParser {
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
    const subject = this.SUBRULE(this.maskSubject);
    this.CONSUME(clause.with);
    const transform = this.SUBRULE(this.transform);
    const tiers: MaskTierClause[] = [];
    this.MANY(() => tiers.push(this.SUBRULE(this.tier)));
    const tail = this.SUBRULE(this.ruleTail);
    return this.build(() => this.rule(first, { kind: "mask", subject, transform, tiers }, { id, level, family }, tail));
  });

  private readonly maskSubject: ParserMethod<[], MaskSubject> = this.RULE("maskSubject", () =>
    this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.maskedValues) }, { ALT: () => this.SUBRULE(this.maskedLabels) }],
      ERR_MSG: "a label, or `values` and detectors",
      IGNORE_AMBIGUITIES: true, // `values` is also a name; `values NAME` comes first.
    }),
  );

  private readonly maskedValues: ParserMethod<[], MaskSubject> = this.RULE("maskedValues", () => {
    const first = this.CONSUME(clause.values);
    const detectors = this.SUBRULE(this.path);
    return this.build((): MaskSubject => ({ kind: "values", detectors, span: this.spanFrom(first) }));
  });

  private readonly maskedLabels: ParserMethod<[], MaskSubject> = this.RULE("maskedLabels", () => {
    const labels = this.SUBRULE(this.paths);
    return this.build((): MaskSubject => ({ kind: "labels", labels }));
  });

  private readonly transform: ParserMethod<[], TransformCall> = this.RULE("transform", () => {
    const name = this.CONSUME(Word);
    const given = this.OPTION(() => this.SUBRULE(this.arguments));
    return this.build(() => ({ name: this.wordOf(name), arguments: given ?? [], span: this.spanFrom(name) }));
  });

  private readonly arguments: ParserMethod<[], TransformArgument[]> = this.RULE("arguments", () => {
    const all: TransformArgument[] = [];
    this.CONSUME(LeftParenthesis);
    this.MANY_SEP({ SEP: Comma, DEF: () => all.push(this.SUBRULE(this.argument)) });
    this.CONSUME(RightParenthesis);
    return all;
  });

  private readonly argument: ParserMethod<[], TransformArgument> = this.RULE("argument", () =>
    this.OR({
      DEF: [
        {
          ALT: () => {
            const text = this.CONSUME(Text);
            return this.build((): TransformArgument => ({ kind: "text", value: this.textNode(text).value }));
          },
        },
        { GATE: () => this.LA(2).tokenType === Colon, ALT: () => this.SUBRULE(this.namedArgument) },
        {
          ALT: () => {
            const call = this.SUBRULE(this.transform);
            return this.build((): TransformArgument => ({ kind: "call", call }));
          },
        },
      ],
      ERR_MSG: "an argument",
    }),
  );

  private readonly namedArgument: ParserMethod<[], TransformArgument> = this.RULE("namedArgument", () => {
    const name = this.CONSUME(Word);
    this.CONSUME(Colon);
    const value = this.OR({
      DEF: [
        {
          ALT: () => {
            const number = this.CONSUME(Integer);
            return this.build((): number | string => this.numberOf(number));
          },
        },
        {
          ALT: () => {
            const text = this.CONSUME(Text);
            return this.build((): number | string => this.textNode(text).value);
          },
        },
      ],
      ERR_MSG: "a number or a text",
    });
    return this.build((): TransformArgument => ({ kind: "named", name: this.wordOf(name), value }));
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
    const conditions = this.SUBRULE(this.conditions);
    const body = this.OPTION(() => this.SUBRULE(this.body));
    return { ...conditions, body: body ?? [] };
  });

  protected readonly limit: ParserMethod<[], Item> = this.RULE("limit", () => {
    const first = this.CONSUME(item.limit);
    const id = this.CONSUME(Text);
    const { level, family } = this.SUBRULE(this.levelAndFamily);
    const conditions = this.SUBRULE(this.conditions);
    const body = this.SUBRULE(this.limitBody);
    return this.build(() => {
      const rule = this.rule(first, { kind: "limit" }, { id, level, family }, { ...conditions, body });
      const amounts: ReadonlySet<string> = new Set(["rows", "time", "bytes"]);
      if (!body.some((line) => amounts.has(line.kind)))
        this.missing.push(missingLine(rule.head, { item: "limit", lines: "`rows`, `time` or `bytes`" }));
      return rule;
    });
  });

  protected readonly exception: ParserMethod<[], Item> = this.RULE("exception", () => {
    const first = this.CONSUME(item.exception);
    const id = this.CONSUME(Text);
    this.CONSUME(clause.to);
    const to = this.CONSUME1(Text);
    const conditions = this.SUBRULE(this.conditions);
    this.CONSUME(clause.until);
    const until = this.SUBRULE(this.instant);
    this.CONSUME(clause.reason);
    const reason = this.CONSUME2(Text);
    this.CONSUME(clause.approved);
    this.CONSUME(clause.by);
    const approvedBy = this.CONSUME3(Text);
    return this.build((): Item => {
      const span = this.spanFrom(first);
      const head = { ...span, end: to.startOffset + to.image.length };
      if (conditions.when === null) this.missing.push(missingWhen(head, { rule: "exception" }));
      return {
        kind: "Exception",
        id: this.textNode(id),
        to: this.textNode(to),
        ...conditions,
        until,
        reason: this.textNode(reason),
        approvedBy: this.textNode(approvedBy),
        head,
        span,
      };
    });
  });

  private rule(first: IToken, rule: RuleKind, { id, level, family }: RuleHead, tail: RuleTail): RuleItem {
    const span = this.spanFrom(first);
    const head = { ...span, end: id.startOffset + id.image.length };
    if (tail.when === null && rule.kind !== "mask" && rule.kind !== "limit") {
      const words = { allow: "allow", block: "block", approve: "require approval" };
      this.missing.push(missingWhen(head, { rule: words[rule.kind] }));
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
}

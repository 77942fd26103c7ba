import type { ParserMethod } from "chevrotain";
import { badTime } from "../diagnostics/catalog.js";
import type { Item, Text as TextNode, WindowClause } from "./ast.js";
import { DeclarationParser } from "./declaration-parser.js";
import { Comma, clause, Duration, Equals, item, reserved, Text, TimeOfDay, Word } from "./tokens.js";

type Hours = Extract<WindowClause, { readonly kind: "weekly" }>["hours"];
type Day = Extract<WindowClause, { readonly kind: "weekly" }>["days"][number];

/** The grammar of what enforcement keeps or looks for on behalf of rules: windows of time, grants, counters. */
export class MechanismParser extends DeclarationParser {
  protected readonly window: ParserMethod<[], Item> = this.RULE("window", () => {
    const first = this.CONSUME(item.window);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const window = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.range) }, { ALT: () => this.SUBRULE(this.weekly) }],
      ERR_MSG: "a point in time, `daily` or a day such as `mon`",
    });
    return this.build((): Item => ({ kind: "Window", name: this.wordOf(name), window, span: this.spanFrom(first) }));
  });

  private readonly range: ParserMethod<[], WindowClause> = this.RULE("range", () => {
    const from = this.SUBRULE(this.instant);
    this.CONSUME(clause.to);
    const to = this.SUBRULE1(this.instant);
    return this.build((): WindowClause => ({ kind: "range", from, to, span: { ...from.span, end: this.endOffset() } }));
  });

  private readonly weekly: ParserMethod<[], WindowClause> = this.RULE("weekly", () => {
    const first = this.LA(1);
    const days: Day[] = [];
    this.OR({
      DEF: [
        { ALT: () => void this.CONSUME(clause.daily) },
        { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => days.push(this.SUBRULE(this.days)) }) },
      ],
      ERR_MSG: "`daily` or a day such as `mon`",
      IGNORE_AMBIGUITIES: true, // `daily` is also a name; it comes first.
    });
    const hours = this.OPTION(() => this.SUBRULE(this.hours));
    const zone = this.OPTION1(() => {
      this.CONSUME(reserved.in);
      return this.CONSUME(Text);
    });
    return this.build((): WindowClause => {
      const span = this.spanFrom(first);
      if (zone === undefined) {
        const fix = 'times need a zone: add `in "Europe/Berlin"` or `in "UTC"`';
        this.diagnostics.push(badTime(span, { problem: "this window has no zone", fix }));
      }
      const inZone: TextNode = zone ? this.textNode(zone) : { kind: "Text", value: "UTC", span };
      return { kind: "weekly", days, hours: hours ?? null, zone: inZone, span };
    });
  });

  private readonly days: ParserMethod<[], Day> = this.RULE("days", () => {
    const from = this.CONSUME(Word);
    const to = this.OPTION(() => {
      this.CONSUME(clause.to);
      return this.CONSUME1(Word);
    });
    return this.build(() => ({ from: this.wordOf(from), to: this.wordOf(to ?? from) }));
  });

  private readonly hours: ParserMethod<[], NonNullable<Hours>> = this.RULE("hours", () => {
    const from = this.CONSUME(TimeOfDay);
    this.CONSUME(clause.to);
    const to = this.CONSUME1(TimeOfDay);
    return this.build(() => ({
      from_min: this.timeOfDayOf(from),
      to_min: this.timeOfDayOf(to),
      span: this.spanFrom(from),
    }));
  });

  protected readonly grant: ParserMethod<[], Item> = this.RULE("grant", () => {
    const first = this.CONSUME(item.grant);
    const name = this.CONSUME(Word);
    this.CONSUME(clause.to);
    const to = this.SUBRULE(this.paths);
    const after = this.OPTION(() => {
      this.CONSUME(clause.after);
      this.CONSUME(clause.approval);
      return this.SUBRULE(this.grantApprovers);
    });
    const asking = this.OPTION1(() => {
      this.CONSUME(clause.asking);
      return this.CONSUME(Text);
    });
    this.CONSUME(clause.lasting);
    const lasting = this.CONSUME(Duration);
    const telling = this.OPTION2(() => {
      this.CONSUME(clause.telling);
      return this.SUBRULE1(this.paths);
    });
    return this.build(
      (): Item => ({
        kind: "Grant",
        name: this.wordOf(name),
        to,
        after: after ?? null,
        asking: asking ? this.textNode(asking) : null,
        lasting_s: this.durationOf(lasting) / 1_000,
        lasting: this.wordOf(lasting).span,
        telling: telling ?? [],
        span: this.spanFrom(first),
      }),
    );
  });

  protected readonly counter: ParserMethod<[], Item> = this.RULE("counter", () => {
    const first = this.CONSUME(item.counter);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const what = this.CONSUME1(Word);
    const labels = this.OPTION(() => {
      this.CONSUME(clause.labelled);
      return this.SUBRULE(this.paths);
    });
    this.CONSUME(clause.per);
    const per = this.CONSUME2(Word);
    this.CONSUME(clause.over);
    const over = this.CONSUME(Duration);
    return this.build(
      (): Item => ({
        kind: "Counter",
        name: this.wordOf(name),
        what: this.wordOf(what),
        labels: labels ?? [],
        per: this.wordOf(per),
        over_s: this.durationOf(over) / 1_000,
        over: this.wordOf(over).span,
        span: this.spanFrom(first),
      }),
    );
  });
}

import type { ParserMethod } from "chevrotain";
import { duplicateClause, missingLine } from "../diagnostics/catalog.js";
import type { Span } from "../source/source-file.js";
import type { DetectorItem, Item, Text as TextNode, Word as WordNode } from "./ast.js";
import { MechanismParser } from "./mechanism-parser.js";
import {
  body,
  Comma,
  Integer,
  item,
  LeftBrace,
  LeftParenthesis,
  RightBrace,
  RightParenthesis,
  Text,
  Word,
} from "./tokens.js";

type Check = DetectorItem["checks"][number];
type DetectorLine = { readonly span: Span } & (
  | { readonly kind: "pattern" | "why"; readonly text: TextNode }
  | { readonly kind: "context"; readonly texts: readonly TextNode[] }
  | { readonly kind: "check"; readonly check: Check }
);

/** The grammar of detectors: what to look for in values, and what has to hold for it to count. */
export class DetectorParser extends MechanismParser {
  protected readonly detector: ParserMethod<[], Item> = this.RULE("detector", () => {
    const first = this.CONSUME(item.detector);
    const name = this.CONSUME(Word);
    const lines = this.SUBRULE(this.detectorBody);
    return this.build(() => this.detectorOf(this.wordOf(name), lines, this.spanFrom(first)));
  });

  private readonly detectorBody: ParserMethod<[], DetectorLine[]> = this.RULE("detectorBody", () => {
    const lines: DetectorLine[] = [];
    this.CONSUME(LeftBrace);
    this.MANY(() => lines.push(this.SUBRULE(this.detectorLine)));
    this.CONSUME(RightBrace, { ERR_MSG: "`pattern`, `check`, `context`, `why` or `}`" });
    return lines;
  });

  private readonly detectorLine: ParserMethod<[], DetectorLine> = this.RULE("detectorLine", () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.detectorText) },
      { ALT: () => this.SUBRULE(this.detectorContext) },
      { ALT: () => this.SUBRULE(this.detectorCheck) },
    ]),
  );

  private readonly detectorText: ParserMethod<[], DetectorLine> = this.RULE("detectorText", () => {
    const word = this.OR([{ ALT: () => this.CONSUME(body.pattern) }, { ALT: () => this.CONSUME(body.why) }]);
    const found = this.CONSUME(Text);
    return this.build(
      (): DetectorLine => ({
        kind: word.tokenType === body.why ? "why" : "pattern",
        text: this.textNode(found),
        span: this.spanFrom(word),
      }),
    );
  });

  private readonly detectorContext: ParserMethod<[], DetectorLine> = this.RULE("detectorContext", () => {
    const first = this.CONSUME(body.context);
    this.CONSUME(LeftBrace);
    const texts: TextNode[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const found = this.CONSUME(Text);
        this.build(() => texts.push(this.textNode(found)));
      },
      ERR_MSG: "text in quotes",
    });
    this.CONSUME(RightBrace);
    return this.build((): DetectorLine => ({ kind: "context", texts, span: this.spanFrom(first) }));
  });

  private readonly detectorCheck: ParserMethod<[], DetectorLine> = this.RULE("detectorCheck", () => {
    const first = this.CONSUME(body.check);
    const name = this.CONSUME(Word);
    const numbers: number[] = [];
    this.OPTION(() => {
      this.CONSUME(LeftParenthesis);
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => {
          const found = this.CONSUME(Integer);
          this.build(() => numbers.push(this.numberOf(found)));
        },
        ERR_MSG: "a number",
      });
      this.CONSUME(RightParenthesis);
    });
    return this.build((): DetectorLine => {
      const check: Check = { name: this.wordOf(name), arguments: numbers, span: this.spanFrom(name) };
      return { kind: "check", check, span: this.spanFrom(first) };
    });
  });

  private detectorOf(name: WordNode, lines: readonly DetectorLine[], span: Span): Item {
    const once = new Set<string>();
    for (const line of lines) {
      if (line.kind !== "why" && line.kind !== "context") continue;
      if (once.has(line.kind)) this.diagnostics.push(duplicateClause(line.span, { clause: line.kind }));
      once.add(line.kind);
    }
    const patterns = lines.flatMap((line) => (line.kind === "pattern" ? [line.text] : []));
    if (patterns.length === 0) this.missing.push(missingLine(name.span, { item: "detector", lines: "a `pattern`" }));
    return {
      kind: "Detector",
      name,
      patterns,
      checks: lines.flatMap((line) => (line.kind === "check" ? [line.check] : [])),
      context: lines.flatMap((line) => (line.kind === "context" ? line.texts : [])),
      why: lines.flatMap((line) => (line.kind === "why" ? [line.text] : []))[0] ?? null,
      span,
    };
  }
}

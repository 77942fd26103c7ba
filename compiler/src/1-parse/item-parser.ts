import type { IToken, ParserMethod } from "chevrotain";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Header, Item } from "./ast.js";
import { TestParser } from "./test-parser.js";
import { Comma, clause, item, Word } from "./tokens.js";

/** What one run of the parser gives: an item, what it reported itself, and chevrotain's first error as it stands. */
export interface ItemOutput {
  readonly item: Item | Header | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What the item lacks; it means nothing beside a syntax error. */
  readonly missing: readonly Diagnostic[];
  readonly error: ParserError | null;
}

export interface ParserError {
  /** What was expected; empty when nothing more was. */
  readonly expected: string;
  readonly found: IToken;
  /** Whether the parser was reading the lines of a body. */
  readonly inBody: boolean;
}

const bodyRules: ReadonlySet<string> = new Set(["body", "limitBody", "detectorBody", "testBody"]);

/** The grammar of items: one run reads one item and all its tokens. */
export class ItemParser extends TestParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** Reads `tokens`, one item of the file with index `file` and text `text`. Never throws. */
  parse(tokens: readonly IToken[], file: number, text: string): ItemOutput {
    this.file = file;
    this.text = text;
    this.diagnostics = [];
    this.missing = [];
    this.input = [...tokens];
    const item = this.anyItem();
    return { item, diagnostics: this.diagnostics, missing: this.missing, error: this.firstError() };
  }

  private firstError(): ParserError | null {
    const [error] = this.errors;
    if (error === undefined) return null;
    const inBody = error.context.ruleStack.some((rule) => bodyRules.has(rule));
    return { expected: error.message, found: error.token, inBody };
  }

  private readonly anyItem: ParserMethod<[], Item | Header> = this.RULE("anyItem", () =>
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.policy) },
        { ALT: () => this.SUBRULE(this.library) },
        { ALT: () => this.SUBRULE(this.use) },
        { ALT: () => this.SUBRULE(this.defaultItem) },
        { ALT: () => this.SUBRULE(this.group) },
        { ALT: () => this.SUBRULE(this.letItem) },
        { ALT: () => this.SUBRULE(this.define) },
        { ALT: () => this.SUBRULE(this.data) },
        { ALT: () => this.SUBRULE(this.attribute) },
        { ALT: () => this.SUBRULE(this.label) },
        { ALT: () => this.SUBRULE(this.window) },
        { ALT: () => this.SUBRULE(this.grant) },
        { ALT: () => this.SUBRULE(this.counter) },
        { ALT: () => this.SUBRULE(this.detector) },
        { ALT: () => this.SUBRULE(this.allow) },
        { ALT: () => this.SUBRULE(this.block) },
        { ALT: () => this.SUBRULE(this.require) },
        { ALT: () => this.SUBRULE(this.mask) },
        { ALT: () => this.SUBRULE(this.limit) },
        { ALT: () => this.SUBRULE(this.exception) },
        { ALT: () => this.SUBRULE(this.test) },
        { ALT: () => this.SUBRULE(this.proof) },
        { ALT: () => this.SUBRULE(this.assumption) },
        { ALT: () => this.SUBRULE(this.fixture) },
      ],
      ERR_MSG: "an item",
    }),
  );

  private readonly policy: ParserMethod<[], Header> = this.RULE("policy", () => {
    const first = this.CONSUME(item.policy);
    const name = this.SUBRULE(this.path);
    const families = this.SUBRULE(this.governs);
    const scope = this.OPTION(() => {
      this.CONSUME(clause.for);
      return this.SUBRULE(this.condition);
    });
    return this.build(
      (): Header => ({
        kind: "Header",
        declares: "policy",
        name,
        families: families.map((found) => this.wordOf(found)),
        scope: scope ?? null,
        span: this.spanFrom(first),
      }),
    );
  });

  private readonly library: ParserMethod<[], Header> = this.RULE("library", () => {
    const first = this.CONSUME(item.library);
    const name = this.SUBRULE(this.path);
    const families = this.OPTION(() => this.SUBRULE(this.governs));
    return this.build(
      (): Header => ({
        kind: "Header",
        declares: "library",
        name,
        families: (families ?? []).map((found) => this.wordOf(found)),
        scope: null,
        span: this.spanFrom(first),
      }),
    );
  });

  private readonly governs: ParserMethod<[], IToken[]> = this.RULE("governs", () => {
    this.CONSUME(clause.governs);
    const families: IToken[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => families.push(this.CONSUME(Word)), ERR_MSG: "a family" });
    return families;
  });
}

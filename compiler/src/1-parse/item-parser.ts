import type { IToken, ParserMethod } from "chevrotain";
import { notInThisVersion } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Expr, FixtureField, FixtureValue, Header, Item } from "./ast.js";
import { RuleParser } from "./rule-parser.js";
import { Colon, Comma, clause, Equals, item, LeftBrace, RightBrace, Text, Word } from "./tokens.js";

/** What one run of the parser gives: an item, what it reported itself, and chevrotain's first error as it stands. */
export interface ItemOutput {
  readonly item: Item | Header | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly error: ParserError | null;
}

export interface ParserError {
  /** What was expected; empty when nothing more was. */
  readonly expected: string;
  readonly found: IToken;
}

/** The grammar of items: one run reads one item and all its tokens. */
export class ItemParser extends RuleParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** Reads `tokens`, one item of the file with index `file` and text `text`. Never throws. */
  parse(tokens: readonly IToken[], file: number, text: string): ItemOutput {
    this.file = file;
    this.text = text;
    this.diagnostics = [];
    this.input = [...tokens];
    const item = this.anyItem();
    const [error] = this.errors;
    return {
      item,
      diagnostics: this.diagnostics,
      error: error === undefined ? null : { expected: error.message, found: error.token },
    };
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
        { ALT: () => this.SUBRULE(this.label) },
        { ALT: () => this.SUBRULE(this.allow) },
        { ALT: () => this.SUBRULE(this.block) },
        { ALT: () => this.SUBRULE(this.require) },
        { ALT: () => this.SUBRULE(this.mask) },
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

  private readonly use: ParserMethod<[], Item> = this.RULE("use", () => {
    const first = this.CONSUME(item.use);
    const module = this.SUBRULE(this.path);
    const alias = this.OPTION(() => {
      this.CONSUME(clause.as);
      return this.CONSUME(Word);
    });
    return this.build(
      (): Item => ({ kind: "Use", module, alias: alias ? this.wordOf(alias) : null, span: this.spanFrom(first) }),
    );
  });

  private readonly defaultItem: ParserMethod<[], Item> = this.RULE("defaultItem", () => {
    const first = this.CONSUME(item.default);
    const approvers = this.OR({
      DEF: [
        { ALT: () => void this.CONSUME(item.allow) },
        { ALT: () => void this.CONSUME(item.block) },
        {
          ALT: () => {
            this.CONSUME(item.require);
            this.CONSUME(clause.approval);
            return this.SUBRULE(this.approvers);
          },
        },
      ],
      ERR_MSG: "`allow`, `block` or `require approval`",
    });
    return this.build((): Item => {
      const verdict = approvers ? "approve" : this.LA(0).tokenType === item.allow ? "allow" : "block";
      return { kind: "Default", verdict, approvers: approvers ?? null, span: this.spanFrom(first) };
    });
  });

  private readonly group: ParserMethod<[], Item> = this.RULE("group", () => {
    const first = this.CONSUME(item.group);
    const name = this.CONSUME(Word);
    const provider = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.CONSUME(Text);
    });
    return this.build(
      (): Item => ({
        kind: "Group",
        name: this.wordOf(name),
        provider: provider ? this.textNode(provider) : null,
        span: this.spanFrom(first),
      }),
    );
  });

  private readonly letItem: ParserMethod<[], Item> = this.RULE("letItem", () => {
    const first = this.CONSUME(item.let);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.condition);
    return this.build((): Item => ({ kind: "Let", name: this.wordOf(name), value, span: this.spanFrom(first) }));
  });

  private readonly label: ParserMethod<[], Item> = this.RULE("label", () => {
    const first = this.CONSUME(item.label);
    const path = this.SUBRULE(this.path);
    this.CONSUME(clause.on);
    this.CONSUME(clause.column);
    const columns: IToken[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => columns.push(this.CONSUME(Text)), ERR_MSG: "a column pattern" });
    return this.build(
      (): Item => ({
        kind: "Label",
        path,
        columns: columns.map((found) => this.textNode(found)),
        span: this.spanFrom(first),
      }),
    );
  });

  private readonly fixture: ParserMethod<[], Item> = this.RULE("fixture", () => {
    const first = this.CONSUME(item.fixture);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const of = this.CONSUME1(Word);
    const record = this.SUBRULE(this.braces);
    return this.build((): Item => {
      const fields = record.kind === "Record" ? record.fields : [];
      return { kind: "Fixture", name: this.wordOf(name), of: this.wordOf(of), fields, span: this.spanFrom(first) };
    });
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

  private readonly field: ParserMethod<[], FixtureField> = this.RULE("field", () => {
    const name = this.CONSUME(Word);
    this.CONSUME(Colon);
    const value = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.braces) }, { ALT: () => this.SUBRULE(this.plainValue) }],
      ERR_MSG: "a value",
    });
    return this.build(() => ({ name: this.wordOf(name), value }));
  });

  private readonly plainValue: ParserMethod<[], FixtureValue> = this.RULE("plainValue", () => {
    const value = this.SUBRULE(this.member);
    return this.build((): FixtureValue => ({ kind: "Value", value, span: value.span }));
  });
}

/** A word that starts an item of a later version, as a diagnostic over the whole item. */
export const laterItemError = (first: IToken, last: IToken, file: number): Diagnostic =>
  notInThisVersion(
    { file, start: first.startOffset, end: last.startOffset + last.image.length },
    { what: first.image, instead: null },
  );

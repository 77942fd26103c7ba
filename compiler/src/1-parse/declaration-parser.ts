import type { IToken, ParserMethod } from "chevrotain";
import type { AttributeItem, Item, Parameter, TypeClause } from "./ast.js";
import { RuleParser } from "./rule-parser.js";
import {
  Colon,
  Comma,
  clause,
  Equals,
  item,
  LeftBrace,
  LeftParenthesis,
  Question,
  RightBrace,
  RightParenthesis,
  Text,
  TypeName,
  Word,
} from "./tokens.js";

type AttributeValues = Pick<AttributeItem, "members" | "type">;

/** The grammar of what rules are written with: modules in use, names of values and conditions, groups, labels, fixtures. */
export class DeclarationParser extends RuleParser {
  protected readonly use: ParserMethod<[], Item> = this.RULE("use", () => {
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

  protected readonly defaultItem: ParserMethod<[], Item> = this.RULE("defaultItem", () => {
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

  protected readonly group: ParserMethod<[], Item> = this.RULE("group", () => {
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

  protected readonly letItem: ParserMethod<[], Item> = this.RULE("letItem", () => {
    const first = this.CONSUME(item.let);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.condition);
    return this.build((): Item => ({ kind: "Let", name: this.wordOf(name), value, span: this.spanFrom(first) }));
  });

  protected readonly define: ParserMethod<[], Item> = this.RULE("define", () => {
    const first = this.CONSUME(item.define);
    const name = this.CONSUME(Word);
    this.CONSUME(LeftParenthesis);
    const parameters: Parameter[] = [];
    this.MANY_SEP({ SEP: Comma, DEF: () => parameters.push(this.SUBRULE(this.parameter)) });
    this.CONSUME(RightParenthesis);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.condition);
    return this.build(
      (): Item => ({ kind: "Define", name: this.wordOf(name), parameters, value, span: this.spanFrom(first) }),
    );
  });

  private readonly parameter: ParserMethod<[], Parameter> = this.RULE("parameter", () => {
    const name = this.CONSUME(Word);
    this.CONSUME(Colon);
    const type = this.SUBRULE(this.type);
    return this.build(() => ({ name: this.wordOf(name), type }));
  });

  private readonly type: ParserMethod<[], TypeClause> = this.RULE("type", () =>
    this.OR({
      DEF: [
        {
          ALT: () => {
            const name = this.CONSUME(TypeName);
            return this.build((): TypeClause => this.namedType(name));
          },
        },
        {
          ALT: () => {
            const path = this.SUBRULE(this.path);
            return this.build((): TypeClause => ({ kind: "fact", path, span: path.span }));
          },
        },
        { ALT: () => this.SUBRULE(this.setType) },
      ],
      ERR_MSG: "a type such as `String`, or a fact",
    }),
  );

  private namedType(found: IToken): TypeClause {
    const name = this.wordOf(found);
    return { kind: "named", name, span: name.span };
  }

  private readonly setType: ParserMethod<[], TypeClause> = this.RULE("setType", () => {
    const first = this.CONSUME(LeftBrace);
    const of = this.SUBRULE(this.type);
    this.CONSUME(RightBrace);
    return this.build((): TypeClause => ({ kind: "set", of, span: this.spanFrom(first) }));
  });

  protected readonly data: ParserMethod<[], Item> = this.RULE("data", () => {
    const first = this.CONSUME(item.data);
    const name = this.CONSUME(Word);
    this.CONSUME(clause.from);
    const file = this.CONSUME(Text);
    const schema = this.OPTION(() => {
      this.CONSUME(clause.as);
      return this.CONSUME1(Text);
    });
    return this.build(
      (): Item => ({
        kind: "Data",
        name: this.wordOf(name),
        file: this.textNode(file),
        schema: schema ? this.textNode(schema) : null,
        span: this.spanFrom(first),
      }),
    );
  });

  protected readonly attribute: ParserMethod<[], Item> = this.RULE("attribute", () => {
    const first = this.CONSUME(item.attribute);
    const path = this.SUBRULE(this.path);
    this.CONSUME(Colon);
    const { members, type } = this.OR({
      DEF: [{ ALT: () => this.SUBRULE(this.attributeMembers) }, { ALT: () => this.SUBRULE(this.attributeType) }],
      ERR_MSG: "`String` or the members in braces",
    });
    const question = this.OPTION(() => this.CONSUME(Question));
    return this.build((): Item => {
      const optional = question !== undefined;
      return { kind: "Attribute", path, members, type, optional, span: this.spanFrom(first) };
    });
  });

  private readonly attributeMembers: ParserMethod<[], AttributeValues> = this.RULE("attributeMembers", () => {
    this.CONSUME(LeftBrace);
    const members: IToken[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => members.push(this.CONSUME(Word)), ERR_MSG: "a member" });
    this.CONSUME(RightBrace);
    return this.build(() => ({ members: members.map((found) => this.wordOf(found)), type: null }));
  });

  private readonly attributeType: ParserMethod<[], AttributeValues> = this.RULE("attributeType", () => {
    const type = this.CONSUME(TypeName);
    return this.build(() => ({ members: null, type: this.wordOf(type) }));
  });

  protected readonly label: ParserMethod<[], Item> = this.RULE("label", () => {
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

  protected readonly fixture: ParserMethod<[], Item> = this.RULE("fixture", () => {
    const first = this.CONSUME(item.fixture);
    const name = this.CONSUME(Word);
    this.CONSUME(Equals);
    const of = this.CONSUME1(Word);
    const fields = this.SUBRULE(this.record);
    return this.build(
      (): Item => ({
        kind: "Fixture",
        name: this.wordOf(name),
        of: this.wordOf(of),
        fields,
        span: this.spanFrom(first),
      }),
    );
  });
}

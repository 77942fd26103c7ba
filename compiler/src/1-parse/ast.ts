import type { SourceFile, Span } from "../source/source-file.js";

/** One word: a name, or a part of one. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** Words with dots between them: at least one. */
export interface Path {
  readonly words: readonly Word[];
  readonly span: Span;
}

export interface Text {
  readonly kind: "Text";
  /** After escapes. */
  readonly value: string;
  readonly span: Span;
}

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** A condition, or a value in one. A parenthesised expression is its content, with the span of the parentheses. */
export type Expr =
  | Text
  | { readonly kind: "Number"; readonly value: number; readonly span: Span }
  /** `30m` in milliseconds, `10 GB` in bytes. */
  | { readonly kind: "Measure"; readonly unit: "Duration" | "Bytes"; readonly value: number; readonly span: Span }
  /** `2026-12-01T00:00Z`, in milliseconds since 1970. */
  | { readonly kind: "Instant"; readonly value: number; readonly span: Span }
  | { readonly kind: "Bool"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "Name"; readonly path: Path; readonly span: Span }
  | { readonly kind: "Set"; readonly members: readonly Expr[]; readonly span: Span }
  /** `cidr {"10.0.0.0/8", ..}` */
  | { readonly kind: "Cidr"; readonly members: readonly Expr[]; readonly span: Span }
  /** `granted break_glass` */
  | { readonly kind: "Granted"; readonly grant: Path; readonly span: Span }
  /** `touches("pay")`: a `define` with its arguments. */
  | { readonly kind: "Call"; readonly name: Path; readonly arguments: readonly Expr[]; readonly span: Span }
  | {
      readonly kind: "Compare";
      readonly operator: CompareOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  | { readonly kind: "In"; readonly left: Expr; readonly right: Expr; readonly span: Span }
  | { readonly kind: "Like"; readonly left: Expr; readonly right: Expr; readonly span: Span }
  | { readonly kind: "Matches"; readonly left: Expr; readonly right: Expr; readonly span: Span }
  | { readonly kind: "Only"; readonly left: Expr; readonly right: Expr; readonly span: Span }
  | {
      readonly kind: "Has";
      readonly quantifier: "one" | "any" | "all";
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  | { readonly kind: "Presence"; readonly operand: Expr; readonly present: boolean; readonly span: Span }
  | {
      readonly kind: "Quantified";
      readonly quantifier: "any" | "all" | "no";
      readonly variable: Word;
      readonly list: Expr;
      readonly body: Expr;
      readonly span: Span;
    }
  | { readonly kind: "Not"; readonly operand: Expr; readonly span: Span }
  | { readonly kind: "And" | "Or"; readonly operands: readonly Expr[]; readonly span: Span }
  /** What has been reported already. */
  | { readonly kind: "Broken"; readonly span: Span };

/** The expressions of kind `K`. */
export type ExprOf<K extends Expr["kind"]> = Extract<Expr, { readonly kind: K }>;

/** `from 2 of people.dba and people.security within 30m` */
export interface Approvers {
  readonly all: readonly { readonly group: Path; readonly count: number; readonly span: Span }[];
  readonly within_s: number;
  readonly within: Span;
}

/** `partial(last: 4)`: name and arguments as written. */
export interface TransformCall {
  readonly name: Word;
  readonly arguments: readonly TransformArgument[];
  readonly span: Span;
}

/** `last: 4`, `key: "pii-2026"`; a text alone; `keep_domain`, or another transform with arguments of its own. */
export type TransformArgument =
  | { readonly kind: "named"; readonly name: Word; readonly value: number | string }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "call"; readonly call: TransformCall };

export interface MaskTierClause {
  readonly transform: TransformCall;
  /** Null without `on`. */
  readonly labels: readonly Path[] | null;
  readonly when: Expr;
}

/** What a `mask` hides: columns by label, or whatever a set of detectors finds in the values. */
export type MaskSubject =
  | { readonly kind: "labels"; readonly labels: readonly Path[] }
  | { readonly kind: "values"; readonly detectors: Path; readonly span: Span };

export type RuleKind =
  | { readonly kind: "allow"; readonly after: Approvers | null }
  | { readonly kind: "block" }
  | { readonly kind: "approve"; readonly approvers: Approvers }
  | {
      readonly kind: "mask";
      readonly subject: MaskSubject;
      readonly transform: TransformCall;
      readonly tiers: readonly MaskTierClause[];
    }
  /** Its amounts stand in its body. */
  | { readonly kind: "limit" };

/** What an example or a test asks about: a text, or the facts of an action as a record. */
export type SubjectClause =
  | { readonly kind: "text"; readonly family: Word; readonly text: Text; readonly span: Span }
  | {
      readonly kind: "facts";
      readonly family: Word;
      readonly fields: readonly FixtureField[];
      readonly span: Span;
    };

/** `as agent on prod_pg in sandbox at 2026-12-21T10:00Z`: fixtures, and the time. */
export interface Circumstances {
  readonly principal: Path;
  readonly connection: Path;
  /** Null for a session of which nothing is said. */
  readonly session: Path | null;
  /** Null for a time nobody knows. */
  readonly at: ExprOf<"Instant"> | null;
}

export type BodyLine =
  | { readonly kind: "why" | "fix"; readonly text: Text; readonly span: Span }
  | { readonly kind: "control"; readonly id: string; readonly span: Span }
  | { readonly kind: "even if incomplete"; readonly span: Span }
  | {
      readonly kind: "example";
      readonly expect: "hit" | "hit unknown" | "miss";
      readonly subject: SubjectClause;
      readonly circumstances: Circumstances;
      readonly span: Span;
    }
  /** `on unknown ignore`; with approvers, `on unknown require approval ..`. */
  | { readonly kind: "on unknown"; readonly approvers: Approvers | null; readonly span: Span }
  /** The word after it, as written: phase 3 knows which there are. */
  | { readonly kind: "audit" | "predicates"; readonly word: Word; readonly span: Span }
  /** Lines of a `limit`. `rows` in rows, `time` in milliseconds, `bytes` in bytes. */
  | { readonly kind: "rows" | "time" | "bytes"; readonly value: number; readonly span: Span };

export type FixtureValue =
  | { readonly kind: "Value"; readonly value: Expr; readonly span: Span }
  | { readonly kind: "List"; readonly members: readonly Expr[]; readonly span: Span }
  | { readonly kind: "Record"; readonly fields: readonly FixtureField[]; readonly span: Span };

export interface FixtureField {
  readonly name: Word;
  readonly value: FixtureValue;
}

export interface RuleItem {
  readonly kind: "Rule";
  readonly rule: RuleKind;
  readonly id: Text;
  readonly level: "hard" | "soft" | "advisory";
  readonly family: Word | null;
  readonly when: Expr | null;
  readonly unless: readonly Expr[];
  readonly body: readonly BodyLine[];
  /** From the first word to the end of the id. */
  readonly head: Span;
  readonly span: Span;
}
export interface LetItem {
  readonly kind: "Let";
  readonly name: Word;
  readonly value: Expr;
  readonly span: Span;
}
export interface GroupItem {
  readonly kind: "Group";
  readonly name: Word;
  /** The identity provider's name; null when it is the same. */
  readonly provider: Text | null;
  readonly span: Span;
}
export interface LabelItem {
  readonly kind: "Label";
  readonly path: Path;
  readonly columns: readonly Text[];
  readonly span: Span;
}
export interface FixtureItem {
  readonly kind: "Fixture";
  readonly name: Word;
  /** `principal`, `connection` or `session`, as written. */
  readonly of: Word;
  readonly fields: readonly FixtureField[];
  readonly span: Span;
}
export interface UseItem {
  readonly kind: "Use";
  readonly module: Path;
  readonly alias: Word | null;
  readonly span: Span;
}
export interface DefaultItem {
  readonly kind: "Default";
  readonly verdict: "allow" | "block" | "approve";
  /** Not null for `approve`. */
  readonly approvers: Approvers | null;
  readonly span: Span;
}
/** `define touches(schema: String) = any r in statement.relations where (r.schema == schema)` */
export interface DefineItem {
  readonly kind: "Define";
  readonly name: Word;
  readonly parameters: readonly Parameter[];
  readonly value: Expr;
  readonly span: Span;
}
export interface Parameter {
  readonly name: Word;
  readonly type: TypeClause;
}
/** `String`, or the type of a fact by its path (of an item, where the fact is a list of records), or a set of either. */
export type TypeClause =
  | { readonly kind: "named"; readonly name: Word; readonly span: Span }
  | { readonly kind: "fact"; readonly path: Path; readonly span: Span }
  | { readonly kind: "set"; readonly of: TypeClause; readonly span: Span };
/** `data people from "people.json"`, with `as "other.schema.json"` when the schema is not beside it. */
export interface DataItem {
  readonly kind: "Data";
  readonly name: Word;
  readonly file: Text;
  readonly schema: Text | null;
  readonly span: Span;
}
/** `attribute connection.tier: {gold, silver}`, `attribute claim.team: String?` */
export interface AttributeItem {
  readonly kind: "Attribute";
  readonly path: Path;
  /** Members of an enum; null for any text. */
  readonly members: readonly Word[] | null;
  /** The name of the type where it is not an enum. */
  readonly type: Word | null;
  readonly optional: boolean;
  readonly span: Span;
}
/** `2026-12-20T00:00Z to 2027-01-02T00:00Z`, or days of the week between two times of day. */
export type WindowClause =
  | { readonly kind: "range"; readonly from: ExprOf<"Instant">; readonly to: ExprOf<"Instant">; readonly span: Span }
  | {
      readonly kind: "weekly";
      /** `mon to fri, sun`: from and to, equal for a single day. Empty for `daily`. */
      readonly days: readonly { readonly from: Word; readonly to: Word }[];
      /** Minutes since midnight. Null for the whole day. */
      readonly hours: { readonly from_min: number; readonly to_min: number; readonly span: Span } | null;
      readonly zone: Text;
      readonly span: Span;
    };
export interface WindowItem {
  readonly kind: "Window";
  readonly name: Word;
  readonly window: WindowClause;
  readonly span: Span;
}
/** `grant break_glass to people.oncall asking "incident number" lasting 30m telling people.security` */
export interface GrantItem {
  readonly kind: "Grant";
  readonly name: Word;
  readonly to: readonly Path[];
  readonly after: Approvers | null;
  readonly asking: Text | null;
  readonly lasting_s: number;
  readonly lasting: Span;
  readonly telling: readonly Path[];
  readonly span: Span;
}
/** `counter card_rows = rows labelled pci.pan per principal over 1h` */
export interface CounterItem {
  readonly kind: "Counter";
  readonly name: Word;
  /** `rows`, `statements` or `bytes`, as written. */
  readonly what: Word;
  readonly labels: readonly Path[];
  /** `principal`, `session` or `connection`, as written. */
  readonly per: Word;
  readonly over_s: number;
  readonly over: Span;
  readonly span: Span;
}
/** `detector aws_key { pattern '..'  check entropy(3)  context {"aws"} }`: a `pattern` or more, one `context`, one `why`. */
export interface DetectorItem {
  readonly kind: "Detector";
  readonly name: Word;
  readonly patterns: readonly Text[];
  readonly checks: readonly { readonly name: Word; readonly arguments: readonly number[]; readonly span: Span }[];
  readonly context: readonly Text[];
  readonly why: Text | null;
  readonly span: Span;
}
/** `exception "INC-4312" to "freeze" when .. until 2026-12-24T00:00Z reason ".." approved by ".."` */
export interface ExceptionItem {
  readonly kind: "Exception";
  readonly id: Text;
  /** Id of a rule of this module, or `module/id`. */
  readonly to: Text;
  readonly when: Expr | null;
  readonly unless: readonly Expr[];
  readonly until: ExprOf<"Instant">;
  readonly reason: Text;
  readonly approvedBy: Text;
  readonly head: Span;
  readonly span: Span;
}
/** `given sql ".." as agent on prod_pg` and the `expect` lines after it. */
export interface TestCase {
  readonly subject: SubjectClause;
  readonly circumstances: Circumstances;
  readonly expectations: readonly Expectation[];
  readonly span: Span;
}
/** `expect allow by "x" with mask e by "y" and no mask on f and approval from 2 of people.dba` */
export interface Expectation {
  readonly verdict: Word;
  readonly by: Text | null;
  readonly with: readonly ObligationClause[];
  readonly span: Span;
}
export type ObligationClause =
  /** `mask e [by "id"]` */
  | { readonly kind: "mask"; readonly column: Text; readonly by: Text | null; readonly span: Span }
  /** `no mask` at all, or `no mask on e`. */
  | { readonly kind: "no mask"; readonly column: Text | null; readonly span: Span }
  /** `approval from 2 of people.dba`: exactly these. */
  | { readonly kind: "approval"; readonly all: Approvers["all"]; readonly span: Span }
  /** `limit rows 1_000`, `limit time 10s`, `limit bytes 1 MB` */
  | {
      readonly kind: "limit";
      readonly of: "rows" | "time" | "bytes";
      readonly value: number;
      readonly span: Span;
    };
export interface TestItem {
  readonly kind: "Test";
  readonly id: Text;
  readonly cases: readonly TestCase[];
  readonly span: Span;
}
/** `prove "id" never decision == allow when ..`; `assume "id" CONDITION`. */
export interface ProofItem {
  readonly kind: "Proof";
  readonly id: Text;
  readonly quantifier: "always" | "never";
  readonly claim: Expr;
  readonly when: Expr | null;
  readonly unless: readonly Expr[];
  readonly span: Span;
}
/** `prove "id" this at_least_as_strict_as bundle "PATH"`. */
export interface ComparisonItem {
  readonly kind: "Comparison";
  readonly id: Text;
  readonly bundle: Text;
  readonly span: Span;
}
export interface AssumptionItem {
  readonly kind: "Assumption";
  readonly id: Text;
  readonly condition: Expr;
  readonly span: Span;
}
/** An item with a syntax error: reported already. It still declares its name. */
export interface BrokenItem {
  readonly kind: "Broken";
  readonly word: string;
  readonly name: Word | null;
  readonly span: Span;
}

export type Item =
  | RuleItem
  | LetItem
  | DefineItem
  | GroupItem
  | DataItem
  | AttributeItem
  | LabelItem
  | WindowItem
  | GrantItem
  | CounterItem
  | DetectorItem
  | ExceptionItem
  | TestItem
  | ProofItem
  | ComparisonItem
  | AssumptionItem
  | FixtureItem
  | UseItem
  | DefaultItem
  | BrokenItem;

export interface Header {
  readonly kind: "Header";
  readonly declares: "policy" | "library";
  readonly name: Path;
  readonly families: readonly Word[];
  readonly scope: Expr | null;
  readonly span: Span;
}

/** One file. */
export interface ModuleTree {
  readonly file: number;
  readonly source: SourceFile;
  /** Null when it is missing or has an error: nothing is then said about the rest of the file but its syntax. */
  readonly header: Header | null;
  /** The name, also of a broken header where it can be read. */
  readonly name: string | null;
  readonly items: readonly Item[];
}

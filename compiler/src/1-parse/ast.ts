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
  /** A duration or a size: no fact of this version has one. */
  | { readonly kind: "Measure"; readonly span: Span }
  | { readonly kind: "Bool"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "Name"; readonly path: Path; readonly span: Span }
  | { readonly kind: "Set"; readonly members: readonly Expr[]; readonly span: Span }
  | {
      readonly kind: "Compare";
      readonly operator: CompareOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  | { readonly kind: "In"; readonly left: Expr; readonly right: Expr; readonly span: Span }
  | { readonly kind: "Like"; readonly left: Expr; readonly right: Expr; readonly span: Span }
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
  readonly arguments: readonly { readonly name: Word; readonly value: number | null }[];
  readonly span: Span;
}

export interface MaskTierClause {
  readonly transform: TransformCall;
  /** Null without `on`. */
  readonly labels: readonly Path[] | null;
  readonly when: Expr;
}

export type RuleKind =
  | { readonly kind: "allow"; readonly after: Approvers | null }
  | { readonly kind: "block" }
  | { readonly kind: "approve"; readonly approvers: Approvers }
  | {
      readonly kind: "mask";
      readonly labels: readonly Path[];
      readonly transform: TransformCall;
      readonly tiers: readonly MaskTierClause[];
    };

export type BodyLine =
  | { readonly kind: "why" | "fix"; readonly text: Text; readonly span: Span }
  | { readonly kind: "control"; readonly id: string; readonly span: Span }
  | { readonly kind: "even if incomplete"; readonly span: Span }
  | {
      readonly kind: "example";
      readonly expect: "hit" | "hit unknown" | "miss";
      readonly family: Word;
      readonly text: Text;
      readonly principal: Path;
      readonly connection: Path;
      readonly span: Span;
    }
  /** A clause of a later version, reported already. */
  | { readonly kind: "later"; readonly span: Span };

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
  /** `principal` or `connection`, as written. */
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
/** An item with a syntax error, or of a later version: reported already. It still declares its name. */
export interface BrokenItem {
  readonly kind: "Broken";
  readonly word: string;
  readonly name: Word | null;
  readonly span: Span;
}

export type Item = RuleItem | LetItem | GroupItem | LabelItem | FixtureItem | UseItem | DefaultItem | BrokenItem;

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

/**
 * The checked policy: what phases 1 to 3 hand on, and the border between the front and the back of the compiler.
 *
 * Every name is resolved, every `let` is inlined, every type holds, sugar is gone: `principal in g` is a test of
 * `principal.groups`, a label is the list of its subtree's leaves, `allow .. after approval` is an `allow` and an
 * `approve` rule with one id, `when A unless B` is `A and not B`, a module's `for` is still the module's own. The reference
 * evaluator runs this tree as it stands; phase 4 lowers it.
 */
import type { Family } from "@hpl/runtime/facts";
import type { SourceFile, Span } from "../source/source-file.js";

export interface CheckedPolicy {
  readonly sources: readonly SourceFile[];
  /** Sorted by name. */
  readonly modules: readonly CheckedModule[];
  /** Sorted by id, then kind. Includes those of every module in force. */
  readonly rules: readonly CheckedRule[];
  /** Leaves and inner nodes of the label tree that have patterns of their own, sorted by path. */
  readonly labels: readonly CheckedLabel[];
  /** The `hit` and `miss` lines, in source order. */
  readonly examples: readonly CheckedExample[];
}

export interface CheckedModule {
  readonly name: string;
  readonly families: readonly Family[];
  /** The `for` condition; constant true without one. */
  readonly scope: Condition;
  /** Absent in a module that only restricts. */
  readonly default: CheckedDefault | null;
  readonly span: Span;
}

export type CheckedDefault =
  | { readonly verdict: "allow" | "block"; readonly span: Span }
  | { readonly verdict: "approve"; readonly approval: Approval; readonly span: Span };

export interface CheckedRule {
  /** `module/rule`. An `allow .. after approval` gives two rules with one id. */
  readonly id: string;
  /** Index into `modules`. */
  readonly module: number;
  readonly families: readonly Family[];
  readonly level: "hard" | "soft" | "advisory";
  /** Without the module's scope. */
  readonly condition: Condition;
  readonly effect: CheckedEffect;
  readonly why: string | null;
  readonly fix: string | null;
  /** `framework:id`, as written. */
  readonly controls: readonly string[];
  /** From the rule's first word to the end of its id: what a decision points at. */
  readonly span: Span;
}

export type CheckedEffect =
  | { readonly kind: "allow"; readonly evenIfIncomplete: boolean }
  | { readonly kind: "block" }
  | { readonly kind: "approve"; readonly approval: Approval }
  | { readonly kind: "mask"; readonly mask: Mask };

export interface Approval {
  /** Sorted by group; one entry a group. */
  readonly all: readonly { readonly group: string; readonly count: number }[];
  readonly within_s: number;
}

export interface Mask {
  /** Indices into `CheckedPolicy.labels`, ascending. */
  readonly labels: readonly number[];
  readonly transform: Transform;
  /** The `but` tiers, in source order. Of those that are definitely true the weakest counts. */
  readonly tiers: readonly MaskTier[];
}

export interface MaskTier {
  readonly transform: Transform;
  /** Labels the tier is limited to; null when it is for all of the mask's. */
  readonly labels: readonly number[] | null;
  readonly condition: Condition;
}

/** `partial` keeps the domain of an e-mail address, or the first and last characters. */
export type Transform =
  | { readonly kind: "null" | "redact" | "clear" }
  | { readonly kind: "partial"; readonly keep: "domain" }
  | { readonly kind: "partial"; readonly keep: "ends"; readonly first: number; readonly last: number };

export interface CheckedLabel {
  /** For instance `pii.email`. */
  readonly path: string;
  /** Globs over `schema.table.column`. */
  readonly columns: readonly Glob[];
  readonly span: Span;
}

/**
 * A glob without alternation (braces are expanded while checking). In `text`, `*` matches any run without `separator`,
 * `**` any run, `\` makes the next character plain; all else matches itself. `separator` is one ASCII character, or null
 * when `*` never stops.
 */
export interface Glob {
  readonly text: string;
  readonly separator: string | null;
}

/** A three-valued condition over the facts of one action. */
export type Condition =
  | { readonly kind: "Constant"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "Not"; readonly operand: Condition; readonly span: Span }
  | { readonly kind: "And" | "Or"; readonly operands: readonly Condition[]; readonly span: Span }
  /** A Bool fact. Absent is false. */
  | { readonly kind: "IsTrue"; readonly path: FactPath; readonly span: Span }
  /** `path == value` and so on. Absent makes `!=` true and every other comparison false. */
  | {
      readonly kind: "Compare";
      readonly operator: Comparison;
      readonly path: FactPath;
      readonly value: Constant;
      readonly span: Span;
    }
  /** `path == other`, both of one type. */
  | {
      readonly kind: "CompareFacts";
      readonly operator: Comparison;
      readonly left: FactPath;
      readonly right: FactPath;
      readonly span: Span;
    }
  | { readonly kind: "In"; readonly path: FactPath; readonly values: readonly Constant[]; readonly span: Span }
  | { readonly kind: "Like"; readonly path: FactPath; readonly globs: readonly Glob[]; readonly span: Span }
  /** `list has any {..}`, `has all {..}`; `has a` is `any` with one value. An absent list is empty. */
  | {
      readonly kind: "Has";
      readonly quantifier: "any" | "all";
      readonly list: FactPath;
      readonly values: readonly Constant[];
      readonly span: Span;
    }
  /** `list only {..}`: not empty, and a subset. */
  | { readonly kind: "Only"; readonly list: FactPath; readonly values: readonly Constant[]; readonly span: Span }
  | { readonly kind: "IsPresent"; readonly path: FactPath; readonly span: Span }
  /** `any x in list where (body)`; `all` needs at least one item; `no` is the opposite of `any`. */
  | {
      readonly kind: "Quantified";
      readonly quantifier: "any" | "all" | "no";
      readonly list: FactPath;
      readonly body: Condition;
      readonly span: Span;
    };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type Constant = string | number | boolean;

/** Where a value stands in the facts of one action. */
export interface FactPath {
  /**
   * A root of the fact schemas (`principal`, `session`, `connection`, `now`, `statement`, `command`, `git`, `k8s`, `http`),
   * or the item of an enclosing quantifier: 0 is the innermost.
   */
  readonly root: string | { readonly item: number };
  /** Field names, or keys of a map (`connection.labels.team` has the steps `labels`, `team`). */
  readonly steps: readonly string[];
}

/** One `hit` or `miss` line: a statement that must, or must not, make its rule fire. */
export interface CheckedExample {
  /** Id of the rule it stands in. */
  readonly rule: string;
  readonly expect: "hit" | "hit unknown" | "miss";
  readonly family: Family;
  /** `sql` or `shell` text. */
  readonly text: string;
  /** Facts of the named fixtures: JSON as in a request. */
  readonly principal: Readonly<Record<string, unknown>>;
  readonly connection: Readonly<Record<string, unknown>>;
  readonly span: Span;
}

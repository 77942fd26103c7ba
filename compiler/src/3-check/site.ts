import type { Family } from "@hpl/runtime/facts";
import type { CompareOperator, DataItem, DefineItem, Expr, FixtureItem, LetItem, WindowItem } from "../1-parse/ast.js";
import type { FactRoot, FactType } from "../2-resolve/fact-types.js";
import type { Declaration, ResolvedModule, ResolvedPolicy } from "../2-resolve/resolve.js";
import { nestingTooDeep } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { limits } from "../source/limits.js";
import type { SourceFile, Span } from "../source/source-file.js";
import type { Condition, FactPath, Window } from "./checked.js";
import type { RegexCache } from "./regex/compile-regex.js";

/** A fact that a condition reads, and where the author reads it. */
export interface Read {
  readonly root: string;
  readonly family: Family | null;
  /** As written. */
  readonly text: string;
  readonly knowledge: boolean;
  readonly span: Span;
}

/** A `let` once checked. Values and sets are written out where they are used, because only there they have a type. */
export type LetMeaning =
  | {
      readonly kind: "Condition";
      readonly condition: Condition;
      readonly reads: readonly Read[];
      readonly tests: number;
      /** Levels of the condition. */
      readonly height: number;
    }
  | { readonly kind: "Value" }
  | { readonly kind: "Broken" };

/** What the whole phase shares: mutable, and gone when it ends. */
export interface Checker {
  readonly policy: ResolvedPolicy;
  readonly diagnostics: Diagnostic[];
  /** Roots of fact paths, with what the policy declares. */
  readonly roots: ReadonlyMap<string, FactRoot>;
  readonly regexes: RegexCache;
  /** JSON files beside the policy. */
  readonly files: readonly SourceFile[];
  /** What the declarations of the policy turn out to be, checked when first met; null where that failed. */
  readonly data: Map<DataItem, { readonly value: unknown } | null>;
  readonly windows: Map<WindowItem, Window | null>;
  /** Time zones of the windows that conditions ask about. */
  readonly zones: Set<string>;
  /** Each `define` whose body is being written out: meeting it again is recursion. */
  readonly expanding: Set<DefineItem>;
  /** A `let` being checked is null: meeting it again is recursion. */
  readonly lets: Map<LetItem, LetMeaning | null>;
  /** Declarations and labels that something refers to. */
  readonly usedNames: Set<Declaration>;
  readonly usedLabels: Set<number>;
  /** Ids of the detectors that conditions ask about. */
  readonly usedDetectors: Set<string>;
  /** Where a condition could not be made out. */
  readonly broken: Span[];
  /** The facts of a session of which nothing is said. */
  readonly emptySession: Readonly<Record<string, unknown>>;
  /** The facts of each fixture in force. */
  readonly fixtures: Map<FixtureItem, Readonly<Record<string, unknown>>>;
  /** The catalogs of connection fixtures, parsed JSON; null for one without. */
  readonly catalogs: Map<FixtureItem, unknown>;
}

/** One condition being checked, with the `let`s it leads to: a rule's, a module's scope, or a `let`'s own. */
export interface Site {
  readonly checker: Checker;
  readonly module: ResolvedModule;
  /** `module/rule`. */
  readonly rule: string | null;
  /** Whether the condition restricts: chooses the help text for absent facts. */
  readonly restricts: boolean;
  readonly reads: Read[];
  /** Tests so far, `let`s written out. */
  tests: number;
  /** Deepest level so far, `let`s written out. */
  deepest: number;
}

/** The variable of an enclosing quantifier. */
export interface Variable {
  readonly name: string;
  readonly type: FactType;
}

/** A type of a parameter of a `define`. */
export type ParameterType = FactType | { readonly kind: "Set"; readonly of: FactType };

/**
 * What a parameter stands for: an argument as the caller wrote it, to be read where the caller stands, or, while the
 * `define` is checked at its own place, something of the right type.
 */
export type Binding =
  | { readonly kind: "argument"; readonly expr: Expr; readonly place: Place }
  | { readonly kind: "sample"; readonly type: ParameterType };

/** Where in a condition we are. */
export interface Place {
  readonly site: Site;
  /** Module whose names count: another one inside a `let` from there. */
  readonly module: ResolvedModule;
  /** Parameters of the `define` we are in. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Whether we are in a proof's claim, which reads the decision and no fact. */
  readonly isClaim: boolean;
  /** Outermost first. Those of a caller of a `define` have no name here, and still count. */
  readonly variables: readonly Variable[];
  /** Facts that are certainly present here. */
  readonly present: readonly FactPath[];
  readonly depth: number;
}

export const flipped: Readonly<Record<CompareOperator, CompareOperator>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

export function report(site: Site, diagnostic: Diagnostic): void {
  site.checker.diagnostics.push({ ...diagnostic, rule: site.rule });
}

/** The name most like `name`, for a help text; none once there are more mistakes than anybody reads. */
export function suggest(site: Site, name: string, candidates: Iterable<string>): string | null {
  return site.checker.diagnostics.length < limits.diagnostics_max ? nearestName(name, candidates) : null;
}

/** The text of `span` as written. */
export function textOf(site: Site, span: Span): string {
  const tree = site.checker.policy.modules.find((module) => module.tree.file === span.file)?.tree;
  return tree?.source.text.slice(span.start, span.end) ?? "";
}

/** `place`, `levels` deeper; null, and reported, beyond the limit. */
export function deeper(place: Place, span: Span, levels = 1): Place | null {
  const depth = place.depth + levels;
  const levels_max = limits.condition_depth_max;
  if (depth > levels_max) report(place.site, nestingTooDeep(span, { levels_max }));
  if (depth > levels_max) return null;
  place.site.deepest = Math.max(place.site.deepest, depth);
  return { ...place, depth };
}

/** Stands where something was wrong. It is counted: a policy that has one and no error is our bug, and never decides. */
export function brokenCondition(span: Span, { site }: Place): Condition {
  site.checker.broken.push(span);
  return { kind: "Constant", value: false, span };
}

/** A new condition in `module`. */
export function newSite(checker: Checker, module: ResolvedModule, rule: string | null, restricts: boolean): Site {
  return { checker, module, rule, restricts, reads: [], tests: 0, deepest: 0 };
}

export function placeIn(site: Site, present: readonly FactPath[] = []): Place {
  return { site, module: site.module, bindings: new Map(), isClaim: false, variables: [], present, depth: 0 };
}

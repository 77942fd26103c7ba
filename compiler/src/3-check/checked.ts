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
  /** Sorted by id. */
  readonly exceptions: readonly CheckedException[];
  /** Sorted by path. `connection.env` is always there. */
  readonly attributes: readonly CheckedAttribute[];
  /** What a gateway gives and keeps for the policy, each sorted by id. */
  readonly grants: readonly CheckedGrant[];
  readonly counters: readonly CheckedCounter[];
  /** Those that a mask of values or a condition uses, sorted by id. */
  readonly detectors: readonly CheckedDetector[];
  /** IANA names of the time zones that windows are in, sorted; without `UTC`. */
  readonly zones: readonly string[];
  /** The `hit` and `miss` lines, in source order. */
  readonly examples: readonly CheckedExample[];
  /** In source order. */
  readonly tests: readonly CheckedTest[];
  readonly proofs: readonly CheckedProof[];
  readonly assumptions: readonly CheckedAssumption[];
  /** In source order. */
  readonly comparisons: readonly CheckedComparison[];
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
  /** What became of its `unless` clauses, in source order; absent where it has none. They are operands of `condition` too. */
  readonly unless?: readonly CheckedUnless[];
  readonly effect: CheckedEffect;
  readonly why: string | null;
  readonly fix: string | null;
  /** `framework:id`, as written. */
  readonly controls: readonly string[];
  /**
   * What a restriction does when its condition is unknown: what it always does, nothing, or, for a `block`, ask people.
   */
  readonly onUnknown: "restrict" | "ignore" | Approval;
  /** Whether the audit event must be stored before the action runs; null where the rule leaves it to the gateway. */
  readonly audit: "durable" | "timely" | null;
  /** From the rule's first word to the end of its id: what a decision points at. */
  readonly span: Span;
}

/** One `unless` of a rule: the operand of its condition that it became, and where it is written. */
export interface CheckedUnless {
  readonly operand: Condition;
  readonly span: Span;
}

export type CheckedEffect =
  | { readonly kind: "allow"; readonly evenIfIncomplete: boolean }
  | { readonly kind: "block" }
  | { readonly kind: "approve"; readonly approval: Approval }
  | { readonly kind: "mask"; readonly mask: Mask }
  /** `mask .. values SET with TRANSFORM`: the enforcer looks through the output itself. */
  | { readonly kind: "detect"; readonly detect: Detect }
  | { readonly kind: "limit"; readonly limit: Limit };

export interface Detect {
  /** `module.name` of the detector, or of the `let` that is a set of them. */
  readonly set: string;
  /** Indices into `CheckedPolicy.detectors`, ascending. */
  readonly detectors: readonly number[];
  readonly transform: Transform;
}

/** The most that an action may return or take. Null: not limited by this rule. At least one is not null. */
export interface Limit {
  readonly rows: number | null;
  readonly time_ms: number | null;
  readonly bytes: number | null;
}

/**
 * While it is definitely true, its soft restriction does not count: truth of the rule = scope and condition and not exception,
 * where the truth of the exception is scope of its own module and condition and `now < until_ms`.
 */
export interface CheckedException {
  /** `module/id`. */
  readonly id: string;
  readonly module: number;
  /** Id of the rule it excuses; of an `allow .. after approval`, its approval. */
  readonly rule: string;
  readonly condition: Condition;
  readonly until_ms: number;
  readonly reason: string;
  readonly approved_by: string;
  readonly span: Span;
}

/** A fact whose values a policy declares. A value that is not one of `members` is unknown; so is a missing one that is required. */
export interface CheckedAttribute {
  /** `connection.env`, or a key of `connection.labels` or `principal.claims`: `connection.labels.tier`. */
  readonly path: FactPath;
  /** Null for any text. */
  readonly members: readonly string[] | null;
  readonly optional: boolean;
}

/** `session.grants` holds the ids of the grants a session has. */
export interface CheckedGrant {
  /** `module.name`. */
  readonly id: string;
  /** Groups by the identity provider's names, sorted. */
  readonly to: readonly string[];
  readonly approval: Approval | null;
  readonly asking: string | null;
  readonly lasting_s: number;
  readonly telling: readonly string[];
  readonly span: Span;
}

/** `session.counters` holds the counts by id. */
export interface CheckedCounter {
  /** `module.name`. */
  readonly id: string;
  readonly what: "rows" | "statements" | "bytes";
  /** Indices into `CheckedPolicy.labels`: only what carries one of them counts. Empty: everything does. */
  readonly labels: readonly number[];
  readonly per: "principal" | "session" | "connection";
  readonly over_s: number;
  readonly span: Span;
}

export interface CheckedDetector {
  /** `module.name`. */
  readonly id: string;
  /** Regular expressions of the RE2 subset, not anchored. */
  readonly patterns: readonly string[];
  readonly checks: readonly { readonly name: string; readonly arguments: readonly number[] }[];
  /** Words one of which must stand near a match; empty when none need. */
  readonly context: readonly string[];
  readonly span: Span;
}

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
  /** What a predicate may do with the masked columns. Facts do not tell kinds of predicates apart yet: all but `allow` deny. */
  readonly predicates: "deny" | "scan" | "equality" | "allow";
}

export interface MaskTier {
  readonly transform: Transform;
  /** Labels the tier is limited to; null when it is for all of the mask's. */
  readonly labels: readonly number[] | null;
  readonly condition: Condition;
}

/**
 * `partial` keeps something of the value: the domain of an e-mail address, the first and last characters; or, with `of`, what
 * `text` says as decisions show it: something coarser (`truncate(month)`), a keyed stand-in (`hmac(key: "pii-2026")`), parts of a
 * document, the same text for all.
 */
export type Transform =
  | { readonly kind: "null" | "redact" | "clear" }
  | { readonly kind: "partial"; readonly keep: "domain" }
  | { readonly kind: "partial"; readonly keep: "of"; readonly text: string }
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
  /** One of `patterns` matches the whole text. */
  | { readonly kind: "Matches"; readonly path: FactPath; readonly patterns: readonly Regex[]; readonly span: Span }
  /** The address lies in one of `ranges`. Text that is no address is unknown; IPv4 in IPv6 (`::ffff:a.b.c.d`) is IPv4. */
  | { readonly kind: "InCidr"; readonly path: FactPath; readonly ranges: readonly CidrRange[]; readonly span: Span }
  /** `now` lies in one of `windows`; unknown when `now` is, or the offset of a window's zone that matters. */
  | { readonly kind: "InWindow"; readonly windows: readonly Window[]; readonly span: Span }
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

/** A regular expression of the RE2 subset, whole-text, and the automaton that decides it over bytes of UTF-8. */
export interface Regex {
  readonly text: string;
  readonly automaton: Automaton;
}

/** A deterministic automaton. State 0 is dead: no text that reaches it matches. */
export interface Automaton {
  /** Class of each of the 256 bytes. */
  readonly classes: Uint8Array;
  readonly classes_count: number;
  readonly states_count: number;
  readonly start: number;
  /** `next[state * classes_count + class]`. */
  readonly next: Uint16Array;
  /** 1 for a state that accepts. */
  readonly accepting: Uint8Array;
}

/** Addresses that share the first `prefix` bits with `address`: 4 bytes, or 16. */
export interface CidrRange {
  readonly address: readonly number[];
  readonly prefix: number;
}

/** Half-open. A weekly window that ends at or before its start ends on the next day; equal times are 24 hours. */
export type Window =
  | { readonly kind: "range"; readonly from_ms: number; readonly to_ms: number }
  | {
      readonly kind: "weekly";
      /** Days it starts on; 0 is Monday. Ascending. */
      readonly days: readonly number[];
      /** Minutes since midnight, 0 to 1,440. */
      readonly from_min: number;
      readonly to_min: number;
      /** IANA name. The offset comes with the request, `UTC` is always known. */
      readonly zone: string;
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

/** What an example or a test asks about. */
export type CheckedSubject =
  | { readonly kind: "text"; readonly family: Family; readonly text: string }
  /** Facts of one action, JSON as in a request. */
  | { readonly kind: "facts"; readonly family: Family; readonly facts: Readonly<Record<string, unknown>> };

/** Who, where and when: facts of the named fixtures, JSON as in a request. */
export interface CheckedCircumstances {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly connection: Readonly<Record<string, unknown>>;
  /** What the database holds, JSON as in a catalog file; null: names mean plain tables as written. */
  readonly catalog: unknown;
  /** Without a fixture: no grants, every counter at 0, no transaction; all else unknown. */
  readonly session: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; null when no time is given: then it is unknown. */
  readonly now: number | null;
}

/** One `hit` or `miss` line: a statement that must, or must not, make its rule fire. */
export interface CheckedExample {
  /** Id of the rule it stands in. */
  readonly rule: string;
  readonly expect: "hit" | "hit unknown" | "miss";
  readonly subject: CheckedSubject;
  readonly circumstances: CheckedCircumstances;
  readonly span: Span;
}

export interface CheckedTest {
  /** `module/id`. */
  readonly id: string;
  readonly cases: readonly CheckedTestCase[];
  readonly span: Span;
}

export interface CheckedTestCase {
  readonly subject: CheckedSubject;
  readonly circumstances: CheckedCircumstances;
  readonly expectations: readonly CheckedExpectation[];
  readonly span: Span;
}

/** All parts of it must hold. */
export interface CheckedExpectation {
  readonly verdict: "allow" | "approve" | "block";
  /** Id of a rule that takes part, or null. */
  readonly by: string | null;
  readonly with: readonly CheckedObligation[];
  readonly span: Span;
}

export type CheckedObligation =
  | { readonly kind: "mask"; readonly column: string; readonly by: string | null; readonly span: Span }
  | { readonly kind: "no mask"; readonly column: string | null; readonly span: Span }
  | { readonly kind: "approval"; readonly all: Approval["all"]; readonly span: Span }
  | { readonly kind: "limit"; readonly of: "rows" | "time_ms" | "bytes"; readonly value: number; readonly span: Span };

/**
 * For every request for which `when` is true, `claim` holds (`always`) or does not (`never`). A claim reads the roots of
 * decisions (`decision`, `approvals`, `masks`), `when` those of facts. Stored, and decided by analysis.
 */
export interface CheckedProof {
  /** `module/id`. */
  readonly id: string;
  readonly quantifier: "always" | "never";
  readonly claim: Condition;
  readonly when: Condition;
  readonly span: Span;
}

/** That this policy is at least as strict as the one at `path`, which stands as it is written in the file `from`. */
export interface CheckedComparison {
  /** `module/id`. */
  readonly id: string;
  readonly path: string;
  readonly from: string;
  readonly span: Span;
}

/** What proofs may take for granted. */
export interface CheckedAssumption {
  /** `module/id`. */
  readonly id: string;
  readonly condition: Condition;
  readonly span: Span;
}

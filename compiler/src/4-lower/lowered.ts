import type {
  Approval,
  Automaton,
  CheckedCounter,
  CheckedDetector,
  CheckedGrant,
  CidrRange,
  Glob,
  Limit,
} from "../3-check/checked.js";
import type { DecisionPlan } from "./diagram/plan.js";

/**
 * The lowered policy: conditions as programs for the kernel's stack machine, names as slots, labels as sets of indices.
 * No addresses yet, and no source positions: what is here is what the policy means, and its digest is the semantic digest.
 */
export interface LoweredPolicy {
  readonly modules: readonly LoweredModule[];
  readonly rules: readonly LoweredRule[];
  readonly labels: readonly { readonly path: string; readonly globs: readonly Glob[] }[];
  /** Texts of the transforms; the first three are `clear`, `redact` and `null`. */
  readonly transforms: readonly string[];
  /** In the order of the rules they excuse: those of one rule stand together. */
  readonly exceptions: readonly LoweredException[];
  /** Time zones besides UTC; the week's record of facts has one slot for each, behind that of UTC. */
  readonly zones: readonly string[];
  readonly attributes: readonly LoweredAttribute[];
  readonly grants: readonly Omit<CheckedGrant, "span" | "asking">[];
  readonly counters: readonly LoweredCounter[];
  readonly detectors: readonly Omit<CheckedDetector, "span">[];
  /** How it is decided. Says nothing that is not said above, so it is no part of the digest. */
  readonly plan: DecisionPlan;
}

export interface LoweredException {
  readonly id: string;
  readonly module: number;
  /** Index of the rule it excuses. */
  readonly rule: number;
  /** Its time limit is part of it. */
  readonly condition: Program;
  readonly until_ms: number;
}

export interface LoweredAttribute {
  /** Root first. */
  readonly path: readonly string[];
  readonly members: readonly string[] | null;
  readonly optional: boolean;
}

export interface LoweredCounter extends Omit<CheckedCounter, "span" | "labels"> {
  /** Paths of labels. */
  readonly labels: readonly string[];
}

export interface LoweredModule {
  readonly name: string;
  /** Bit set over `families`. */
  readonly families: number;
  readonly scope: Program;
  readonly default: "none" | "allow" | "approve" | "block";
  readonly approval: Approval | null;
}

export interface LoweredRule {
  readonly id: string;
  readonly module: number;
  readonly families: number;
  readonly effect: "allow" | "approve" | "block" | "mask" | "limit" | "detect";
  readonly level: "hard" | "soft" | "advisory";
  readonly even_if_incomplete: boolean;
  readonly condition: Program;
  readonly approval: Approval | null;
  readonly mask: LoweredMask | null;
  readonly limit: Limit | null;
  readonly detect: LoweredDetect | null;
  readonly on_unknown: "restrict" | "ignore" | Approval;
  readonly audit: "durable" | "timely" | null;
}

export interface LoweredDetect {
  readonly set: string;
  /** Indices of detectors. */
  readonly detectors: readonly number[];
  readonly transform: number;
}

export interface LoweredMask {
  readonly labels: readonly number[];
  readonly transform: number;
  readonly allows_predicates: boolean;
  readonly tiers: readonly {
    readonly labels: readonly number[] | null;
    readonly transform: number;
    readonly condition: Program;
  }[];
}

/** Instructions in order; jumps name an instruction by its index, and one past the last is the end. */
export type Program = readonly Instruction[];

export type Instruction =
  | { readonly op: "constant"; readonly value: boolean }
  | { readonly op: "not" | "and" | "or" }
  | { readonly op: "jump_if_false" | "jump_if_true"; readonly to: number }
  | { readonly op: "is_true" | "is_present"; readonly path: LoweredPath }
  | { readonly op: "compare"; readonly comparison: number; readonly path: LoweredPath; readonly value: Scalar }
  | {
      readonly op: "compare_facts";
      readonly comparison: number;
      readonly left: LoweredPath;
      readonly right: LoweredPath;
    }
  | {
      readonly op: "in" | "has_any" | "has_all" | "only";
      readonly path: LoweredPath;
      readonly values: readonly Scalar[];
    }
  | { readonly op: "like"; readonly path: LoweredPath; readonly globs: readonly Glob[] }
  | { readonly op: "matches"; readonly path: LoweredPath; readonly automata: readonly Automaton[] }
  | { readonly op: "in_cidr"; readonly path: LoweredPath; readonly ranges: readonly CidrRange[] }
  | { readonly op: "each"; readonly quantifier: "any" | "all"; readonly path: LoweredPath; readonly to: number }
  | { readonly op: "next"; readonly to: number };

export type TruthValue = "false" | "unknown" | "true";
export type Scalar = string | number | boolean;

/** `root` is a root's number, or `-1 - depth` for the item of an enclosing quantifier. */
export interface LoweredPath {
  readonly root: number;
  readonly steps: readonly (number | string)[];
}

/**
 * The decision: what comes out of a policy module, and the shape every other program of HPL reads (DESIGN section 8,
 * `spec/decision.schema.json`). Plain JSON: the engine builds it, the reference evaluator builds the same one.
 */

/** The chain of verdicts, weakest first. The join of two verdicts is the later one. */
export const verdicts = ["allow", "approve", "block"] as const;
export type Verdict = (typeof verdicts)[number];

/** The stricter of two verdicts. */
export const joinVerdicts = (a: Verdict, b: Verdict): Verdict => (verdicts.indexOf(a) >= verdicts.indexOf(b) ? a : b);

/**
 * What a rule did to the decision. `advisory` rules say what they would have done and change nothing. `exception`: it is true,
 * and keeps its rule from firing.
 */
export type RuleEffect = "allow" | "approve" | "block" | "mask" | "limit" | "exception";

/** A place in a policy source. Lines and characters count from 1; `end` is exclusive. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly character: number;
  readonly end_line: number;
  readonly end_character: number;
}

/** A rule that took part in a decision. */
export interface FiredRule {
  /** `module/rule`, or `module/exception`; `module/default` is the module's default. */
  readonly id: string;
  readonly effect: RuleEffect;
  /** `must`: its condition is true. `may`: its condition is unknown, and so it counts as a restriction. An exception only must. */
  readonly certainty: "must" | "may";
  /** Only present, and true, when the rule is advisory. */
  readonly advisory?: true;
  readonly span: SourceSpan;
}

/** Replace the value of one output column. `transform` is the text of the transform, for instance `partial(keep_domain)`. */
export interface MaskObligation {
  readonly type: "mask";
  readonly action: number;
  /** 0-based position of the output column. */
  readonly index: number;
  readonly name: string;
  readonly source: readonly string[];
  readonly transform: string;
  readonly rule: string;
}

/** Ask people first. `all` of the groups must give their count of distinct people within `within_s` seconds. */
export interface ApprovalObligation {
  readonly type: "approval";
  readonly action: number;
  readonly all: readonly ApproverCount[];
  readonly within_s: number;
  /** Hex digest of what an approval binds to beside people and statement: the policy's semantic digest. */
  readonly binding: string;
}

export interface ApproverCount {
  /** The group by the identity provider's name. */
  readonly group: string;
  readonly count: number;
}

/** Return and take no more than this. At least one amount is there. */
export interface LimitObligation {
  readonly type: "limit";
  readonly action: number;
  readonly rows?: number;
  readonly time_ms?: number;
  readonly bytes?: number;
}

/** Look through the output for what the detectors of `set` find, and replace it. */
export interface DetectObligation {
  readonly type: "detect";
  readonly action: number;
  /** `module.name` of a detector, or of a set of them: what it holds stands in the module's description. */
  readonly set: string;
  readonly transform: string;
  readonly rule: string;
}

export type Obligation = MaskObligation | ApprovalObligation | LimitObligation | DetectObligation;

/** The answer to one request. */
export interface Decision {
  readonly verdict: Verdict;
  /** Sorted by id, then effect. */
  readonly rules: readonly FiredRule[];
  readonly obligations: readonly Obligation[];
  /** Whether the facts of every action were certain. */
  readonly complete: boolean;
  /** Why they were not, and why the engine itself refused; sorted, without duplicates. */
  readonly reasons: readonly string[];
  /** One sentence for a person. */
  readonly message: string;
  /** What to do instead, where the deciding rule says so. */
  readonly fix?: string;
  /** `HPL8nnn` when no rule but the engine decided. */
  readonly code?: string;
  readonly catalog?: "assumed";
}

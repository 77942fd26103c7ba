import type { DetectObligation, FiredRule, LimitObligation, MaskObligation, Refusal, Verdict } from "@hpl/runtime/abi";
import { verdicts } from "@hpl/runtime/abi";
import type {
  Approval,
  CheckedException,
  CheckedModule,
  CheckedPolicy,
  CheckedRule,
  Limit,
} from "../3-check/checked.js";
import { transformText } from "../3-check/items/transforms.js";
import { locate } from "../diagnostics/render.js";
import { approvalInstead, type Judged } from "./judge.js";
import type { Truth } from "./truth.js";

/** What one action came to. */
export interface ActionOutcome {
  readonly verdict: Verdict;
  /** Without restrictions: what the actions that are part of it start from. */
  readonly base: Verdict;
  readonly rules: readonly FiredRule[];
  readonly masks: readonly MaskObligation[];
  readonly approvals: readonly Approval[];
  readonly limit: Amounts | null;
  readonly detects: readonly Omit<DetectObligation, "type" | "action">[];
  readonly refusals: readonly Refusal[];
  readonly complete: boolean;
  readonly reasons: readonly string[];
}

/** The amounts that are limited, and at what. */
export type Amounts = Omit<LimitObligation, "type" | "action">;

/** The join of verdicts; allow when there are none. */
export const strictest = (list: readonly Verdict[]): Verdict =>
  verdicts.findLast((verdict) => list.includes(verdict)) ?? "allow";

export const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

const certaintyOf = (truth: Truth): "must" | "may" => (truth === "true" ? "must" : "may");

export const firedRule = (rule: CheckedRule, judged: Judged): FiredRule => ({
  id: rule.id,
  effect: effectOf(rule, judged),
  certainty: certaintyOf(judged.truths.get(rule)?.truth ?? "unknown"),
  ...(rule.level === "advisory" ? { advisory: true as const } : {}),
  span: locate(rule.span, judged.policy.sources),
});

/** A mask of values is a mask; a block that asks because it does not know is an approval. */
function effectOf(rule: CheckedRule, judged: Judged): FiredRule["effect"] {
  if (approvalInstead(rule, judged) !== null) return "approve";
  return rule.effect.kind === "detect" ? "mask" : rule.effect.kind;
}

export const firedException = (policy: CheckedPolicy, { id, span }: CheckedException): FiredRule => ({
  id,
  effect: "exception",
  certainty: "must",
  span: locate(span, policy.sources),
});

/** A module's default as a rule of its own. */
export const firedDefault = (policy: CheckedPolicy, module: CheckedModule, scope: Truth): readonly FiredRule[] =>
  module.default === null
    ? []
    : [
        {
          id: `${module.name}/default`,
          effect: module.default.verdict,
          certainty: certaintyOf(scope),
          span: locate(module.default.span, policy.sources),
        },
      ];

/** One entry a rule and effect, sorted; `must` when any action made it so. */
export function distinctRules(rules: readonly FiredRule[]): readonly FiredRule[] {
  const byKey = new Map<string, FiredRule>();
  for (const rule of rules) {
    const key = `${rule.id} ${rule.effect}`;
    if (!byKey.has(key) || rule.certainty === "must") byKey.set(key, rule);
  }
  return [...byKey.keys()].toSorted().flatMap((key) => byKey.get(key) ?? []);
}

/** All of `approvals` together: the greatest count a group, the shortest time. */
export function conjoin(approvals: readonly Approval[]): Approval {
  const counts = new Map<string, number>();
  for (const { group, count } of approvals.flatMap((approval) => approval.all)) {
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  }
  return {
    all: [...counts.keys()].toSorted().map((group) => ({ group, count: counts.get(group) ?? 0 })),
    within_s: Math.min(...approvals.map((approval) => approval.within_s)),
  };
}

/** The least of each amount; null when nothing is limited. */
export function leastOf(limits: readonly Limit[]): Amounts | null {
  const amounts = (["rows", "time_ms", "bytes"] as const).flatMap((amount) => {
    const values = limits.flatMap((limit) => limit[amount] ?? []);
    return values.length === 0 ? [] : [[amount, Math.min(...values)] as const];
  });
  return amounts.length === 0 ? null : Object.fromEntries(amounts);
}

/** What each of `rules` wants looked for in the output. */
export const detectsOf = (rules: readonly CheckedRule[]): ActionOutcome["detects"] =>
  rules.flatMap(({ id, effect }) =>
    effect.kind === "detect"
      ? [{ set: effect.detect.set, transform: transformText(effect.detect.transform), rule: id }]
      : [],
  );

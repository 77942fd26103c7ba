import type { FiredRule, MaskObligation, Refusal, Verdict } from "@hpl/runtime/abi";
import { verdicts } from "@hpl/runtime/abi";
import type { Approval, CheckedModule, CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { locate } from "../diagnostics/render.js";
import type { Truth } from "./truth.js";

/** What one action came to. */
export interface ActionOutcome {
  readonly verdict: Verdict;
  readonly rules: readonly FiredRule[];
  readonly masks: readonly MaskObligation[];
  readonly approvals: readonly Approval[];
  readonly refusals: readonly Refusal[];
  readonly complete: boolean;
  readonly reasons: readonly string[];
}

/** The join of verdicts; allow when there are none. */
export const strictest = (list: readonly Verdict[]): Verdict =>
  verdicts.findLast((verdict) => list.includes(verdict)) ?? "allow";

export const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

const certaintyOf = (truth: Truth): "must" | "may" => (truth === "true" ? "must" : "may");

export const firedRule = (policy: CheckedPolicy, rule: CheckedRule, truth: Truth): FiredRule => ({
  id: rule.id,
  effect: rule.effect.kind,
  certainty: certaintyOf(truth),
  ...(rule.level === "advisory" ? { advisory: true as const } : {}),
  span: locate(rule.span, policy.sources),
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

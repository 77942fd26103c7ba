import type { Decision, FiredRule, Obligation, Verdict } from "../abi/decision.js";
import { joinVerdicts } from "../abi/decision.js";
import { messageOf, type Refusal, refusals } from "../abi/message.js";
import type { Policy } from "../engine/policy.js";
import type { Action, Request } from "../facts/action.js";

/**
 * Decides a request in which some actions are derived from others: one that no module governs takes the base of the action it
 * is part of, and every restriction that matches it holds. Each action is decided on its own and the decisions joined, which
 * is what a decision over all of them is; requests without derived actions go to the policy as they are.
 */
export function decideDerived(policy: Policy, request: Request): Decision {
  if (!request.actions.some(({ parent }) => parent !== undefined)) return policy.decide(request);
  const bases: Verdict[] = [];
  const decisions = request.actions.map((action, index) => {
    const alone = policy.decide({ ...request, actions: [withoutParent(action)] });
    const parent = action.parent === undefined ? undefined : bases[action.parent];
    const isAdopted = parent !== undefined && alone.reasons.includes("ungoverned") && !mayGovern(policy, action);
    bases[index] = isAdopted ? parent : baseOf(alone);
    const decision = isAdopted ? adopt(policy, alone, parent) : alone;
    return { ...decision, obligations: decision.obligations.map((each) => ({ ...each, action: index })) };
  });
  return join(policy, request, decisions);
}

/** A module with a default for the family that may be out of scope, perhaps: it is taken as governing, which is stricter. */
const mayGovern = ({ meta }: Policy, { family }: Action): boolean =>
  meta.modules.some((module) => module.default !== null && module.families.includes(family));

function withoutParent(action: Action): Action {
  const { parent: _, ...rest } = action;
  return rest as Action;
}

const isDefault = ({ id }: FiredRule): boolean => id.endsWith("/default");

/** What a decision on one action started from: an allow that counted, else its defaults, else block. */
function baseOf({ rules, reasons }: Decision): Verdict {
  if (rules.some((rule) => rule.effect === "allow" && !isDefault(rule))) return "allow";
  if (reasons.includes("opaque") || reasons.includes("ungoverned")) return "block";
  const defaults = rules.filter(isDefault).map(({ effect }) => effect as Verdict);
  return defaults.length === 0 ? "block" : defaults.reduce(joinVerdicts);
}

/**
 * The decision with the base of another action in place of "nothing governs this". What its rules oblige to was not worked out
 * for a block: approvals are read from the rules; masks and limits of it nobody could carry out, which is block.
 */
function adopt(policy: Policy, decision: Decision, base: Verdict): Decision {
  const fired = decision.rules.filter(({ advisory }) => !advisory);
  const reasons = decision.reasons.filter((reason) => reason !== "ungoverned");
  const isRefused = reasons.some(isRefusal) || fired.some(({ effect }) => effect === "mask" || effect === "limit");
  const verdicts = fired.flatMap(({ effect }) => (effect === "approve" || effect === "block" ? [effect] : []));
  const verdict = [...verdicts, isRefused ? "block" : base].reduce<Verdict>(joinVerdicts, base);
  const obligations = verdict === "approve" ? approvalsOf(policy, fired) : [];
  return { ...decision, verdict, reasons, obligations };
}

const isRefusal = (reason: string): boolean => (refusals as readonly string[]).includes(reason);

/** What the rules that ask for approval ask for, as one obligation: the greatest count of each group, the least time. */
function approvalsOf({ meta, digest }: Policy, fired: readonly FiredRule[]): readonly Obligation[] {
  const asked = fired.flatMap(({ id, effect }) => {
    if (effect !== "approve") return [];
    const rule = meta.rules.find((each) => each.id === id);
    const approval = rule?.effect === "block" ? rule.on_unknown : rule?.approval;
    return typeof approval === "object" && approval !== null ? [approval] : [];
  });
  if (asked.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { group, count } of asked.flatMap(({ all }) => all))
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  const all = [...counts].map(([group, count]) => ({ group, count })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return [
    { type: "approval", action: 0, all, within_s: Math.min(...asked.map(({ within_s }) => within_s)), binding: digest },
  ];
}

function join(policy: Policy, request: Request, decisions: readonly Decision[]): Decision {
  const verdict = decisions.map((each) => each.verdict).reduce(joinVerdicts, "allow");
  const rules = uniteRules(decisions.flatMap((each) => each.rules));
  const complete = decisions.every((each) => each.complete);
  const reasons = [...new Set(decisions.flatMap((each) => each.reasons))].toSorted();
  const textsOf = ({ id, effect }: FiredRule) => {
    const { rules: known } = policy.meta;
    return (
      known.find((rule) => rule.id === id && rule.effect === effect) ??
      known.find((rule) => rule.id === id) ?? { why: null, fix: null }
    );
  };
  const parts = {
    verdict,
    rules,
    refusals: reasons.filter(isRefusal) as Refusal[],
    complete,
    reasons: reasons.filter((reason) => !isRefusal(reason)),
    textsOf,
  };
  return {
    verdict,
    rules,
    obligations: verdict === "block" ? [] : decisions.flatMap((each) => each.obligations),
    complete,
    reasons,
    ...messageOf(parts),
    ...(request.assumed_catalog ? { catalog: "assumed" as const } : {}),
  };
}

/** One entry a rule and effect, sorted; `must` when any action made it so. */
function uniteRules(rules: readonly FiredRule[]): readonly FiredRule[] {
  const byKey = new Map<string, FiredRule>();
  for (const rule of rules) {
    const key = `${rule.id} ${rule.effect}`;
    if (rule.certainty === "must" || !byKey.has(key)) byKey.set(key, rule);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

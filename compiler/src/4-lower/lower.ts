/**
 * Phase 4: the checked policy as programs and tables.
 *
 * In: a checked policy, in which every name means one thing. Out: what the kernel runs, still without addresses, and with
 * nothing left of the source: two policies that lower to the same thing decide the same, which is what the semantic digest
 * says. A condition becomes a program of a small stack machine over three truth values; every rule is evaluated for every
 * action of its families. Absent: any simplification that would hold for two truth values only.
 */
import { type Family, families } from "@hpl/runtime/facts";
import type { CheckedException, CheckedModule, CheckedPolicy, CheckedRule, Detect, Mask } from "../3-check/checked.js";
import { transformText } from "../3-check/items/transforms.js";
import { inTime, planDecision } from "./diagram/plan.js";
import { lowerCondition } from "./lower-condition.js";
import type { Zones } from "./lower-window.js";
import type {
  LoweredDetect,
  LoweredException,
  LoweredMask,
  LoweredModule,
  LoweredPolicy,
  LoweredRule,
} from "./lowered.js";

/** What the parts of a policy refer to by position. */
interface Tables {
  readonly transforms: readonly string[];
  readonly zones: Zones;
}

export function lower(policy: CheckedPolicy): LoweredPolicy {
  const { zones, rules, labels } = policy;
  const tables: Tables = { zones, transforms: listTransforms(policy) };
  const excused = rules.flatMap((rule, i) =>
    policy.exceptions.filter((exception) => isExcusedBy(rule, exception)).map((exception) => ({ exception, rule: i })),
  );
  return {
    modules: policy.modules.map((module) => lowerModule(module, tables)),
    rules: rules.map((rule) => lowerRule(rule, tables)),
    labels: labels.map(({ path, columns }) => ({ path, globs: columns })),
    transforms: tables.transforms,
    exceptions: excused.map(({ exception, rule }) => lowerException(exception, rule, tables)),
    zones,
    attributes: policy.attributes.map(({ path, members, optional }) => ({
      path: [...(typeof path.root === "string" ? [path.root] : []), ...path.steps],
      members,
      optional,
    })),
    grants: policy.grants.map(({ span: _, asking: __, ...grant }) => grant),
    counters: policy.counters.map(({ span: _, ...counter }) => ({
      ...counter,
      labels: counter.labels.flatMap((label) => labels[label]?.path ?? []),
    })),
    detectors: policy.detectors.map(({ span: _, ...detector }) => detector),
    plan: planDecision(
      policy,
      excused.map(({ exception }) => exception),
    ),
  };
}

/**
 * Of an `allow .. after approval`, which is two rules with one id, an exception excuses the approval. It never excuses a hard
 * rule, whatever a caller may have put together.
 */
const isExcusedBy = (rule: CheckedRule, exception: CheckedException): boolean =>
  exception.rule === rule.id && rule.effect.kind !== "allow" && rule.level === "soft";

/** All transforms of the policy; the kernel knows the first three by their position. */
function listTransforms(policy: CheckedPolicy): readonly string[] {
  const texts = policy.rules.flatMap(({ effect }) => {
    if (effect.kind === "detect") return [transformText(effect.detect.transform)];
    if (effect.kind !== "mask") return [];
    return [effect.mask.transform, ...effect.mask.tiers.map((tier) => tier.transform)].map(transformText);
  });
  return [...new Set(["clear", "redact", "null", ...texts.toSorted()])];
}

const familyBits = (list: readonly Family[]): number =>
  list.reduce((bits, family) => bits | (1 << families.indexOf(family)), 0);

function lowerModule(module: CheckedModule, { zones }: Tables): LoweredModule {
  return {
    name: module.name,
    families: familyBits(module.families),
    scope: lowerCondition(module.scope, { items: [], zones }),
    default: module.default?.verdict ?? "none",
    approval: module.default?.verdict === "approve" ? module.default.approval : null,
  };
}

function lowerRule(rule: CheckedRule, tables: Tables): LoweredRule {
  const { effect } = rule;
  return {
    id: rule.id,
    module: rule.module,
    families: familyBits(rule.families),
    effect: effect.kind,
    level: rule.level,
    even_if_incomplete: effect.kind === "allow" && effect.evenIfIncomplete,
    condition: lowerCondition(rule.condition, { items: [], zones: tables.zones }),
    approval: effect.kind === "approve" ? effect.approval : null,
    mask: effect.kind === "mask" ? lowerMask(effect.mask, tables) : null,
    limit: effect.kind === "limit" ? effect.limit : null,
    detect: effect.kind === "detect" ? lowerDetect(effect.detect, tables) : null,
    on_unknown: rule.onUnknown,
    audit: rule.audit,
  };
}

/** True while its condition is, until its time is over. */
function lowerException(exception: CheckedException, rule: number, { zones }: Tables): LoweredException {
  const { id, module, until_ms } = exception;
  return { id, module, rule, condition: lowerCondition(inTime(exception), { items: [], zones }), until_ms };
}

const lowerDetect = ({ set, detectors, transform }: Detect, { transforms }: Tables): LoweredDetect => ({
  set,
  detectors,
  transform: transforms.indexOf(transformText(transform)),
});

function lowerMask(mask: Mask, { transforms, zones }: Tables): LoweredMask {
  return {
    labels: mask.labels,
    allows_predicates: mask.predicates === "allow",
    transform: transforms.indexOf(transformText(mask.transform)),
    tiers: mask.tiers.map((tier) => ({
      labels: tier.labels,
      transform: transforms.indexOf(transformText(tier.transform)),
      condition: lowerCondition(tier.condition, { items: [], zones }),
    })),
  };
}

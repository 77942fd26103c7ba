/**
 * Phase 4: the checked policy as programs and tables.
 *
 * In: a checked policy, in which every name means one thing. Out: what the kernel runs, still without addresses, and with
 * nothing left of the source: two policies that lower to the same thing decide the same, which is what the semantic digest
 * says. A condition becomes a program of a small stack machine over three truth values; every rule is evaluated for every
 * action of its families. Absent: any simplification that would hold for two truth values only.
 */
import { type Family, families } from "@hpl/runtime/facts";
import type { CheckedModule, CheckedPolicy, CheckedRule, Mask, Transform } from "../3-check/checked.js";
import { lowerCondition } from "./lower-condition.js";
import type { LoweredMask, LoweredModule, LoweredPolicy, LoweredRule } from "./lowered.js";

export function lower(policy: CheckedPolicy): LoweredPolicy {
  const transforms = listTransforms(policy);
  return {
    modules: policy.modules.map(lowerModule),
    rules: policy.rules.map((rule) => lowerRule(rule, transforms)),
    labels: policy.labels.map(({ path, columns }) => ({ path, globs: columns })),
    transforms,
  };
}

/** The text of a transform as decisions show it and maskers read it. */
export function transformText(transform: Transform): string {
  if (transform.kind !== "partial") return transform.kind;
  if (transform.keep === "domain") return "partial(keep_domain)";
  const ends = [
    ...(transform.first > 0 ? [`first: ${transform.first}`] : []),
    ...(transform.last > 0 ? [`last: ${transform.last}`] : []),
  ];
  return `partial(${ends.join(", ")})`;
}

/** All transforms of the policy; the kernel knows the first three by their position. */
function listTransforms(policy: CheckedPolicy): readonly string[] {
  const masks = policy.rules.flatMap(({ effect }) => (effect.kind === "mask" ? [effect.mask] : []));
  const texts = masks.flatMap((mask) =>
    [mask.transform, ...mask.tiers.map((tier) => tier.transform)].map(transformText),
  );
  return [...new Set(["clear", "redact", "null", ...texts.toSorted()])];
}

const familyBits = (list: readonly Family[]): number =>
  list.reduce((bits, family) => bits | (1 << families.indexOf(family)), 0);

function lowerModule(module: CheckedModule): LoweredModule {
  return {
    name: module.name,
    families: familyBits(module.families),
    scope: lowerCondition(module.scope),
    default: module.default?.verdict ?? "none",
    approval: module.default?.verdict === "approve" ? module.default.approval : null,
  };
}

function lowerRule(rule: CheckedRule, transforms: readonly string[]): LoweredRule {
  const { effect } = rule;
  return {
    id: rule.id,
    module: rule.module,
    families: familyBits(rule.families),
    effect: effect.kind,
    level: rule.level,
    even_if_incomplete: effect.kind === "allow" && effect.evenIfIncomplete,
    condition: lowerCondition(rule.condition),
    approval: effect.kind === "approve" ? effect.approval : null,
    mask: effect.kind === "mask" ? lowerMask(effect.mask, transforms) : null,
  };
}

function lowerMask(mask: Mask, transforms: readonly string[]): LoweredMask {
  return {
    labels: mask.labels,
    transform: transforms.indexOf(transformText(mask.transform)),
    tiers: mask.tiers.map((tier) => ({
      labels: tier.labels,
      transform: transforms.indexOf(transformText(tier.transform)),
      condition: lowerCondition(tier.condition),
    })),
  };
}

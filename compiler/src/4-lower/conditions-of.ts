import type { CheckedPolicy, Condition } from "../3-check/checked.js";

/** Every condition a decision depends on: scopes, and those of rules, exceptions and tiers of masks. */
export function conditionsOf({ modules, rules, exceptions }: CheckedPolicy): readonly Condition[] {
  const tiers = rules.flatMap(({ effect }) => (effect.kind === "mask" ? effect.mask.tiers : []));
  return [
    ...modules.map(({ scope }) => scope),
    ...[...rules, ...exceptions, ...tiers].map(({ condition }) => condition),
  ];
}

/** The conditions that `condition` is put together from. */
export function partsOf(condition: Condition): readonly Condition[] {
  if (condition.kind === "And" || condition.kind === "Or") return condition.operands;
  if (condition.kind === "Not") return [condition.operand];
  return condition.kind === "Quantified" ? [condition.body] : [];
}

/**
 * Counts the steps that deciding one action takes on the tree, as `4-lower/cost.ts` says what a step is: on the facts that are
 * there, with every part of every condition looked at. The oracle of the bound; it knows no programs.
 */
import type { Action, RequestContext } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Condition, FactPath, Mask } from "../src/3-check/checked.js";
import { exceptionsTo, judge } from "../src/reference/judge.js";
import { readFact, type Scope, type Value } from "../src/reference/read-fact.js";

export function countSteps(policy: CheckedPolicy, context: RequestContext, action: Action): number {
  const { scope, labelled } = judge(policy, context, action);
  const counted = (rule: CheckedRule): number => {
    if (!rule.families.includes(action.family)) return 1;
    const exceptions = exceptionsTo(policy, rule).map(({ condition }) => 1 + count(condition, scope));
    const mask = rule.effect.kind === "mask" ? countMask(rule.effect.mask, scope, labelled.columns.length) : 0;
    return 1 + count(rule.condition, scope) + sum(exceptions) + mask;
  };
  return sum(policy.modules.map((module) => 1 + count(module.scope, scope))) + sum(policy.rules.map(counted));
}

/** Items of all lists that are in the facts of one action, those of labels included. */
export function countItems(policy: CheckedPolicy, context: RequestContext, action: Action): number {
  const { scope } = judge(policy, context, action);
  return itemsIn(scope.roots);
}

function itemsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const below = sum(Object.values(value).map(itemsIn));
  return Array.isArray(value) ? value.length + below : below;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Tiers of one label, for each output column and for the columns of conditions. */
const countMask = ({ labels, tiers }: Mask, scope: Scope, columns_count: number): number =>
  labels.length === 0 ? 0 : (columns_count + 1) * sum(tiers.map(({ condition }) => 1 + count(condition, scope)));

function count(condition: Condition, scope: Scope): number {
  const itemsOf = (path: FactPath): readonly Value[] => {
    const list = readFact(path, scope);
    return list.kind === "list" ? list.items : [];
  };
  switch (condition.kind) {
    case "Not":
      return 1 + count(condition.operand, scope);
    case "And":
    case "Or": {
      // Between two operands stands the jump over the second, and behind it what joins both.
      const joins_count = Math.max(0, condition.operands.length - 1) * 2;
      return joins_count + sum(condition.operands.map((operand) => count(operand, scope)));
    }
    case "In":
      return 1 + condition.values.length;
    case "Like":
      return 1 + condition.globs.length;
    case "Matches":
      return 1 + condition.patterns.length;
    case "InCidr":
      return 1 + condition.ranges.length;
    case "InWindow":
      return condition.windows.length;
    case "Has":
    case "Only":
      return 1 + condition.values.length * itemsOf(condition.list).length;
    case "Quantified": {
      const inner = (item: Value): Scope => ({ ...scope, items: [item, ...scope.items] });
      return 1 + sum(itemsOf(condition.list).map((item) => 1 + count(condition.body, inner(item))));
    }
    default:
      return 1;
  }
}

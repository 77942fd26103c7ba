import type { Family } from "@hpl/runtime/facts";
import type { Approval, CheckedPolicy, Comparison, Condition } from "../3-check/checked.js";
import {
  allOf,
  allowsFor,
  always,
  anyOf,
  conditionOfRule,
  governingModules,
  not,
  scopesOf,
  type Verdicts,
} from "./verdicts.js";

/** What claims about `approvals` say of the facts. */
export interface ApprovalClaims {
  /** Null where there are too many ways to come to such a number. */
  quorum(operator: Comparison, count: number): Condition | null;
  /** At least one person of `group` is asked. */
  asks(group: string): Condition;
}

/** Groups that share out a number of people between them, and people: more ways than that are not written out. */
const GROUPS_MAX = 4;
const PEOPLE_MAX = 8;

/** Who is asked, of known facts: approvals of all rules that fire and of defaults that count conjoin, the greatest number a group. */
export function approvalClaims(policy: CheckedPolicy, family: Family, { isBlocked, isHeld }: Verdicts): ApprovalClaims {
  const sources = sourcesOf(policy, family);
  const isAsked = allOf([isHeld, not(isBlocked)]);
  const groups = [...new Set(sources.flatMap(({ approval }) => approval.all.map(({ group }) => group)))];
  const asksFor = (group: string, count: number): Condition => {
    const enough = ({ approval }: Source): boolean =>
      approval.all.some((each) => each.group === group && each.count >= count);
    return count === 0 ? always : anyOf(sources.filter(enough).map(({ when }) => when));
  };
  const atLeast = (count: number): Condition => {
    if (count <= 0) return always;
    const ways = waysToShare(count, groups.length);
    return allOf([isAsked, anyOf(ways.map((way) => allOf(way.map((own, i) => asksFor(groups[i] ?? "", own)))))]);
  };
  const quorum: ApprovalClaims["quorum"] = (operator, count) => {
    if (groups.length > GROUPS_MAX || count > PEOPLE_MAX || !Number.isInteger(count)) return null;
    switch (operator) {
      case ">=":
        return atLeast(count);
      case ">":
        return atLeast(count + 1);
      case "<":
        return not(atLeast(count));
      case "<=":
        return not(atLeast(count + 1));
      case "==":
        return allOf([atLeast(count), not(atLeast(count + 1))]);
      case "!=":
        return not(allOf([atLeast(count), not(atLeast(count + 1))]));
      default:
        return operator satisfies never;
    }
  };
  return { quorum, asks: (group) => allOf([isAsked, asksFor(group, 1)]) };
}

interface Source {
  readonly approval: Approval;
  readonly when: Condition;
}

function sourcesOf(policy: CheckedPolicy, family: Family): readonly Source[] {
  const rules = policy.rules.filter((rule) => rule.families.includes(family) && rule.level !== "advisory");
  const isDefault = [not(anyOf(allowsFor(policy, family))), not(scopesOf(policy, family, "block"))];
  return [
    ...rules.flatMap((rule) =>
      rule.effect.kind === "approve" ? [{ approval: rule.effect.approval, when: conditionOfRule(policy, rule) }] : [],
    ),
    ...governingModules(policy, family).flatMap((module) =>
      module.default?.verdict === "approve"
        ? [{ approval: module.default.approval, when: allOf([module.scope, ...isDefault]) }]
        : [],
    ),
  ];
}

/** Every list of `length` numbers that together are `sum`. */
function waysToShare(sum: number, length: number): readonly (readonly number[])[] {
  if (length === 0) return sum === 0 ? [[]] : [];
  return Array.from({ length: sum + 1 }, (_, first) => first).flatMap((first) =>
    waysToShare(sum - first, length - 1).map((rest) => [first, ...rest]),
  );
}

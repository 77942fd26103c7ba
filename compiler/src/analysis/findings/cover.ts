import type { CheckedRule, Condition } from "../../3-check/checked.js";
import { evaluate } from "../../reference/condition.js";
import { not } from "../verdicts.js";
import { scopeOfAssignment } from "../witness.js";
import { irreducible, type Study } from "./study.js";

/** Rules that are weighed together. More of them nobody would see as one. */
const MEMBERS_MAX = 16;

/**
 * An irreducible set of `rules` one of which fires wherever `conditions` hold on an action that `rule` is for; null where there is a
 * request on which none does, or it cannot be told. Each request that is found says which rules count there, so that most often
 * one search is enough. The set is empty where nothing meets the conditions.
 */
export function coverOf(
  study: Study,
  rule: CheckedRule,
  conditions: readonly Condition[],
  rules: readonly CheckedRule[],
): readonly CheckedRule[] | null {
  const [family = "sql"] = rule.families;
  const outside = (some: readonly CheckedRule[]) =>
    study.searchFor(rule, [...conditions, ...some.map((each) => not(study.firingOf(each)))]);
  const needed: CheckedRule[] = [];
  while (needed.length <= MEMBERS_MAX) {
    const found = outside(needed);
    if (found.kind === "cannot tell") return null;
    if (found.kind === "none") return irreducible(needed, (some) => outside(some).kind === "none");
    const scope = scopeOfAssignment(family, found.assignment, study.table);
    const more = rules.filter((each) => !needed.includes(each) && evaluate(study.firingOf(each), scope) !== "false");
    if (more.length === 0) return null;
    needed.push(...more);
  }
  return null;
}

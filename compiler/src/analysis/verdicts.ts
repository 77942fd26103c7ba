import type { Family } from "@hpl/runtime/facts";
import { schemaOfFamily } from "@hpl/runtime/facts";
import type { CheckedException, CheckedModule, CheckedPolicy, CheckedRule, Condition } from "../3-check/checked.js";
import { inTime } from "../4-lower/diagram/plan.js";

const span = { file: 0, start: 0, end: 0 };
export const always: Condition = { kind: "Constant", value: true, span };
export const allOf = (operands: readonly Condition[]): Condition => ({ kind: "And", operands, span });
export const anyOf = (operands: readonly Condition[]): Condition => ({ kind: "Or", operands, span });
export const not = (operand: Condition): Condition => ({ kind: "Not", operand, span });

/** What a policy decides on one action of a family whose facts are all known, as conditions over these. */
export interface Verdicts {
  readonly isBlocked: Condition;
  /** Needs approval, or is blocked. */
  readonly isHeld: Condition;
}

/**
 * The definition of the verdict (DESIGN section 2) for known facts, written out. Refusals that come from masks are no part of
 * it: they only make a verdict stricter.
 */
export function verdictsOf(policy: CheckedPolicy, family: Family): Verdicts {
  const rules = policy.rules.filter((rule) => rule.families.includes(family) && rule.level !== "advisory");
  const firing = (kind: CheckedRule["effect"]["kind"]): readonly Condition[] =>
    rules.filter(({ effect }) => effect.kind === kind).map((rule) => conditionOfRule(policy, rule));
  const governing = governingModules(policy, family);
  const isGranted = anyOf(allowsFor(policy, family));
  const scopesWith = (verdict: string): Condition => scopesOf(policy, family, verdict);
  const isUngoverned = not(anyOf(governing.map(({ scope }) => scope)));
  const baseBlocks = allOf([not(isGranted), anyOf([isUngoverned, scopesWith("block")])]);
  const baseHolds = allOf([not(isGranted), scopesWith("approve")]);
  const isBlocked = anyOf([...firing("block"), baseBlocks]);
  return { isBlocked, isHeld: anyOf([isBlocked, ...firing("approve"), baseHolds]) };
}

/** Those whose default speaks of actions of `family`. */
export const governingModules = ({ modules }: CheckedPolicy, family: Family): readonly CheckedModule[] =>
  modules.filter((module) => module.default !== null && module.families.includes(family));

/** Where each allow of a governing module counts. */
export const allowsFor = (policy: CheckedPolicy, family: Family): readonly Condition[] => {
  const governing = new Set(governingModules(policy, family));
  return policy.rules.flatMap((rule) => {
    const module = policy.modules[rule.module];
    const isCounted = rule.effect.kind === "allow" && rule.families.includes(family);
    if (!isCounted || module === undefined || !governing.has(module)) return [];
    return [allOf([conditionOfRule(policy, rule), ...completeness(rule, family)])];
  });
};

/** Where a module governs `family` with a default of `verdict`. */
export const scopesOf = (policy: CheckedPolicy, family: Family, verdict: string): Condition =>
  anyOf(
    governingModules(policy, family)
      .filter((module) => module.default?.verdict === verdict)
      .map(({ scope }) => scope),
  );

/** Scope and condition, and none of its exceptions. */
export function conditionOfRule(policy: CheckedPolicy, rule: CheckedRule): Condition {
  const scopeOf = (module: number): Condition => policy.modules[module]?.scope ?? always;
  const excused = (exception: CheckedException): Condition =>
    not(allOf([scopeOf(exception.module), inTime(exception)]));
  const isExcusable = rule.effect.kind !== "allow" && rule.level === "soft";
  const exceptions = isExcusable ? policy.exceptions.filter((each) => each.rule === rule.id) : [];
  return allOf([scopeOf(rule.module), rule.condition, ...exceptions.map(excused)]);
}

/** An allow counts on complete actions only, unless it says otherwise. */
function completeness({ effect }: CheckedRule, family: Family): readonly Condition[] {
  const root = schemaOfFamily(family)?.["x-hpl-root"];
  if (root === undefined || (effect.kind === "allow" && effect.evenIfIncomplete)) return [];
  return [{ kind: "IsTrue", path: { root, steps: ["complete"] }, span }];
}

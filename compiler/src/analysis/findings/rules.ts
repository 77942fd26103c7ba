import type { CheckedRule, Condition, FactPath } from "../../3-check/checked.js";
import { alwaysFires, holdsOfEmptyList, neverFires, redundantUnless } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { unreachable } from "../../diagnostics/unreachable.js";
import type { Span } from "../../source/source-file.js";
import { shortId } from "../short-id.js";
import { readsAction } from "../tests-in.js";
import { allOf, always, not } from "../verdicts.js";
import { clausesOf, conjuncts } from "./clauses.js";
import { irreducible, type Study } from "./study.js";

/** What is wrong with one rule by itself. Without places, so that it can be kept while the text around the rule changes. */
export type RuleProblem =
  /** No request meets these clauses, by index, together; each of them is needed for that. */
  | { readonly kind: "never fires"; readonly clauses: readonly number[] }
  | { readonly kind: "always fires" }
  /** No request that the rest of the rule is about meets this `unless`, by index. */
  | { readonly kind: "redundant unless"; readonly unless: number }
  /** The `unless` by index, or the `when` (null), holds where a list is empty; `list` is how it is read. */
  | { readonly kind: "empty list"; readonly unless: number | null; readonly list: string };

/** Looks at one rule, of known facts, and says only what is certain. Cost: a search for the rule, one for each `unless`. */
export function studyRule(study: Study, rule: CheckedRule): readonly RuleProblem[] {
  if (study.searchFor(rule, [study.firingOf(rule)]).kind === "none") {
    const clauses = whyNever(study, rule);
    return [{ kind: "never fires", clauses }];
  }
  return [
    ...(alwaysHolds(study, rule) ? [{ kind: "always fires" as const }] : []),
    ...redundantOf(study, rule).map((unless) => ({ kind: "redundant unless" as const, unless })),
    ...emptyListsOf(study, rule),
  ];
}

function whyNever(study: Study, rule: CheckedRule): readonly number[] {
  const clauses = clausesOf(study.policy, rule);
  const excluding = irreducible(
    clauses,
    (some) => study.search(study.diagramOf(allOf(some.map(({ condition }) => condition)))).kind === "none",
  );
  return excluding.map((clause) => clauses.indexOf(clause));
}

const scopeOf = ({ policy }: Study, rule: CheckedRule): Condition => policy.modules[rule.module]?.scope ?? always;

/** Of a rule that asks something, whether its module's scope says it already. `when always`, and a mask of everything, are meant. */
function alwaysHolds(study: Study, rule: CheckedRule): boolean {
  if (conjuncts(rule.condition).every(({ kind }) => kind === "Constant")) return false;
  return study.searchFor(rule, [scopeOf(study, rule), not(rule.condition)]).kind === "none";
}

/** The `unless` clauses that excuse nothing, given all that are kept: of two that say the same, the later one. */
function redundantOf(study: Study, rule: CheckedRule): readonly number[] {
  const unless = rule.unless ?? [];
  const { condition } = rule;
  let kept = condition.kind === "And" ? condition.operands : [condition];
  return unless
    .map(({ operand }, index) => ({ operand, index }))
    .toReversed()
    .flatMap(({ operand, index }) => {
      const rest = kept.filter((each) => each !== operand);
      if (study.searchFor(rule, [scopeOf(study, rule), ...rest, not(operand)]).kind !== "none") return [];
      kept = rest;
      return [index];
    })
    .toReversed();
}

/**
 * `no x in xs` where it is all that loosens: a whole `unless` of a restriction, or all that an `allow` asks of the action. It
 * holds of an empty list too, which an author who thinks of the items does not see.
 */
function emptyListsOf(study: Study, rule: CheckedRule): readonly RuleProblem[] {
  const { condition } = rule;
  const operands = condition.kind === "And" ? condition.operands : [condition];
  if (rule.effect.kind === "allow") {
    const asked = conjuncts(condition).filter(readsAction);
    const list = asked.length === 1 ? listOfNo(asked[0] as Condition) : null;
    return list !== null && canBeEmpty(study, rule, operands, list)
      ? [{ kind: "empty list", unless: null, list: textOf(list) }]
      : [];
  }
  return (rule.unless ?? []).flatMap(({ operand }, unless): readonly RuleProblem[] => {
    const list = listOfNo(not(operand));
    const rest = operands.filter((each) => each !== operand);
    if (list === null || !canBeEmpty(study, rule, rest, list)) return [];
    return [{ kind: "empty list", unless, list: textOf(list) }];
  });
}

/** The list that `no` of `condition` is about, where the condition is that and nothing else. */
function listOfNo(condition: Condition): FactPath | null {
  if (condition.kind === "Not" && condition.operand.kind === "Not") return listOfNo(condition.operand.operand);
  if (condition.kind === "Not" && condition.operand.kind === "Quantified")
    return condition.operand.quantifier === "any" ? condition.operand.list : null;
  return condition.kind === "Quantified" && condition.quantifier === "no" ? condition.list : null;
}

/** Whether the rest of the rule is about requests for which `list` is empty. */
function canBeEmpty(study: Study, rule: CheckedRule, rest: readonly Condition[], list: FactPath): boolean {
  const { span } = rule;
  const body: Condition = { kind: "Constant", value: true, span };
  const isEmpty: Condition = { kind: "Quantified", quantifier: "no", list, body, span };
  const found = study.searchFor(rule, [scopeOf(study, rule), ...rest, isEmpty]);
  return found.kind === "found";
}

const textOf = ({ root, steps }: FactPath): string => [root, ...steps].join(".");

/** `problem` as it is shown. */
export function reportRuleProblem({ policy }: Study, rule: CheckedRule, problem: RuleProblem): Diagnostic {
  const name = { rule: shortId(rule) };
  const placeOf = (unless: number): Span => rule.unless?.[unless]?.span ?? rule.span;
  switch (problem.kind) {
    case "never fires": {
      const clauses = clausesOf(policy, rule);
      const texts = problem.clauses.flatMap((index) => clauses[index]?.text ?? []);
      return { ...neverFires(rule.span, { ...name, clauses: texts }), rule: rule.id };
    }
    case "always fires": {
      const isScoped = policy.modules[rule.module]?.scope.kind !== "Constant";
      return { ...alwaysFires(rule.span, { ...name, isScoped }), rule: rule.id };
    }
    case "redundant unless":
      return { ...redundantUnless(placeOf(problem.unless), name), rule: rule.id };
    case "empty list": {
      const span = problem.unless === null ? rule.span : placeOf(problem.unless);
      const isAllow = problem.unless === null;
      return { ...holdsOfEmptyList(span, { ...name, list: problem.list, isAllow }), rule: rule.id };
    }
    default:
      return unreachable(problem);
  }
}

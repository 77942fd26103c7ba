/**
 * The trace: why a decision came out as it did, clause by clause.
 *
 * In: a checked policy and a request. Out: for each action, each rule of its family with the truth of every part of its
 * condition and the values that part looked at. It walks the same tree as the evaluator and asks the evaluator for every
 * truth, so it cannot disagree with it. Absent: words and layout, which are the caller's.
 */
import type { Action, Request, RequestContext } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Condition, FactPath } from "../3-check/checked.js";
import type { Span } from "../source/source-file.js";
import { evaluate } from "./condition.js";
import { type Judged, judge } from "./evaluate.js";
import { readFact, type Scope, type Value } from "./read-fact.js";
import type { Truth } from "./truth.js";

/** One part of a condition: what it came to, and what it saw. */
export interface ClauseTrace {
  readonly kind: Condition["kind"];
  readonly span: Span;
  readonly truth: Truth;
  /** The facts a test read, by path. */
  readonly observed: readonly { readonly path: string; readonly value: Value }[];
  readonly parts: readonly ClauseTrace[];
}

export interface RuleTrace {
  readonly rule: CheckedRule;
  /** Of the rule: its module's scope and its condition. */
  readonly truth: Truth;
  readonly scope: Truth;
  readonly condition: ClauseTrace;
}

export interface ActionTrace {
  readonly action: Action;
  /** Of each module that governs or restricts the action's family, its scope. */
  readonly modules: readonly { readonly name: string; readonly scope: ClauseTrace }[];
  readonly rules: readonly RuleTrace[];
}

/** Traces every action of `request`. O(actions x conditions). */
export const traceRequest = (policy: CheckedPolicy, request: Request): readonly ActionTrace[] =>
  request.actions.map((action) => traceAction(policy, request, action));

function traceAction(policy: CheckedPolicy, context: RequestContext, action: Action): ActionTrace {
  const judged = judge(policy, context, action);
  const modules = policy.modules.filter((module) => module.families.includes(action.family));
  return {
    action,
    modules: modules.map((module) => ({ name: module.name, scope: traceClause(module.scope, judged.scope) })),
    rules: policy.rules.flatMap((rule, i) =>
      rule.families.includes(action.family) ? [traceRule(rule, i, judged)] : [],
    ),
  };
}

const traceRule = (rule: CheckedRule, index: number, { scope, scopes, truths }: Judged): RuleTrace => ({
  rule,
  truth: truths[index] ?? "unknown",
  scope: scopes[rule.module] ?? "unknown",
  condition: traceClause(rule.condition, scope),
});

function traceClause(condition: Condition, scope: Scope): ClauseTrace {
  return {
    kind: condition.kind,
    span: condition.span,
    truth: evaluate(condition, scope),
    observed: pathsOf(condition).map((path) => ({ path: pathText(path), value: readFact(path, scope) })),
    parts: partsOf(condition).map((part) => traceClause(part, scope)),
  };
}

/** The parts that have a truth of their own here; a quantifier's body has one an item, and is not shown. */
function partsOf(condition: Condition): readonly Condition[] {
  if (condition.kind === "Not") return [condition.operand];
  return condition.kind === "And" || condition.kind === "Or" ? condition.operands : [];
}

function pathsOf(condition: Condition): readonly FactPath[] {
  if ("path" in condition) return [condition.path];
  if ("list" in condition) return [condition.list];
  return "left" in condition ? [condition.left, condition.right] : [];
}

const pathText = ({ root, steps }: FactPath): string => [typeof root === "string" ? root : "item", ...steps].join(".");

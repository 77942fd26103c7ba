/**
 * The trace: why a decision came out as it did, clause by clause.
 *
 * In: a checked policy and a request. Out: for each action, each rule of its family with the truth of every part of its
 * condition and the values that part looked at. It walks the same tree as the evaluator and asks the evaluator for every
 * truth, so it cannot disagree with it. Absent: words and layout, which are the caller's.
 */
import type { Action, Request, RequestContext } from "@hpl/runtime/facts";
import type { CheckedException, CheckedPolicy, CheckedRule, Condition, FactPath, Window } from "../3-check/checked.js";
import type { Span } from "../source/source-file.js";
import { evaluate } from "./condition.js";
import { isInTime, type Judged, judge, type RuleTruth } from "./judge.js";
import { readFact, type Scope, type Value } from "./read-fact.js";
import type { Truth } from "./truth.js";
import { localTime } from "./window.js";

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
  /** Of the rule: its module's scope, its condition, and none of its exceptions. */
  readonly truth: Truth;
  readonly scope: Truth;
  readonly condition: ClauseTrace;
  readonly exceptions: readonly ExceptionTrace[];
  /** The only clause that was false of a rule of several, whose module was not definitely out of scope. */
  readonly nearMiss: ClauseTrace | null;
}

export interface ExceptionTrace {
  readonly exception: CheckedException;
  /** Its module's scope and its condition, while it is live. */
  readonly truth: Truth;
  /** Whether its time is not over. */
  readonly live: Truth;
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
    rules: policy.rules.flatMap((rule) => {
      const truth = judged.truths.get(rule);
      return truth !== undefined && rule.families.includes(action.family) ? [traceRule(rule, truth, judged)] : [];
    }),
  };
}

function traceRule(rule: CheckedRule, { truth, exceptions }: RuleTruth, judged: Judged): RuleTrace {
  const scope = judged.scopes[rule.module] ?? "unknown";
  const condition = traceClause(rule.condition, judged.scope);
  return {
    rule,
    truth,
    scope,
    condition,
    exceptions: exceptions.map((each) => traceException(each.exception, each.truth, judged)),
    nearMiss: scope === "false" ? null : onlyFalse(clausesOf(condition)),
  };
}

const traceException = (exception: CheckedException, truth: Truth, { scope, scopes }: Judged): ExceptionTrace => ({
  exception,
  truth,
  live: isInTime(exception, scope),
  scope: scopes[exception.module] ?? "unknown",
  condition: traceClause(exception.condition, scope),
});

/** What must hold together: the parts of nested `and`s. */
const clausesOf = (clause: ClauseTrace): readonly ClauseTrace[] =>
  clause.kind === "And" ? clause.parts.flatMap(clausesOf) : [clause];

/** A condition of one clause is never near: it is the whole of what the rule asks. */
function onlyFalse(clauses: readonly ClauseTrace[]): ClauseTrace | null {
  const [first, ...more] = clauses.filter(({ truth }) => truth === "false");
  return clauses.length > 1 && first !== undefined && more.length === 0 ? first : null;
}

function traceClause(condition: Condition, scope: Scope): ClauseTrace {
  return {
    kind: condition.kind,
    span: condition.span,
    truth: evaluate(condition, scope),
    observed: condition.kind === "InWindow" ? observedTime(condition.windows, scope) : observedFacts(condition, scope),
    parts: partsOf(condition).map((part) => traceClause(part, scope)),
  };
}

const observedFacts = (condition: Condition, scope: Scope): ClauseTrace["observed"] =>
  pathsOf(condition).map((path) => ({ path: pathText(path), value: readFact(path, scope) }));

/** `now`, and what day and time it is in the zones of the weekly windows. */
function observedTime(windows: readonly Window[], scope: Scope): ClauseTrace["observed"] {
  const now = readFact({ root: "now", steps: [] }, scope);
  const zones = new Set(windows.flatMap((window) => (window.kind === "weekly" ? [window.zone] : [])));
  return [
    { path: "now", value: now },
    ...[...zones].map((zone) => ({ path: `now in ${zone}`, value: weekdayAndTime(zone, now, scope) })),
  ];
}

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function weekdayAndTime(zone: string, now: Value, scope: Scope): Value {
  const ms = now.kind === "scalar" && typeof now.value === "number" ? now.value : null;
  const local = ms === null ? null : localTime(zone, ms, scope);
  if (local === null) return { kind: "unknown", reason: "no_offset" };
  const [hour, minute] = [Math.floor(local.minute / 60), local.minute % 60].map((part) => `${part}`.padStart(2, "0"));
  return { kind: "scalar", value: `${weekdays[local.day]} ${hour}:${minute}` };
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

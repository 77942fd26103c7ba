import type { Verdict } from "@hpl/runtime/abi";
import { type Action, declareAttributes, type RequestContext } from "@hpl/runtime/facts";
import type { Approval, CheckedException, CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { evaluate } from "./condition.js";
import { type LabelledColumns, labelColumns, labelFacts } from "./masks.js";
import { rootsOf, type Scope } from "./read-fact.js";
import { and, not, type Truth } from "./truth.js";

/** Everything a rule can look at in one action, and what is true of it. */
export interface Judged {
  readonly policy: CheckedPolicy;
  readonly action: Action;
  readonly scope: Scope;
  readonly labelled: LabelledColumns;
  /** Of each module's `for`. */
  readonly scopes: readonly Truth[];
  /** Of each rule. */
  readonly truths: ReadonlyMap<CheckedRule, RuleTruth>;
  /** The restrictions that fire, masks and advisory ones included, in the order of rules. */
  readonly firing: readonly CheckedRule[];
  readonly complete: boolean;
}

export interface RuleTruth {
  /** Its module's scope and its condition. */
  readonly own: Truth;
  /** And none of its exceptions: what decides. */
  readonly truth: Truth;
  readonly exceptions: readonly { readonly exception: CheckedException; readonly truth: Truth }[];
}

export function judge(policy: CheckedPolicy, context: RequestContext, action: Action): Judged {
  const bare = scopeOf(policy, context, action);
  const labelled = labelColumns(policy, bare);
  const scope = action.family === "sql" && !action.opaque ? withLabels(policy, bare, labelled) : bare;
  const scopes = policy.modules.map((module) => evaluate(module.scope, scope));
  const truths = new Map(policy.rules.map((rule) => [rule, truthOfRule(rule, policy, action, scopes, scope)]));
  const firing = policy.rules.filter((rule) => rule.effect.kind !== "allow" && fires(rule, truths.get(rule)));
  const complete = !action.opaque && action.facts.complete === true;
  return { policy, action, scope, labelled, scopes, truths, firing, complete };
}

/** The exceptions that may excuse `rule`. Of an `allow .. after approval` that is its approval; a hard rule has none. */
export const exceptionsTo = ({ exceptions }: CheckedPolicy, rule: CheckedRule): readonly CheckedException[] =>
  rule.effect.kind === "allow" || rule.level !== "soft" ? [] : exceptions.filter((each) => each.rule === rule.id);

/** True while its condition is, in its own module's scope, until its time is over. */
export function truthOfException(exception: CheckedException, scopes: readonly Truth[], scope: Scope): Truth {
  const inScope = scopes[exception.module] ?? "unknown";
  return and(inScope, evaluate(exception.condition, scope), isInTime(exception, scope));
}

export const isInTime = ({ until_ms, span }: CheckedException, scope: Scope): Truth =>
  evaluate({ kind: "Compare", operator: "<", path: { root: "now", steps: [] }, value: until_ms, span }, scope);

/** False for an action of another family. */
function truthOfRule(
  rule: CheckedRule,
  policy: CheckedPolicy,
  action: Action,
  scopes: readonly Truth[],
  scope: Scope,
): RuleTruth {
  if (!rule.families.includes(action.family)) return { own: "false", truth: "false", exceptions: [] };
  const own = and(scopes[rule.module] ?? "unknown", evaluate(rule.condition, scope));
  const exceptions = exceptionsTo(policy, rule).map((exception) => ({
    exception,
    truth: truthOfException(exception, scopes, scope),
  }));
  return { own, truth: and(own, ...exceptions.map((each) => not(each.truth))), exceptions };
}

/** A rule says for its own condition what it does when that is unknown; that an exception is, never helps. */
function fires(rule: CheckedRule, truth: RuleTruth | undefined): boolean {
  if (truth === undefined || truth.truth === "false") return false;
  return !(rule.onUnknown === "ignore" && truth.own === "unknown");
}

/** The approval a firing block asks for because it does not know; null when it blocks. */
export function approvalInstead(rule: CheckedRule, { truths }: Judged): Approval | null {
  const isUnknown = truths.get(rule)?.own === "unknown";
  return rule.effect.kind === "block" && isUnknown && typeof rule.onUnknown !== "string" ? rule.onUnknown : null;
}

/** What a firing rule demands. Masks, limits and detectors only oblige. */
export function demandOf(rule: CheckedRule, judged: Judged): Verdict {
  if (rule.effect.kind === "approve" || approvalInstead(rule, judged) !== null) return "approve";
  return rule.effect.kind === "block" ? "block" : "allow";
}

function scopeOf(policy: CheckedPolicy, context: RequestContext, action: Action): Scope {
  const { principal, session, connection, now } = declareAttributes(context, policy.attributes.map(declared));
  const facts = action.opaque ? { "?": "opaque" } : action.facts;
  const roots = rootsOf({ principal, session, connection, now }, action.family, facts);
  return { roots, zones: context.zones ?? {}, items: [] };
}

const declared = ({ path, members, optional }: CheckedPolicy["attributes"][number]) => ({
  path: [String(path.root), ...path.steps],
  members,
  optional,
});

function withLabels(policy: CheckedPolicy, scope: Scope, labelled: LabelledColumns): Scope {
  const statement = { ...(scope.roots.statement as object), ...labelFacts(policy, labelled) };
  return { ...scope, roots: { ...scope.roots, statement } };
}

/**
 * The reference evaluator: the semantics of DESIGN section 2, executable, slow and obvious.
 *
 * In: a checked policy and a request. Out: the decision, equal to the one the compiled module gives; a property over random
 * policies and facts holds them together. It reads facts as they are, knows no slots, bit sets or addresses, and shares
 * no code with the engine but the words of messages. Absent: any care for speed.
 */
import { type Decision, messageOf, type Obligation, type Refusal } from "@hpl/runtime/abi";
import { type Action, isUnknown, itemsOf, type Request, type RequestContext } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { evaluate } from "./condition.js";
import { type LabelledColumns, labelColumns, labelFacts, maskAction } from "./masks.js";
import { type ActionOutcome, conjoin, distinct, distinctRules, firedDefault, firedRule, strictest } from "./outcome.js";
import { rootsOf, type Scope } from "./read-fact.js";
import { and, type Truth } from "./truth.js";

/** Decides `request`. `binding` is the policy's semantic digest, which approvals carry. */
export function decide(policy: CheckedPolicy, request: Request, binding: string): Decision {
  const outcomes = request.actions.map((action, i) => decideAction(policy, request, action, i));
  const isEmpty = outcomes.length === 0;
  const verdict = isEmpty ? "block" : strictest(outcomes.map((outcome) => outcome.verdict));
  const refusals: readonly Refusal[] = isEmpty ? ["empty"] : outcomes.flatMap((outcome) => outcome.refusals);
  const reasons = distinct(outcomes.flatMap((outcome) => outcome.reasons));
  const rules = distinctRules(outcomes.flatMap((outcome) => outcome.rules));
  const complete = !isEmpty && outcomes.every((outcome) => outcome.complete);
  const textsOf = ({ id, effect }: { id: string; effect: string }) =>
    policy.rules.find((rule) => rule.id === id && rule.effect.kind === effect) ?? { why: null, fix: null };
  return {
    verdict,
    rules,
    obligations: verdict === "block" ? [] : outcomes.flatMap((outcome, i) => obligationsOf(outcome, i, binding)),
    complete,
    reasons: distinct([...reasons, ...refusals]),
    ...messageOf({ verdict, rules, refusals, complete, reasons, textsOf }),
    ...(request.assumed_catalog ? { catalog: "assumed" as const } : {}),
  };
}

/** Everything a rule can look at in one action, and what is true of it. */
export interface Judged {
  readonly policy: CheckedPolicy;
  readonly action: Action;
  readonly scope: Scope;
  readonly labelled: LabelledColumns;
  /** Of each module's `for`. */
  readonly scopes: readonly Truth[];
  /** Of each rule, its module's scope included. */
  readonly truths: readonly Truth[];
  readonly complete: boolean;
}

export function judge(policy: CheckedPolicy, context: RequestContext, action: Action): Judged {
  const bare = scopeOf(context, action);
  const labelled = labelColumns(policy, bare);
  const scope = action.family === "sql" && !action.opaque ? withLabels(policy, bare, labelled) : bare;
  const scopes = policy.modules.map((module) => evaluate(module.scope, scope));
  const truths = policy.rules.map((rule) => truthOfRule(rule, action, scopes, scope));
  const complete = !action.opaque && action.facts.complete === true;
  return { policy, action, scope, labelled, scopes, truths, complete };
}

function decideAction(policy: CheckedPolicy, context: RequestContext, action: Action, index: number): ActionOutcome {
  const judged = judge(policy, context, action);
  const { truths } = judged;
  const allows = policy.rules.filter((rule, i) => countsAsAllow(rule, truths[i] ?? "unknown", judged));
  const restrictions = policy.rules.filter((rule, i) => isRestriction(rule) && truths[i] !== "false");
  const inForce = restrictions.filter((rule) => rule.level !== "advisory");
  const masked = maskAction(policy, truths, judged.labelled, judged.scope, action, index);
  const base = baseOf(judged, allows.length > 0);
  const fired = policy.rules.flatMap((rule, i) =>
    allows.includes(rule) || restrictions.includes(rule) || masked.rules.has(rule)
      ? [firedRule(policy, rule, truths[i] ?? "unknown")]
      : [],
  );
  const demanded = inForce.flatMap(({ effect }) =>
    effect.kind === "block" || effect.kind === "approve" ? [effect.kind] : [],
  );
  const refused = masked.refusals.length > 0 ? (["block"] as const) : [];
  return {
    verdict: strictest([base.verdict, ...demanded, ...refused]),
    rules: [
      ...fired,
      ...base.defaults.flatMap((module) =>
        firedDefault(policy, module, judged.scopes[policy.modules.indexOf(module)] ?? "unknown"),
      ),
    ],
    masks: masked.masks,
    approvals: [
      ...inForce.flatMap(({ effect }) => (effect.kind === "approve" ? [effect.approval] : [])),
      ...base.defaults.flatMap((module) => (module.default?.verdict === "approve" ? [module.default.approval] : [])),
    ],
    refusals: [...base.refusals, ...masked.refusals],
    complete: judged.complete,
    reasons: reasonsOf(action),
  };
}

/** The verdict without restrictions, the defaults it comes from, and why the engine refuses. */
function baseOf({ policy, action, scopes }: Judged, isAllowed: boolean) {
  if (isAllowed) return { verdict: "allow" as const, defaults: [], refusals: [] };
  const governing = policy.modules.filter((module, i) => governs(module, action) && scopes[i] !== "false");
  const isGoverned = policy.modules.some((module, i) => governs(module, action) && scopes[i] === "true");
  const verdict = strictest(governing.flatMap((module) => module.default?.verdict ?? []));
  const refusals: Refusal[] = [];
  if (action.opaque) refusals.push("opaque");
  if (!isGoverned) refusals.push("ungoverned");
  if (refusals.length > 0) return { verdict: "block" as const, defaults: [], refusals };
  return { verdict, defaults: governing.filter((module) => module.default?.verdict === verdict), refusals };
}

const governs = (module: CheckedPolicy["modules"][number], action: Action): boolean =>
  module.default !== null && module.families.includes(action.family);

function countsAsAllow(rule: CheckedRule, truth: Truth, { policy, action, complete }: Judged): boolean {
  const module = policy.modules[rule.module];
  if (rule.effect.kind !== "allow" || truth !== "true" || module === undefined || !governs(module, action))
    return false;
  return complete || rule.effect.evenIfIncomplete;
}

const isRestriction = (rule: CheckedRule): boolean => rule.effect.kind === "block" || rule.effect.kind === "approve";

function scopeOf({ principal, session, connection, now }: RequestContext, action: Action): Scope {
  const common = { principal, session, connection, ...(now === undefined ? {} : { now }) };
  const facts = action.opaque ? { "?": "opaque" } : action.facts;
  return { roots: rootsOf(common, action.family, facts), items: [] };
}

function withLabels(policy: CheckedPolicy, scope: Scope, labelled: LabelledColumns): Scope {
  const statement = { ...(scope.roots.statement as object), ...labelFacts(policy, labelled) };
  return { ...scope, roots: { ...scope.roots, statement } };
}

/** The rule's condition and its module's scope; false for an action of another family. */
function truthOfRule(rule: CheckedRule, action: Action, scopes: readonly Truth[], scope: Scope): Truth {
  if (!rule.families.includes(action.family)) return "false";
  return and(scopes[rule.module] ?? "unknown", evaluate(rule.condition, scope));
}

function reasonsOf(action: Action): readonly string[] {
  if (action.opaque) return action.reasons;
  const { reasons } = action.facts;
  if (isUnknown(reasons)) return [reasons["?"]];
  return itemsOf(reasons).map((reason) => (isUnknown(reason) ? reason["?"] : reason));
}

function obligationsOf(outcome: ActionOutcome, action: number, binding: string): readonly Obligation[] {
  if (outcome.verdict !== "approve") return outcome.masks;
  return [...outcome.masks, { type: "approval", action, ...conjoin(outcome.approvals), binding }];
}

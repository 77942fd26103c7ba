/**
 * The reference evaluator: the semantics of DESIGN section 2, executable, slow and obvious.
 *
 * In: a checked policy and a request. Out: the decision, equal to the one the compiled module gives; a property over random
 * policies and facts holds them together. It reads facts as they are, knows no slots, bit sets or addresses, and shares
 * no code with the engine but the words of messages. Absent: any care for speed.
 */
import { type Decision, messageOf, type Obligation, type Refusal, type Verdict } from "@hpl/runtime/abi";
import { type Action, isUnknown, itemsOf, type Request, type RequestContext } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { approvalInstead, demandOf, type Judged, judge } from "./judge.js";
import { maskAction } from "./masks.js";
import {
  type ActionOutcome,
  conjoin,
  detectsOf,
  distinct,
  distinctRules,
  firedDefault,
  firedException,
  firedRule,
  leastOf,
  strictest,
} from "./outcome.js";

/** Decides `request`. `binding` is the policy's semantic digest, which approvals carry. */
export function decide(policy: CheckedPolicy, request: Request, binding: string): Decision {
  const outcomes: ActionOutcome[] = [];
  // An action is part of one before it.
  for (const [i, action] of request.actions.entries()) {
    const parent = action.parent === undefined ? undefined : outcomes[action.parent];
    outcomes.push(decideAction(policy, request, action, i, parent?.base ?? null));
  }
  const isEmpty = outcomes.length === 0;
  const verdict = isEmpty ? "block" : strictest(outcomes.map((outcome) => outcome.verdict));
  const refusals: readonly Refusal[] = isEmpty ? ["empty"] : outcomes.flatMap((outcome) => outcome.refusals);
  const reasons = distinct(outcomes.flatMap((outcome) => outcome.reasons));
  const rules = distinctRules(outcomes.flatMap((outcome) => outcome.rules));
  const complete = !isEmpty && outcomes.every((outcome) => outcome.complete);
  const textsOf = ({ id, effect }: { id: string; effect: string }) => {
    const own = policy.rules.filter((rule) => rule.id === id);
    return own.find((rule) => rule.effect.kind === effect) ?? own[0] ?? { why: null, fix: null };
  };
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

/** `parentBase` is the base of the action it is part of, or null. */
function decideAction(
  policy: CheckedPolicy,
  context: RequestContext,
  action: Action,
  index: number,
  parentBase: Verdict | null,
): ActionOutcome {
  const judged = judge(policy, context, action);
  const { firing } = judged;
  const allows = policy.rules.filter((rule) => countsAsAllow(rule, judged));
  const inForce = firing.filter((rule) => rule.level !== "advisory");
  const masked = maskAction(judged, index);
  const base = baseOf(judged, allows.length > 0, parentBase);
  const listed = policy.rules.filter((rule) => {
    if (rule.effect.kind === "mask") return masked.rules.has(rule);
    return allows.includes(rule) || firing.includes(rule);
  });
  const demanded = inForce.map((rule) => demandOf(rule, judged));
  const refused = masked.refusals.length > 0 ? (["block"] as const) : [];
  return {
    verdict: strictest([base.verdict, ...demanded, ...refused]),
    base: base.verdict,
    rules: [
      ...listed.map((rule) => firedRule(rule, judged)),
      ...liveExceptions(judged).map((exception) => firedException(policy, exception)),
      ...base.defaults.flatMap((module) =>
        firedDefault(policy, module, judged.scopes[policy.modules.indexOf(module)] ?? "unknown"),
      ),
    ],
    masks: masked.masks,
    approvals: [
      ...inForce.flatMap((rule) => (rule.effect.kind === "approve" ? [rule.effect.approval] : [])),
      ...inForce.flatMap((rule) => approvalInstead(rule, judged) ?? []),
      ...base.defaults.flatMap((module) => (module.default?.verdict === "approve" ? [module.default.approval] : [])),
    ],
    limit: leastOf(inForce.flatMap(({ effect }) => (effect.kind === "limit" ? [effect.limit] : []))),
    detects: detectsOf(inForce),
    refusals: [...base.refusals, ...masked.refusals],
    complete: judged.complete,
    reasons: reasonsOf(action),
  };
}

/** The exceptions that are true of a rule which otherwise would fire, or might. */
const liveExceptions = ({ truths }: Judged) =>
  [...truths.values()].flatMap(({ own, exceptions }) =>
    own === "false" ? [] : exceptions.filter(({ truth }) => truth === "true").map(({ exception }) => exception),
  );

/** The verdict without restrictions, the defaults it comes from, and why the engine refuses. */
function baseOf({ policy, action, scopes }: Judged, isAllowed: boolean, parentBase: Verdict | null) {
  if (isAllowed) return { verdict: "allow" as const, defaults: [], refusals: [] };
  const governing = policy.modules.filter((module, i) => governs(module, action) && scopes[i] !== "false");
  const isGoverned = policy.modules.some((module, i) => governs(module, action) && scopes[i] === "true");
  const isAdopted = governing.length === 0 && parentBase !== null;
  const verdict = isAdopted ? parentBase : strictest(governing.flatMap((module) => module.default?.verdict ?? []));
  const refusals: Refusal[] = [];
  if (action.opaque) refusals.push("opaque");
  if (!isGoverned && !isAdopted) refusals.push("ungoverned");
  if (refusals.length > 0) return { verdict: "block" as const, defaults: [], refusals };
  return { verdict, defaults: governing.filter((module) => module.default?.verdict === verdict), refusals };
}

const governs = (module: CheckedPolicy["modules"][number], action: Action): boolean =>
  module.default !== null && module.families.includes(action.family);

function countsAsAllow(rule: CheckedRule, { policy, action, truths, complete }: Judged): boolean {
  const module = policy.modules[rule.module];
  if (rule.effect.kind !== "allow" || truths.get(rule)?.truth !== "true") return false;
  if (module === undefined || !governs(module, action)) return false;
  return complete || rule.effect.evenIfIncomplete;
}

function reasonsOf(action: Action): readonly string[] {
  if (action.opaque) return action.reasons;
  const { reasons } = action.facts;
  if (isUnknown(reasons)) return [reasons["?"]];
  return itemsOf(reasons).map((reason) => (isUnknown(reason) ? reason["?"] : reason));
}

function obligationsOf(outcome: ActionOutcome, action: number, binding: string): readonly Obligation[] {
  const { verdict, masks, approvals, limit, detects } = outcome;
  return [
    ...masks,
    ...(verdict === "approve" && approvals.length > 0
      ? [{ type: "approval" as const, action, ...conjoin(approvals), binding }]
      : []),
    ...(limit === null ? [] : [{ type: "limit" as const, action, ...limit }]),
    ...detects.map((detect) => ({ type: "detect" as const, action, ...detect })),
  ];
}

import type { Decision, FiredRule, Obligation, Verdict } from "../abi/decision.js";
import { joinVerdicts } from "../abi/decision.js";
import { TRUE } from "../abi/layout.js";
import { messageOf, type Refusal } from "../abi/message.js";
import type { Action, Request } from "../facts/action.js";
import { isUnknown, itemsOf } from "../facts/fact.js";
import type { Connection, Principal } from "../facts/generated.js";
import { type FiredRules, openFiredRules } from "./fired-rules.js";
import { type FactsArea, layFacts, openFactsArea } from "./lay-facts.js";
import { type LoadedModule, type LoadFailure, loadModule } from "./load.js";
import { obligationsOf, usedDefaults } from "./obligations.js";
import { type ActionLabels, readLabels, unknownLabels } from "./read-labels.js";
import { type KernelResult, openResultArea, type ResultArea, readResult } from "./read-result.js";
import { openPolicySession, type PolicySession } from "./session.js";

/** A loaded policy. Holds its own memory: decide on one thread at a time. */
export interface Policy {
  /** Hex SHA-256 of what the policy means. */
  readonly digest: string;
  readonly meta: LoadedModule["meta"];
  /** The bytes of a custom section of its module; null when there is none of that name. */
  section(name: string): Uint8Array | null;
  /** The decision over all of the request's actions. Total: whatever cannot be decided is block, with a code. */
  decide(request: Request): Decision;
  /** The policy's labels of each action: for counters that count what is labelled. They depend on the action alone. */
  labels(request: Request): readonly ActionLabels[];
  /** The policy for one session, which remembers what it decided. Decides what `decide` does. */
  session(principal: Principal, connection: Connection): PolicySession;
}

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly failure: LoadFailure };

/**
 * Loads a policy module.
 *
 * ```ts
 * const loaded = loadPolicy(bytes);
 * if (!loaded.ok) throw new Error(loaded.failure.message);
 * const { verdict } = loaded.policy.decide(request);
 * ```
 */
export function loadPolicy(bytes: Uint8Array<ArrayBuffer>): PolicyResult {
  const loaded = loadModule(bytes);
  if (!loaded.ok) return loaded;
  const { module } = loaded;
  const engine = openEngine(module);
  const decideRequest = (request: Request): Decision => decide(engine, request);
  const policy: Policy = {
    digest: module.meta.semantic_digest,
    meta: module.meta,
    section: module.section,
    decide: decideRequest,
    labels: (request) =>
      request.actions.map((action) => {
        const hasColumns = !action.opaque && action.family === "sql";
        const isDecided = hasColumns && layFacts(engine.facts, request, action) && module.decide() >= 0;
        return isDecided ? readLabels(module) : unknownLabels;
      }),
    session: (principal, connection) => openPolicySession(module.meta, decideRequest, principal, connection),
  };
  return { ok: true, policy };
}

/** A module, and what is opened of it once. */
interface Engine {
  readonly module: LoadedModule;
  readonly facts: FactsArea;
  readonly result: ResultArea;
  readonly fired: FiredRules;
}

const openEngine = (module: LoadedModule): Engine => ({
  module,
  facts: openFactsArea(module),
  result: openResultArea(module),
  fired: openFiredRules(module),
});

/** What one action came to, in the words of a decision. */
interface ActionOutcome {
  readonly verdict: Verdict;
  /** Without restrictions: what the actions that are part of it start from. */
  readonly base: Verdict;
  readonly rules: readonly FiredRule[];
  readonly obligations: readonly Obligation[];
  readonly refusals: readonly Refusal[];
  readonly complete: boolean;
  readonly reasons: readonly string[];
}

const nothing: ActionOutcome = {
  verdict: "block",
  base: "block",
  rules: [],
  obligations: [],
  refusals: ["empty"],
  complete: false,
  reasons: [],
};

function decide(engine: Engine, request: Request): Decision {
  const [action, ...more] = request.actions;
  if (action === undefined) return decisionOf(engine, request, nothing);
  const first = decideAction(engine, request, action, 0, null);
  if (more.length === 0) return decisionOf(engine, request, { ...first, reasons: sorted(first.reasons) });
  const outcomes = [first];
  // An action is part of one before it.
  for (const [i, each] of more.entries()) {
    const parent = each.parent === undefined ? undefined : outcomes[each.parent];
    outcomes.push(decideAction(engine, request, each, i + 1, parent?.base ?? null));
  }
  return decisionOf(engine, request, join(outcomes));
}

const join = (outcomes: readonly ActionOutcome[]): ActionOutcome => ({
  verdict: outcomes.map(({ verdict }) => verdict).reduce(joinVerdicts),
  base: outcomes.map(({ base }) => base).reduce(joinVerdicts),
  rules: uniteRules(outcomes.flatMap(({ rules }) => rules)),
  obligations: outcomes.flatMap(({ obligations }) => obligations),
  refusals: outcomes.flatMap(({ refusals }) => refusals),
  complete: outcomes.every(({ complete }) => complete),
  reasons: sorted(outcomes.flatMap(({ reasons }) => reasons)),
});

function decisionOf({ fired }: Engine, request: Request, outcome: ActionOutcome): Decision {
  const { verdict, rules, refusals, complete, reasons } = outcome;
  const { message, fix, code } = messageOf({ verdict, rules, refusals, complete, reasons, textsOf: fired.textOf });
  const decision: Decision = {
    verdict,
    rules,
    obligations: verdict === "block" ? [] : outcome.obligations,
    complete,
    reasons: refusals.length === 0 ? reasons : sorted([...reasons, ...refusals]),
    message,
  };
  if (fix === undefined && code === undefined && !request.assumed_catalog) return decision;
  return {
    ...decision,
    ...(fix === undefined ? {} : { fix }),
    ...(code === undefined ? {} : { code }),
    ...(request.assumed_catalog ? { catalog: "assumed" as const } : {}),
  };
}

function decideAction(
  engine: Engine,
  request: Request,
  action: Action,
  index: number,
  parentBase: Verdict | null,
): ActionOutcome {
  const { module } = engine;
  const complete = isComplete(action);
  const reasons = reasonsOf(action);
  if (!layFacts(engine.facts, request, action, parentBase) || module.decide() < 0) {
    return { ...nothing, refusals: ["too_large"], complete, reasons };
  }
  const result = readResult(engine.result);
  return {
    verdict: result.verdict,
    base: result.base,
    rules: firedRules(engine, result, action),
    obligations: obligationsOf(module, result, action, index),
    refusals: result.refusals,
    complete,
    reasons,
  };
}

function firedRules({ module, fired }: Engine, result: KernelResult, action: Action): readonly FiredRule[] {
  const rules: FiredRule[] = [];
  for (const counted of result.rules) rules.push(fired.rule(counted));
  for (const exception of result.exceptions) rules.push(fired.exception(exception));
  for (const i of usedDefaults(module, result, action.family)) rules.push(fired.default(i, result.scopes[i] === TRUE));
  return rules.length < 2 ? rules : uniteRules(rules);
}

const isComplete = (action: Action): boolean => !action.opaque && action.facts.complete === true;

function reasonsOf(action: Action): readonly string[] {
  if (action.opaque) return action.reasons;
  const { reasons } = action.facts;
  if (isUnknown(reasons)) return [reasons["?"]];
  const items = itemsOf(reasons);
  return items.length === 0 ? [] : items.map((reason) => (isUnknown(reason) ? reason["?"] : reason));
}

const sorted = (texts: readonly string[]): readonly string[] =>
  texts.length < 2 ? texts : [...new Set(texts)].toSorted();

/** One entry a rule and effect, sorted; `must` when any action made it so. */
function uniteRules(fired: readonly FiredRule[]): readonly FiredRule[] {
  const byKey = new Map<string, FiredRule>();
  for (const rule of fired) {
    const key = `${rule.id} ${rule.effect}`;
    if (rule.certainty === "must" || !byKey.has(key)) byKey.set(key, rule);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

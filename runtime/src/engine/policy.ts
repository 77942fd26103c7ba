import type { Decision, FiredRule, Obligation, Verdict } from "../abi/decision.js";
import { joinVerdicts } from "../abi/decision.js";
import { TRUE } from "../abi/layout.js";
import { messageOf, type Refusal } from "../abi/message.js";
import { type ModuleMetaRule, type PackedSpan, unpackSpan } from "../abi/meta.js";
import type { Action, Request } from "../facts/action.js";
import { isUnknown, itemsOf } from "../facts/fact.js";
import type { Connection, Principal } from "../facts/generated.js";
import { type FactsArea, layFacts, openFactsArea } from "./lay-facts.js";
import { type LoadedModule, type LoadFailure, loadModule } from "./load.js";
import { obligationsOf, usedDefaults } from "./obligations.js";
import { type ActionLabels, readLabels, unknownLabels } from "./read-labels.js";
import { type CountedRule, type KernelResult, readResult } from "./read-result.js";
import { openPolicySession, type PolicySession } from "./session.js";

/** A loaded policy. Holds its own memory: decide on one thread at a time. */
export interface Policy {
  /** Hex SHA-256 of what the policy means. */
  readonly digest: string;
  readonly meta: LoadedModule["meta"];
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
  const area = openFactsArea(module);
  const texts = textsOfRules(module.meta.rules);
  const decideRequest = (request: Request): Decision => decide(module, texts, area, request);
  const policy: Policy = {
    digest: module.meta.semantic_digest,
    meta: module.meta,
    decide: decideRequest,
    labels: (request) =>
      request.actions.map((action) => {
        const hasColumns = !action.opaque && action.family === "sql";
        const isDecided = hasColumns && layFacts(area, request, action) && module.decide() >= 0;
        return isDecided ? readLabels(module) : unknownLabels;
      }),
    session: (principal, connection) => openPolicySession(module.meta, decideRequest, principal, connection),
  };
  return { ok: true, policy };
}

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

/** What rules say of themselves, by id, and by id and effect: the two rules of an `allow .. after approval` share an id. */
type RuleTexts = ReadonlyMap<string, Pick<ModuleMetaRule, "why" | "fix">>;
const noTexts = { why: null, fix: null };

const textsOfRules = (rules: readonly ModuleMetaRule[]): RuleTexts =>
  new Map(
    rules.toReversed().flatMap((rule) => [rule.id, `${rule.id} ${rule.effect}`].map((key) => [key, rule] as const)),
  );

function decide(module: LoadedModule, texts: RuleTexts, area: FactsArea, request: Request): Decision {
  const outcomes: ActionOutcome[] = [];
  // An action is part of one before it.
  for (const [i, action] of request.actions.entries()) {
    const parent = action.parent === undefined ? undefined : outcomes[action.parent];
    outcomes.push(decideAction(module, area, request, action, i, parent?.base ?? null));
  }
  const isEmpty = outcomes.length === 0;
  const verdict = outcomes.reduce<Verdict>(
    (joined, each) => joinVerdicts(joined, each.verdict),
    isEmpty ? "block" : "allow",
  );
  const refusals: readonly Refusal[] = isEmpty ? ["empty"] : outcomes.flatMap((outcome) => outcome.refusals);
  const reasons = sorted(outcomes.flatMap((outcome) => outcome.reasons));
  const rules = uniteRules(outcomes.map((outcome) => outcome.rules));
  const complete = !isEmpty && outcomes.every((outcome) => outcome.complete);
  // A block that asks for approval has its words under its own effect.
  const textsOf = ({ id, effect }: FiredRule) => texts.get(`${id} ${effect}`) ?? texts.get(id) ?? noTexts;
  return {
    verdict,
    rules,
    obligations: verdict === "block" ? [] : outcomes.flatMap((outcome) => outcome.obligations),
    complete,
    reasons: refusals.length === 0 ? reasons : sorted([...reasons, ...refusals]),
    ...messageOf({ verdict, rules, refusals, complete, reasons, textsOf }),
    ...(request.assumed_catalog ? { catalog: "assumed" as const } : {}),
  };
}

function decideAction(
  module: LoadedModule,
  area: FactsArea,
  request: Request,
  action: Action,
  index: number,
  parentBase: Verdict | null,
): ActionOutcome {
  const known = { complete: isComplete(action), reasons: reasonsOf(action) };
  if (!layFacts(area, request, action, parentBase) || module.decide() < 0) {
    return { verdict: "block", base: "block", rules: [], obligations: [], refusals: ["too_large"], ...known };
  }
  const result = readResult(module);
  return {
    verdict: result.verdict,
    base: result.base,
    rules: [
      ...result.rules.map((counted) => firedRule(module, counted)),
      ...result.exceptions.map((exception) => firedException(module, exception)),
      ...firedDefaults(module, result, action),
    ],
    obligations: obligationsOf(module, result, action, index),
    refusals: result.refusals,
    ...known,
  };
}

const isComplete = (action: Action): boolean => !action.opaque && action.facts.complete === true;

function reasonsOf(action: Action): readonly string[] {
  if (action.opaque) return action.reasons;
  const { reasons } = action.facts;
  if (isUnknown(reasons)) return [reasons["?"]];
  return itemsOf(reasons).map((reason) => (isUnknown(reason) ? reason["?"] : reason));
}

const sorted = (texts: readonly string[]): readonly string[] =>
  texts.length < 2 ? texts : [...new Set(texts)].toSorted();

const spanOf = ({ map }: LoadedModule, packed: PackedSpan | undefined) =>
  packed === undefined ? null : unpackSpan(map, packed);

function firedRule(module: LoadedModule, { rule: index, must, asks }: CountedRule): FiredRule {
  const rule = module.meta.rules[index];
  const span = spanOf(module, module.map.rules[index]);
  if (rule === undefined || span === null) throw new Error(`HPL9001: no rule ${index}`);
  const effect = asks ? "approve" : rule.effect;
  const advisory = rule.level === "advisory" ? { advisory: true as const } : {};
  return { id: rule.id, effect, certainty: must ? "must" : "may", ...advisory, span };
}

function firedException(module: LoadedModule, index: number): FiredRule {
  const exception = module.meta.exceptions[index];
  const span = spanOf(module, module.map.exceptions[index]);
  if (exception === undefined || span === null) throw new Error(`HPL9001: no exception ${index}`);
  return { id: exception.id, effect: "exception", certainty: "must", span };
}

const firedDefaults = (module: LoadedModule, result: KernelResult, action: Action): readonly FiredRule[] =>
  usedDefaults(module, result, action.family).map((i) => {
    const { name, default: verdict } = module.meta.modules[i] ?? {};
    const span = spanOf(module, module.map.modules[i]);
    if (!name || !verdict || !span) throw new Error(`HPL9001: no module ${i}`);
    return { id: `${name}/default`, effect: verdict, certainty: result.scopes[i] === TRUE ? "must" : "may", span };
  });

/** One entry a rule and effect, sorted; `must` when any action made it so. */
function uniteRules(lists: readonly (readonly FiredRule[])[]): readonly FiredRule[] {
  if (lists.length === 1 && (lists[0]?.length ?? 0) < 2) return lists[0] ?? [];
  const byKey = new Map<string, FiredRule>();
  for (const rule of lists.flat()) {
    const key = `${rule.id} ${rule.effect}`;
    if (rule.certainty === "must" || !byKey.has(key)) byKey.set(key, rule);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

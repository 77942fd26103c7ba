import type { Decision, FiredRule, MaskObligation, Obligation, Verdict } from "../abi/decision.js";
import { joinVerdicts } from "../abi/decision.js";
import { FALSE, TRUE } from "../abi/layout.js";
import { messageOf, type Refusal } from "../abi/message.js";
import { unpackSpan } from "../abi/meta.js";
import type { Action, Request } from "../facts/action.js";
import { isUnknown, itemsOf } from "../facts/fact.js";
import { type FactsArea, layFacts, openFactsArea } from "./lay-facts.js";
import { type LoadedModule, type LoadFailure, loadModule } from "./load.js";
import { type KernelResult, readResult } from "./read-result.js";

/** A loaded policy. Holds its own memory: decide on one thread at a time. */
export interface Policy {
  /** Hex SHA-256 of what the policy means. */
  readonly digest: string;
  readonly meta: LoadedModule["meta"];
  /** The decision over all of the request's actions. Total: whatever cannot be decided is block, with a code. */
  decide(request: Request): Decision;
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
  const policy: Policy = {
    digest: module.meta.semantic_digest,
    meta: module.meta,
    decide: (request) => decide(module, area, request),
  };
  return { ok: true, policy };
}

/** What one action came to, in the words of a decision. */
interface ActionOutcome {
  readonly verdict: Verdict;
  readonly rules: readonly FiredRule[];
  readonly obligations: readonly Obligation[];
  readonly refusals: readonly Refusal[];
  readonly complete: boolean;
  readonly reasons: readonly string[];
}

function decide(module: LoadedModule, area: FactsArea, request: Request): Decision {
  const outcomes = request.actions.map((action, i) => decideAction(module, area, request, action, i));
  const isEmpty = outcomes.length === 0;
  const verdict = outcomes.reduce<Verdict>(
    (joined, each) => joinVerdicts(joined, each.verdict),
    isEmpty ? "block" : "allow",
  );
  const refusals: readonly Refusal[] = isEmpty ? ["empty"] : outcomes.flatMap((outcome) => outcome.refusals);
  const reasons = sorted(outcomes.flatMap((outcome) => outcome.reasons));
  const rules = uniteRules(outcomes.map((outcome) => outcome.rules));
  const complete = !isEmpty && outcomes.every((outcome) => outcome.complete);
  const textsOf = ({ id, effect }: FiredRule) =>
    module.meta.rules.find((rule) => rule.id === id && rule.effect === effect) ?? { why: null, fix: null };
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
): ActionOutcome {
  const known = { complete: isComplete(action), reasons: reasonsOf(action) };
  if (!layFacts(area, request, action) || module.decide() < 0) {
    return { verdict: "block", rules: [], obligations: [], refusals: ["too_large"], ...known };
  }
  const result = readResult(module);
  const masks = result.masks.map((mask) => maskObligation(module, action, index, mask));
  const approvals = result.verdict === "approve" ? [conjoin(module, result, action, index)] : [];
  return {
    verdict: result.verdict,
    rules: [
      ...result.rules.map(({ rule, must }) => firedRule(module, rule, must)),
      ...firedDefaults(module, result, action),
    ],
    obligations: [...masks, ...approvals],
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

function firedRule({ meta, map }: LoadedModule, index: number, must: boolean): FiredRule {
  const rule = meta.rules[index];
  const packed = map.rules[index];
  const span = packed === undefined ? null : unpackSpan(map, packed);
  if (rule === undefined || span === null) throw new Error(`HPL9001: no rule ${index}`);
  const advisory = rule.level === "advisory" ? { advisory: true as const } : {};
  return { id: rule.id, effect: rule.effect, certainty: must ? "must" : "may", ...advisory, span };
}

/** Modules whose default is the base verdict: those that govern the family and are not definitely out of scope. */
function usedDefaults({ meta }: LoadedModule, result: KernelResult, family: string): readonly number[] {
  if (result.defaults === null) return [];
  return meta.modules.flatMap((module, i) => {
    const applies = module.families.includes(family) && result.scopes[i] !== FALSE;
    return applies && module.default === result.defaults ? [i] : [];
  });
}

const firedDefaults = (module: LoadedModule, result: KernelResult, action: Action): readonly FiredRule[] =>
  usedDefaults(module, result, action.family).map((i) => {
    const { name, default: verdict } = module.meta.modules[i] ?? {};
    const packed = module.map.modules[i];
    const span = packed === undefined ? null : unpackSpan(module.map, packed);
    if (!name || !verdict || !span) throw new Error(`HPL9001: no module ${i}`);
    return { id: `${name}/default`, effect: verdict, certainty: result.scopes[i] === TRUE ? "must" : "may", span };
  });

function maskObligation(
  module: LoadedModule,
  action: Action,
  index: number,
  mask: KernelResult["masks"][number],
): MaskObligation {
  const column = action.opaque || action.family !== "sql" ? undefined : itemsOf(action.facts.columns)[mask.column];
  const isKnown = column !== undefined && !isUnknown(column);
  return {
    type: "mask",
    action: index,
    index: mask.column,
    name: isKnown && !isUnknown(column.name) ? column.name : "?",
    source: isKnown ? itemsOf(column.sources).flatMap((source) => (isUnknown(source) ? [] : [source])) : [],
    transform: module.meta.transforms[mask.transform] ?? "redact",
    rule: module.meta.rules[mask.rule]?.id ?? "?",
  };
}

/** All approvals an action needs: the greatest count a group, the shortest time. */
function conjoin(module: LoadedModule, result: KernelResult, action: Action, index: number): Obligation {
  const rules = result.rules.map(({ rule }) => module.meta.rules[rule]);
  const approvals = [
    ...rules.flatMap((rule) => (rule?.approval && rule.level !== "advisory" ? [rule.approval] : [])),
    ...usedDefaults(module, result, action.family).flatMap((i) => module.meta.modules[i]?.approval ?? []),
  ];
  const counts = new Map<string, number>();
  for (const { group, count } of approvals.flatMap((approval) => approval.all)) {
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  }
  const all = [...counts].map(([group, count]) => ({ group, count })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  const within_s = Math.min(...approvals.map((approval) => approval.within_s));
  return { type: "approval", action: index, all, within_s, binding: module.meta.semantic_digest };
}

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

/**
 * The decision plan: what every condition of the policy asks, as diagrams over classes of values.
 *
 * In: the checked policy. Out: variables, each with its classes; the diagram of each scope, exception and tier; and the rules'
 * diagrams, joined so that a question which many of them ask is asked once. What the emitter lays out is what analysis walks.
 * A test that no class can stand for (of a whole list, of two facts, of a regular expression) is a variable whose class is the
 * truth value of a short program. Absent: any simplification that would hold for two truth values only, and any structure
 * whose size is not bounded by a budget declared beside it.
 */
import { families } from "@hpl/runtime/facts";
import type { CheckedException, CheckedPolicy, CheckedRule, Condition, FactPath } from "../../3-check/checked.js";
import { lowerCondition, lowerPath, type Place } from "../lower-condition.js";
import type { LoweredPath } from "../lowered.js";
import { buildDiagram } from "./build.js";
import { countDemands, type DemandCounts, type Distributed, distribute, type ItemJoin } from "./distribute.js";
import { allOf, type Formula, formulaOf, inFamilies, testOf } from "./formula.js";
import { type ParallelDiagram, type Thread, walkInParallel } from "./parallel.js";
import { splitRules } from "./split.js";
import { type DiagramNode, type DiagramStore, type NodeId, openDiagrams, TOO_LARGE } from "./store.js";
import { type Variable, variablesOf } from "./variables.js";

export interface DecisionPlan {
  readonly variables: readonly Variable[];
  /** Those behind the three leaves. */
  readonly nodes: readonly DiagramNode[];
  /** By module. */
  readonly scopes: readonly NodeId[];
  /** By exception; scope and time limit are part of it. */
  readonly exceptions: readonly NodeId[];
  /** By rule, then by tier. */
  readonly tiers: readonly (readonly NodeId[])[];
  /** By rule; family and scope are part of it. */
  readonly rules: readonly NodeId[];
  readonly groups: readonly RuleGroup[];
  /** By rule: whether it is asked for each item of a list. */
  readonly isPerItem: readonly boolean[];
}

/** Rules that are asked together: once, or for each item of a list; then any item makes one true, or every item does. */
export interface RuleGroup {
  readonly list: LoweredPath | null;
  /** The list as a policy writes it. */
  readonly name: string | null;
  readonly any: readonly ParallelDiagram[];
  readonly every: readonly ParallelDiagram[];
}

/** The nodes that one condition may add. One that wants more is a test of its own. */
const CONDITION_NODES_MAX = 1_000;

/** Orders of variables that are tried: each costs as much as the plan. */
const ATTEMPTS_MAX = 4;

/** O(conditions x classes), within the budgets. `excused` are the exceptions in the order in which the kernel numbers them. */
export function planDecision(policy: CheckedPolicy, excused: readonly CheckedException[]): DecisionPlan {
  const place: Place = { items: [], zones: policy.zones };
  const counts = countDemands(policy.rules, place);
  const asked = conditionsOf(policy, excused);
  const attempt = (isLarge: (condition: Condition) => boolean) => {
    const placed = asked.map((each) => placedOf(each, policy, counts, place, isLarge));
    const variables = variablesOf(placed);
    const store = openDiagrams();
    const ids = placed.map((each) => {
      store.allow(CONDITION_NODES_MAX);
      return buildDiagram(store, variables, each);
    });
    return { placed, variables: variables.all, store, ids };
  };
  const { placed, variables, store, ids } = fitting(policy, asked, attempt);
  const idsOf = (role: Asked["role"]): readonly NodeId[] =>
    ids.filter((_, i) => asked[i]?.role === role).map((id) => (id === TOO_LARGE ? tooLarge() : id));
  const rules = idsOf("rule");
  const items = placed.filter((_, i) => asked[i]?.role === "rule").map((each) => each.items);
  let tier = 0;
  const tiers = idsOf("tier");
  return {
    variables,
    nodes: store.nodes,
    scopes: idsOf("scope"),
    exceptions: idsOf("exception"),
    tiers: policy.rules.map((rule) => tiersOf(rule).map(() => tiers[tier++] ?? tooLarge())),
    rules,
    groups: groupRules(store, variables, rules, items, place),
    isPerItem: items.map((each) => each !== null),
  };
}

/**
 * Makes a test of each condition that is too large. Without it others stand in another order of variables and may be too large
 * in turn: that is repeated, and then all of them are tests.
 */
function fitting<A extends { readonly ids: readonly NodeId[] }>(
  policy: CheckedPolicy,
  asked: readonly Asked[],
  attempt: (isLarge: (condition: Condition) => boolean) => A,
): A {
  const large = new Set<Condition>();
  for (let left = ATTEMPTS_MAX; left > 0; left--) {
    const found = attempt((condition) => large.has(condition));
    if (!found.ids.includes(TOO_LARGE)) return found;
    for (const [i, { condition, module }] of asked.entries())
      if (found.ids[i] === TOO_LARGE) for (const each of [condition, ...scopeOf(policy, module)]) large.add(each);
  }
  return attempt(() => true);
}

const tooLarge = (): never => {
  throw new Error("HPL9001: a test of its own is too large");
};

/** A condition that the kernel asks, and as what. */
interface Asked {
  readonly role: "scope" | "rule" | "exception" | "tier";
  readonly condition: Condition;
  /** Index of the module whose scope is and-ed to it; null for none. */
  readonly module: number | null;
  readonly families: number;
}

const everyFamily = (1 << families.length) - 1;

function conditionsOf({ modules, rules }: CheckedPolicy, excused: readonly CheckedException[]): readonly Asked[] {
  return [
    ...modules.map(({ scope }): Asked => ({ role: "scope", condition: scope, module: null, families: everyFamily })),
    ...rules.map((rule): Asked => ({ role: "rule", ...rule, families: familyBits(rule) })),
    ...excused.map((each): Asked => ({ role: "exception", ...each, condition: inTime(each), families: everyFamily })),
    ...rules
      .flatMap(tiersOf)
      .map(({ condition }): Asked => ({ role: "tier", condition, module: null, families: everyFamily })),
  ];
}

const tiersOf = ({ effect }: CheckedRule) => (effect.kind === "mask" ? effect.mask.tiers : []);

const familyBits = (rule: CheckedRule): number =>
  rule.families.reduce((bits, family) => bits | (1 << families.indexOf(family)), 0);

/** The condition of an exception, until its time is over. */
export function inTime({ condition, until_ms, span }: CheckedException): Condition {
  const path = { root: "now", steps: [] };
  return { kind: "And", operands: [condition, { kind: "Compare", operator: "<", path, value: until_ms, span }], span };
}

/** Only rules are asked item by item: what fires of them is joined, whichever item made it fire. */
function placedOf(
  { role, condition, module, families: bits }: Asked,
  policy: CheckedPolicy,
  counts: DemandCounts,
  place: Place,
  isLarge: (condition: Condition) => boolean,
): Distributed {
  const asTest = (each: Condition): Formula => testOf(lowerCondition(each, place));
  const scope = scopeOf(policy, module).map((each) => (isLarge(each) ? asTest(each) : formulaOf(each, place)));
  const own: Distributed = isLarge(condition)
    ? { formula: asTest(condition), list: "", items: null }
    : distribute(condition, role === "rule" ? counts : new Map(), place);
  return { ...own, formula: allOf([inFamilies(bits), ...scope, own.formula]) };
}

function scopeOf({ modules }: CheckedPolicy, module: number | null): readonly Condition[] {
  const scope = module === null ? null : modules[module]?.scope;
  return scope === undefined || scope === null ? [] : [scope];
}

/** One group for the rules that are asked once, and one for each list. */
function groupRules(
  store: DiagramStore,
  variables: readonly Variable[],
  rules: readonly NodeId[],
  items: readonly Distributed["items"][],
  place: Place,
): readonly RuleGroup[] {
  const groups = new Map<string, Pick<RuleGroup, "list" | "name"> & Record<ItemJoin, Thread[]>>();
  rules.forEach((node, rule) => {
    const { list, join }: { list: FactPath | null; join: ItemJoin } = items[rule] ?? { list: null, join: "any" };
    const path = list === null ? null : lowerPath(list, place).path;
    const key = JSON.stringify(path);
    const name = list === null ? null : [list.root, ...list.steps].join(".");
    const group = groups.get(key) ?? { list: path, name, any: [], every: [] };
    group[join].push({ rule, node });
    groups.set(key, group);
  });
  const walk = (threads: readonly Thread[]): readonly ParallelDiagram[] =>
    splitRules(store, variables, threads).map((part) => walkInParallel(store, part));
  return [...groups.values()].map(({ any, every, ...group }) => ({ ...group, any: walk(any), every: walk(every) }));
}

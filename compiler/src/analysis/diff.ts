import { type Decision, type Verdict, verdicts } from "@hpl/runtime/abi";
import type { Family, Request } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Condition } from "../3-check/checked.js";
import { openDiagrams } from "../4-lower/diagram/store.js";
import { decide } from "../reference/evaluate.js";
import { type AtomTable, openAtoms } from "./atoms.js";
import { invariantsOf } from "./invariants.js";
import { openUniverse, type Universe } from "./search.js";
import { allOf, anyOf, conditionOfRule, not, type Verdicts, verdictsOf } from "./verdicts.js";
import { factsOfStatement, type KnownStatement, requestOf } from "./witness.js";

/** Requests whose decision changed from one policy to the next, shown by one of them. */
export interface ChangedRegion {
  readonly family: Family;
  /** `weaker`: something goes through that did not, or with less done to it. */
  readonly change: "weaker" | "stricter" | "other";
  readonly before: Decision;
  readonly after: Decision;
  /** Rules that changed and take part, of either policy. */
  readonly rules: readonly string[];
  readonly request: Request;
  readonly text: string | null;
}

export interface PolicyDiff {
  /** Weaker ones first. */
  readonly regions: readonly ChangedRegion[];
  /** Changes of a verdict that could neither be shown nor ruled out, and why. */
  readonly undecided: readonly {
    readonly family: Family;
    readonly before: Verdict;
    readonly after: Verdict;
    readonly reason: string;
  }[];
}

/** Nodes of all diagrams of one family. */
const DIFF_NODES_MAX = 500_000;

/**
 * What `after` decides otherwise than `before`, for requests of one action whose facts are known. Each region was decided by
 * the reference evaluator under both policies; where there is none and nothing is undecided, no such request changes its
 * verdict. What is done to a statement that goes through (approvals, masks, limits) is compared where a rule changed.
 */
export function diffPolicies(
  before: CheckedPolicy,
  after: CheckedPolicy,
  statements: readonly KnownStatement[],
): PolicyDiff {
  const families = new Set([before, after].flatMap(({ modules }) => modules.flatMap((module) => module.families)));
  const diffs = [...families].map((family) => diffFamily(before, after, family, statements));
  return {
    regions: diffs.flatMap(({ regions }) => regions).toSorted((a, b) => rank(a) - rank(b)),
    undecided: diffs.flatMap(({ undecided }) => undecided),
  };
}

const ranks = ["weaker", "other", "stricter"] as const;
const rank = ({ change }: ChangedRegion): number => ranks.indexOf(change);

function diffFamily(
  before: CheckedPolicy,
  after: CheckedPolicy,
  family: Family,
  statements: readonly KnownStatement[],
): PolicyDiff {
  const store = openDiagrams();
  store.allow(DIFF_NODES_MAX);
  const table = openAtoms(store);
  const [old, now] = [verdictsOf(before, family), verdictsOf(after, family)];
  const changed = changedRules(before, after, family);
  const possible = invariantsOf(family);
  const moves = verdicts.flatMap((from) => verdicts.filter((to) => to !== from).map((to) => ({ from, to })));
  const roots = moves.map(({ from, to }) => {
    const moved = allOf([verdictIs(from, old), verdictIs(to, now), possible]);
    return [moved, ...changed.map(({ condition }) => allOf([moved, condition]))].map(table.diagramOf);
  });
  const kept = changed.map(({ condition }) =>
    table.diagramOf(allOf([condition, not(old.isBlocked), not(now.isBlocked), possible])),
  );
  const world: World = {
    before,
    after,
    family,
    table,
    universe: openUniverse(store, table, new Map()),
    statements: statements.filter(({ action }) => action.family === family),
    changed: new Set(changed.map(({ id }) => id)),
  };
  const verdictRegions = moves.map((move, i) => {
    const [any = 0, ...ofRules] = roots[i] ?? [];
    const shown = [...ofRules, any].flatMap((root) => show(world, root, (a, b) => a.verdict !== b.verdict) ?? []);
    return { move, shown, any };
  });
  const obliged = kept.flatMap(
    (root) => show(world, root, (a, b) => a.verdict === b.verdict && !sameDuties(a, b)) ?? [],
  );
  return {
    regions: distinct([...verdictRegions.flatMap(({ shown }) => shown), ...obliged]),
    undecided: verdictRegions.flatMap(({ move, shown, any }) => {
      const searched = shown.length > 0 ? null : world.universe.search(any);
      if (searched === null || searched.kind === "none") return [];
      const reason = searched.kind === "found" ? "no request was found that has the facts for it" : searched.reason;
      return [{ family, before: move.from, after: move.to, reason }];
    }),
  };
}

function verdictIs(verdict: Verdict, { isBlocked, isHeld }: Verdicts): Condition {
  if (verdict === "block") return isBlocked;
  return verdict === "allow" ? not(isHeld) : allOf([isHeld, not(isBlocked)]);
}

interface World {
  readonly before: CheckedPolicy;
  readonly after: CheckedPolicy;
  readonly family: Family;
  readonly table: AtomTable;
  readonly universe: Universe;
  readonly statements: readonly KnownStatement[];
  readonly changed: ReadonlySet<string>;
}

type Differs = (before: Decision, after: Decision) => boolean;

/** A request on the way to `root` whose decisions differ; among statements first. */
function show(world: World, root: number, differs: Differs): ChangedRegion | null {
  const { before, after, family, table, universe } = world;
  let region: ChangedRegion | null = null;
  const accept = (statement: KnownStatement | null) => (assignment: ReadonlyMap<string, unknown>) => {
    const request = requestOf(after, family, assignment, table, statement);
    const [a, b] = [decide(before, request, ""), decide(after, request, "")];
    if (!differs(a, b)) return false;
    const rules = [...a.rules, ...b.rules].map(({ id }) => id).filter((id) => world.changed.has(id));
    const text = statement?.text ?? null;
    region = { family, change: changeOf(a, b), before: a, after: b, rules: [...new Set(rules)], request, text };
    return true;
  };
  for (const statement of world.statements) {
    const fixed = factsOfStatement(after, table, statement);
    if (fixed !== null) universe.search(root, fixed, accept(statement));
    if (region !== null) return region;
  }
  universe.search(root, new Map(), accept(null));
  return region;
}

const sameDuties = (a: Decision, b: Decision): boolean => dutiesOf(a).join() === dutiesOf(b).join();

/** What a decision asks for, without the names of rules and policies. */
const dutiesOf = ({ obligations }: Decision): readonly string[] =>
  obligations
    .map((each) => JSON.stringify(each, (key, value) => (key === "rule" || key === "binding" ? undefined : value)))
    .toSorted();

function changeOf(before: Decision, after: Decision): ChangedRegion["change"] {
  const difference = verdicts.indexOf(after.verdict) - verdicts.indexOf(before.verdict);
  if (difference !== 0) return difference < 0 ? "weaker" : "stricter";
  const [old, now] = [dutiesOf(before), dutiesOf(after)];
  if (now.every((duty) => old.includes(duty))) return "weaker";
  return old.every((duty) => now.includes(duty)) ? "stricter" : "other";
}

/** One region for each way in which a decision changed by the same rules. */
function distinct(regions: readonly ChangedRegion[]): readonly ChangedRegion[] {
  const keyOf = ({ before, after, change, rules }: ChangedRegion): string =>
    [before.verdict, after.verdict, change, ...rules.toSorted()].join(" ");
  return [...new Map(regions.map((region) => [keyOf(region), region])).values()];
}

/** Rules that are not the same in both policies, and when either of them fires. */
function changedRules(
  before: CheckedPolicy,
  after: CheckedPolicy,
  family: Family,
): readonly { id: string; condition: Condition }[] {
  const ids = new Set(
    [...before.rules, ...after.rules].filter((rule) => rule.families.includes(family)).map(({ id }) => id),
  );
  return [...ids].flatMap((id) => {
    const [old, now] = [before, after].map((policy) => policy.rules.filter((rule) => rule.id === id));
    if (old === undefined || now === undefined || meaningOf(before, old) === meaningOf(after, now)) return [];
    const fires = [
      ...old.map((rule) => conditionOfRule(before, rule)),
      ...now.map((rule) => conditionOfRule(after, rule)),
    ];
    return [{ id, condition: anyOf(fires) }];
  });
}

const meaningOf = (policy: CheckedPolicy, rules: readonly CheckedRule[]): string =>
  JSON.stringify(
    rules.map((rule) => [rule.effect, rule.level, rule.onUnknown, conditionOfRule(policy, rule)]),
    (key, value) => (key === "span" || key === "automaton" ? undefined : value),
  );

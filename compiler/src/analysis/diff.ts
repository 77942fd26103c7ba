import { type Decision, type Verdict, verdicts } from "@hpl/runtime/abi";
import type { Family, Request } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Condition } from "../3-check/checked.js";
import { openDiagrams } from "../4-lower/diagram/store.js";
import { decide } from "../reference/evaluate.js";
import { type AtomTable, openAtoms } from "./atoms.js";
import { asksAsMuch, dutiesOf } from "./duties.js";
import { invariantsOf } from "./invariants.js";
import { openUniverse, type Universe } from "./search.js";
import { testsIn } from "./tests-in.js";
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
  /** Rules that changed what they ask for, and that no region shows: nobody knows of what. */
  readonly unseen: readonly string[];
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
    undecided: [...diffs.flatMap(({ undecided }) => undecided), ...changedLabels(before, after)],
    unseen: [...new Set(diffs.flatMap(({ unseen }) => unseen))],
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
  const kept = changed.flatMap(({ condition, masked }) => {
    const root = [condition, not(old.isBlocked), not(now.isBlocked), possible];
    // Masks show on statements that have a column of theirs.
    return [...masked.map(hasLabel).map((label) => allOf([...root, label])), allOf(root)].map(table.diagramOf);
  });
  const world: World = {
    before,
    after,
    family,
    table,
    universe: openUniverse(store, table),
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
  const regions = distinct([...verdictRegions.flatMap(({ shown }) => shown), ...obliged]);
  const seen = new Set(regions.flatMap(({ rules }) => rules));
  return {
    regions,
    unseen: changed.filter(({ id, asks }) => asks && !seen.has(id)).map(({ id }) => id),
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

function changeOf(before: Decision, after: Decision): ChangedRegion["change"] {
  const difference = verdicts.indexOf(after.verdict) - verdicts.indexOf(before.verdict);
  if (difference !== 0) return difference < 0 ? "weaker" : "stricter";
  if (asksAsMuch(before, after)) return "weaker";
  return asksAsMuch(after, before) ? "stricter" : "other";
}

/** One region for each way in which a decision changed by the same rules. */
function distinct(regions: readonly ChangedRegion[]): readonly ChangedRegion[] {
  const keyOf = ({ before, after, change, rules }: ChangedRegion): string =>
    [before.verdict, after.verdict, change, ...rules.toSorted()].join(" ");
  return [...new Map(regions.map((region) => [keyOf(region), region])).values()];
}

interface ChangedRule {
  readonly id: string;
  /** When it fires, in either policy. */
  readonly condition: Condition;
  /** Whether the old one asks for something beside a verdict. */
  readonly asks: boolean;
  /** Labels that it masks. */
  readonly masked: readonly string[];
}

const labelsMasked = ({ labels }: CheckedPolicy, rules: readonly CheckedRule[]): readonly string[] =>
  rules.flatMap(({ effect }) =>
    effect.kind === "mask" ? effect.mask.labels.flatMap((index) => labels[index]?.path ?? []) : [],
  );

const hasLabel = (label: string): Condition => ({
  kind: "Has",
  quantifier: "any",
  list: { root: "statement", steps: ["output_labels"] },
  values: [label],
  span: { file: 0, start: 0, end: 0 },
});

/** Rules that are not the same in both policies, and when either of them fires. */
function changedRules(before: CheckedPolicy, after: CheckedPolicy, family: Family): readonly ChangedRule[] {
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
    // A rule of the new policy alone can only ask for more.
    const asks = old.some(({ effect }) => effect.kind !== "allow" && effect.kind !== "block");
    const masked = new Set([...labelsMasked(before, old), ...labelsMasked(after, now)]);
    return [{ id, condition: anyOf(fires), asks, masked: [...masked] }];
  });
}

/**
 * Labels that other columns have now: what their masks hide, and what conditions say of them, is not what it was, and a search
 * over facts does not see it. Of a label that masks alone use, more columns are only more that is hidden.
 */
function changedLabels(before: CheckedPolicy, after: CheckedPolicy): PolicyDiff["undecided"] {
  const globsOf = ({ labels }: CheckedPolicy, path: string): readonly string[] =>
    labels.filter((label) => label.path === path).flatMap(({ columns }) => columns.map(({ text }) => text));
  const changed = before.labels.filter(({ path }) => {
    const [old, now] = [globsOf(before, path), globsOf(after, path)];
    const isGrown = old.every((glob) => now.includes(glob));
    return !isGrown || (now.length > old.length && isRead(after, path));
  });
  return changed.map(({ path }) => ({
    ...{ family: "sql", before: "allow", after: "allow" },
    reason: `other columns have the label \`${path}\` now`,
  }));
}

const isRead = ({ rules, exceptions }: CheckedPolicy, path: string): boolean =>
  [...rules, ...exceptions].some(({ condition }) =>
    [...testsIn(condition)].some(({ test }) => "values" in test && test.values.includes(path)),
  );

const meaningOf = (policy: CheckedPolicy, rules: readonly CheckedRule[]): string =>
  JSON.stringify(
    rules.map((rule) => [effectOf(policy, rule), rule.level, rule.onUnknown, conditionOfRule(policy, rule)]),
    (key, value) => (key === "span" || key === "automaton" ? undefined : value),
  );

/** Masks name labels by their numbers, which are another policy's own. */
function effectOf({ labels }: CheckedPolicy, { effect }: CheckedRule): unknown {
  if (effect.kind !== "mask") return effect;
  const pathsOf = (indices: readonly number[] | null) => indices?.map((index) => labels[index]?.path) ?? null;
  const tiers = effect.mask.tiers.map((tier) => ({ ...tier, labels: pathsOf(tier.labels) }));
  return { ...effect.mask, labels: pathsOf(effect.mask.labels), tiers };
}

import type { CheckedPolicy, CheckedRule, Condition } from "../../3-check/checked.js";
import { type DiagramStore, type NodeId, openDiagrams } from "../../4-lower/diagram/store.js";
import { type AtomTable, openAtoms } from "../atoms.js";
import { conditionOf, invariantsAbout } from "../invariants.js";
import { type Assignment, openUniverse, type SearchResult } from "../search.js";
import { allOf, conditionOfRule } from "../verdicts.js";

/** Nodes of the diagrams of all findings of a policy. */
const NODES_MAX = 200_000;
/** Nodes visited in one search: nearly all take a few hundred, and what takes longer is not worth waiting for. */
const STEPS_MAX = 5_000;

/** What the findings about one policy share: conditions are made into diagrams once, and values of facts are chosen once. */
export interface Study {
  readonly policy: CheckedPolicy;
  readonly store: DiagramStore;
  readonly table: AtomTable;
  diagramOf(condition: Condition): NodeId;
  /** Where `rule` fires: scope, condition and no exception. Always the same condition. */
  firingOf(rule: CheckedRule): Condition;
  /** Whether all of `conditions` can hold together of an action that `rule` is for. */
  searchFor(rule: CheckedRule, conditions: readonly Condition[]): SearchResult;
  /** Whether something leads `root` to true, be it possible or not. */
  search(root: NodeId, accept?: (found: Assignment) => boolean): SearchResult;
}

export function openStudy(policy: CheckedPolicy): Study {
  const store = openDiagrams();
  store.allow(NODES_MAX);
  const table = openAtoms(store);
  const universe = openUniverse(store, table, STEPS_MAX);
  const firing = new Map<CheckedRule, Condition>();
  const firingOf = (rule: CheckedRule): Condition => {
    const known = firing.get(rule) ?? conditionOfRule(policy, rule);
    firing.set(rule, known);
    return known;
  };
  const search: Study["search"] = (root, accept) => universe.search(root, undefined, accept);
  const searchFor: Study["searchFor"] = ({ families: [family] }, conditions) => {
    const known = family === undefined ? [] : invariantsAbout(family, conditions).map(conditionOf);
    return search(table.diagramOf(allOf([...conditions, ...known])));
  };
  return { policy, store, table, diagramOf: table.diagramOf, firingOf, searchFor, search };
}

/**
 * `items` without as many as are not needed for `isEnough`, which holds of all of them; those behind are given up first. The
 * result is irreducible: without any one of it, it is not enough.
 */
export function irreducible<T>(items: readonly T[], isEnough: (some: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (const item of items.toReversed()) {
    const fewer = kept.filter((each) => each !== item);
    if (isEnough(fewer)) kept = fewer;
  }
  return kept;
}

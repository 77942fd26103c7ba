import type { Thread } from "./parallel.js";
import { type DiagramStore, variablesBelow } from "./store.js";
import { classesCount, type Variable } from "./variables.js";

/** A variable with fewer classes tells too few rules apart to keep them from others for its sake. */
const classes_min = 12;

/**
 * Parts of `rules` that are walked apart: a rule that does not ask what the others are told apart by would have to stand at
 * every leaf of theirs. Each goes with those that ask the variable which tells most values apart among those it asks itself;
 * what asks none goes together. O(nodes).
 */
export function splitRules(
  store: DiagramStore,
  variables: readonly Variable[],
  rules: readonly Thread[],
): readonly (readonly Thread[])[] {
  const parts = new Map<number, Thread[]>();
  for (const thread of rules) {
    const key = keenest(variables, variablesBelow(store, thread.node));
    const part = parts.get(key) ?? [];
    part.push(thread);
    parts.set(key, part);
  }
  return [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
}

/** The one with most classes; -1 when none has enough. */
function keenest(variables: readonly Variable[], asked: readonly number[]): number {
  const countOf = (index: number): number => {
    const variable = variables[index];
    return variable === undefined ? 0 : classesCount(variable);
  };
  return asked.reduce((best, each) => {
    return countOf(each) >= classes_min && (best < 0 || countOf(each) > countOf(best)) ? each : best;
  }, -1);
}

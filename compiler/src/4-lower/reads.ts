import type { ModuleMetaReads } from "@hpl/runtime/abi";
import type { CheckedPolicy, Condition, FactPath } from "../3-check/checked.js";
import { conditionsOf, partsOf } from "./conditions-of.js";

type Reads = { [field: string]: Reads | true };

/** What labels are worked out from. */
const readByLabels: readonly (readonly string[])[] = [
  ["statement", "columns", "sources"],
  ["statement", "columns", "exact"],
  ["statement", "columns_complete"],
  ["statement", "predicate_columns"],
];

/** What `policy` reads of the facts. O(conditions). */
export function readsOf(policy: CheckedPolicy): ModuleMetaReads {
  const reads: Reads = {};
  if (policy.exceptions.length > 0) addPath(reads, ["now"]);
  if (policy.labels.length > 0) for (const path of readByLabels) addPath(reads, path);
  for (const condition of conditionsOf(policy)) addCondition(reads, condition, []);
  return reads;
}

/** `lists` are the paths of the lists that the quantifiers around `condition` go through, innermost first. */
function addCondition(reads: Reads, condition: Condition, lists: readonly (readonly string[])[]): void {
  if (condition.kind === "Quantified") {
    const list = stepsOf(condition.list, lists);
    addPart(reads, list);
    addCondition(reads, condition.body, [list, ...lists]);
    return;
  }
  for (const path of pathsOf(condition)) addPath(reads, stepsOf(path, lists));
  for (const part of partsOf(condition)) addCondition(reads, part, lists);
}

function pathsOf(condition: Condition): readonly FactPath[] {
  if (condition.kind === "InWindow") return [{ root: "now", steps: [] }];
  if ("path" in condition) return [condition.path];
  if ("list" in condition) return [condition.list];
  return "left" in condition ? [condition.left, condition.right] : [];
}

/** From a root on; a list and its items are one step. */
function stepsOf({ root, steps }: FactPath, lists: readonly (readonly string[])[]): readonly string[] {
  if (typeof root === "string") return [root, ...steps];
  const list = lists[root.item];
  if (list === undefined) throw new Error(`HPL9001: no list ${root.item}`);
  return [...list, ...steps];
}

/** Adds that all of what stands at `steps` is read. */
function addPath(reads: Reads, steps: readonly string[]): void {
  const [last, ...before] = steps.toReversed();
  const parent = addPart(reads, before.toReversed());
  if (parent !== null && last !== undefined) parent[last] = true;
}

/** Adds that something of what stands at `steps` is read. Null where all of it is already. */
function addPart(reads: Reads, steps: readonly string[]): Reads | null {
  let part = reads;
  for (const step of steps) {
    const next = Object.hasOwn(part, step) ? part[step] : undefined;
    if (next === true) return null;
    const below = next ?? {};
    part[step] = below;
    part = below;
  }
  return part;
}

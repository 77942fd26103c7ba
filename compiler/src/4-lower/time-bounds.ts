import type { CheckedPolicy, Condition } from "../3-check/checked.js";
import { conditionsOf, partsOf } from "./conditions-of.js";

/** When a decision can change though no fact but the time does. */
export interface TimeBounds {
  /** Moments, in milliseconds since 1970, ascending: between two neighbours every test of `now` comes out the same. */
  readonly instants_ms: readonly number[];
  /** Whether the minute of the week counts, in UTC or any zone of the policy. */
  readonly weekly: boolean;
}

/** The moments at which something in `policy` that reads the time may come out otherwise. O(conditions). */
export function timeBoundsOf(policy: CheckedPolicy): TimeBounds {
  const instants = new Set(policy.exceptions.map(({ until_ms }) => until_ms));
  let weekly = false;
  const note = (condition: Condition): void => {
    if (condition.kind === "InWindow") {
      for (const window of condition.windows) {
        if (window.kind === "weekly") weekly = true;
        else for (const at_ms of [window.from_ms, window.to_ms]) instants.add(at_ms);
      }
    }
    // What is equal to a moment differs from what comes right after it.
    for (const at_ms of momentsIn(condition)) for (const bound of [at_ms, at_ms + 1]) instants.add(bound);
    for (const part of partsOf(condition)) note(part);
  };
  for (const condition of conditionsOf(policy)) note(condition);
  return { instants_ms: [...instants].sort((a, b) => a - b), weekly };
}

function momentsIn(condition: Condition): readonly number[] {
  if (!("path" in condition) || condition.path.root !== "now") return [];
  if (condition.kind === "Compare") return typeof condition.value === "number" ? [condition.value] : [];
  return condition.kind === "In" ? condition.values.filter((value) => typeof value === "number") : [];
}

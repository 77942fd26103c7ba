/**
 * What is weaker than it looks, or wider, as far as it can be seen without a search.
 *
 * In: a checked policy, and what time it is. Out: warnings in no order. Each says of one way of writing a policy that it is known
 * to fail, whatever the rest of the policy does. Absent: what depends on other rules (`findings`), and what is wrong with the
 * text itself (`src/lint`).
 */
import type { CheckedPolicy } from "../../3-check/checked.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { findMasksWithoutColumns } from "./catalogs.js";
import { findWidePatterns } from "./patterns.js";
import { findColumnsByName, findDenyLists, findOpenPredicates } from "./rules.js";
import { findLongTimeBoxes } from "./time-boxes.js";

/** `now_ms` is null where nobody says what time it is. O(nodes). */
export function findWeakPlaces(policy: CheckedPolicy, now_ms: number | null): readonly Diagnostic[] {
  return [
    ...findDenyLists(policy),
    ...policy.rules.flatMap((rule) => [
      ...findColumnsByName(rule),
      ...findOpenPredicates(rule),
      ...findWidePatterns(rule),
    ]),
    ...findLongTimeBoxes(policy, now_ms),
    ...findMasksWithoutColumns(policy),
  ];
}

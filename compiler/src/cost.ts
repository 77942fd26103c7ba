import { CELL_SIZE, LABELS_MAX } from "@hpl/runtime/abi";
import type { CheckedPolicy } from "./3-check/checked.js";
import { costOfPolicy, type PolicyCost } from "./4-lower/cost.js";
import { type PlanStats, statsOfPlan } from "./4-lower/diagram/stats.js";
import { lower } from "./4-lower/lower.js";
import { FACTS_SIZE } from "./5-emit/write-tables.js";

/**
 * No action has more items in its lists: each has a cell in the facts area of a module, but those of the three lists of
 * labels, which hold each label once at most.
 */
export const LIST_ITEMS_MAX = FACTS_SIZE / CELL_SIZE + 3 * LABELS_MAX;

/** What deciding by `policy` can cost, whatever the request. */
export const costOf = (policy: CheckedPolicy): PolicyCost => costOfPolicy(lower(policy));

/** What the compiler chose for `policy`: variables, diagrams, and where a budget cut them. */
export const statsOf = (policy: CheckedPolicy): PlanStats => statsOfPlan(lower(policy).plan);

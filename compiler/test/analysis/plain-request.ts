import type { Request } from "@hpl/runtime/facts";
import type { CheckedPolicy } from "../../src/3-check/checked.js";
import { invariants } from "../../src/analysis/invariants.js";
import { evaluate } from "../../src/reference/condition.js";
import { judge } from "../../src/reference/judge.js";

/** A request of one action of which everything is known, and which can be. */
export function isPlain(policy: CheckedPolicy, asked: Request): boolean {
  const [action, ...more] = asked.actions;
  if (action === undefined || more.length > 0 || action.opaque || JSON.stringify(asked).includes('"?"')) return false;
  if (JSON.stringify(asked).includes('"open"')) return false;
  const { scope, truths } = judge(policy, asked, action);
  const isPossible = invariants.every(
    (each) =>
      each.family !== action.family || evaluate(each.if, scope) === "false" || evaluate(each.implies, scope) === "true",
  );
  return isPossible && [...truths.values()].every(({ truth }) => truth !== "unknown");
}

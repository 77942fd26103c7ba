import type { Comparison, Constant } from "../3-check/checked.js";
import { unreachable } from "../diagnostics/unreachable.js";

/** Whether `a` and `b`, of one type, compare as `operator` says. */
export function holds(operator: Comparison, a: Constant, b: Constant): boolean {
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return unreachable(operator);
  }
}

import type { Action } from "../facts/action.js";
import { unknown } from "../facts/fact.js";
import type { Estimate } from "../facts/front-end.js";

/** `action` with what its statement is expected to cost: of several statements of one text, each may cost all of it. */
export function withEstimate(action: Action, { rows, bytes }: Estimate): Action {
  if (action.opaque || action.family !== "sql") return action;
  const estimate = { rows: rows ?? unknown("estimate"), bytes: bytes ?? unknown("estimate") };
  return { ...action, facts: { ...action.facts, estimate } };
}

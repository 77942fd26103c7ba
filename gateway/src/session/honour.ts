import { type Action, type Decision, isUnknown } from "@hpl/runtime";

/** Kinds of statement whose output is not a result set of rows, so that its columns cannot be masked on the wire. */
const unmaskable: ReadonlySet<string> = new Set(["copy"]);

/**
 * The decision as this gateway can carry it out: an obligation that it cannot honour is block (DESIGN section 2). Today that
 * is a mask on the output of COPY.
 */
export function honour(decision: Decision, actions: readonly Action[]): Decision {
  const isHonoured = decision.obligations.every(
    (obligation) => obligation.type !== "mask" || !unmaskable.has(kindOf(actions[obligation.action])),
  );
  if (isHonoured) return decision;
  return {
    ...decision,
    verdict: "block",
    obligations: [],
    reasons: [...decision.reasons, "cannot_be_masked"].toSorted(),
    message: "the output of COPY cannot be masked, and some of its columns must be",
    fix: "Use a SELECT, or COPY a query that leaves the masked columns out.",
    code: "HPL8008",
  };
}

function kindOf(action: Action | undefined): string {
  if (action === undefined || action.opaque || action.family !== "sql" || isUnknown(action.facts.kind))
    return "unknown";
  return action.facts.kind;
}

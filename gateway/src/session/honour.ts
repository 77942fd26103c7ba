import { type Action, type Decision, isUnknown, type Obligation } from "@hpl/runtime";

/** Why an obligation cannot be carried out, for the audit log and for whoever is refused. */
interface Shortfall {
  readonly reason: string;
  readonly message: string;
  readonly fix: string;
}

const unmaskableCopy: Shortfall = {
  reason: "cannot_be_masked",
  message: "the output of COPY cannot be masked, and some of its columns must be",
  fix: "Use a SELECT, or COPY a query that leaves the masked columns out.",
};
const unlimitedCopy: Shortfall = {
  reason: "cannot_be_limited",
  message: "the output of COPY cannot be ended at a number of rows or bytes, and the policy limits it",
  fix: "Use a SELECT.",
};
const unsearchable: Shortfall = {
  reason: "cannot_be_searched",
  message: "a rule masks values by what they look like, and what COPY and LISTEN send cannot be looked through",
  fix: "Use a SELECT.",
};

/**
 * The decision as this gateway can carry it out: an obligation that it cannot honour is block (DESIGN section 2). Today those
 * are masks, limits and detectors on the output of COPY, which is no result set of rows, and detectors on what LISTEN lets in.
 */
export function honour(decision: Decision, actions: readonly Action[]): Decision {
  const [shortfall] = decision.obligations.flatMap((obligation) => shortfallOf(obligation, actions) ?? []);
  if (shortfall === undefined) return decision;
  const { reason, message, fix } = shortfall;
  return {
    ...decision,
    verdict: "block",
    obligations: [],
    reasons: [...decision.reasons, reason].toSorted(),
    message,
    fix,
    code: "HPL8008",
  };
}

/** Null when `obligation` can be honoured. */
function shortfallOf(obligation: Obligation, actions: readonly Action[]): Shortfall | null {
  const kind = kindOf(actions[obligation.action]);
  const isCopy = kind === "copy";
  switch (obligation.type) {
    case "approval":
      return null;
    case "mask":
      return isCopy ? unmaskableCopy : null;
    case "limit":
      return isCopy && (obligation.rows !== undefined || obligation.bytes !== undefined) ? unlimitedCopy : null;
    case "detect":
      return isCopy || kind === "listen" ? unsearchable : null;
  }
}

function kindOf(action: Action | undefined): string {
  if (action === undefined || action.opaque || action.family !== "sql" || isUnknown(action.facts.kind))
    return "unknown";
  return action.facts.kind;
}

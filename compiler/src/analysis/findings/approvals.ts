import type { Family } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Condition } from "../../3-check/checked.js";
import { approvalNeverLets } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { allowsFor, governingModules, not, scopesOf } from "../verdicts.js";
import { coverOf } from "./cover.js";
import type { Study } from "./study.js";

/** Why approving what a rule holds lets nothing through: no grant, or these rules block all of it. */
export interface DeadApproval {
  readonly blockedBy: readonly string[];
}

/** Grants that are tried for the approvals of a policy: behind it nothing is said. */
const GRANTS_MAX = 5_000;

/**
 * Of `approvals` those that only ever hold what is blocked anyway. A soft block does not count: an exception to it may
 * let something through, which the approval is then for. A family that no module governs takes the verdict of the action it
 * was found in, so nothing is said of it. Cost: most often one search a rule.
 */
export function findDeadApprovals(
  study: Study,
  approvals: readonly CheckedRule[],
): ReadonlyMap<CheckedRule, DeadApproval> {
  const { policy } = study;
  const dead = new Map<CheckedRule, DeadApproval>();
  const grantsOf = new Map<Family, readonly Condition[]>();
  const budget = { grants_left: GRANTS_MAX };
  for (const rule of approvals) {
    const [family] = rule.families;
    if (rule.level === "advisory" || family === undefined) continue;
    const grants = grantsOf.get(family) ?? grantsFor(policy, family);
    grantsOf.set(family, grants);
    if (governingModules(policy, family).length === 0) continue;
    const found = whyDead(study, rule, grants, budget);
    if (found !== null) dead.set(rule, found);
  }
  return dead;
}

/** What gives an action something else than block to start from: each allow, and the defaults where none of them is block. */
function grantsFor(policy: CheckedPolicy, family: Family): readonly Condition[] {
  const { span } = policy.modules[0] as CheckedPolicy["modules"][number];
  const byDefault = (["allow", "approve"] as const).map(
    (verdict): Condition => ({
      kind: "And",
      operands: [scopesOf(policy, family, verdict), not(scopesOf(policy, family, "block"))],
      span,
    }),
  );
  return [...byDefault, ...allowsFor(policy, family)];
}

function whyDead(
  study: Study,
  rule: CheckedRule,
  grants: readonly Condition[],
  budget: { grants_left: number },
): DeadApproval | null {
  const [family = "sql"] = rule.families;
  const blocks = study.policy.rules.filter(
    (other) => other.effect.kind === "block" && other.level === "hard" && other.families.includes(family),
  );
  const blockedBy = new Set<string>();
  for (const grant of grants) {
    if (--budget.grants_left < 0) return null;
    const cover = coverOf(study, rule, [study.firingOf(rule), grant], blocks);
    if (cover === null) return null;
    for (const { id } of cover) blockedBy.add(id);
  }
  return { blockedBy: [...blockedBy] };
}

export const reportDeadApproval = (rule: CheckedRule, { blockedBy }: DeadApproval): Diagnostic => ({
  ...approvalNeverLets(rule.span, { rule: shortId(rule), blockedBy }),
  rule: rule.id,
});

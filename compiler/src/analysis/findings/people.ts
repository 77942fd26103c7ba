import type { CheckedPolicy, CheckedRule, Condition } from "../../3-check/checked.js";
import { advisoryInProduction, approvedByPeers } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { not } from "../verdicts.js";
import type { Study } from "./study.js";

/**
 * An approval by one person of a group that whoever asks is in: nobody approves their own request, but a colleague of the same
 * group does, and two who take turns need nobody else.
 */
export function isPeerApproval(study: Study, rule: CheckedRule): boolean {
  const only = onlyApprover(rule);
  if (only === null) return false;
  const { span } = rule;
  const list = { root: "principal", steps: ["groups"] };
  const isMember: Condition = { kind: "Has", quantifier: "any", list, values: [only], span };
  return isImplied(study, rule, isMember);
}

/** The group one person of which is enough; null where more are asked. */
function onlyApprover({ effect, level }: CheckedRule): string | null {
  if (effect.kind !== "approve" || level === "advisory") return null;
  const [only, ...more] = effect.approval.all;
  return only === undefined || more.length > 0 || only.count > 1 ? null : only.group;
}

export const reportPeers = (rule: CheckedRule): Diagnostic => ({
  ...approvedByPeers(rule.span, { rule: shortId(rule), group: onlyApprover(rule) ?? "" }),
  rule: rule.id,
});

/** An advisory rule that is for production alone: it records, and stops nothing there. */
export function isInProductionOnly(study: Study, rule: CheckedRule): boolean {
  if (rule.level !== "advisory") return false;
  const { span } = rule;
  const path = { root: "connection", steps: ["env"] };
  const isProduction: Condition = { kind: "In", path, values: productionNames(study.policy), span };
  return isImplied(study, rule, isProduction);
}

export const reportAdvisory = (rule: CheckedRule): Diagnostic => ({
  ...advisoryInProduction(rule.span, { rule: shortId(rule) }),
  rule: rule.id,
});

/** What `connection.env` is called where it matters: `prod`, or what the policy has instead. */
function productionNames({ attributes }: CheckedPolicy): readonly string[] {
  const env = attributes.find(({ path }) => path.root === "connection" && path.steps.join(".") === "env");
  return ["prod", ...(env?.members ?? []).filter((member) => /^prod/i.test(member))];
}

/** Whether `fact` holds of every request that `rule` fires on. */
const isImplied = (study: Study, rule: CheckedRule, fact: Condition): boolean =>
  study.searchFor(rule, [study.firingOf(rule), not(fact)]).kind === "none";

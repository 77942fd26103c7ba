import type { Family } from "@hpl/runtime/facts";
import { unreachableApproval } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { CheckedPolicy, CheckedRule } from "../checked.js";
import { witnessOf } from "./witness.js";

/**
 * Approvals that never let anything through (HPL4005): their action is blocked anyway, because no module grants any action
 * of its family. Conservative: one `allow` of the family anywhere, or one default that is not block, settles it. A family
 * that no module governs takes the verdict of the action it was found in, so there any grant at all settles it.
 */
export function findUnreachableApprovals(policy: CheckedPolicy): readonly Diagnostic[] {
  return policy.rules.flatMap((rule) => {
    const [family] = rule.families;
    if (rule.effect.kind !== "approve" || rule.level === "advisory" || family === undefined) return [];
    if (isGranted(policy, family)) return [];
    const params = {
      rule: rule.id.slice(rule.id.indexOf("/") + 1),
      family,
      approvers: approversText(rule, policy),
      witness: witnessOf(rule),
    };
    return [{ ...unreachableApproval(rule.span, params), rule: rule.id }];
  });
}

function isGranted({ modules, rules }: CheckedPolicy, family: Family): boolean {
  const isGoverned = modules.some((module) => module.default !== null && module.families.includes(family));
  const counts = (families: readonly Family[]): boolean => !isGoverned || families.includes(family);
  return (
    modules.some(
      (module) => module.default !== null && module.default.verdict !== "block" && counts(module.families),
    ) || rules.some((rule) => rule.effect.kind === "allow" && counts(rule.families))
  );
}

/** The approvers as the author wrote them. */
function approversText({ span }: CheckedRule, { sources }: CheckedPolicy): string {
  const after = sources[span.file]?.text.slice(span.end) ?? "";
  return after.match(/\bfrom\b[\s\S]*?\bwithin\s+\S+/)?.[0].replaceAll(/\s+/g, " ") ?? "from ..";
}

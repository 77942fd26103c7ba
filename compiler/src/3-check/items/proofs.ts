import type { AssumptionItem, ComparisonItem, ProofItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { claimReadsFact } from "../../diagnostics/catalog.js";
import type { CheckedAssumption, CheckedComparison, CheckedProof } from "../checked.js";
import { checkCondition } from "../conditions/condition.js";
import { type Checker, newSite, type Place, placeIn, report } from "../site.js";
import { conditionOf, reportSize } from "./rule.js";

/** `prove`: the claim over the decision, and the condition over the facts for which it is made. */
export function proofOf(item: ProofItem, module: ResolvedModule, checker: Checker): CheckedProof {
  const id = `${module.name}/${item.id.value}`;
  const inClaim = placeIn(newSite(checker, module, null, false));
  const claim = checkCondition(item.claim, { ...inClaim, isClaim: true });
  reportFacts(inClaim);
  const place = placeIn(newSite(checker, module, null, false));
  const when = conditionOf(item, place);
  reportSize(item.id.span, inClaim);
  reportSize(item.id.span, place);
  return { id, quantifier: item.quantifier, claim, when, span: item.span };
}

/** Facts that a claim reads by another name: through a `let`, a counter or `granted`. Under their own, it has been said. */
function reportFacts({ site }: Place): void {
  for (const { root, text, span } of site.reads)
    if (site.checker.roots.has(root)) report(site, claimReadsFact(span, { root: text }));
}

/** `prove .. this at_least_as_strict_as bundle`: who runs analysis reads the other policy. */
export const comparisonOf = (
  { id, bundle, span }: ComparisonItem,
  { name, tree }: ResolvedModule,
): CheckedComparison => ({
  id: `${name}/${id.value}`,
  path: bundle.value,
  from: tree.source.path,
  span,
});

/** `assume`: what holds of every request, whatever the policy says. */
export function assumptionOf(item: AssumptionItem, module: ResolvedModule, checker: Checker): CheckedAssumption {
  const place = placeIn(newSite(checker, module, null, false));
  const condition = checkCondition(item.condition, place);
  reportSize(item.id.span, place);
  return { id: `${module.name}/${item.id.value}`, condition, span: item.span };
}

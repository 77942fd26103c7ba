import type { MaskTierClause, Path, RuleKind } from "../../1-parse/ast.js";
import { pathText, subtreeOf } from "../../2-resolve/label-tree.js";
import { tierOutsideMask, tiersOnValues } from "../../diagnostics/catalog.js";
import type { Mask, MaskTier } from "../checked.js";
import { checkCondition } from "../conditions/condition.js";
import { labelIndices } from "../operands/constants.js";
import { type Place, report } from "../site.js";
import { detectorSetOf } from "./detectors.js";
import type { DetectByIds } from "./effects.js";
import { transformOf } from "./transforms.js";

/** A mask of labels, with these written out and its tiers checked. `predicates` is what its body says, or null. */
export function maskOf(
  { transform, tiers }: MaskRule,
  labels: readonly Path[],
  predicates: Mask["predicates"] | null,
  place: Place,
): Mask {
  const indices = indicesOf(labels, place);
  const checked = tiers.map((tier) => tierOf(tier, indices, place));
  return {
    labels: indices,
    transform: transformOf(transform, place),
    tiers: checked,
    predicates: predicates ?? "deny",
  };
}

type MaskRule = Extract<RuleKind, { kind: "mask" }>;

/** A mask of whatever a set of detectors finds; null, and reported, when it names none. Reports HPL4027 too. */
export function detectOf(
  { transform, tiers }: MaskRule,
  subject: Extract<MaskRule["subject"], { kind: "values" }>,
  place: Place,
): DetectByIds | null {
  const [tier] = tiers;
  const rule = place.site.rule ?? "";
  if (tier !== undefined)
    report(place.site, tiersOnValues(tier.transform.span, { rule: rule.slice(rule.indexOf("/") + 1) }));
  const checked = transformOf(transform, place);
  const set = detectorSetOf(subject, place);
  if (set === null) return null;
  return { set: set.id, detectors: set.detectors, transform: checked };
}

function indicesOf(paths: readonly Path[], place: Place): readonly number[] {
  const indices = paths.flatMap((path) => labelIndices(pathText(path), path.span, place) ?? []);
  return [...new Set(indices)].sort((a, b) => a - b);
}

function tierOf(tier: MaskTierClause, maskLabels: readonly number[], place: Place): MaskTier {
  const transform = transformOf(tier.transform, place);
  const condition = checkCondition(tier.when, place);
  if (tier.labels === null) return { transform, labels: null, condition };
  for (const path of tier.labels) {
    const own = subtreeOf(place.site.checker.policy.labels, pathText(path));
    if (own.length === 0 || own.some((index) => maskLabels.includes(index))) continue;
    const rule = place.site.rule ?? "";
    report(place.site, tierOutsideMask(path.span, { label: pathText(path), rule: rule.slice(rule.indexOf("/") + 1) }));
  }
  return { transform, labels: indicesOf(tier.labels, place), condition };
}

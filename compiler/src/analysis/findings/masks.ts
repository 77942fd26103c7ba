import type { CheckedLabel, CheckedPolicy, CheckedRule, Condition, Mask, Transform } from "../../3-check/checked.js";
import { transformText } from "../../3-check/items/transforms.js";
import { tiedMasks } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { automatonOfGlob, sampleTexts } from "../texts.js";
import { allOf, always, anyOf, not } from "../verdicts.js";
import type { Study } from "./study.js";

/** Pairs of transforms that are compared. */
const PAIRS_MAX = 2_000;

/** Two masks that keep different parts of one column, so that nothing of it is kept. */
export interface MaskTie {
  readonly rule: CheckedRule;
  readonly other: CheckedRule;
  readonly label: string;
  readonly transforms: readonly [string, string];
}

/** A part of its columns that a mask keeps, and when it is what comes of the mask. */
interface Kept {
  readonly rule: CheckedRule;
  readonly label: number;
  readonly text: string;
  readonly when: Condition;
}

/** Masks that can meet on a column and keep different parts of it: it is redacted then. One tie for each two rules. */
export function findMaskTies(study: Study): readonly MaskTie[] {
  const { policy } = study;
  const kept = policy.rules.flatMap((rule) => keptBy(policy, rule));
  const ties = new Map<string, MaskTie>();
  let pairs_count = 0;
  for (const [i, a] of kept.entries()) {
    for (const b of kept.slice(i + 1)) {
      const key = `${a.rule.id} ${b.rule.id}`;
      if (a.text === b.text || ties.has(key) || ++pairs_count > PAIRS_MAX) continue;
      if (!canBeOneColumn(policy, a, b)) continue;
      const both = [a, b].flatMap(({ rule, when }) => [study.firingOf(rule), when]);
      if (study.searchFor(a.rule, both).kind !== "found") continue;
      const label = policy.labels[b.label]?.path ?? "";
      ties.set(key, { rule: b.rule, other: a.rule, label, transforms: [a.text, b.text] });
    }
  }
  return [...ties.values()];
}

function keptBy({ labels }: CheckedPolicy, rule: CheckedRule): readonly Kept[] {
  if (rule.effect.kind !== "mask" || rule.level === "advisory") return [];
  const { mask } = rule.effect;
  return mask.labels
    .filter((label) => labels[label] !== undefined)
    .flatMap((label) => partsOf(mask, label).map(({ text, when }) => ({ rule, label, text, when })));
}

/** What a mask keeps of `label` with each of its transforms, its own and those of its tiers: what nothing weaker replaces. */
function partsOf(mask: Mask, label: number): readonly { readonly text: string; readonly when: Condition }[] {
  const tiers = mask.tiers.filter((tier) => tier.labels === null || tier.labels.includes(label));
  const all: readonly { readonly transform: Transform; readonly condition: Condition }[] = [
    { transform: mask.transform, condition: always },
    ...tiers,
  ];
  const cleared = anyOf(all.flatMap(({ transform, condition }) => (transform.kind === "clear" ? [condition] : [])));
  const partial = all.filter(({ transform }) => transform.kind === "partial");
  return partial.map(({ transform, condition }) => ({
    text: transformText(transform),
    when: allOf([condition, not(cleared)]),
  }));
}

/** Of one rule, two tiers meet on a label of theirs; of two rules, labels that some column has both of. */
function canBeOneColumn({ labels }: CheckedPolicy, a: Kept, b: Kept): boolean {
  if (a.label === b.label) return true;
  const [left, right] = [labels[a.label], labels[b.label]];
  return a.rule !== b.rule && left !== undefined && right !== undefined && overlap(left, right);
}

const overlap = (a: CheckedLabel, b: CheckedLabel): boolean =>
  a.columns.some((left) =>
    b.columns.some((right) => {
      const [one, other] = [automatonOfGlob(left), automatonOfGlob(right)];
      return one !== null && other !== null && sampleTexts([one, other]).matchesAll;
    }),
  );

export const reportMaskTie = ({ rule, other, label, transforms }: MaskTie): Diagnostic => ({
  ...tiedMasks(rule.span, {
    rule: shortId(rule),
    other: rule === other ? null : other.id,
    label,
    transforms,
  }),
  rule: rule.id,
});

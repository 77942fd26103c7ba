import type { MaskTierClause, Path, RuleKind, TransformCall } from "../../1-parse/ast.js";
import { pathText, subtreeOf } from "../../2-resolve/label-tree.js";
import { badTransform, tierOutsideMask, tiersOnValues, unknownTransform } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Mask, MaskTier, Transform } from "../checked.js";
import { checkCondition } from "../conditions/condition.js";
import { labelIndices } from "../operands/constants.js";
import { type Place, report, suggest, textOf } from "../site.js";
import { detectorSetOf } from "./detectors.js";
import type { DetectByIds } from "./effects.js";

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

function transformOf(call: TransformCall, place: Place): Transform {
  const name = call.name.text;
  if (name === "partial") return partialOf(call, place);
  if (name === "truncate") return truncateOf(call, place);
  if (name === "round" || name === "bucket" || name === "network") return measuredOf(name, call, place);
  if (name !== "redact" && name !== "null" && name !== "clear") {
    const nearest = suggest(place.site, name, [
      "redact",
      "null",
      "clear",
      "partial",
      "truncate",
      "round",
      "bucket",
      "network",
    ]);
    report(place.site, unknownTransform(call.name.span, { name, nearest }));
    return { kind: "redact" };
  }
  if (call.arguments.length > 0) problem(call, "takes no arguments", place);
  return { kind: name };
}

/** `partial(keep_domain)`, or the number of characters kept at either end. */
function partialOf(call: TransformCall, place: Place): Transform {
  const [only] = call.arguments;
  if (call.arguments.length === 1 && only?.name.text === "keep_domain" && only.value === null)
    return { kind: "partial", keep: "domain" };
  if (call.arguments.length === 1 && only?.name.text === "country" && only.value === null)
    return { kind: "partial", keep: "of", text: "partial(country)" };
  const kept = new Map(call.arguments.map((argument) => [argument.name.text, argument.value]));
  const isKnown = [...kept].every(([name, value]) => (name === "first" || name === "last") && value !== null);
  const [first, last] = [kept.get("first") ?? 0, kept.get("last") ?? 0];
  if (!isKnown || kept.size !== call.arguments.length || first + last === 0)
    problem(call, "does not say what to keep", place);
  else if (Math.max(first, last) > limits.partial_keep_max)
    problem(call, `keeps more than ${limits.partial_keep_max} characters at one end`, place);
  return { kind: "partial", keep: "ends", first, last };
}

const units: readonly string[] = ["year", "month", "day", "hour"];

/** `truncate(month)`: a date or a time becomes the start of its month. */
function truncateOf(call: TransformCall, place: Place): Transform {
  const [only] = call.arguments;
  const isUnit = call.arguments.length === 1 && only?.value === null && units.includes(only.name.text);
  if (!isUnit) problem(call, `takes one of ${units.join(", ")}`, place);
  return { kind: "partial", keep: "of", text: `truncate(${only?.name.text ?? "year"})` };
}

/** What each takes: names in their order, and the least and the greatest number. */
const measures = {
  round: [["to", 1, 1_000_000_000]],
  bucket: [["size", 1, 1_000_000_000]],
  network: [
    ["v4", 0, 32],
    ["v6", 0, 128],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly [name: string, min: number, max: number])[]>>;

/** `round(to: 100)`, `bucket(size: 10)`, `network(v4: 24, v6: 48)`. */
function measuredOf(name: keyof typeof measures, call: TransformCall, place: Place): Transform {
  const wanted = measures[name];
  const given = new Map(call.arguments.map((argument) => [argument.name.text, argument.value]));
  const isRight = wanted.every(([of, min, max]) => {
    const value = given.get(of);
    return typeof value === "number" && value >= min && value <= max;
  });
  const shape = wanted.map(([of, min, max]) => `\`${of}: ${min} to ${max}\``).join(" and ");
  if (!isRight || given.size !== wanted.length || call.arguments.length !== wanted.length)
    problem(call, `takes ${shape}`, place);
  const numbers = wanted.map(([of]) => `${of}: ${given.get(of) ?? 0}`).join(", ");
  return { kind: "partial", keep: "of", text: `${name}(${numbers})` };
}

function problem(call: TransformCall, text: string, place: Place): void {
  report(place.site, badTransform(call.span, { text: textOf(place.site, call.span), problem: text }));
}

import type { CheckedDetector, CheckedRule } from "../checked.js";
import type { RuleBeforeNumbers } from "./rule.js";

export interface NumberedOutput {
  readonly rules: readonly CheckedRule[];
  /** Those that a rule uses, sorted by id. */
  readonly detectors: readonly CheckedDetector[];
}

/** Keeps the detectors that a mask or a condition uses, and names them in the rules by their indices. `detectors` are sorted by id. */
export function numberDetectors(
  rules: readonly RuleBeforeNumbers[],
  detectors: readonly CheckedDetector[],
  asked: ReadonlySet<string>,
): NumberedOutput {
  const masked = rules.flatMap(({ effect }) => (effect.kind === "detect" ? effect.detect.detectors : []));
  const used = new Set([...asked, ...masked]);
  const kept = detectors.filter(({ id }) => used.has(id));
  const indices = new Map(kept.map(({ id }, index) => [id, index]));
  const numbered = rules.map(({ effect, ...rule }): CheckedRule => {
    if (effect.kind !== "detect") return { ...rule, effect };
    const own = effect.detect.detectors.flatMap((id) => indices.get(id) ?? []).sort((a, b) => a - b);
    return { ...rule, effect: { kind: "detect", detect: { ...effect.detect, detectors: own } } };
  });
  return { rules: numbered, detectors: kept };
}

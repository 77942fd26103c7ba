/**
 * What a decision says is to be looked for in the values of a result.
 *
 * In: the obligations of one statement, and the policy's detectors. Out: one search, over the detectors of all rules that fired.
 * Where one of them wants a value gone, the whole value goes; any other transform hides what is found, because a part of a match
 * is no value with a form of its own.
 */
import { coverOf, type Decision, type Detectors, type Policy } from "@hpl/runtime";
import type { ValueSearch } from "./enforcement.js";

/** The searches of `policy`'s decisions. */
export function searchesOf(
  { meta }: Policy,
  detectors: Detectors,
): (decision: Decision, action: number) => ValueSearch | null {
  const byRule = new Map(meta.rules.flatMap(({ id, detect }) => (detect === null ? [] : [[id, detect.detectors]])));
  return ({ obligations }, action) => {
    const found = obligations.flatMap((obligation) =>
      obligation.type === "detect" && obligation.action === action && obligation.transform !== "clear"
        ? [obligation]
        : [],
    );
    const [first] = found;
    if (first === undefined) return null;
    const only = new Set(found.flatMap(({ rule }) => byRule.get(rule) ?? []));
    return {
      transform: found.some(({ transform }) => transform === "null") ? "null" : "redact",
      rule: first.rule,
      find: (bytes) => coverOf(detectors.detect(bytes, only)),
    };
  };
}

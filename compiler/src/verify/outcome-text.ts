import type { Decision } from "@hpl/runtime/abi";

/** What happened, in a sentence: the verdict, the rules that took part, and what was not certain. */
export function describeOutcome({ verdict, rules, reasons, complete }: Decision): string {
  const names = rules.map(({ id, certainty }) => (certainty === "may" ? `${id} (may)` : id));
  const by = names.length === 0 ? "no rule" : names.map((name) => `\`${name}\``).join(", ");
  const doubts = complete || reasons.length === 0 ? "" : `; not certain: ${reasons.join(", ")}`;
  return `the decision is ${verdict}, by ${by}${doubts}`;
}

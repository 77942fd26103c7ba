import type { Decision } from "@hpl/runtime";
import { obligationText } from "../obligation-text.js";
import { visible } from "../visible.js";

/** A decision for whoever is stopped by it: the rules with their places, why, whom to ask, what to do instead. No word of the command. */
export function refusalLines({ verdict, message, fix, code, rules, obligations }: Decision): readonly string[] {
  const deciding = rules.filter(({ effect, advisory }) => effect === verdict && advisory !== true);
  return [
    message,
    ...deciding.map(({ id, span }) => `rule: ${id} (${span.file}:${span.line})`),
    ...obligations.filter(({ type }) => type === "approval").map(obligationText),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ...(code === undefined ? [] : [`code: ${code} (hpl explain ${code})`]),
  ].map(visible);
}

/** The same as data: what `hpl eval` prints, of which only what asks people is an obligation here. */
export const decisionJson = ({ catalog: _, ...decision }: Decision): object => decision;

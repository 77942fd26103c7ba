import { badRegex, regexTooLarge } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import type { Regex } from "../checked.js";
import { automatonOf, type Budget } from "./automaton.js";
import { nfaOf } from "./nfa.js";
import { type ParseRegexOutput, parseRegex } from "./parse-regex.js";
import type { RegexNode } from "./regex-tree.js";

/** The automata of a policy by their text, and what building more of them may cost. */
export interface RegexCache {
  readonly byText: Map<string, Regex | null>;
  readonly budget: Budget;
}

export const newRegexCache = (): RegexCache => ({
  byText: new Map(),
  budget: { steps: limits.regex_policy_steps_max },
});

export type RegexOutput =
  | { readonly kind: "regex"; readonly regex: Regex; readonly isPlain: boolean }
  | { readonly kind: "problem"; readonly diagnostic: Diagnostic };

/** The automaton of `text`, which stands at `span`. Reports HPL3013 and HPL6010. Bounded by the limits on length and steps. */
export function compileRegex(text: string, span: Span, cache: RegexCache): RegexOutput {
  const output = readRegex(text, span);
  if (output.kind === "problem") return output;
  const known = cache.byText.get(text);
  const regex = known === undefined ? build(text, output.tree, cache.budget) : known;
  cache.byText.set(text, regex);
  if (regex === null) return { kind: "problem", diagnostic: regexTooLarge(span, { pattern: shown(text) }) };
  if (regex.automaton.start === 0)
    return problem(text, { problem: "matches no text at all", help: "a set in it has no member" }, span);
  return { kind: "regex", regex, isPlain: output.isPlain };
}

export type ReadRegexOutput =
  | Extract<ParseRegexOutput, { kind: "tree" }>
  | { readonly kind: "problem"; readonly diagnostic: Diagnostic };

/** The tree of `text`, of which no automaton is wanted. Reports HPL3013 and HPL6010. */
export function readRegex(text: string, span: Span): ReadRegexOutput {
  if (text.length > limits.regex_length_max)
    return { kind: "problem", diagnostic: regexTooLarge(span, { pattern: shown(text) }) };
  const output = parseRegex(text);
  return output.kind === "tree" ? output : problem(text, output, span);
}

function build(text: string, tree: RegexNode, policyBudget: Budget): Regex | null {
  const granted = Math.min(limits.regex_steps_max, policyBudget.steps);
  const budget = { steps: granted };
  const nfa = nfaOf(tree, limits.regex_parts_max);
  const automaton = nfa && automatonOf(nfa, limits.regex_states_max, budget);
  policyBudget.steps -= granted - Math.max(0, budget.steps) + (nfa?.states.length ?? limits.regex_parts_max);
  return automaton && { text, automaton };
}

function problem(
  text: string,
  found: { readonly problem: string; readonly help: string | null },
  span: Span,
): { readonly kind: "problem"; readonly diagnostic: Diagnostic } {
  return { kind: "problem", diagnostic: badRegex(span, { pattern: shown(text), ...found }) };
}

const shown = (text: string): string => text.slice(0, 64);

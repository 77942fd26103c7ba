/**
 * Import: rules of another program, in HPL.
 *
 * In: the text of a file. Out: for each rule of it the HPL that stands for it, with what was left out. `codex-rules.ts` reads
 * the rules of Codex, `cedar.ts` the policies of Cedar, `hoop-guardrails.ts` the guardrails of hoop; `write-policy.ts` puts the
 * originals beside what became of them, `keep-examples.ts` runs the examples that came along and keeps those that hold.
 *
 * Nothing is loosened. What cannot be said of a grant drops the grant; what cannot be said of a restriction drops the condition,
 * and the restriction holds more often. A restriction of which nothing can be said is a gap, and who imports is told so before
 * there is a policy. Absent: rules that are programs (loops, variables, imports of other files). They are refused, never guessed.
 */

/** One rule of the file. */
export interface ImportedRule {
  /** Where it begins in the file, from 1; null where the reader does not say. */
  readonly line: number | null;
  /** Its words. */
  readonly original: string;
  /** Items of HPL that stand for it; none when it is left out. */
  readonly items: readonly string[];
  /** What is not in the items, so that they are stricter. */
  readonly left_out: readonly string[];
  /** What the original refuses and the items do not. */
  readonly gaps: readonly string[];
}

export type Import =
  | {
      readonly ok: true;
      /** What stands in front of the rules: the header of the module and its names. */
      readonly head: readonly string[];
      readonly rules: readonly ImportedRule[];
    }
  | { readonly ok: false; readonly line: number | null; readonly reason: string };

/** Letters of an imported file: what a policy of 20,000 rules may need, twice over. */
export const FILE_LETTERS_MAX = 4 * 1024 * 1024;

/** Gives ids of rules: what is left of a text in small letters, digits and dashes, and a number where two would be the same. */
export function idMaker(): (text: string) => string {
  const taken = new Set<string>(["default"]);
  return (text) => {
    const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const short = plain.slice(0, ID_LETTERS_MAX).replaceAll(/^-+|-+$/g, "") || "rule";
    let id = short;
    for (let number = 2; taken.has(id); number += 1) id = `${short}-${number}`;
    taken.add(id);
    return id;
  };
}

/** Letters of an id before its number: it stands in every decision and in the message of a refusal. */
const ID_LETTERS_MAX = 48;

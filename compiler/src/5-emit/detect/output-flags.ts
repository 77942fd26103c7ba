import {
  OUTPUT_CHECKED,
  OUTPUT_LEFT_DIGIT,
  OUTPUT_LEFT_WORD,
  OUTPUT_RIGHT_DIGIT,
  OUTPUT_RIGHT_WORD,
} from "@hpl/runtime/abi";
import type { DetectorSource } from "./detect-section.js";

/** Checks that only look at the bytes beside a match: the kernel makes them. */
const besideChecks: ReadonlyMap<string, number> = new Map([
  ["starts_word", OUTPUT_LEFT_WORD],
  ["whole_word", OUTPUT_LEFT_WORD | OUTPUT_RIGHT_WORD],
  ["whole_number", OUTPUT_LEFT_DIGIT | OUTPUT_RIGHT_DIGIT],
]);

/** What the kernel does about the checks of a detector. Any other check, and context, is the host's: it wants every start. */
export function outputFlags({ checks, context }: DetectorSource): number {
  const beside = checks.reduce((flags, { name }) => flags | (besideChecks.get(name) ?? 0), 0);
  const isChecked = context.length > 0 || checks.some(({ name }) => !besideChecks.has(name));
  return beside | (isChecked ? OUTPUT_CHECKED : 0);
}

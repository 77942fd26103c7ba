import type { Word } from "../1-parse/ast.js";
import { unknownChoice } from "../diagnostics/catalog.js";
import { type Place, report, suggest } from "./site.js";

/** The one of `choices` that `word` is; null, and reported (HPL2031), when it is none. `what` says what they are. */
export function choiceOf<C extends string>(word: Word, choices: readonly C[], what: string, place: Place): C | null {
  const found = choices.find((choice) => choice === word.text);
  if (found !== undefined) return found;
  const nearest = suggest(place.site, word.text, choices);
  report(place.site, unknownChoice(word.span, { what, found: word.text, choices, nearest }));
  return null;
}

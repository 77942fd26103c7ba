import { type Action, itemsOf } from "@hpl/runtime";

/** Longest statement text in the audit log, in UTF-16 code units; its digest tells the rest. */
export const shownLengthMax = 8_000;

/**
 * The statement as the audit log shows it: literals replaced, null where a word that is not a literal may still be a value.
 * That is so in text that was not understood (a password in the wrong window), and where a setting is given as a bare word
 * (`SET app.secret = word`).
 */
export function shownText(
  text: string,
  actions: readonly Action[],
  parameterize: (text: string) => string | null,
): string | null {
  if (actions.length === 0 || !actions.every(hasOnlyNames)) return null;
  const shown = parameterize(text);
  return shown !== null && shown.length > shownLengthMax ? `${shown.slice(0, shownLengthMax)}...` : shown;
}

const hasOnlyNames = (action: Action): boolean =>
  !action.opaque &&
  action.family === "sql" &&
  action.facts.kind !== "set" &&
  !itemsOf(action.facts.effects).includes("config");

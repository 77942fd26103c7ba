import { type Diagnostic, locate, type SourceFile } from "@hpl/compiler";

/** A diagnostic in the shape of DESIGN section 8; `notes` and `counterexample` only where there are some. */
export function findingOf(diagnostic: Diagnostic, sources: readonly SourceFile[]) {
  const { code, severity, message, help, notes, rule, span, counterexample } = diagnostic;
  const { file, line, character, end_line, end_character } = locate(span, sources);
  const place = { file, line, character, end_line, end_character };
  const more = { ...(notes.length > 0 ? { notes } : {}), ...(counterexample === undefined ? {} : { counterexample }) };
  return { code, severity, message, help, ...place, rule, ...more };
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

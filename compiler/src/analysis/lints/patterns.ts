import type { CheckedRule, Condition, FactPath, Glob } from "../../3-check/checked.js";
import { widePattern } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { testsIn } from "../tests-in.js";

/** A pattern that matches more than its reader thinks, one text that shows it, and what was probably meant. */
export interface WidePattern {
  readonly pattern: string;
  readonly matches: string;
  readonly meant: string;
}

/** Patterns of `rule` that are wider than meant. What stands in a file of names is told of at the rule. */
export function findWidePatterns(rule: CheckedRule): readonly Diagnostic[] {
  return [...testsIn(rule.condition)].flatMap(({ test }) =>
    patternsIn(test).flatMap((found) => {
      const span = test.span.file === rule.span.file ? test.span : rule.span;
      return [{ ...widePattern(span, found), rule: rule.id }];
    }),
  );
}

function patternsIn(test: Condition): readonly WidePattern[] {
  if (test.kind === "Like") return test.globs.flatMap((glob) => wideGlob(glob, test.path) ?? []);
  return test.kind === "Matches" ? test.patterns.flatMap(({ text }) => looseDot(text) ?? []) : [];
}

/** `/tmp**` is also `/tmp-of-others/x`; `*example.com` is also `evilexample.com`. */
export function wideGlob({ text, separator }: Glob, path: FactPath): WidePattern | null {
  const stem = text.match(/^(.*[A-Za-z0-9_])\*\*$/)?.[1];
  if (separator === "/" && stem !== undefined && !stem.includes("*"))
    return { pattern: text, matches: `${stem}-other/x`, meant: `${stem}/**` };
  const domain = text.match(/^\*+([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})$/i)?.[1];
  const isName = separator === null || (separator === "." && path.root === "http");
  if (!isName || domain === undefined) return null;
  const meant = path.steps.at(-1) === "email" ? `*@${domain}` : `**.${domain}`;
  return { pattern: text, matches: `evil${domain}`, meant };
}

/** An unescaped dot between letters, as in the name of a host or a file: it is any character. */
export function looseDot(text: string): WidePattern | null {
  const plain = text.replaceAll(/\\./gsu, "\\\\").replaceAll(/\[[^\]]*\]/g, "[]");
  const found = plain.match(/[a-z0-9]\.(?=[a-z]{2})/i);
  if (found === null) return null;
  const dot = text.search(/(?<!\\)(?<=[a-z0-9])\.(?=[a-z]{2})/i);
  if (dot < 0) return null;
  return {
    pattern: text,
    matches: `${text.slice(0, dot)}x${text.slice(dot + 1)}`.replaceAll("\\", ""),
    meant: `${text.slice(0, dot)}\\.${text.slice(dot + 1)}`,
  };
}

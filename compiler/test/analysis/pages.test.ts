import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type AnalysisOptions, analyse } from "../../src/analysis/analyse.js";
import { checkText } from "../check-text.js";
import { fromAnalysis } from "../without-example.js";

/** Findings that are only said to those who ask, and what these ask with. */
const asked: Readonly<Record<string, AnalysisOptions>> = {
  HPL5017: { wantsGaps: true },
  HPL5018: { wantsGaps: true },
  HPL5036: { connections: [{ name: "reports", kind: "postgres", env: "staging" }] },
};

/** What analysis says about the examples of its pages, without a front end. */
function codesOf(page: string, heading: string, code: string): readonly string[] {
  const block = page.match(new RegExp(`## ${heading}\\n\\n\`\`\`hpl\\n([\\s\\S]*?)\`\`\``))?.[1] ?? "";
  const { policy, diagnostics } = checkText(block);
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const found = analyse(policy, () => null, { now_ms: Date.UTC(2026, 5, 1), ...asked[code] });
  // Whoever asks for gaps hears of rules without a `hit`, too.
  return [...new Set(found.map((each) => each.code))].filter(
    (each) => each === code || asked[code]?.wantsGaps !== true,
  );
}

test.each([...fromAnalysis])("%s does as its page says", (code) => {
  const page = readFileSync(new URL(`../../../docs/errors/${code}.md`, import.meta.url), "utf8");
  expect(codesOf(page, "Fails", code)).toEqual([code]);
  expect(codesOf(page, "Passes", code)).toEqual([]);
});

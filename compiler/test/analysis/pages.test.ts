import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { checkText } from "../check-text.js";
import { fromAnalysis } from "../without-example.js";

/** What analysis says about the examples of its pages, without a front end. */
function codesOf(page: string, heading: string): readonly string[] {
  const block = page.match(new RegExp(`## ${heading}\\n\\n\`\`\`hpl\\n([\\s\\S]*?)\`\`\``))?.[1] ?? "";
  const { policy, diagnostics } = checkText(block);
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return analyse(policy, () => null).map(({ code }) => code);
}

test.each([...fromAnalysis])("%s does as its page says", (code) => {
  const page = readFileSync(new URL(`../../../docs/errors/${code}.md`, import.meta.url), "utf8");
  expect(codesOf(page, "Fails")).toEqual([code]);
  expect(codesOf(page, "Passes")).toEqual([]);
});

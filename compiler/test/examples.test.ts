import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scan } from "../src/1-parse/scan.js";
import { RightBrace } from "../src/1-parse/tokens.js";
import { checkText, errorsIn } from "./check-text.js";

/** Whole policies in the settled language, with stand-ins for the libraries they use. */
const folder = new URL("./examples/", import.meta.url);
const examples = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));

test.each(examples)("$name has no error, and only its proofs are warned of", ({ text }) => {
  const { policy, diagnostics } = checkText(text);
  expect(diagnostics.filter(({ code }) => code !== "HPL5005")).toEqual([]);
  expect(policy?.rules.length).toBeGreaterThan(5);
});

test.each(examples)("one missing } in $name is one error", ({ text }) => {
  const braces = scan(text, 0).tokens.filter(({ tokenType }) => tokenType === RightBrace);
  expect(braces.length).toBeGreaterThan(0);
  for (const { startOffset } of braces) {
    const broken = text.slice(0, startOffset) + text.slice(startOffset + 1);
    expect(errorsIn(broken), broken.slice(Math.max(0, startOffset - 40), startOffset)).toHaveLength(1);
  }
});

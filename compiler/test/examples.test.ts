import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scan } from "../src/1-parse/scan.js";
import { cutIntoItems } from "../src/1-parse/segments.js";
import { RightBrace } from "../src/1-parse/tokens.js";
import { checkText, errorsIn } from "./check-text.js";

/** Whole policies in the settled language. What this version lacks is the only thing wrong with them. */
const folder = new URL("./examples/", import.meta.url);
const examples = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));

/** `text` without the items that use something of a later version. */
function withoutLaterItems(text: string): string {
  const later = checkText(text).diagnostics.filter(({ code }) => code === "HPL1008");
  const items = cutIntoItems(scan(text, 0).tokens, text).map(({ tokens }) => tokens[0]?.startOffset ?? 0);
  return items
    .map((start, i) => ({ start, end: items[i + 1] ?? text.length }))
    .filter(({ start, end }) => !later.some(({ span }) => span.start >= start && span.start < end))
    .map(({ start, end }) => text.slice(start, end))
    .join("");
}

test.each(examples)("$name has no error but what this version lacks", ({ text }) => {
  expect([...new Set(errorsIn(text))]).toEqual(["HPL1008"]);
});

test.each(examples)("$name compiles once that is taken out", ({ text }) => {
  const { policy, diagnostics } = checkText(withoutLaterItems(text));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(policy?.rules.length).toBeGreaterThan(1);
});

test.each(examples)("one missing } in $name is one error", ({ text }) => {
  const clean = withoutLaterItems(text);
  const braces = scan(clean, 0).tokens.filter(({ tokenType }) => tokenType === RightBrace);
  expect(braces.length).toBeGreaterThan(0);
  for (const { startOffset } of braces) {
    const broken = clean.slice(0, startOffset) + clean.slice(startOffset + 1);
    expect(errorsIn(broken), broken.slice(Math.max(0, startOffset - 40), startOffset)).toHaveLength(1);
  }
});

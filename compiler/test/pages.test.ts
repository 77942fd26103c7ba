import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalog } from "../src/diagnostics/catalog.js";
import { checkText } from "./check-text.js";
import { fromRunning, withoutExample } from "./without-example.js";

/** Pages: `docs/errors/HPLnnnn.md`. Their examples are compiled: the page says what the compiler does. */
const folder = new URL("../../docs/errors/", import.meta.url);
// The blocks this package says; the command line, loading and evaluation have their own.
const pages = readdirSync(folder).filter((name) => /^HPL[1-69]\d{3}\.md$/.test(name));

test("the catalogue has each code and slug once, in order", () => {
  const codes = catalog.map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)].toSorted());
  expect(new Set(catalog.map(({ slug }) => slug)).size).toBe(catalog.length);
});

test("every code of the catalogue has a page, and every page its code", () => {
  expect(pages.toSorted()).toEqual(catalog.map(({ code }) => `${code}.md`));
});

test.each(catalog)("$code does as its page says", ({ code, slug, severity }) => {
  const page = readFileSync(new URL(`${code}.md`, folder), "utf8");
  expect(page).toContain(`# ${code}: ${slug.replaceAll("-", " ")}\n`);
  const [fails, passes] = [blockAfter(page, "Fails"), blockAfter(page, "Passes")];
  if (withoutExample.has(code)) return expect([fails, passes]).toEqual([null, null]);
  const expected = fromRunning.has(code) ? [] : [code];
  const said = checkText(fails ?? "").diagnostics;
  const errors = said.filter((found) => found.severity === "error");
  expect([...new Set((severity === "error" ? errors : said).map((found) => found.code))]).toEqual(expected);
  expect(checkText(passes ?? "").diagnostics).toEqual([]);
});

const blockAfter = (page: string, heading: string): string | null =>
  page.match(new RegExp(`## ${heading}\\n\\n\`\`\`hpl\\n([\\s\\S]*?)\`\`\``))?.[1] ?? null;

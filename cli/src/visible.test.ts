import { expect, test } from "vitest";
import { visible, visibleJson, visibleLines } from "./visible.js";

test.each([
  ["DROP\u001b[2K\rSELECT 1", "DROP\\u{1b}[2K\\u{d}SELECT 1"],
  ["a\u009b31mb", "a\\u{9b}31mb"],
  ["x\u202etxt\u2066", "x\\u{202e}txt\\u{2066}"],
  ["zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"],
  ["two\nlines\u2028", "two\\u{a}lines\\u{2028}"],
  ["\ud800 alone", "\\u{d800} alone"],
  ["plain ü 漢 🙂 <b>", "plain ü 漢 🙂 <b>"],
])("%j", (text, expected) => expect(visible(text)).toBe(expected));

test("lines stay lines, tabs are spaces", () => {
  expect(visibleLines("a\tb\nc\u0007")).toEqual(["a b", "c\\u{7}"]);
});

test("JSON says the same without a character that a terminal obeys", () => {
  const value = { statement: "a\u001b[2J\u009b\u202e\u{e0041}\nü", list: ["\u2028"] };
  const shown = visibleJson(value);
  expect(JSON.parse(shown)).toEqual(value);
  expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Cs}]/u);
});

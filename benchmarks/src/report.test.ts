import { expect, test } from "vitest";
import { expectSame, WrongAnswer } from "./bench.js";
import { quantile } from "./meter.js";
import { renderTable, shown } from "./report.js";

test.each([
  [0, "0"],
  [0.0123, "0.0123"],
  [2.3456, "2.35"],
  [99.96, "100.0"],
  [1234.5, "1,230"],
  [23_510_800, "23,500,000"],
  [Number.NaN, "-"],
])("%d is shown as %s", (value, text) => {
  expect(shown(value)).toBe(text);
});

test("a table is Markdown with aligned columns", () => {
  const table = { title: "Times", columns: ["rules", "p50 µs"], rows: [[1_000, "x"]] };
  expect(renderTable(table)).toBe("### Times\n\n| rules | p50 µs |\n|-------|--------|\n| 1,000 | x      |");
});

test("a wrong answer is thrown, with both answers", () => {
  expectSame("verdict", { verdict: "allow" }, { verdict: "allow" });
  expect(() => expectSame("verdict", "allow", "block")).toThrow(WrongAnswer);
  expect(() => expectSame("verdict", "allow", "block")).toThrow('verdict: got "allow", expected "block"');
});

test("quantiles of unsorted samples", () => {
  expect([quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0.99), quantile([], 0.5)]).toEqual([2, 3, 0]);
});

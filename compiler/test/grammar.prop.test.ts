import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../src/1-parse/parse.js";
import { derive, itemRules, rules } from "./generators/sentences.js";

test("every rule of the grammar is used, and every name in it is defined", () => {
  const used = new Set(
    [...rules.values()].flatMap((right) => right.replace(/"[^"]*"|\?[^?]*\?/g, "").match(/\w+/g) ?? []),
  );
  expect([...used].filter((name) => !rules.has(name))).toEqual([]);
  expect([...rules.keys()].filter((name) => name !== "file" && !used.has(name))).toEqual([]);
});

const syntaxErrors = (text: string): readonly string[] =>
  parse({ path: "derived.hpl", text }, 0)
    .diagnostics.filter(({ code }) => code.startsWith("HPL1") && code !== "HPL1016")
    .map(({ code, message }) => `${code} ${message}`);

const runs_count = Number(process.env.FUZZ_RUNS ?? 400);

test("the parser accepts what the grammar derives", () => {
  fc.assert(
    fc.property(derive("file", 9), (sentence) => {
      expect(syntaxErrors(`${sentence}\n`), sentence).toEqual([]);
    }),
    { numRuns: runs_count },
  );
});

test.each(itemRules)("the parser accepts every %s the grammar derives", (name) => {
  fc.assert(
    fc.property(derive(name, 7), (sentence) => {
      expect(syntaxErrors(`policy p governs sql\n${sentence}\n`), sentence).toEqual([]);
    }),
    { numRuns: runs_count / 4 },
  );
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../src/check.js";
import { locate } from "../src/diagnostics/render.js";
import { libraries } from "./check-text.js";

/** One policy with every construct of the language. Whatever single word of it is wrong, the compiler has an answer. */
const text = readFileSync(new URL("./every-construct.hpl", import.meta.url), "utf8");
const data = [
  { path: "lists.json", text: '{ "ids": ["a", "b"] }' },
  {
    path: "lists.schema.json",
    text: '{ "properties": { "ids": { "type": "array", "items": { "type": "string" } } } }',
  },
];
const checkPolicy = (found: string) => check({ sources: [{ path: "p.hpl", text: found }], libraries, data, now_ms: 0 });

test("nothing is wrong with it", () => {
  const { policy, diagnostics } = checkPolicy(text);
  expect(diagnostics).toEqual([]);
  expect(policy?.zones).toEqual(["Europe/Berlin"]);
  expect(policy?.detectors.map(({ id }) => id)).toEqual(["p.own", "std.detect.aws_key"]);
});

const words = text.match(/[A-Za-z0-9_]+|"[^"\n]*"|'[^'\n]*'|\s+|./g) ?? [];
const index = fc.nat({ max: words.length - 1 });
const mutation = fc.oneof(
  index.map((i) => words.filter((_, j) => j !== i)),
  fc.tuple(index, fc.constantFrom(...words)).map(([i, word]) => words.with(i, word)),
  fc.tuple(index, fc.constantFrom(...words)).map(([i, word]) => words.toSpliced(i, 0, word)),
  fc.tuple(index, index).map(([i, j]) => words.with(i, words[j] ?? "").with(j, words[i] ?? "")),
);

test("with a word taken out, put in, replaced or exchanged, it is a policy or has errors, each at a place that exists", () => {
  fc.assert(
    fc.property(mutation, (mutated) => {
      const found = mutated.join("");
      const { policy, diagnostics } = checkPolicy(found);
      expect(diagnostics.filter(({ code }) => code === "HPL9001")).toEqual([]);
      expect(policy === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
      const sources = [{ path: "p.hpl", text: found }, ...libraries];
      for (const { span } of diagnostics) {
        const { length } = sources[span.file]?.text ?? "";
        expect([span.start >= 0, span.start <= span.end, span.end <= length]).toEqual([true, true, true]);
        expect(locate(span, sources).line).toBeGreaterThan(0);
      }
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1_000) },
  );
});

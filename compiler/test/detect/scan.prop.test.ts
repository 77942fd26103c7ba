import type { Finding } from "@hpl/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { accepts } from "../../src/3-check/regex/automaton.js";
import { compileRegex, newRegexCache } from "../../src/3-check/regex/compile-regex.js";
import { openPatterns, type TestDetector } from "./open-patterns.js";

/** What a detector is, by definition: every piece of the text that one of its patterns matches as a whole. Slow and obvious. */
function findByDefinition(detectors: Readonly<Record<string, TestDetector>>, text: Uint8Array): readonly Finding[] {
  const cache = newRegexCache();
  return Object.entries(detectors)
    .flatMap(([type, { patterns, checks = [] }]) => {
      const automata = patterns.map((pattern) => {
        const output = compileRegex(pattern, { file: 0, start: 0, end: 0 }, cache);
        if (output.kind === "problem") throw new Error(output.diagnostic.message);
        return output.regex.automaton;
      });
      const found: Finding[] = [];
      for (let start = 0; start < text.length; start++)
        for (let end = text.length; end > start; end--) {
          if (!standsApart(text, start, end, checks)) continue;
          if (!automata.some((automaton) => accepts(automaton, text.subarray(start, end)))) continue;
          if (!found.some((other) => other.end >= end)) found.push({ type, start, end });
          break;
        }
      return found;
    })
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.type < b.type ? -1 : 1));
}

function standsApart(text: Uint8Array, start: number, end: number, checks: readonly string[]): boolean {
  const [before, behind] = [text[start - 1] ?? 0, text[end] ?? 0].map((byte) => String.fromCharCode(byte));
  return checks.every((check) => {
    if (check === "starts_word") return !/[A-Za-z0-9]/.test(before ?? "");
    const sign = check === "whole_word" ? /[A-Za-z0-9]/ : /[0-9]/;
    return !sign.test(before ?? "") && !sign.test(behind ?? "");
  });
}

/** Patterns that share letters, so that they run into each other, and into themselves. */
const pattern = fc.constantFrom(
  ...["ab", "a+b", "[ab]{2,5}@[ab]+", "b@", "(?:a|bb)*c", "\\d{3}-\\d{2}", "\\d{2,6}", "[a-c]{4}[0-9]?", "@+", "c"],
  ...["a.b", "[^@]{3}@", "ab@[ab]{1,3}(?:-[ab])?", "(?i)AB-\\d", "[a-b]{1,3}\\x{e9}", "b(?:@a){0,3}c", "x{0,2}a"],
);
const check = fc.constantFrom("starts_word", "whole_word", "whole_number");
const detector = fc.record({
  patterns: fc.array(pattern, { minLength: 1, maxLength: 3 }),
  checks: fc.array(check, { maxLength: 1 }),
});
const detectors = fc
  .array(detector, { minLength: 1, maxLength: 12 })
  .map((list): Record<string, TestDetector> => Object.fromEntries(list.map((each, i) => [`d${i}`, each])));
const text = fc.string({
  unit: fc.constantFrom(..."aaabbbccc@@@-1234 é.x\n"),
  maxLength: 90,
});

test("the scan finds exactly what the definition says", () => {
  fc.assert(
    fc.property(detectors, fc.array(text, { minLength: 1, maxLength: 6 }), (of, texts) => {
      const opened = openPatterns(of);
      for (const each of texts) {
        const bytes = new TextEncoder().encode(each);
        expect(opened.detect(bytes)).toEqual(findByDefinition(of, bytes));
      }
    }),
    { numRuns: 150 },
  );
});

test("any bytes at all are looked through, and nothing outside them", () => {
  fc.assert(
    fc.property(detectors, fc.uint8Array({ maxLength: 60 }), (of, bytes) => {
      expect(openPatterns(of).detect(bytes)).toEqual(findByDefinition(of, bytes));
    }),
    { numRuns: 60 },
  );
});

test("a detector more takes nothing away from the others", () => {
  fc.assert(
    fc.property(detectors, detector, text, (of, extra, content) => {
      const bytes = new TextEncoder().encode(content);
      const before = openPatterns(of).detect(bytes);
      const after = openPatterns({ ...of, extra }).detect(bytes);
      expect(after.filter(({ type }) => type !== "extra")).toEqual(before);
    }),
    { numRuns: 60 },
  );
});

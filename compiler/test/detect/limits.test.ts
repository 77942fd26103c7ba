import { expect, test } from "vitest";
import { check } from "../../src/check.js";
import { policyWith } from "./open-patterns.js";

/** Codes of what is wrong with a detector of one pattern. */
const codesOf = (pattern: string, checks: readonly string[] = []): readonly string[] => {
  const text = policyWith({ own: { patterns: [pattern], checks } });
  return check({ sources: [{ path: "p.hpl", text }], libraries: [] }).diagnostics.map(({ code }) => code);
};

test.each([
  ["as many states as an automaton may have", "(?:abcd[0-9]{980}){4}wxyz", []],
  [
    "more states than that",
    "(?:abcd[0-9]{1000}){4}wxyz123456789012345678901234567890123456789012345678901234567890123456789012345",
    ["HPL6010"],
  ],
  ["a set without members", "abcd[^\\x{0}-\\x{10FFFF}]", ["HPL3013"]],
  ["a pattern that doubles", "(?:a|b)*a(?:a|b){20}cdef", ["HPL6010"]],
])("%s", (_what, pattern, expected) => {
  expect(codesOf(pattern)).toEqual(expected);
});

test.each([
  ["a check there is", ["luhn"], []],
  ["two checks", ["whole_number", "entropy(3)"], []],
  ["a check that takes no number", ["luhn(3)"], ["HPL3023"]],
  ["a check there is not", ["whole_sentence"], ["HPL3023"]],
])("%s", (_what, checks, expected) => {
  expect(codesOf("abcd\\d{4}", checks)).toEqual(expected);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { accepts } from "../src/3-check/regex/automaton.js";
import { compileRegex, newRegexCache } from "../src/3-check/regex/compile-regex.js";
import { check } from "../src/check.js";

/** The patterns of `std.detect`, on what they must find and what they must pass by. Their checks come on top. */
const read = (path: string): string => readFileSync(new URL(`../../stdlib/${path}`, import.meta.url), "utf8");
const samples = JSON.parse(read("test/detect.json")) as Readonly<
  Record<string, { readonly found: readonly string[]; readonly passed: readonly string[] }>
>;

const text = `policy p governs sql
use std.detect
default block
mask "a" values detect.secrets with redact
mask "b" values detect.personal with redact
mask "c" values detect.payment with redact
`;
const { policy } = check({
  sources: [{ path: "p.hpl", text }],
  libraries: [{ path: "std/detect.hpl", text: read("detect/detect.hpl") }],
});
const detectors = new Map(policy?.detectors.map((each) => [each.id.replace("std.detect.", ""), each]));

const cache = newRegexCache();

function isFound(id: string, sample: string): boolean {
  const patterns = detectors.get(id)?.patterns ?? [];
  return patterns.some((pattern) => {
    const output = compileRegex(pattern, { file: 0, start: 0, end: 0 }, cache);
    if (output.kind === "problem") throw new Error(`${id}: ${output.diagnostic.message}`);
    return accepts(output.regex.automaton, new TextEncoder().encode(sample));
  });
}

test("every detector has samples", () => {
  expect([...detectors.keys()].toSorted()).toEqual(Object.keys(samples).toSorted());
});

test.each(Object.keys(samples))("%s", (id) => {
  const { found = [], passed = [] } = samples[id] ?? {};
  expect(found.filter((sample) => !isFound(id, sample))).toEqual([]);
  expect(passed.filter((sample) => isFound(id, sample))).toEqual([]);
});

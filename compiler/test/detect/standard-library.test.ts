import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { detectorsOf } from "./open-patterns.js";

/**
 * The detectors of the standard library, on what they must find and what they must pass by. What stands between « and » is to
 * be found; without these signs, the whole text.
 */
const read = (path: string): string => readFileSync(new URL(`../../../stdlib/${path}`, import.meta.url), "utf8");
const samples = JSON.parse(read("test/detect.json")) as Readonly<
  Record<string, { readonly found: readonly string[]; readonly passed: readonly string[] }>
>;
const libraries = ["detect", "pii", "pci"].map((name) => ({
  path: `std/${name}/${name}.hpl`,
  text: read(`${name}/${name}.hpl`),
}));
const every = detectorsOf(
  'policy p governs text\nuse std.detect\nmask "every" values detect.everything with redact\n',
  libraries,
);

/** What the detector `type` finds in `sample`, marked as the samples mark it. */
function marked(type: string, sample: string): string {
  const plain = Buffer.from(sample.replaceAll(/[«»]/g, ""));
  const own = every.detect(plain).filter((finding) => finding.type === type);
  const parts = own.map(({ start, end }, i) => {
    const before = plain.subarray(own[i - 1]?.end ?? 0, start).toString();
    return `${before}«${plain.subarray(start, end).toString()}»`;
  });
  return parts.join("") + plain.subarray(own.at(-1)?.end ?? 0).toString();
}

test("every detector has samples", () => {
  expect([...every.types].toSorted()).toEqual(Object.keys(samples).toSorted());
});

test.each(Object.keys(samples))("%s", (type) => {
  const { found = [], passed = [] } = samples[type] ?? {};
  expect(found.map((sample) => marked(type, sample))).toEqual(
    found.map((sample) => (sample.includes("«") ? sample : `«${sample}»`)),
  );
  expect(passed.map((sample) => marked(type, sample))).toEqual(passed);
});

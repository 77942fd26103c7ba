import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../src/check.js";
import { catalog } from "../src/diagnostics/catalog.js";
import { locate, renderDiagnostics } from "../src/diagnostics/render.js";
import { libraries } from "./check-text.js";

/** Whatever the text, the front of the compiler answers: a policy or errors, each at a place that exists. */
const folder = new URL("./examples/", import.meta.url);
const examples = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
const pieces = [...new Set(examples.flatMap((text) => text.match(/[a-z_]+|"[^"\n]*"|\d+\w*|\s+|./g) ?? []))];
const codes = new Set(catalog.map(({ code }) => code));

const soup = fc.array(fc.constantFrom(...pieces, "\n", "{", "}", "(", ")", '"', "'", "\\", "\u202e", "\ud800"), {
  maxLength: 60,
});
const afterHeader = soup.map((words) => `policy p governs sql, shell\ndefault block\n${words.join(" ")}`);
const mutated = fc
  .tuple(fc.constantFrom(...examples), fc.nat(), fc.nat({ max: 30 }), soup)
  .map(([text, at, cut, words]) => {
    const start = at % text.length;
    return text.slice(0, start) + words.slice(0, 3).join(" ") + text.slice(start + cut);
  });

function expectSound(text: string): void {
  const sources = [{ path: "policy.hpl", text }];
  const { policy, diagnostics } = check({ sources, libraries });
  expect(diagnostics.filter(({ code }) => code === "HPL9001")).toEqual([]);
  expect(policy === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
  for (const { span, code } of diagnostics) {
    const source = [...sources, ...libraries][span.file]?.text ?? "";
    expect(codes).toContain(code);
    expect([span.start >= 0, span.start <= span.end, span.end <= source.length]).toEqual([true, true, true]);
    const place = locate(span, [...sources, ...libraries]);
    expect(Math.min(place.line, place.character, place.end_line, place.end_character)).toBeGreaterThan(0);
  }
  renderDiagnostics(diagnostics, [...sources, ...libraries], { colors: true });
}

test.each([
  ["any text", fc.oneof(fc.string(), fc.string({ unit: "binary" }))],
  ["words of the language in any order", afterHeader],
  ["examples with a piece cut out and others put in", mutated],
] as const)("%s", (_, texts) => {
  fc.assert(fc.property(texts, expectSound), { numRuns: Number(process.env.FUZZ_RUNS ?? 300) });
});

test("the same text gives the same answer", () => {
  for (const text of examples) {
    const input = { sources: [{ path: "a.hpl", text }], libraries };
    expect(check(input)).toEqual(check(input));
  }
});

test("the order of files changes nothing but their indices", () => {
  const [a, b] = ["policy a governs sql\ndefault block\n", 'policy b governs sql\nblock "x" when always\n'].map(
    (text, i) => ({ path: `${i}`, text }),
  );
  if (a === undefined || b === undefined) throw new Error("two files");
  const ids = (sources: readonly (typeof a)[]) =>
    check({ sources, libraries }).policy?.rules.map(({ id, module }) => [id, module]);
  expect(ids([a, b])).toEqual(ids([b, a]));
});

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../src/1-parse/parse.js";
import { scan } from "../src/1-parse/scan.js";
import { RightBrace } from "../src/1-parse/tokens.js";
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

const syntaxErrors = (text: string): readonly string[] =>
  parse({ path: "policy.hpl", text }, 0).diagnostics.map(({ code }) => code);

test.each(examples)("one missing } is one error", (text) => {
  const before = syntaxErrors(text);
  for (const { startOffset } of scan(text, 0).tokens.filter(({ tokenType }) => tokenType === RightBrace)) {
    const broken = text.slice(0, startOffset) + text.slice(startOffset + 1);
    expect(syntaxErrors(broken), broken.slice(Math.max(0, startOffset - 40), startOffset)).toEqual([
      ...before,
      "HPL1004",
    ]);
  }
});

/** A part of an item as it should be, and with a mistake in it. */
const clauses = [
  ["when a == b", "when a = b"],
  ["unless a in {b, c}", "unless in {b, c}"],
  ["unless granted a", "unless granted"],
] as const;
const lines = [
  ['why "a"', "why 5"],
  ['fix "a"', "fix { }"],
  ["control soc2:CC8.1", "control none"],
  ['hit sql "a" as b on c', "hit sql as b on c"],
  ["miss git { verb: push } as b on c at 2026-12-01T00:00Z", "miss git { verb } as b on c"],
  ["on unknown require approval from a within 1h", "on unknown allow"],
] as const;
const part = (pairs: readonly (readonly [string, string])[]) =>
  fc
    .tuple(fc.constantFrom(...pairs), fc.boolean())
    .map(([[right, wrong], isWrong]) => ({ text: isWrong ? wrong : right, isWrong }));

test("each mistake of an item is said once, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.tuple(part(clauses.slice(0, 1)), fc.array(part(clauses.slice(1)), { maxLength: 3 })),
      fc.array(part(lines), { minLength: 1, maxLength: 6 }),
      ([when, unless], body) => {
        const header = [when, ...unless].map(({ text }) => text).join(" ");
        const text = `policy p governs sql\nblock "b" ${header} {\n${body.map((line) => line.text).join("\n")}\n}\n`;
        const wrong = [when, ...unless, ...body].filter(({ isWrong }) => isWrong);
        expect(
          syntaxErrors(text).filter((code) => code === "HPL1001"),
          text,
        ).toHaveLength(wrong.length);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});

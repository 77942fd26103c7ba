import { expect, test } from "vitest";
import { compile } from "../src/index.js";

/** Transforms as a policy writes them, and as decisions name them; an empty text is an error. */
const meta = (transform: string): { readonly transforms: readonly string[] } | null => {
  const text = `policy p governs sql
default block
allow "reads" when statement.effects only {read}
label pii.x on column "**.x"
mask "m" pii.x with ${transform}
`;
  const { module, diagnostics } = compile({ sources: [{ path: "p.hpl", text }], libraries: [] });
  if (module === null) {
    expect(diagnostics.map(({ code }) => code)).toEqual(["HPL3011"]);
    return null;
  }
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(module), "hpl.meta");
  return JSON.parse(new TextDecoder().decode(section));
};

test.each([
  ["partial(country)", "partial(country)"],
  ["truncate(month)", "truncate(month)"],
  ["truncate(hour)", "truncate(hour)"],
  ["round(to: 100)", "round(to: 100)"],
  ["bucket(size: 1_000)", "bucket(size: 1000)"],
  ["network(v6: 48, v4: 24)", "network(v4: 24, v6: 48)"],
  ["network(v4: 0, v6: 128)", "network(v4: 0, v6: 128)"],
  ['fixed("n/a")', 'fixed("n/a")'],
  ['fixed("a \\"b\\" \\u{1F600}")', 'fixed("a \\"b\\" 😀")'],
  ['hmac(key: "pii-2026")', 'hmac(key: "pii-2026")'],
  ['surrogate(key: "pii-2026")', 'surrogate(key: "pii-2026")'],
  ['ff1(key: "k")', 'ff1(key: "k", radix: 10)'],
  ['ff1(radix: 36, key: "k")', 'ff1(key: "k", radix: 36)'],
  ['date_shift(days: 30, key: "k")', 'date_shift(key: "k", days: 30)'],
  ['date_shift(key: "k", days: 3_650)', 'date_shift(key: "k", days: 3650)'],
  ['json(keep: "$.b[*].c", keep: "$.a")', 'json(keep: "$.a", keep: "$.b[*].c")'],
  ["composite(keep: 1_600)", "composite(keep: 1600)"],
  [
    `composite(${Array.from({ length: 32 }, (_, i) => `keep: ${i + 1}`).join(", ")})`,
    `composite(${Array.from({ length: 32 }, (_, i) => `keep: ${i + 1}`).join(", ")})`,
  ],
  ["composite(keep: 3, keep: 1)", "composite(keep: 1, keep: 3)"],
  ["elements(partial(last: 4))", "elements(partial(last: 4))"],
  ['elements(hmac(key: "k"))', 'elements(hmac(key: "k"))'],
  [`fixed("${"x".repeat(256)}")`, `fixed("${"x".repeat(256)}")`],
  [`hmac(key: "${"k".repeat(32)}")`, `hmac(key: "${"k".repeat(32)}")`],
])("%s is %s", (transform, named) => {
  expect(meta(transform)?.transforms).toContain(named);
});

test.each([
  ...["truncate", "truncate()", "truncate(week)", "truncate(month: 2)", "truncate(month, day)"],
  ...["round(to: 0)", "round(size: 10)", "round(to: 1_000_000_001)", "round(to: 1, to: 2)", "round(to: 1, by: 2)"],
  ...[
    "bucket",
    "bucket(to: 10)",
    "network(v4: 24)",
    "network(v4: 33, v6: 48)",
    "network(v4: 24, v6: 129)",
    "partial(city)",
  ],
  ...["fixed", "fixed(n)", "fixed()", 'fixed("a", "b")', 'fixed("\\u{0}")', `fixed("${"x".repeat(257)}")`],
  ...["hmac", "hmac()", "hmac(key: 1)", 'hmac(key: "K")', 'hmac(key: "")', 'hmac(key: "a b")', 'hmac("k")'],
  ...['hmac(key: "k", key: "k")', 'hmac(key: "k", salt: "s")', `hmac(key: "${"k".repeat(33)}")`],
  ...['ff1(key: "k", radix: 16)', "ff1(radix: 10)", 'date_shift(key: "k")', 'date_shift(key: "k", days: 0)'],
  ...['date_shift(key: "k", days: 3_651)', "date_shift(days: 3)"],
  ...["json", "json()", 'json(keep: "name")', 'json(keep: "$")', 'json(keep: "$.a.*")', 'json(drop: "$.a")'],
  ...["composite(keep: 0)", "composite(keep: 1_601)", 'composite(keep: "a")', "composite()"],
  ...["elements", "elements()", "elements(clear)", "elements(elements(redact))", 'elements(json(keep: "$.a"))'],
  ...["elements(redact, redact)", "elements(partial(last: 0))"],
  `json(${Array.from({ length: 33 }, (_, i) => `keep: "$.a${i}"`).join(", ")})`,
])("%s is an error", (transform) => {
  expect(meta(transform)).toBeNull();
});

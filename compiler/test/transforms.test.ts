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
])("%s is an error", (transform) => {
  expect(meta(transform)).toBeNull();
});

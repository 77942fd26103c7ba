import { expect, test } from "vitest";
import { check } from "../src/check.js";

/** What `use`, libraries and names of items do, said with sources and libraries of their own. */
const codesOf = (sources: readonly string[], libraries: readonly string[] = []): readonly string[] => {
  const fileOf = (text: string, i: number) => ({ path: `${i}.hpl`, text });
  const { diagnostics } = check({ sources: sources.map(fileOf), libraries: libraries.map(fileOf) });
  return diagnostics.flatMap(({ code, severity }) => (severity === "error" ? [code] : []));
};

const policy = 'policy p governs sql\ndefault block\nallow "reads" when statement.effects only {read}\n';
const detectors = "library std.detect\ndetector jwt { pattern 'ey[A-Za-z0-9_-]{10,200}' }\nlet secrets = {jwt}\n";

test("a set of detectors by its full name needs no `use`", () => {
  expect(codesOf([`${policy}mask "keys" values std.detect.secrets with redact\n`], [detectors])).toEqual([]);
  expect(codesOf([`${policy}mask "keys" values std.detect.secrets with redact\n`])).not.toEqual([]);
  expect(codesOf([`${policy}use std.detect\nmask "keys" values detect.secrets with redact\n`], [detectors])).toEqual(
    [],
  );
});

test("a library that nothing names is not in force, whatever is in it", () => {
  expect(codesOf([policy], ["library std.broken\nlet a ="])).toEqual([]);
});

test.each([
  "let a = principal.mfa",
  "define a(b: Bool) = principal.mfa == b",
  'group a = "b"',
  'label a on column "**.a"',
  'window a = daily 09:00 to 17:00 in "UTC"',
  "group b\ngrant a to b lasting 1h",
  "counter a = rows per principal over 1h",
  "detector a { pattern 'abcdef' }",
  "attribute claim.team: String?",
  'fixture a = principal { id: "b", kind: agent }',
  'fixture a = principal { id: "b", kind: agent }\nfixture c = connection { name: "d" }\ntest "e" {\ngiven sql "SELECT 1" as a on c\nexpect block\n}',
])("a library may hold: %s", (item) => {
  expect(codesOf([`library a.b governs sql\n${item}\n`])).toEqual([]);
});

test.each([
  'allow "a" when always',
  'block "a" when always',
  'require approval "a" from b within 1h when always',
  'mask "a" b with redact',
  'limit "a" { rows 5 }',
  'exception "A" to "b" when always until 2099-01-01T00:00Z reason "c" approved by "d"',
  "default block",
  'prove "a" always decision == block',
  'assume "a" principal.mfa',
])("a library may not hold: %s", (item) => {
  expect(codesOf([`library a.b governs sql\n${item}\n`])).toContain("HPL4011");
});

test.each(["claim", "decision", "approvals", "masks", "counter", "always", "statement", "now"])(
  "no item may be called %s",
  (name) => {
    for (const item of [`let ${name} = principal.mfa`, `group ${name}`, `window ${name} = daily in "UTC"`])
      expect(codesOf([`${policy}${item}\n`])).toEqual(["HPL2009"]);
  },
);

test("items of every sort share their names", () => {
  const items = [
    ...["let a = principal.mfa", "define a() = principal.mfa", "group a", 'window a = daily in "UTC"'],
    ...[
      "counter a = rows per principal over 1h",
      "detector a { pattern 'abcdef' }",
      'fixture a = principal { id: "b", kind: agent }',
    ],
  ];
  for (const first of items)
    for (const second of items) expect(codesOf([`${policy}${first}\n${second}\n`])).toEqual(["HPL2005"]);
});

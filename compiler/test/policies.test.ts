import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { check } from "../src/check.js";
import { renderDiagnostics } from "../src/diagnostics/render.js";
import { checkText, errorsIn, libraries, sqlPolicy } from "./check-text.js";

const policyOf = (text: string) =>
  checkText(text).policy ?? { rules: [], modules: [], labels: [], examples: [], sources: [] };

test("allow after approval is an allow and an approval with one id and one condition", () => {
  const text = `${sqlPolicy}group dba = "okta-dba"\ngroup sec
allow "change" after approval from 2 of dba and sec and 1 of dba within 30m when statement.effects has write {
  why "Two people see every change."
  control soc2:CC8.1
  control nist:AC-6(9)
}`;
  const rules = policyOf(text).rules.filter(({ id }) => id === "p/change");
  expect(rules.map(({ effect }) => effect)).toEqual([
    { kind: "allow", evenIfIncomplete: false },
    {
      kind: "approve",
      approval: {
        all: [
          { group: "okta-dba", count: 2 },
          { group: "sec", count: 1 },
        ],
        within_s: 1_800,
      },
    },
  ]);
  expect(rules[0]?.condition).toBe(rules[1]?.condition);
  expect(rules[0]).toMatchObject({ controls: ["soc2:CC8.1", "nist:AC-6(9)"], why: "Two people see every change." });
  expect(text.slice(rules[0]?.span.start, rules[0]?.span.end)).toBe('allow "change"');
});

test("masks name the leaves of their labels, tiers the leaves they are for", () => {
  const { rules, labels } = policyOf(`policy p governs sql
label pii.email on column "**.email"
label pii on column "{crm,hr}.*.personal"
label pci.pan on column "pay.*.pan"
mask "m" pii, pci with redact but partial(keep_domain) on pii.email when principal.mfa but clear when principal.kind == human`);
  expect(labels.map(({ path, columns }) => [path, columns.map(({ text }) => text)])).toEqual([
    ["pci.pan", ["pay.*.pan"]],
    ["pii", ["crm.*.personal", "hr.*.personal"]],
    ["pii.email", ["**.email"]],
  ]);
  const [{ effect } = { effect: null }] = rules;
  expect(effect).toMatchObject({
    kind: "mask",
    mask: {
      labels: [0, 1, 2],
      transform: { kind: "redact" },
      tiers: [
        { labels: [2], transform: { kind: "partial", keep: "domain" } },
        { labels: null, transform: { kind: "clear" } },
      ],
    },
  });
});

test("examples carry the facts of their fixtures, groups by the identity provider's names", () => {
  const { examples } = policyOf(`${sqlPolicy}group eng = "okta-eng"
fixture agent = principal { id: "svc-*", kind: agent, groups: {eng}, mfa: false, claims: { team: "a" } }
fixture prod = connection { name: "orders", env: prod, labels: {} }
block "b" when statement.effects has drop { hit unknown sql 'DROP TABLE "x"' as agent on prod }`);
  expect(examples).toMatchObject([
    {
      rule: "p/b",
      expect: "hit unknown",
      subject: { kind: "text", family: "sql", text: 'DROP TABLE "x"' },
      circumstances: {
        principal: { id: "svc-*", kind: "agent", groups: ["okta-eng"], mfa: false, claims: { team: "a" } },
        connection: { name: "orders", env: "prod", labels: {} },
        session: { grants: [], counters: {}, in_transaction: false },
        catalog: null,
        now: null,
      },
    },
  ]);
});

test("libraries are in force only when used, and never bring rules", () => {
  const used = policyOf(`${sqlPolicy}use std.sql\nblock "b" when sql.changes_schema`);
  expect(used.modules.map(({ name }) => name)).toEqual(["p"]);
  const broken = [...libraries, { path: "std/broken.hpl", text: "library std.broken\nlet x = " }];
  const codesWith = (text: string) =>
    check({ sources: [{ path: "p.hpl", text }], libraries: broken }).diagnostics.map(({ code }) => code);
  expect(codesWith(sqlPolicy)).toEqual([]);
  expect(codesWith(`${sqlPolicy}use std.broken\nblock "b" on sql when broken.x`)).toEqual(["HPL1001"]);
});

test.each([
  {
    what: "a lone restricting module",
    text: 'policy p governs sql\nblock "b" when statement.effects has drop',
    errors: [],
  },
  {
    what: "an approval no allow reaches",
    text: 'policy p governs sql\ndefault block\ngroup g\nrequire approval "a" from g within 1h when statement.effects has write',
    errors: ["HPL4005"],
  },
  {
    what: "an approval under default allow",
    text: 'policy p governs sql\ndefault allow\ngroup g\nrequire approval "a" from g within 1h when statement.effects has write',
    errors: [],
  },
  {
    what: "an approval another module's allow reaches",
    text: `policy a governs sql\ngroup g\nrequire approval "a" from g within 1h when statement.effects has write\n# file: p.hpl\n${sqlPolicy}`,
    errors: [],
  },
  {
    what: "an approval of a derived family",
    text: 'policy a governs git\ngroup g\nrequire approval "a" from g within 1h when git.force\n# file: s.hpl\npolicy s governs shell\ndefault allow',
    errors: [],
  },
  {
    what: "an error in one item",
    text: 'policy p governs sql\ndefault block\nlet x = and\nblock "b" when x and statement.kindd == drop',
    errors: ["HPL1001", "HPL2003"],
  },
  { what: "a broken header", text: 'policy p govern sql\nblock "b" when nothing_known', errors: ["HPL1001"] },
  {
    what: "a misspelled item",
    text: `${sqlPolicy}blok "x" when principal.mfa\nblock "y" when statement.effects has drop`,
    errors: ["HPL1001"],
  },
  {
    what: "an item word in a set",
    text: 'policy p governs sql\nblock "b" when statement.effects has any {create,\ngrant,\nalter}',
    errors: [],
  },
  {
    what: "words as names",
    text: 'policy p governs sql\ngroup mask\nlet when_ready = principal in mask\nblock "b" on sql when when_ready',
    errors: [],
  },
  {
    what: "a comment that ends in a carriage return",
    text: `${sqlPolicy}# hidden\rdefault allow\n`,
    errors: ["HPL1002"],
  },
  { what: "a byte order mark", text: `\uFEFF${sqlPolicy}`, errors: [] },
  { what: "windows line ends", text: sqlPolicy.replaceAll("\n", "\r\n"), errors: [] },
  {
    what: "a tier that reads knowledge",
    text: 'policy p governs sql\nlabel a on column "**.a"\nmask "m" a with redact but clear when statement.complete',
    errors: ["HPL4010"],
  },
  {
    what: "an allow that reads knowledge",
    text: 'policy p governs sql\ndefault block\nallow "a" when statement.complete',
    errors: [],
  },
  {
    what: "knowledge through a let",
    text: 'policy p governs sql\nlet sure = statement.complete\nblock "b" when sure',
    errors: ["HPL4010"],
  },
  {
    what: "a set of itself",
    text: 'policy p governs sql\nlet a = {b}\nlet b = {a}\nblock "b" on sql when principal.id in a',
    errors: ["HPL3001"],
  },
  {
    what: "a let of two families",
    text: 'policy p governs sql, git\nlet both = statement.effects has drop and git.force\nblock "b" when both',
    errors: ["HPL4007"],
  },
  {
    what: "a library beyond its families",
    text: 'policy p governs sql, git\nuse l\nblock "b" when l.x\n# file: l.hpl\nlibrary l governs sql\nlet x = git.force',
    errors: ["HPL4008"],
  },
  {
    what: "a module that hides a library",
    text: "policy p governs sql\n# file: s.hpl\nlibrary std.sql",
    errors: ["HPL2006"],
  },
])("$what", ({ text, errors }) => {
  expect(errorsIn(text)).toEqual(errors);
});

test("`on` chooses the family of a rule on common facts", () => {
  const { rules } = policyOf(
    'policy p governs sql, git\nblock "b" on git when principal.mfa\nblock "c" when git.force',
  );
  expect(rules.map(({ id, families }) => [id, families])).toEqual([
    ["p/b", ["git"]],
    ["p/c", ["git"]],
  ]);
});

test("a long line is shown around its span", () => {
  const text = `policy p governs sql\nblock "b" when ${"principal.mfa and ".repeat(100)}statement.kindd == drop\n`;
  const sources = [{ path: "p.hpl", text }];
  const rendered = renderDiagnostics(check({ sources, libraries: [] }).diagnostics, sources, { colors: false });
  const [line = "", carets = ""] = rendered.split("\n").slice(3, 5);
  expect(line.length).toBeLessThan(220);
  expect(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("statement.kindd");
});

test("the policy in the standard library's README compiles", () => {
  const readme = readFileSync(new URL("../../stdlib/README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/```hpl\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  expect(blocks.map((block) => checkText(block).diagnostics)).toEqual([[]]);
});

test.each([
  ["only_reads", 'statement.effects only {"read"}'],
  ["only_controls_transactions", 'statement.effects only {"transaction"}'],
])("std.sql: %s is exactly that", (name, expected) => {
  const [rule] = policyOf(`policy p governs sql\nuse std.sql\nblock "b" when sql.${name}`).rules;
  const { kind, list, values } =
    rule?.condition.kind === "Only" ? rule.condition : { kind: null, list: null, values: [] };
  expect(`${list?.root}.${list?.steps} ${kind?.toLowerCase()} {${values.map((value) => JSON.stringify(value))}}`).toBe(
    expected,
  );
});

test("every name of std.sql is a condition over sql", () => {
  const text = readFileSync(new URL("../../stdlib/sql/sql.hpl", import.meta.url), "utf8");
  const names = [...text.matchAll(/^let (\w+)/gm)].map(([, name]) => name);
  const rules = names.map((name, i) => `block "b${i}" when sql.${name}`).join("\n");
  expect(checkText(`policy p governs sql, git\nuse std.sql\n${rules}`).diagnostics).toEqual([]);
  expect(names.length).toBeGreaterThan(10);
});

test("rendering shows the line, the span, the help, and nothing a terminal would act on", () => {
  const text = 'policy p governs sql\n\tblock "b" when statement.kindd == drop\u001b[2J\n';
  const sources = [{ path: "p.hpl", text }];
  const { diagnostics } = check({ sources, libraries: [] });
  const rendered = renderDiagnostics(diagnostics, sources, { colors: false });
  expect(rendered).not.toContain("\u001b");
  expect(rendered).toContain(`error[HPL2003]: unknown fact \`statement.kindd\`
 --> p.hpl:2:17
  |
2 | \tblock "b" when statement.kindd == drop\u25A1[2J
  | \t               ^^^^^^^^^^^^^^^
  = help: did you mean \`statement.kind\`?
`);
});

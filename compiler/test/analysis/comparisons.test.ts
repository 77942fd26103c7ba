import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { checkText } from "../check-text.js";

// `this at_least_as_strict_as bundle`: a released policy, an edit of it, and what the proof comes to.
const released = `policy prod.databases governs sql
default block
group engineers
group dba
label pii.email on column "**.email"
allow "reads" when statement.effects only {read} and principal in engineers
allow "changes" after approval from dba within 30m
  when statement.effects has write and statement.effects only {read, write} and principal in engineers
block "no-drops" when statement.effects has drop
mask "emails" pii with redact
limit "agents" when principal.kind == agent { rows 100 then stop }
`;
const proof = `prove "no weaker" this at_least_as_strict_as bundle "released.wasm"\n`;

function policyOf(text: string) {
  const { policy, diagnostics } = checkText(text);
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return policy;
}

function resultOf(text: string): readonly string[] {
  const loadPolicy = (path: string, from: string) => {
    expect([path, from]).toEqual(["released.wasm", "policy.hpl"]);
    return { ok: true as const, policy: policyOf(released) };
  };
  return analyse(policyOf(text + proof), () => null, { loadPolicy }).map(({ code, message }) => `${code} ${message}`);
}

const edit = (from: string, to: string): string => {
  expect(released).toContain(from);
  return released.replace(from, to);
};

test.each([
  ["as it was", released, []],
  ["a block more", `${released}block "no-agents" when principal.kind == agent and statement.effects has write\n`, []],
  ["two of them", edit("from dba within", "from 2 of dba within"), []],
  ["sooner", edit("within 30m", "within 10m"), []],
  ["fewer rows", edit("rows 100", "rows 10"), []],
  ["nothing of a value", edit("with redact", "with null"), []],
  ["another column", edit('"**.email"', '"**.email", "**.e_mail"'), []],
  ["an allow more", `${released}allow "locks" when statement.effects only {lock}\n`, [/HPL4001 .*decided `allow`/]],
  ["a block less", edit('block "no-drops" when statement.effects has drop\n', ""), []],
  ["without asking", edit("after approval from dba within 30m\n ", ""), [/HPL4001 .*decided `allow`/]],
  ["longer", edit("within 30m", "within 1h"), [/HPL4001 .*decided `approve`/]],
  ["somebody else", edit("after approval from dba", "after approval from engineers"), [/HPL5033/, /HPL4001/]],
  ["more rows", edit("rows 100", "rows 1_000"), [/HPL4001/]],
  ["a part of a value", edit("with redact", "with partial(first: 1)"), [/HPL4001/]],
  [
    "no mask",
    edit('mask "emails" pii with redact\n', 'block "b" when statement.labels has pii and statement.effects has drop\n'),
    [/HPL5008/, /HPL4001/],
  ],
  ["fewer columns", edit('"**.email"', '"hr.**.email"'), [/HPL5005 .*other columns have the label `pii.email` now/]],
])("%s", (_, text, expected) => {
  const found = resultOf(text);
  expect(found, found.join("\n")).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
});

test("a policy that nobody can read proves nothing", () => {
  const [found] = analyse(policyOf(released + proof), () => null);
  expect(found?.code).toBe("HPL5005");
});

import { expect, test } from "vitest";
import { checkText, sqlPolicy } from "./check-text.js";

/** The five mistakes that authors make most: each meets its diagnostic, and the help says what to write. */
const mistakes: readonly (readonly [what: string, items: string, code: string, help: string])[] = [
  [
    "a column glob of the wrong length",
    'label pii on column "users.email"\nmask "m" pii with redact',
    "HPL3010",
    "write `**.email`",
  ],
  [
    "an approval that no allow reaches",
    'group dba\nrequire approval "changes" from 2 of dba within 30m when statement.effects has write',
    "HPL4005",
    'such as `UPDATE t SET c = 1`, is blocked anyway: write `allow "changes" after approval from 2 of dba within 30m when ..`',
  ],
  ["a pattern inside `in`", 'block "b" when principal.id in {"svc-*"}', "HPL3005", '`principal.id like "svc-*"`'],
  ["a pattern after `==`", 'block "b" when principal.id == "svc-*"', "HPL3005", '`principal.id like "svc-*"`'],
  ["a range after `==`", 'block "b" when session.ip == "10.0.0.0/8"', "HPL3005", '`session.ip in cidr {"10.0.0.0/8"}`'],
  ["a regex taken for a search", 'block "b" when principal.id matches "test"', "HPL3014", "`.*test.*`"],
  ["a regex with an anchor", 'block "b" when principal.id matches "^svc-"', "HPL3013", "write `svc-.*`"],
  ["a regex with the other anchor", 'block "b" when principal.id matches "-svc$"', "HPL3013", "write `.*-svc`"],
  ["a regex with both", 'block "b" when principal.id matches "^svc-[0-9]+$"', "HPL3013", "write `svc-[0-9]+`"],
  ["`== a or b`", 'block "b" when connection.env == prod or staging', "HPL3004", "connection.env in {prod, staging}"],
  [
    "`in g1 or g2`",
    'group g\ngroup h\nblock "b" when principal in g or h',
    "HPL3004",
    "principal in g or principal in h",
  ],
  [
    "mixed connectives",
    'block "b" when principal.mfa and principal.kind == agent or statement.effects has drop',
    "HPL1011",
    "they differ when",
  ],
  [
    "a list of verbs that forgets some",
    'block "b" when statement.kind in {drop, truncate}',
    "HPL5002",
    "`statement.effects has any {drop, truncate}`",
  ],
  [
    "a restriction skipped by its own guard",
    'block "b" when statement.limit is present and statement.limit > 5',
    "HPL5003",
    "`(statement.limit is absent or ..)`",
  ],
];

test.each(mistakes)("%s", (_, items, code, help) => {
  const policy = code === "HPL4005" ? "policy p governs sql\ndefault block\n" : sqlPolicy;
  const { diagnostics } = checkText(`${policy}${items}\n`);
  expect(diagnostics.map((found) => found.code)).toEqual([code]);
  expect(diagnostics[0]?.severity).toBe(code.startsWith("HPL5") ? "warning" : "error");
  expect(diagnostics[0]?.help).toContain(help);
});

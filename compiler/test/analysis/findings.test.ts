import { expect, test } from "vitest";
import { type AnalysisOptions, analyse } from "../../src/analysis/analyse.js";
import { checkText } from "../check-text.js";

// Policies that look right, and what analysis says of them: code and message, or nothing.
const now_ms = Date.UTC(2026, 5, 1);
const head = `policy prod.databases governs sql for connection.env == prod
default block
group engineers
group dba
group security
label pii.email on column "**.email"
label pii.phone on column "hr.**"
allow "reads" when statement.effects only {read} and principal in engineers
mask "emails" pii with redact
fixture alice = principal { id: "alice", kind: human, groups: {engineers, dba, security} }
fixture orders = connection { name: "orders", kind: postgres, env: prod }
test "people read" { given sql "SELECT 1" as alice on orders expect allow }
test "dba" { given sql "SELECT 1" as alice on orders expect allow }
`;

const findings = (rules: string, options: AnalysisOptions = {}, before = head): readonly string[] => {
  const { policy, diagnostics } = checkText(`${before}${rules}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (policy === null) throw new Error(errors.map(({ message }) => message).join("; "));
  return analyse(policy, () => null, { now_ms, ...options }).map(
    ({ code, message, help }) => `${code} ${message}; ${help}`,
  );
};

const cases: readonly (readonly [string, string, readonly RegExp[]])[] = [
  ["a block beside the scope", `block "b" when statement.effects has drop and principal in dba`, []],
  [
    "two clauses out of four exclude each other",
    `block "b" when principal.kind == agent and statement.effects has drop and principal in dba unless principal.kind == agent`,
    [/HPL4002 .*`principal.kind == agent` and `unless principal.kind == agent` exclude each other/],
  ],
  [
    "the scope excludes it",
    `block "b" when statement.effects has drop and connection.env == dev`,
    [/`for connection.env == prod` and `connection.env == dev` exclude each other/],
  ],
  [
    "what every statement keeps to excludes it",
    `block "b" when statement.kind == drop unless statement.effects has drop`,
    [/`statement.kind == drop` and `unless statement.effects has drop` and `DROP drops.` exclude each other/],
  ],
  [
    "one clause that nothing meets",
    `block "b" when principal in dba and session.ip like "zz" and session.ip in cidr {"10.0.0.0/8"}`,
    [],
  ],
  [
    "always, within the scope",
    `limit "l" when connection.env == prod { rows 10 then stop }`,
    [/HPL5009 .*`l` fires on every request that its module is for/],
  ],
  ["always, and meant", `limit "l" when always { rows 10 then stop }`, []],
  ["a member more", `block "b" when principal.kind in {human, agent, service}`, [/HPL5009/]],
  [
    "of two equal `unless` the later one",
    `block "b" when statement.effects has drop unless principal in dba unless principal in dba`,
    [/HPL5011 .*`b`/],
  ],
  ["an `unless` that excuses some", `block "b" when statement.effects has drop unless principal in dba`, []],
  [
    "no target at all",
    `block "b" when statement.effects has write unless no t in statement.targets where (t.relation == "public.pay")`,
    [/HPL5012 .*`statement.targets`/],
  ],
  [
    "`all` needs a target",
    `block "b" when statement.effects has write unless all t in statement.targets where (not t.relation == "public.pay")`,
    [],
  ],
  [
    "an allow that asks more than the list",
    `allow "a" when statement.effects only {read} and principal in dba and no r in statement.relations where (r.schema == "pay")`,
    [],
  ],
  [
    "shadowed by one",
    `block "wide" when statement.effects has drop\nblock "narrow" when statement.effects has drop and principal in dba`,
    [/HPL5008 `narrow` .*: `prod.databases\/wide` fires/],
  ],
  [
    "shadowed by two, and a third has no part in it",
    `block "agents" when statement.effects has drop and principal.kind == agent
block "others" when statement.effects has alter and principal.kind != agent
block "grants" when statement.effects has grant
block "both" when statement.effects has all {drop, alter}`,
    [/HPL5008 `both` changes nothing: one of `prod.databases\/agents`, `prod.databases\/others` fires/],
  ],
  [
    "a hard block inside a soft one",
    `block "soft" when statement.effects has drop\nblock "hard" hard when statement.effects has drop and principal in dba`,
    [],
  ],
  [
    "an approval beside a plain allow",
    `allow "changes" after approval from security within 30m when statement.effects only {read} and principal in dba and principal in engineers`,
    [],
  ],
  [
    "an approval that no allow reaches",
    `require approval "changes" from dba within 30m when statement.effects has write`,
    [/HPL4003 .*no `allow` grants any of it/],
  ],
  [
    "an approval of what is blocked",
    `allow "changes" when statement.effects only {write} and principal in engineers
require approval "ask" from dba within 30m when statement.effects has write and principal.kind == agent
block "agents" hard when principal.kind == agent and statement.effects has write`,
    [/HPL4003 .*`prod.databases\/agents`, which no exception lifts, blocks all of it/],
  ],
  [
    "an approval of what a soft block stops",
    `allow "changes" when statement.effects only {write} and principal in engineers
require approval "ask" from dba within 30m when statement.effects has write and principal.kind == agent
block "agents" when principal.kind == agent and statement.effects has write`,
    [],
  ],
  [
    "an exception that a hard block undoes",
    `block "soft" when statement.effects has drop and principal in dba
block "hard" hard when statement.effects has drop
exception "E" to "soft" when principal.id == "alice" until 2026-09-01T00:00Z reason "r" approved by "bob"`,
    [/HPL5008/, /HPL5013 .*`prod.databases\/hard` blocks all of it too/],
  ],
  [
    "two masks that keep different parts",
    `mask "first" pii.email with partial(first: 2)\nmask "last" pii.email with partial(last: 2) when principal in dba`,
    [/HPL5014 `last` and `prod.databases\/first` meet on `pii.email`: `partial\(first: 2\)`.*`partial\(last: 2\)`/],
  ],
  [
    "two masks for different people",
    `mask "first" pii.email with partial(first: 2) when principal.kind == human
mask "last" pii.email with partial(last: 2) when principal.kind == agent`,
    [],
  ],
  [
    "two labels that one column has",
    `mask "first" pii.email with partial(first: 2)\nmask "last" pii.phone with partial(last: 2)`,
    [/HPL5014/],
  ],
  ["a column by its name", `block "b" when any c in statement.columns where (c.name == "ssn")`, [/HPL5031/]],
  [
    "peers",
    `allow "c" after approval from dba within 30m when statement.effects only {write} and principal in dba`,
    [/HPL5033 .*`dba`/],
  ],
  [
    "two peers",
    `allow "c" after approval from 2 of dba within 30m when statement.effects only {write} and principal in dba`,
    [],
  ],
  ["advisory", `block "b" advisory when statement.effects has drop`, [/HPL5034/]],
];

test.each(cases)("%s", (_, rules, expected) => {
  const found = findings(rules);
  expect(found, found.join("\n")).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
});

const shell = `policy agents governs shell\ndefault block\n`;
const http = `policy web governs http\ndefault block\n`;

test.each([
  [
    "/tmp**",
    shell,
    `any p in command.paths where (p like "/tmp**")`,
    ["`/tmp**` matches `/tmp-other/x` too; write `/tmp/**`"],
  ],
  ["/tmp/**", shell, `any p in command.paths where (p like "/tmp/**")`, []],
  ["**/.ssh/**", shell, `any p in command.paths where (p like "**/.ssh/**")`, []],
  [
    "*example.com",
    http,
    `http.host like "*example.com"`,
    ["`*example.com` matches `evilexample.com` too; write `**.example.com`"],
  ],
  ["*.example.com", http, `http.host like "*.example.com"`, []],
  [
    "an address",
    http,
    `principal.email is present and principal.email like "*example.com"`,
    ["`*example.com` matches `evilexample.com` too; write `*@example.com`"],
  ],
  [
    "a loose dot",
    http,
    `http.host matches 'api.example\\.com'`,
    ["`api.example\\.com` matches `apixexample.com` too; write `api\\.example\\.com`"],
  ],
  ["dots that are meant", http, `http.path matches '/v.*/x[a.b]c\\.d'`, []],
])("patterns: %s", (_, before, condition, expected) => {
  const on = before === http ? "http" : "shell";
  const found = findings(`block "b" on ${on} when ${condition}`, {}, before).filter((each) =>
    each.startsWith("HPL5015"),
  );
  expect(found.map((each) => each.slice("HPL5015 ".length))).toEqual(expected);
});

test("time boxes: a day and no more, a year and no more", () => {
  const until = (days: number) => new Date(now_ms + days * 86_400_000).toISOString().slice(0, 16);
  const exception = (days: number) =>
    `block "b" when statement.effects has drop and principal in dba and not granted g
exception "E" to "b" when principal.id == "alice" until ${until(days)}Z reason "r" approved by "bob"\ngrant g to dba lasting `;
  expect(findings(`${exception(366)}1d`)).toEqual([]);
  expect(findings(`${exception(367)}25h`)).toEqual([
    expect.stringMatching(/HPL5035 the exception/),
    expect.stringMatching(/HPL5035 the grant/),
  ]);
});

test("connections that a gateway has and nothing governs", () => {
  const connections = ["prod", "dev"].map((env) => ({ name: `orders-${env}`, kind: "postgres", env, labels: {} }));
  expect(findings("", { connections })).toEqual([expect.stringMatching(/HPL5036 .*`orders-dev`/)]);
});

test("gaps are said to those who ask, rules without a hit too", () => {
  expect(findings("")).toEqual([]);
  expect(
    findings("", { wantsGaps: true })
      .map((each) => each.slice(0, 7))
      .toSorted(),
  ).toEqual(["HPL5017", "HPL5018", "HPL5018"]);
});

test("400 tests side by side are weighed, and one more is not", () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `principal.id == "u${i}"`).join(" or ");
  const said = (count: number) => findings(`block "b" when principal.id == "someone" unless (${names(count)})`);
  expect(said(400)).toEqual([expect.stringMatching(/HPL5011 .*`b`/)]);
  expect(said(401)).toEqual([]);
});

import { expect, test } from "vitest";
import type { CheckedPolicy } from "../src/3-check/checked.js";
import { check } from "../src/check.js";
import { checkText, errorsIn, sqlPolicy } from "./check-text.js";

/** What a gateway gives, counts, lifts and looks for, and what tests and proofs say: as the back of the compiler gets it. */
function policyOf(text: string): CheckedPolicy {
  const { policy, diagnostics } = checkText(text);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (policy === null) throw new Error("no policy");
  return policy;
}

const groups = 'group oncall = "idp-oncall"\ngroup dba\ngroup security = "idp-security"\n';
const fixtures = `fixture alice = principal { id: "alice", kind: human, groups: {dba} }
fixture orders = connection { name: "orders", kind: postgres, env: prod }
`;

test("a grant has its groups by the identity provider's names, and an hour to be approved unless it says otherwise", () => {
  const { grants } = policyOf(`${sqlPolicy}${groups}grant see to dba after approval from 1 of security lasting 1h
grant break_glass to oncall, dba asking "incident number" lasting 30m telling security, dba
block "b" when granted see and granted break_glass`);
  expect(grants).toMatchObject([
    {
      id: "p.break_glass",
      to: ["dba", "idp-oncall"],
      approval: null,
      asking: "incident number",
      lasting_s: 1800,
      telling: ["dba", "idp-security"],
    },
    {
      id: "p.see",
      to: ["dba"],
      approval: { all: [{ group: "idp-security", count: 1 }], within_s: 3600 },
      asking: null,
      lasting_s: 3600,
      telling: [],
    },
  ]);
});

test("a counter has its labels written out, and its id is that of its module wherever it is read", () => {
  const { counters, rules } = policyOf(`policy q governs sql
use p
block "many" when counter.p.cards > 5
# file: p.hpl
${sqlPolicy}label pci.pan on column "**.pan"
label pci.cvv on column "**.cvv"
counter cards = rows labelled pci per principal over 1h`);
  expect(counters).toMatchObject([{ id: "p.cards", what: "rows", labels: [0, 1], per: "principal", over_s: 3600 }]);
  expect(rules.find(({ id }) => id === "q/many")?.condition).toMatchObject({
    kind: "Compare",
    path: { root: "session", steps: ["counters", "p.cards"] },
    value: 5,
  });
});

test("limits, and what a rule does when it does not know", () => {
  const { rules } = policyOf(`${sqlPolicy}${groups}label pii on column "**.email"
limit "l" when principal.kind == agent { rows 1_000 then stop  time 10s  bytes 10 MB }
limit "m" on sql when always { time 5m }
block "b" when statement.effects has drop { on unknown require approval from dba within 30m  audit durable }
block "c" when statement.effects has drop { on unknown ignore  audit timely }
mask "k" pii with redact { predicates equality }
mask "n" pii with redact`);
  const byId = Object.fromEntries(rules.map((rule) => [rule.id, rule]));
  expect(byId["p/l"]?.effect).toEqual({ kind: "limit", limit: { rows: 1000, time_ms: 10_000, bytes: 10_000_000 } });
  expect(byId["p/m"]?.effect).toEqual({ kind: "limit", limit: { rows: null, time_ms: 300_000, bytes: null } });
  expect(byId["p/b"]).toMatchObject({
    onUnknown: { all: [{ group: "dba", count: 1 }], within_s: 1800 },
    audit: "durable",
  });
  expect(byId["p/c"]).toMatchObject({ onUnknown: "ignore", audit: "timely" });
  expect(byId["p/k"]?.effect).toMatchObject({ mask: { predicates: "equality" } });
  expect(byId["p/n"]).toMatchObject({ effect: { mask: { predicates: "deny" } }, onUnknown: "restrict", audit: null });
});

test("a mask of values is for every family of its module, and brings the detectors of its set, with no `use` needed", () => {
  const { rules, detectors } = policyOf(`policy agents governs shell, git
default block
detector badge {
  pattern 'badge-[0-9]{6}'
  pattern 'bdg_[a-z]{12}'
  check   entropy(3)
  context {"badge", "door"}
}
detector spare { pattern 'spare-[0-9]{6}' }
let own = {badge}
mask "keys" values std.detect.secrets with redact
mask "badges" on shell values own with partial(last: 2) when principal.kind == agent
mask "one" values spare with null`);
  expect(detectors.map(({ id }) => id)).toEqual(["agents.badge", "agents.spare", "std.detect.aws_key"]);
  expect(detectors[0]).toMatchObject({
    patterns: ["badge-[0-9]{6}", "bdg_[a-z]{12}"],
    checks: [{ name: "entropy", arguments: [3] }],
    context: ["badge", "door"],
  });
  expect(rules.map(({ id, families, effect }) => ({ id, families, effect }))).toEqual([
    {
      id: "agents/badges",
      families: ["shell"],
      effect: {
        kind: "detect",
        detect: { set: "agents.own", detectors: [0], transform: { kind: "partial", keep: "ends", first: 0, last: 2 } },
      },
    },
    {
      id: "agents/keys",
      families: ["shell", "git"],
      effect: { kind: "detect", detect: { set: "std.detect.secrets", detectors: [2], transform: { kind: "redact" } } },
    },
    {
      id: "agents/one",
      families: ["shell", "git"],
      effect: { kind: "detect", detect: { set: "agents.spare", detectors: [1], transform: { kind: "null" } } },
    },
  ]);
});

test.each([
  ["mask values of something else", 'group g\nmask "m" values g with redact', ["HPL2014"]],
  ["mask values of nothing", 'mask "m" values secrets with redact', ["HPL2014"]],
  ["mask values of an unknown set", 'use std.detect\nmask "m" values detect.secret with redact', ["HPL2004"]],
  ["a detector in a condition", 'detector d { pattern "abcd+" }\nblock "b" when principal.id in d', ["HPL3001"]],
  ["an exception that reads what is known", exceptionWhen("statement.complete"), ["HPL4010"]],
  ["an exception that reads an absent fact", exceptionWhen("statement.limit > 5"), ["HPL3006"]],
  [
    "a default of another module",
    'test "t" {\n  given sql "x" as alice on orders\n  expect block by "q/c"\n}',
    ["HPL2030"],
  ],
  ["an unknown verdict", 'test "t" {\n  given sql "x" as alice on orders\n  expect deny\n}', ["HPL1001"]],
  [
    "a session that is none",
    'test "t" {\n  given sql "x" as alice on orders in orders\n  expect block\n}',
    ["HPL2012"],
  ],
  ["facts of no family", 'test "t" {\n  given sqll { } as alice on orders\n  expect block\n}', ["HPL2011"]],
  [
    "a text that no front end reads",
    'test "t" {\n  given git "push" as alice on orders\n  expect block\n}',
    ["HPL4017"],
  ],
  [
    "facts the policy works out",
    'test "t" {\n  given sql { labels: {} } as alice on orders\n  expect block\n}',
    ["HPL2003"],
  ],
  [
    "a fact twice",
    'test "t" {\n  given git { verb: push, verb: fetch } as alice on orders\n  expect block\n}',
    ["HPL2005"],
  ],
  ["an unknown counter in a session", "fixture s = session { counters: {cards: 5} }", ["HPL2004"]],
  ["counters that are no counts", "fixture s = session { counters: 5 }", ["HPL3001"]],
  ["a grant that is none in a session", "fixture s = session { grants: {dba} }", ["HPL3001"]],
  ["a connection's label nobody declares", "fixture c = connection { tier: gold }", ["HPL2003"]],
  ["a recursive define", "define f(x: String) = g(x)\ndefine g(x: String) = f(x)", ["HPL2013", "HPL2013"]],
  ["a define in its own let", 'define f(x: String) = l\nlet l = f("a")', ["HPL2013"]],
  ["a parameter that is a fact", "define f(statement: String) = always", ["HPL2009"]],
  ["a parameter twice", "define f(x: String, x: String) = always", ["HPL2005"]],
  ["a parameter of no type", "define f(x: Strin) = always", ["HPL1007"]],
  ["a parameter of an unknown fact", "define f(x: statement.knd) = always", ["HPL2003"]],
  ["an unused mistake", "define f(x: String) = statement.kind == x", ["HPL3001"]],
  ["a mistake in an unused window", 'window w = mon to fry in "UTC"', ["HPL2031"]],
  ["a claim over facts", 'prove "x" never principal.kind == agent', ["HPL4025"]],
  ["a claim over a grant", 'grant g to dba lasting 1h\nprove "x" never granted g', ["HPL4025"]],
  ["a claim over a count", 'counter c = rows per session over 1h\nprove "x" never counter.c > 5', ["HPL4025"]],
  ["a claim over a `let`", 'use std.sql\nprove "x" never sql.locks', ["HPL4025"]],
  ["a claim that compares wrongly", 'prove "x" never decision == deny', ["HPL3002"]],
  ["a proof of a decision in its `when`", 'prove "x" never decision == allow when decision == block', ["HPL4024"]],
])("%s is refused", (_, items, expected) => {
  expect(errorsIn(`${sqlPolicy}group dba\n${fixtures.replace("{dba}", "{}")}${items}\n`)).toEqual(expected);
});

function exceptionWhen(condition: string): string {
  return `block "c" when statement.effects has drop
exception "X-1" to "c" when ${condition} until 2027-01-01T00:00Z reason "r" approved by "b"`;
}

test("what nobody uses is warned of, whatever it is", () => {
  const { diagnostics } = checkText(`${sqlPolicy}group dba
window w = daily in "UTC"
grant g to dba lasting 1h
counter c = rows per session over 1h
detector d { pattern 'abcd[0-9]{9}' }
define f(x: String) = principal.id == x
data j from "j.json"

# file: j.json
[]
# file: j.schema.json
{}`);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    "window `w` is never used",
    "grant `g` is never used",
    "counter `c` is never used",
    "detector `d` is never used",
    "`define` `f` is never used",
    "data file `j` is never used",
  ]);
});

test("an approval that nothing grants names a statement, where the rule says which", () => {
  const helpOf = (condition: string) =>
    checkText(
      `policy p governs sql\ndefault block\ngroup dba\nrequire approval "a" from dba within 1h when ${condition}`,
    ).diagnostics[0]?.help;
  expect(helpOf("statement.effects has any {network, drop}")).toContain("`DROP TABLE t`");
  expect(helpOf("principal.kind == agent and statement.kind in {other, delete}")).toContain("`DELETE FROM t`");
  expect(helpOf("principal.kind == agent")).toContain("`SELECT * FROM t`");
  expect(helpOf("not statement.effects has drop")).not.toContain("such as");
});

test("calls that double at each level meet the limit, and soon", () => {
  const levels = Array.from({ length: 40 }, (_, i) => `define f${i + 1}(x: String) = f${i}(x) or f${i}(x)`);
  const text = `${sqlPolicy}define f0(x: String) = principal.id == x\n${levels.join("\n")}\nblock "b" on sql when f40("a")`;
  expect(new Set(errorsIn(text))).toEqual(new Set(["HPL6008"]));
});

test("an exception is to one soft restriction, of its own module or of another", () => {
  const { exceptions } = policyOf(`${sqlPolicy}block "c" when statement.effects has drop
exception "INC-1" to "c" when principal.id == "alice" unless principal.kind == agent
  until 2027-01-01T00:00Z reason "clean-up" approved by "bob"
# file: q.hpl
policy q governs sql
exception "a-2" to "p/c" when principal.id == "carol" until 2028-01-01T00:00Z reason "r" approved by "b"`);
  expect(exceptions).toMatchObject([
    {
      id: "p/INC-1",
      module: 0,
      rule: "p/c",
      condition: { kind: "And", operands: [{ kind: "Compare" }, { kind: "Not" }] },
      until_ms: Date.UTC(2027, 0),
      reason: "clean-up",
      approved_by: "bob",
    },
    { id: "q/a-2", module: 1, rule: "p/c", until_ms: Date.UTC(2028, 0) },
  ]);
});

test("attributes are those of all modules, `connection.env` is one, and fixtures write them by their short names", () => {
  const text = `${sqlPolicy}${groups}attribute connection.tier: {gold, silver}
attribute claim.team: String?
fixture alice = principal { id: "a", kind: human, groups: {dba}, claims: {team: "x", other: "y"} }
fixture orders = connection { name: "o", kind: postgres, env: prod, tier: gold, labels: {pci: "yes"} }
block "b" when connection.tier == gold { hit sql "SELECT 1" as alice on orders at 2026-12-21T10:00Z }`;
  const { attributes, examples } = policyOf(text);
  expect(attributes).toEqual([
    { path: { root: "connection", steps: ["env"] }, members: ["prod", "staging", "dev"], optional: false },
    { path: { root: "connection", steps: ["labels", "tier"] }, members: ["gold", "silver"], optional: false },
    { path: { root: "principal", steps: ["claims", "team"] }, members: null, optional: true },
  ]);
  expect(examples[0]?.circumstances).toMatchObject({
    principal: { claims: { team: "x", other: "y" } },
    connection: { labels: { tier: "gold", pci: "yes" } },
    now: Date.UTC(2026, 11, 21, 10),
  });
  const own = `${sqlPolicy}attribute connection.env: {live, test}\nblock "b" when connection.env == live`;
  expect(policyOf(own).attributes).toMatchObject([{ members: ["live", "test"] }]);
  expect(errorsIn(own.replace("== live", "== prod"))).toEqual(["HPL3002"]);
});

test("a session is one without grants or counts, unless its fixture says otherwise", () => {
  const { examples } = policyOf(`${sqlPolicy}${groups}${fixtures}grant see to dba lasting 1h
counter cards = rows per principal over 1h
counter volume = bytes per session over 1d
fixture busy = session { grants: {see}, counters: {volume: 10 MB}, ip: "10.0.0.1" }
block "b" when granted see and counter.cards > 1 and counter.volume > 1 MB {
  hit  sql "SELECT 1" as alice on orders in busy
  miss sql "SELECT 1" as alice on orders
}`);
  expect(examples.map(({ circumstances }) => circumstances.session)).toEqual([
    {
      grants: ["p.see"],
      counters: { "p.cards": 0, "p.volume": 10_000_000 },
      in_transaction: false,
      ip: "10.0.0.1",
    },
    { grants: [], counters: { "p.cards": 0, "p.volume": 0 }, in_transaction: false },
  ]);
});

test("the facts of an action may stand for its text: what is not said is unknown, but they are all there is to know", () => {
  const { examples } = policyOf(`policy repo governs git
default block
${fixtures.replace("{dba}", "{}")}block "b" when git.force {
  hit git { verb: push, force: true, ref: "refs/heads/*" } as alice on orders
  miss git { force: false, complete: false } as alice on orders
}`);
  expect(examples.map(({ subject }) => subject)).toEqual([
    {
      kind: "facts",
      family: "git",
      facts: { complete: true, reasons: [], verb: "push", force: true, ref: "refs/heads/*" },
    },
    { kind: "facts", family: "git", facts: { complete: false, reasons: [], force: false } },
  ]);
});

test("tests, proofs and assumptions", () => {
  const { tests, proofs, assumptions } = policyOf(`${sqlPolicy}${groups}${fixtures}label pii on column "**.email"
mask "m" pii with redact
block "c" when statement.effects has drop
exception "X-1" to "c" when principal.id == "a" until 2027-01-01T00:00Z reason "r" approved by "b"
test "all there is" {
  given  sql "SELECT email AS e FROM t" as alice on orders at 2026-01-01T00:00Z
  expect allow by "m" with mask e by "p/m" and no mask on f and limit time 10s and limit rows 5 and limit bytes 1 KB
  expect allow with no mask
  given  sql "DROP TABLE t" as alice on orders
  expect approve by "X-1" with approval from 2 of dba and security
}
prove "p" always decision in {allow, approve} and approvals.quorum >= 2 and approvals.groups has dba and masks has pii
  when statement.effects has write unless principal.kind == human
assume "a" principal.kind != service or principal.mfa`);
  expect(tests).toMatchObject([
    {
      id: "p/all there is",
      cases: [
        {
          circumstances: { now: Date.UTC(2026, 0) },
          expectations: [
            {
              verdict: "allow",
              by: "p/m",
              with: [
                { kind: "mask", column: "e", by: "p/m" },
                { kind: "no mask", column: "f" },
                { kind: "limit", of: "time_ms", value: 10_000 },
                { kind: "limit", of: "rows", value: 5 },
                { kind: "limit", of: "bytes", value: 1000 },
              ],
            },
            { verdict: "allow", by: null, with: [{ kind: "no mask", column: null }] },
          ],
        },
        {
          circumstances: { now: null },
          expectations: [
            {
              verdict: "approve",
              by: "p/X-1",
              with: [
                {
                  kind: "approval",
                  all: [
                    { group: "dba", count: 2 },
                    { group: "idp-security", count: 1 },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ]);
  expect(proofs).toMatchObject([
    {
      id: "p/p",
      quantifier: "always",
      claim: {
        kind: "And",
        operands: [
          { path: { root: "decision", steps: [] } },
          { path: { root: "approvals", steps: ["quorum"] } },
          {},
          {},
        ],
      },
      when: { kind: "And" },
    },
  ]);
  expect(assumptions).toMatchObject([{ id: "p/a", condition: { kind: "Or" } }]);
});

test("zones are those that conditions ask about", () => {
  const { zones } = policyOf(`${sqlPolicy}window a = daily 09:00 to 17:00 in "Europe/Berlin"
window b = daily 09:00 to 17:00 in "America/New_York"
window c = daily 09:00 to 17:00 in "UTC"
window d = daily 09:00 to 17:00 in "Asia/Tokyo"
let n = {b, c}
block "b" on sql when now in a or now in n`);
  expect(zones).toEqual(["America/New_York", "Europe/Berlin"]);
});

test("tests and proofs of a library are its own: a policy that uses it does not run them", () => {
  const library = {
    path: "lib.hpl",
    text: `library lib governs sql\nlet reads = statement.effects only {read}\n${fixtures.replace("{dba}", "{}")}test "t" {\n  given sql "SELECT 1" as alice on orders\n  expect block\n}`,
  };
  const source = { path: "p.hpl", text: 'policy p governs sql\nuse lib\nblock "b" when lib.reads' };
  expect(check({ sources: [source], libraries: [library] }).policy?.tests).toEqual([]);
  expect(check({ sources: [library], libraries: [] }).policy?.tests).toMatchObject([{ id: "lib/t" }]);
});

test("an exception that has ended is warned of, where somebody says what time it is", () => {
  const text = `${sqlPolicy}${exceptionWhen('principal.id == "a"')}`;
  const codesAt = (now_ms?: number) =>
    check({
      sources: [{ path: "p.hpl", text }],
      libraries: [],
      ...(now_ms === undefined ? {} : { now_ms }),
    }).diagnostics.map(({ code }) => code);
  expect([codesAt(), codesAt(Date.UTC(2026, 0)), codesAt(Date.UTC(2027, 0))]).toEqual([[], [], ["HPL5006"]]);
});

import { expect, test } from "vitest";
import type { Condition, FactPath } from "../src/3-check/checked.js";
import { checkText, errorsIn } from "./check-text.js";

/** What conditions become: every name written out, shown one line each. */
const pathOf = ({ root, steps }: FactPath): string =>
  [typeof root === "string" ? root : `$${root.item}`, ...steps].join(".");

function show(condition: Condition): string {
  const values = (list: readonly unknown[]) => `{${list.map((value) => JSON.stringify(value)).join(", ")}}`;
  switch (condition.kind) {
    case "Constant":
      return String(condition.value);
    case "Not":
      return `not ${show(condition.operand)}`;
    case "And":
    case "Or":
      return `(${condition.operands.map(show).join(` ${condition.kind.toLowerCase()} `)})`;
    case "IsTrue":
      return pathOf(condition.path);
    case "IsPresent":
      return `${pathOf(condition.path)} present`;
    case "Compare":
      return `${pathOf(condition.path)} ${condition.operator} ${JSON.stringify(condition.value)}`;
    case "CompareFacts":
      return `${pathOf(condition.left)} ${condition.operator} ${pathOf(condition.right)}`;
    case "In":
      return `${pathOf(condition.path)} in ${values(condition.values)}`;
    case "Like":
      return `${pathOf(condition.path)} like ${condition.globs.map(({ text, separator }) => `${text}[${separator ?? ""}]`).join(" ")}`;
    case "Matches":
      return `${pathOf(condition.path)} matches ${condition.patterns.map(({ text }) => text).join(" ")}`;
    case "InCidr":
      return `${pathOf(condition.path)} in ${condition.ranges.map(({ address, prefix }) => `${address.join(".")}/${prefix}`).join(" ")}`;
    case "InWindow":
      return `now in ${condition.windows.map((window) => JSON.stringify(window)).join(" ")}`;
    case "Has":
      return `${pathOf(condition.list)} has ${condition.quantifier} ${values(condition.values)}`;
    case "Only":
      return `${pathOf(condition.list)} only ${values(condition.values)}`;
    case "Quantified":
      return `${condition.quantifier} in ${pathOf(condition.list)} (${show(condition.body)})`;
  }
}

const names = `policy p governs sql
default block
use std.sql
use org.people as people
group staff
group admins = "idp-admins"
let careful = principal.mfa and principal.kind == human
let known = {"alice", "bob"}
let both = {staff, people.dba}
let name = principal.id
let few = 100
attribute connection.tier: {gold, silver}?
attribute connection.zone: String
attribute claim.team: {red, blue}
window freeze = 2026-12-20T00:00Z to 2027-01-02T00:00+01:00
window office = fri to mon, wed 22:00 to 06:00 in "Europe/Berlin"
window always_open = daily in "Etc/UTC"
let closed = {freeze, office}
let offices = cidr {"10.20.0.0/16", "2001:db8::/32", "::ffff:192.168.0.0/112", "::1"}
grant break_glass to staff lasting 30m
counter reads = statements per principal over 1h
counter volume = bytes labelled pii per session over 1d
define touches(schema: String) = any r in statement.relations where (r.schema == schema)
define twice(a: String, b: String) = touches(a) or touches(b)
define changes(what: {statement.targets.change}, t: statement.targets) = t.change in what
define is_env(env: connection.env, g: Group, l: Label) =
  connection.env == env and principal in g and statement.labels has l
define under(pattern: String, n: Number, at: Time, yes: Bool) =
  any r in statement.relations where (r.name like pattern and r.name matches pattern)
  and counter.reads > n and now < at and yes
label pii.email on column "**.email"
label pii.ssn on column "hr.*.ssn"
label pci.pan on column "pay.*.pan"
`;

const policyWith = (condition: string): string => `${names}block "b" on sql when ${condition}\n`;

function conditionOf(text: string): string {
  const { policy, diagnostics } = checkText(text);
  const rule = policy?.rules.find(({ id }) => id === "p/b");
  return rule === undefined ? diagnostics.map(({ message }) => message).join("; ") : show(rule.condition);
}

test.each([
  ["always", "true"],
  ["true", "true"],
  ["principal.mfa", "principal.mfa"],
  ["not principal.mfa", "not principal.mfa"],
  ['principal.id == "x"', 'principal.id == "x"'],
  ['"x" == principal.id', 'principal.id == "x"'],
  ['name == "x"', 'principal.id == "x"'],
  ["principal.id != session.client", "principal.id != session.client"],
  ["principal.kind == human", 'principal.kind == "human"'],
  ["statement.limit is present and 5 < statement.limit", "(statement.limit present and statement.limit > 5)"],
  ["statement.limit is present and statement.limit > few", "(statement.limit present and statement.limit > 100)"],
  ["statement.limit is absent or statement.limit > 5", "(not statement.limit present or statement.limit > 5)"],
  ["statement.limit > 5 unless statement.limit is absent", "(statement.limit > 5 and statement.limit present)"],
  [
    'principal.mfa unless principal.id == "x" unless careful',
    '(principal.mfa and not principal.id == "x" and not (principal.mfa and principal.kind == "human"))',
  ],
  ["principal.id in known", 'principal.id in {"alice", "bob"}'],
  ["not principal.id in known", 'not principal.id in {"alice", "bob"}'],
  ["principal in staff", 'principal.groups has any {"staff"}'],
  ["principal in admins", 'principal.groups has any {"idp-admins"}'],
  ["principal in people.dba", 'principal.groups has any {"idp-dba"}'],
  ["principal in {staff, admins}", 'principal.groups has any {"staff", "idp-admins"}'],
  ["principal in both", 'principal.groups has any {"staff", "idp-dba"}'],
  ["principal.groups has all {staff, admins}", 'principal.groups has all {"staff", "idp-admins"}'],
  ["sql.only_reads", 'statement.effects only {"read"}'],
  ["statement.effects has drop", 'statement.effects has any {"drop"}'],
  ["statement.effects has any {drop, grant}", 'statement.effects has any {"drop", "grant"}'],
  ["statement.labels has pii", 'statement.labels has any {"pii.email", "pii.ssn"}'],
  ["statement.labels has pii.ssn", 'statement.labels has any {"pii.ssn"}'],
  [
    "statement.output_labels has any {pii, pci.pan}",
    'statement.output_labels has any {"pii.email", "pii.ssn", "pci.pan"}',
  ],
  [
    "statement.labels has all {pii, pci}",
    '(statement.labels has any {"pii.email", "pii.ssn"} and statement.labels has any {"pci.pan"})',
  ],
  ["statement.labels only {pii}", 'statement.labels only {"pii.email", "pii.ssn"}'],
  ["any l in statement.labels where (l != pii)", 'any in statement.labels (not $0 in {"pii.email", "pii.ssn"})'],
  ['connection.labels.pci == "yes"', 'connection.labels.pci == "yes"'],
  ['connection.labels.like == "yes"', 'connection.labels.like == "yes"'],
  ["principal.claims.squad is absent", "not principal.claims.squad present"],
  ['connection.zone == "eu"', 'connection.labels.zone == "eu"'],
  ['connection.labels.zone == "eu"', 'connection.labels.zone == "eu"'],
  [
    "connection.tier is present and connection.tier == gold",
    '(connection.labels.tier present and connection.labels.tier == "gold")',
  ],
  ["claim.team == red", 'principal.claims.team == "red"'],
  ["principal.claims.team != blue", 'principal.claims.team != "blue"'],
  ["granted break_glass", 'session.grants has any {"p.break_glass"}'],
  ["session.grants has break_glass", 'session.grants has any {"p.break_glass"}'],
  ["counter.reads >= 10_000", "session.counters.p.reads >= 10000"],
  ["counter.volume > 10 MB", "session.counters.p.volume > 10000000"],
  ["now < 2026-12-01T00:00Z", "now < 1796083200000"],
  ["now in freeze", 'now in {"kind":"range","from_ms":1797724800000,"to_ms":1798844400000}'],
  [
    "now in closed",
    'now in {"kind":"range","from_ms":1797724800000,"to_ms":1798844400000} ' +
      '{"kind":"weekly","days":[0,2,4,5,6],"from_min":1320,"to_min":360,"zone":"Europe/Berlin"}',
  ],
  ["now in {always_open}", 'now in {"kind":"weekly","days":[0,1,2,3,4,5,6],"from_min":0,"to_min":1440,"zone":"UTC"}'],
  [
    "session.ip in offices",
    "session.ip in 10.20.0.0/16 32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/32 192.168.0.0/16 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1/128",
  ],
  ['session.ip == "2001:DB8::1"', "session.ip in 32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1/128"],
  ['session.ip != "10.0.0.1"', "not session.ip in 10.0.0.1/32"],
  ['session.ip in {"10.0.0.1", "10.0.0.2"}', "session.ip in 10.0.0.1/32 10.0.0.2/32"],
  ['session.ip in cidr {"10.0.0.1"}', "session.ip in 10.0.0.1/32"],
  ['principal.id matches "svc-[a-z]+"', "principal.id matches svc-[a-z]+"],
  ['principal.id matches {"a.*", "(?i)b"}', "principal.id matches a.* (?i)b"],
  ['touches("pay")', 'any in statement.relations ($0.schema == "pay")'],
  ["touches(principal.id)", "any in statement.relations ($0.schema == principal.id)"],
  [
    'twice("a", "b")',
    '(any in statement.relations ($0.schema == "a") or any in statement.relations ($0.schema == "b"))',
  ],
  [
    "any x in statement.targets where (touches(x.schema) and changes({insert, update}, x))",
    'any in statement.targets ((any in statement.relations ($0.schema == $1.schema) and $0.change in {"insert", "update"}))',
  ],
  [
    "is_env(prod, people.dba, pii)",
    '(connection.env == "prod" and principal.groups has any {"idp-dba"} and statement.labels has any {"pii.email", "pii.ssn"})',
  ],
  [
    'under("a*", 5, 2026-12-01T00:00Z, principal.mfa)',
    "(any in statement.relations (($0.name like a*[] and $0.name matches a*)) and session.counters.p.reads > 5 and now < 1796083200000 and principal.mfa)",
  ],
  ['principal.id like "svc-{a,b}*"', "principal.id like svc-a*[] svc-b*[]"],
  ['principal.id like {"a*", "b"}', "principal.id like a*[] b[]"],
  [
    "any t in statement.targets where (t.change in {update, delete} and not t.restricted)",
    'any in statement.targets (($0.change in {"update", "delete"} and not $0.restricted))',
  ],
  [
    'all t in statement.targets where (t.relation like "tmp.*")',
    "all in statement.targets ($0.relation like tmp.*[.])",
  ],
  [
    "no c in statement.columns where (any s in c.sources where (s == c.name))",
    "no in statement.columns (any in $0.sources ($0 == $1.name))",
  ],
  [
    "any r in statement.relations where (r.catalog is present and any f in statement.functions where (f.name == r.catalog))",
    "any in statement.relations (($0.catalog present and any in statement.functions ($0.name == $1.catalog)))",
  ],
])("%s", (condition, expected) => {
  expect(conditionOf(policyWith(condition))).toBe(expected);
});

test.each([
  ['principal.email like "*@example.com"', ["HPL3006"]],
  ["statement.limit is absent and statement.limit > 5", ["HPL3006"]],
  ["(statement.limit is present or principal.mfa) and statement.limit > 5", ["HPL3006"]],
  ['any r in statement.relations where (r.catalog == "x")', ["HPL3006"]],
  ["principal.mfa == 1", ["HPL3001"]],
  ["principal.id == 1", ["HPL3001"]],
  ["principal.id == staff", ["HPL3001"]],
  ["principal.id in people.dba", ["HPL3001"]],
  ['principal.id in {"a", 1}', ["HPL3001"]],
  ['principal.id == "a*"', ["HPL3005"]],
  ['principal.id < "a"', ["HPL3008"]],
  ["principal == staff", ["HPL3008"]],
  ["principal.kind == agentt", ["HPL3002"]],
  ['principal.kind == "agent"', ["HPL3001"]],
  ["principal.kind == known", ["HPL3002"]],
  ["statement.effects == drop", ["HPL3008"]],
  ["statement.effects in {drop}", ["HPL3008"]],
  ["statement.kind has drop", ["HPL3008"]],
  ['principal.mfa like "x"', ["HPL3008"]],
  ["principal in staff or admins", ["HPL3004"]],
  ['principal.id == "a" or "b"', ["HPL3004"]],
  ["5 > 4", ["HPL3003"]],
  ["staff", ["HPL3003"]],
  ["principal.kind", ["HPL3003"]],
  ["known", ["HPL3003"]],
  ["principal in missing", ["HPL2004"]],
  ["people.missing", ["HPL2004"]],
  ['principal.claims.team.x == "y"', ["HPL2003"]],
  ["statement.labels has phi", ["HPL2010"]],
  ["any principal in statement.targets where (principal.restricted)", ["HPL2009"]],
  ["any staff in statement.targets where (staff.restricted)", ["HPL2005"]],
  ["any t in statement.kind where (t == drop)", ["HPL3008"]],
  ["any t in statement.targets where (t.nothing)", ["HPL2003"]],
  ["any r in statement.relations where (r.resolved)", ["HPL4010"]],
  ["all f in statement.functions where (f.known)", ["HPL4010"]],
  ["git.force", ["HPL4007"]],
  ['session.ip == "10.0.0.0/8"', ["HPL3005"]],
  ['session.ip == "localhost"', ["HPL3015"]],
  ["now > 5", ["HPL3001"]],
  ["within > 30m", ["HPL2004"]],
  ["statement.limit is present and statement.limit > 30m", ["HPL3001"]],
  ["statement.limit is unknown", ["HPL1001"]],
  ["granted x and missing", ["HPL2004", "HPL2004"]],
  ["counter.volume > 10_000", ["HPL3001"]],
  ["counter.reads > 10 MB", ["HPL3001"]],
  ["counter.missing > 1", ["HPL2004"]],
  ["counter.staff > 1", ["HPL2014"]],
  ["reads > 1", ["HPL2014"]],
  ["session.counters.reads > 1", ["HPL2003"]],
  ["granted staff", ["HPL2014"]],
  ["granted break_glas", ["HPL2004"]],
  ["break_glass", ["HPL3003"]],
  ["freeze", ["HPL3003"]],
  ["now in staff", ["HPL3001"]],
  ["now in {}", ["HPL3007"]],
  ["now", ["HPL3003"]],
  ["now in freeze or office", ["HPL3004"]],
  ["principal.id in offices", ["HPL3008"]],
  ["session.ip in cidr {}", ["HPL3007"]],
  ["session.ip in cidr {5}", ["HPL3001"]],
  ["offices", ["HPL3003"]],
  ['connection.tier == "gold"', ["HPL3006", "HPL3001"]],
  ["connection.tier is present and connection.tier == bronze", ["HPL3002"]],
  ["connection.teer == gold", ["HPL2003"]],
  ["claim.squad == red", ["HPL2003"]],
  ["connection.env == test", ["HPL3002"]],
  ["decision == allow", ["HPL4024"]],
  ["masks has pii", ["HPL4024"]],
  ["touches()", ["HPL3020"]],
  ["touches(5)", ["HPL3001"]],
  ['touches({"a"})', ["HPL3001"]],
  ["touches", ["HPL2014"]],
  ["staff(5)", ["HPL2014"]],
  ["any x in statement.targets where (changes({insert, updat}, x))", ["HPL3002"]],
  ["changes({insert}, statement.limit)", ["HPL3001"]],
  ["is_env(test, people.dba, pii)", ["HPL3002"]],
  ["is_env(prod, people.nobody, pii)", ["HPL2004"]],
  ["is_env(prod, people.dba, phi)", ["HPL2010"]],
  ["principal in {}", ["HPL3007"]],
  ['principal.id like ""', ["HPL3009"]],
  ["principal.id like principal.id", ["HPL3001"]],
])("%s is refused", (condition, expected) => {
  expect(errorsIn(policyWith(condition))).toEqual(expected);
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, locate, mutate as mutatePolicy, type Question } from "@hpl/compiler";
import { type FrontEnds, loadPolicy } from "@hpl/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFrontEnds } from "../src/front-ends.js";
import { readLibraries } from "../src/policy-files.js";
import { answer } from "../src/verify-policy.js";

/** `hpl mutate`, as a user or a CI server calls it. */
const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-mutate-"));
afterAll(() => rmSync(folder, { recursive: true }));

function mutate(policy: string, ...args: readonly string[]) {
  writeFileSync(join(folder, "p.hpl"), policy);
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, "mutate", "p.hpl", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: status, out: stdout, err: stderr };
}

let frontEnds: FrontEnds;
beforeAll(async () => {
  frontEnds = await loadFrontEnds();
});

/** What survives, a line each, without starting a program. */
function survivorsOf(text: string): readonly string[] {
  const { policy, module, diagnostics } = compile({
    sources: [{ path: "p.hpl", text }],
    libraries: readLibraries(),
  });
  if (policy === null || module === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error("the module does not load");
  const judge = (question: Question) => answer(question, loaded.policy, policy, frontEnds);
  const report = mutatePolicy(policy, judge, { files_count: 1, mutants_max: 1_000 });
  if (report === null) throw new Error("the policy fails its own lines");
  return report.survivors.map(
    ({ span, change }) => `${locate(span, policy.sources).line}: ${change}: ${text.slice(span.start, span.end)}`,
  );
}

const head = `policy p governs sql
use std.sql
default block
group dba
fixture ann = principal { id: "ann", kind: human, groups: {dba} }
fixture bob = principal { id: "bob", kind: human, groups: {"other"} }
fixture db  = connection { name: "orders", kind: postgres, env: prod }
`;
const reads = 'allow "reads" when statement.effects only {read} and principal in dba';
const tested = `${head}${reads} {
  hit  sql "SELECT 1"     as ann on db
  miss sql "SELECT 1"     as bob on db
  miss sql "DROP TABLE x" as ann on db
}
test "nothing else" {
  given  sql "DROP TABLE x" as ann on db
  expect block
}
`;

test("a policy whose lines see every mistake", () => {
  const { code, out } = mutate(tested);
  expect([code, out]).toEqual([0, "6 mutants tried: 6 killed, 0 survived\n"]);
});

const restriction = (clause: string, ...lines: readonly string[]) =>
  `${tested}block "b" ${clause} {\n  ${lines.join("\n  ")}\n}\n`;
const drop = 'hit sql "DROP TABLE x" as ann on db';

test.each([
  {
    what: "a rule nothing looks at",
    policy: `${tested}${reads.replace("reads", "again")}\n`,
    survivor: "17: the rule was removed",
  },
  {
    what: "a clause",
    policy: `${head}${reads} {\n  hit sql "SELECT 1" as ann on db\n}\n`,
    survivor: "the clause was removed: principal in dba",
  },
  {
    what: "a default",
    policy: `${head}${reads} {\n  hit sql "SELECT 1" as ann on db\n}\n`,
    survivor: "3: `default block` became `default allow`",
  },
  {
    what: "an excuse",
    policy: restriction('when statement.kind == drop unless principal.id == "root"', drop),
    survivor: "`unless` was removed",
  },
  {
    what: "an operator",
    policy: restriction(
      "when statement.limit is present and statement.limit > 10",
      'hit sql "SELECT 1 LIMIT 100" as ann on db',
    ),
    survivor: "`>` became `>=`",
  },
  {
    what: "a member of a set",
    policy: restriction("when statement.effects has any {drop, truncate}", drop, 'miss sql "SELECT 1" as ann on db'),
    survivor: "`truncate` was left out",
  },
  {
    what: "a wider pattern",
    policy: restriction(
      'when any r in statement.relations where (r.name like "secrets")',
      'hit sql "SELECT * FROM secrets" as ann on db',
    ),
    survivor: "`secrets` became `secrets*`",
  },
  {
    what: "a library's name, as a whole",
    policy: restriction('when sql.changes_schema and principal.id == "ann"', drop),
    survivor: "the clause was removed: sql.changes_schema",
  },
])("nothing notices $what", ({ policy, survivor }) => {
  expect(survivorsOf(policy).filter((found) => found.includes(survivor))).not.toEqual([]);
});

test("what a library's `let` is made of is the library's to test", () => {
  const found = survivorsOf(restriction("when sql.changes_schema", drop));
  expect(found.filter((each) => each.includes("left out"))).toEqual([]);
});

test("an approval of several people, and one of two rules with an id", () => {
  const policy = `${head}allow "w" after approval from 2 of dba within 30m when sql.only_changes_rows and principal in dba {
  hit sql "UPDATE x SET a = 1 WHERE id = 1" as ann on db
}
`;
  const out = survivorsOf(policy).join("\n");
  expect(out).toContain("2 of `dba` became 1");
  expect(out).toContain("`after approval` was removed");
});

test("as many may survive as is said", () => {
  const policy = `${tested}${reads.replace("reads", "again")}\n`;
  const { out } = mutate(policy, "--format", "json");
  const report = JSON.parse(out);
  const count = report.survivors.length;
  expect(report).toMatchObject({ mutants: report.tried, killed: report.tried - count });
  expect(report.survivors[0]).toMatchObject({
    rule: "p/again",
    file: "p.hpl",
    line: 17,
    character: 1,
    change: "the rule was removed",
  });
  expect(mutate(policy, "--max-survivors", String(count)).code).toBe(0);
  expect(mutate(policy, "--max-survivors", String(count - 1)).code).toBe(1);
});

test("as many are tried as is said, and the rest is told", () => {
  expect(mutate(tested, "--max-mutants", "6").out).toBe("6 mutants tried: 6 killed, 0 survived\n");
  expect(mutate(tested, "--max-mutants", "5").out).toBe(
    "5 mutants tried of 6; the rest was left out: --max-mutants: 5 killed, 0 survived\n",
  );
});

test("a policy that fails its own lines, or has errors, is not mutated; mistakes are usage errors", () => {
  expect(mutate(`${head}${reads} {\n  miss sql "SELECT 1" as ann on db\n}\n`)).toMatchObject({ code: 1, out: "" });
  expect(mutate("policy p governs sql\ndefault blok\n")).toMatchObject({ code: 1, out: "" });
  for (const count of ["", "x", "-1", "1.5"]) expect(mutate(tested, "--max-survivors", count).code).toBe(2);
});

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

/** `hpl replay`, as somebody calls it before a policy is changed. */
const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: status, out: stdout, err: stderr };
}

const old = `policy p governs sql
use std.sql
default block
label pii.email on column "**.email"
allow "reads" when sql.only_reads
`;
const statements = `SELECT 1;
SELECT * FROM secrets
 WHERE id = 1;
SELECT email FROM users;
INSERT INTO orders VALUES (1);
INSERT INTO app.orders VALUES (1);
DROP TABLE orders;
SELECT * FROM secrets
 WHERE id = 1
`;

beforeAll(() => {
  mkdirSync(join(folder, "old"));
  mkdirSync(join(folder, "new"));
  writeFileSync(join(folder, "old", "p.hpl"), old);
  writeFileSync(
    join(folder, "new", "p.hpl"),
    `${old}block "secrets" when any r in statement.relations where (r.name == "secrets")\nmask "m" pii with redact\n`,
  );
  writeFileSync(join(folder, "s.sql"), statements);
});

test("what changes, with the rule, the line and how often", () => {
  const { code, out, err } = run("replay", "s.sql", "--with", "new", "--against", "old");
  expect([code, err]).toEqual([1, ""]);
  expect(
    out,
  ).toBe(`line 2, 2 times: stricter: allow -> block by p/secrets (new/p.hpl:6): SELECT * FROM secrets\\u{a} WHERE id = 1
line 4: other: allow -> allow by p/m (new/p.hpl:7): SELECT email FROM users
7 decisions, 6 distinct: 2 allow, 0 approve, 5 block
3 of 7 changed
`);
});

test("the other way round it is weaker; the same policy changes nothing", () => {
  const { code, out } = run("replay", "s.sql", "--with", "old", "--against", "new", "--format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    decided: 7,
    distinct: 6,
    compared: 7,
    changed: 3,
    changes: [
      { line: 2, count: 2, change: "weaker", before: { verdict: "block" }, after: { verdict: "allow" } },
      { line: 4, count: 1, change: "other" },
    ],
    never_fired: [],
  });
  expect(run("replay", "s.sql", "--with", "old", "--against", "old").code).toBe(0);
  expect(run("replay", "s.sql", "--with", "old").out).toContain("nothing to compare with: give --against\n");
});

test("rules for what was seen: they compile, and grant that and no schema change", () => {
  const { code, out, err } = run("replay", "s.sql", "--with", "old", "--suggest", "--principal", '{"kind":"human"}');
  expect([code, err]).toEqual([0, "2 refused decisions would be granted, 1 left out\n"]);
  expect(out).toContain("# 2 of 3 that were refused, the first in line 5.\n");
  writeFileSync(join(folder, "suggested.hpl"), out);
  expect(run("check", "suggested.hpl").code).toBe(0);
  expect(run("fmt", "--check", "suggested.hpl").code).toBe(0);
  const asked = (sql: string) => run("eval", "suggested.hpl", "--sql", sql, "--principal", '{"kind":"human"}').code;
  expect([
    asked("INSERT INTO app.orders VALUES (2)"),
    asked("INSERT INTO hr.orders VALUES (2)"),
    asked("DROP TABLE orders"),
  ]).toEqual([0, 4, 4]);
});

test("pg_stat_statements: calls are counted, parameters are unknown, and what nobody governs is told", () => {
  writeFileSync(
    join(folder, "stats.csv"),
    'rolname,datname,query,calls\nann,shop,SELECT * FROM secrets WHERE id = $1,40\nann,shop,"UPDATE t SET a = $1 LIMIT",2\n',
  );
  const { code, out } = run("replay", "stats.csv", "--with", "new", "--against", "old");
  expect([code, out]).toEqual([
    1,
    `line 2, 40 times: stricter: allow -> block by p/secrets (new/p.hpl:6): SELECT * FROM secrets WHERE id = $1
42 decisions, 2 distinct: 0 allow, 0 approve, 42 block
40 of 42 changed
`,
  ]);
  writeFileSync(join(folder, "elsewhere.hpl"), old.replace("governs sql", "governs sql for connection.env == dev"));
  expect(run("replay", "stats.csv", "--with", "elsewhere.hpl", "--connection", '{"env":"prod"}').out).toContain(
    "shop: no policy governs 40 of its decisions, first in line 2\n",
  );
});

test("without knowing who asked nothing is proposed", () => {
  expect(run("replay", "s.sql", "--with", "old", "--suggest")).toEqual({
    code: 0,
    out: "",
    err: "0 refused decisions would be granted, 3 left out\n",
  });
});

test("mistakes are usage errors", () => {
  expect(run("replay", "missing.sql", "--with", "old").code).toBe(2);
  expect(run("replay", "s.sql").code).toBe(2);
  expect(run("replay", "old", "--with", "old").code).toBe(2);
  expect(run("replay", "s.sql", "--with", "old", "--principal", "[]").code).toBe(2);
});

import { expect, test } from "vitest";
import { readCsvLog } from "./csv-log.js";
import { formatOf, readEntries } from "./read-entries.js";
import { splitSql } from "./split-sql.js";
import { readStatementStats } from "./statement-stats.js";

test.each([
  [
    "SELECT 1; SELECT 2",
    [
      ["SELECT 1", 1],
      ["SELECT 2", 1],
    ],
  ],
  [
    "\n\nSELECT 1\n;\n\n  SELECT\n2;",
    [
      ["SELECT 1", 3],
      ["SELECT\n2", 6],
    ],
  ],
  ["-- a ; b\nSELECT 1 -- ; \n;", [["SELECT 1 -- ;", 2]]],
  ["/* ; /* ; */ ; */ SELECT ';;'';';", [["/* ; /* ; */ ; */ SELECT ';;'';'", 1]]],
  ['SELECT ";" FROM "a""; b";', [['SELECT ";" FROM "a""; b"', 1]]],
  [
    "SELECT E'\\';' , e'x\\\\';SELECT 2",
    [
      ["SELECT E'\\';' , e'x\\\\'", 1],
      ["SELECT 2", 1],
    ],
  ],
  [
    "SELECT '\\';SELECT 2",
    [
      ["SELECT '\\'", 1],
      ["SELECT 2", 1],
    ],
  ],
  [
    "DO $$ a; b $$; DO $x$ $$; $x$; SELECT $1; SELECT a$b$; SELECT c$b$",
    [
      ["DO $$ a; b $$", 1],
      ["DO $x$ $$; $x$", 1],
      ["SELECT $1", 1],
      ["SELECT a$b$", 1],
      ["SELECT c$b$", 1],
    ],
  ],
  ["SELECT 'never closed; SELECT 2", [["SELECT 'never closed; SELECT 2", 1]]],
  ["SELECT $$never; closed", [["SELECT $$never; closed", 1]]],
  [";;  ;\n-- only a comment\n;", []],
  ["", []],
])("statements of %j", (sql, expected) => {
  expect(splitSql(sql, false).map(({ text, line }) => [text, line])).toEqual(expected);
});

test("in MySQL a backslash escapes, and more starts a comment", () => {
  expect(splitSql("SELECT '\\';'; SELECT `;` # ;\n; SELECT \"x\"", true).map(({ text }) => text)).toEqual([
    "SELECT '\\';'",
    "SELECT `;` # ;",
    'SELECT "x"',
  ]);
});

test("long texts are split in time that grows with their length", () => {
  for (const part of ["'", '"', "$$", "/*", "''", ";", "E'\\", "--", "$a", "'x' "])
    expect(splitSql(part.repeat(100_000), false).length).toBeLessThan(100_001);
});

const record = (message: string, user = "ann") =>
  `2026-01-01 00:00:00.000 UTC,"${user}","shop",1,"127.0.0.1:5",x,1,"SELECT",2026-01-01,3/1,0,LOG,00000,"${message.replaceAll('"', '""')}",,,,,,,,,"psql","client backend",,0\n`;

test("a csvlog's statements, with who ran them and where they stand", () => {
  const csv = [
    record('statement: SELECT\n "a", 1'),
    record("connection authorized"),
    record("duration: 1.25 ms  statement: SELECT 2"),
    record("duration: 0.1 ms  parse <unnamed>: SELECT 3"),
    record("execute S_1: SELECT 4", "bob"),
  ].join("");
  const { statements, bad_lines } = readCsvLog(csv);
  expect(statements.map(({ user, database, text, line }) => [user, database, text, line])).toEqual([
    ["ann", "shop", 'SELECT\n "a", 1', 1],
    ["ann", "shop", "SELECT 2", 4],
    ["bob", "shop", "SELECT 4", 6],
  ]);
  expect(bad_lines).toEqual([]);
});

test("what is no record is said, and reading goes on", () => {
  const { statements, bad_lines } = readCsvLog(`a,b\nx"y,1\n${record("statement: SELECT 1")}"open`);
  expect([statements.length, bad_lines]).toEqual([1, [1, 2, 4]]);
});

test.each([
  [
    "CSV",
    'queryid,rolname,datname,query,calls\n1,ann,shop,"SELECT ""a""\nFROM t WHERE id = $1",12\n2,bob,shop,<insufficient privilege>,3\n3,x\n4,,,SELECT 2,x\n',
    [
      [2, "ann", "shop", 'SELECT "a"\nFROM t WHERE id = $1', 12],
      [6, null, null, "SELECT 2", 1],
    ],
    [4, 5],
  ],
  [
    "a JSON array",
    '[{"query":"SELECT $1","calls":3,"usename":"ann"},\n{"query":7},{"query":"SELECT 2","calls":"9007199254740993"}]',
    [
      [1, "ann", null, "SELECT $1", 3],
      [3, null, null, "SELECT 2", 1],
    ],
    [2],
  ],
  ["JSON a line", '{"query":"SELECT $1","calls":3,"datname":"shop"}\n\n{', [[1, null, "shop", "SELECT $1", 3]], [3]],
  ["an array that is cut off", '[{"query":', [], [1]],
  ["nothing", "", [], []],
])("rows of pg_stat_statements as %s", (_, text, expected, bad) => {
  const { statements, skipped } = readStatementStats(text);
  expect(
    statements.map(({ line, user, database, text: sql, calls_count }) => [line, user, database, sql, calls_count]),
  ).toEqual(expected);
  expect(skipped.map(({ line }) => line)).toEqual(bad);
});

test("what a file is", () => {
  expect(formatOf("x.csv", "userid,query,calls\n")).toBe("pg_stat_statements");
  expect(formatOf("x.json", '[\n{"query":"SELECT 1"}]')).toBe("pg_stat_statements");
  expect(formatOf("x", '{"query":"SELECT 1","calls":1}')).toBe("pg_stat_statements");
  expect(formatOf("x.sql", "{")).toBe("sql");
  expect(formatOf("x.csv", "")).toBe("csvlog");
  expect(formatOf("x", "SELECT 1")).toBe("sql");
  expect(formatOf("x", '{"action":{}}')).toBe("ndjson");
  expect(formatOf("x", '{"index":0,"kind":"decision","detail":{},"hash":"0"}')).toBe("audit");
});

const assumed = { principal: {}, connection: {}, session: {}, dialect: null, catalog: null, now_ms: 0 };

test("requests that differ in their id alone are one question", () => {
  const line = (id: string, text: string) => JSON.stringify({ id, action: { sql: { text } } });
  const { entries, skipped } = readEntries(
    [line("1", "SELECT 1"), "", line("2", "SELECT 1"), line("3", "SELECT 2"), "{", '{"action":7}'].join("\n"),
    "ndjson",
    assumed,
  );
  expect(entries.map(({ line: at }) => at)).toEqual([1, 3, 4]);
  expect(new Set(entries.map(({ key }) => key)).size).toBe(2);
  expect(skipped.map(({ line: at }) => at)).toEqual([5, 6]);
});

test("an audit log's decisions stand on the facts in front of them", () => {
  const event = (kind: string, detail: object) => JSON.stringify({ index: 0, kind, detail, hash: "" });
  const decision = { verdict: "block", rules: [{ id: "p/x" }], masks: [] };
  const inputs = { subject: "s", actions: "a", in_transaction: false, grants: [], counters: {}, now: 0 };
  const text = [
    event("facts.seen", { digest: "s", facts: { principal: { id: "ann" }, connection: { name: "o" }, session: {} } }),
    event("decision", { statement: { text: "SELECT 1" }, inputs, decision }),
    event("facts.seen", { digest: "a", facts: [{ family: "sql", opaque: true, reasons: ["x"] }] }),
    event("decision", { statement: { text: null }, inputs, decision }),
    event("decision", { statement: { text: null }, decision }),
    event("execution", {}),
  ].join("\n");
  const { entries, skipped } = readEntries(text, "audit", assumed);
  expect(entries).toMatchObject([{ line: 4, text: null, recorded: { verdict: "block", rules: ["p/x"], masks: [] } }]);
  expect(skipped).toEqual([
    { line: 2, reason: "the facts are not in the file" },
    { line: 5, reason: "the event has no facts" },
  ]);
});

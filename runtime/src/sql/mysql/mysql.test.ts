import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DialectCase,
  mysqlAttacks,
  mysqlEffects,
  mysqlHarmless,
  mysqlRestricted,
} from "../../../test/sql/mysql.cases.js";
import accepted from "../../../test/sql/mysql-accepted.json" with { type: "json" };
import { type Summary, summaryOf } from "../../../test/sql/shop.js";
import type { Catalog } from "../../facts/index.js";
import { limits } from "../limits.js";
import { mysqlFrontEnd } from "./mysql.js";

interface Place {
  readonly modes?: readonly string[] | undefined;
  readonly catalog?: Catalog | null;
  readonly database?: string;
}

const analyse = (text: string, { modes, catalog = null, database }: Place = {}): readonly Summary[] =>
  mysqlFrontEnd
    .analyse(text, {
      dialect: "mysql",
      catalog,
      server_version: null,
      modes: modes ?? null,
      database: database ?? null,
    })
    .actions.map(summaryOf);

const pick = (summary: Summary, fields: readonly string[]): Summary =>
  Object.fromEntries(fields.map((field) => [field, summary[field as keyof Summary]]));

/** Compares the fields that an expectation names. */
function check({ text, expected, modes }: DialectCase, place: Place = {}): void {
  const found = analyse(text, { ...place, modes });
  expect(found.map((summary, i) => pick(summary, Object.keys(expected[i] ?? {})))).toEqual(expected);
}

const named = (cases: readonly DialectCase[]) =>
  cases.map((one) => [`${one.modes?.join(" ") ?? ""} ${one.text}`, one] as const);

describe("what statements do", () => {
  test.each(named(mysqlEffects))("%s", (_, one) => check(one));
});

describe("texts that fool scanners", () => {
  test.each(named(mysqlAttacks))("%s", (_, one) => check(one));
});

test.each(mysqlHarmless)("only reads: %s", (text) => {
  check({ text, expected: [{ effects: "read", targets: [], complete: true }] });
});

describe("whether a condition restricts the rows", () => {
  const cases = (["all", "some", "perhaps"] as const).flatMap((answer) =>
    mysqlRestricted[answer].map((where) => [answer, where] as const),
  );
  test.each(cases)("%s: %s", (answer, where) => {
    const [found] = analyse(`UPDATE users SET status = '' ${where}`);
    expect(found?.targets?.[0]).toBe(`update ${answer} .users`);
  });
});

/** Syntax that the server has and we refuse: clauses that call plug-ins, names that are also words of a clause. */
const refused = new Set([
  "SELECT * FROM hpl_u PROCEDURE ANALYSE()",
  "SELECT JSON_TABLE.x FROM JSON_TABLE('[1]', '$[*]' COLUMNS (x INT PATH '$')) JSON_TABLE",
]);

test.each(accepted)("understood: %s", (text) => {
  const opaque = analyse(text).flatMap((summary) => summary.opaque ?? []);
  expect(opaque).toEqual(refused.has(text) ? ["parse_error"] : []);
});

const table = (columns: string, more: object = {}) => ({
  columns: columns.split(" ").map((column) => {
    const [name = "", type = "text"] = column.split(":");
    return { name, type };
  }),
  ...more,
});

const shop: Catalog = {
  search_path: ["shop"],
  functions: ["ANY_VALUE"],
  schemas: {
    shop: {
      Users: table("id:int name email active:tinyint(1) rank:enum points:int_unsigned", { key: ["id"] }),
      orders: table("id:int user_id:int"),
      audited: table("id:int", { has_triggers: true }),
      v: table("contact", {
        kind: "view",
        definition: "select `shop`.`Users`.`email` AS `contact` from `shop`.`Users`",
      }),
      v_bad: table("x", { kind: "view", definition: "select nobody_knows(1)" }),
      v_loop: table("x", { kind: "view", definition: "select a.x from v_loop a, v_loop b" }),
      Twin: table("a"),
      twin: table("b"),
    },
  },
};

describe("with a catalog", () => {
  const users = ["shop.users read from"];
  test.each<readonly [string, Summary]>([
    ["SELECT * FROM users", { relations: users, lineage: true, complete: true }],
    ["SELECT email FROM Users JOIN orders ON true", { columns: ["email = shop.users.email"] }],
    ["SELECT NAME FROM shop.USERS", { columns: ["name = shop.users.name"], relations: users }],
    ["SELECT contact FROM v", { columns: ["contact = shop.users.email"], lineage: true }],
    ["SELECT x FROM v_bad", { complete: false }],
    ["SELECT x FROM v_loop", { opaque: "too_complex" }],
    ["SELECT 1 FROM nope", { complete: false, relations: ["shop.nope read from ?"] }],
    ["SELECT a FROM twin", { complete: false, reasons: ["ambiguous_case:shop.twin"] }],
    ["SELECT 1 FROM information_schema.tables", { complete: true }],
    ["DELETE FROM audited WHERE id = 1", { complete: false, reasons: ["triggers:shop.audited"] }],
    ["DELETE FROM v WHERE contact = 'x'", { complete: false }],
    ["DELETE FROM users WHERE id = 1", { targets: ["delete some shop.users by key"] }],
    ["DELETE FROM users WHERE id = 0", { targets: ["delete some shop.users by key"] }],
    ["DELETE FROM users WHERE id = 'x'", { targets: ["delete perhaps shop.users by key"] }],
    ["DELETE FROM users WHERE `rank` = 'a' OR `rank` = 'b'", { targets: ["delete perhaps shop.users"] }],
    ["DELETE FROM users WHERE id >= 0", { targets: ["delete some shop.users"] }],
    ["SELECT any_value(id) FROM users", { complete: false, functions: ["shop.any_value ?", "..."] }],
    ["SELECT nope FROM users", { lineage: false, reasons: ["unresolved_column:nope"] }],
    ["CREATE TABLE fresh (a INT)", { complete: true, relations: ["shop.fresh create object"] }],
  ])("%s", (text, expected) => check({ text, expected: [expected] }, { catalog: shop }));
});

test("the connection's database is the schema of names that name none", () => {
  expect(analyse("SELECT id FROM users", { database: "Shop" })[0]?.relations).toEqual(["shop.users read from"]);
});

describe("limits", () => {
  const limit = limits.depth;
  test.each<readonly [string, string, string | null]>([
    ["text beyond", `SELECT '${"x".repeat(limits.text_bytes - 8)}'`, "too_large"],
    ["tokens at the limit", `SELECT ${"1,".repeat(limits.tokens / 2 - 1)}1`, null],
    ["tokens beyond", `SELECT ${"1,".repeat(limits.tokens / 2 - 1)}1 x`, "too_many_tokens"],
    ["nested beyond", `SELECT ${"(".repeat(limits.nesting + 1)}1${")".repeat(limits.nesting + 1)}`, "too_deep"],
    ["signs", `SELECT ${"- ".repeat(limit / 2)}1`, null],
    ["too many signs", `SELECT ${"- ".repeat(limit + 1)}1`, "too_deep"],
    ["cases", `SELECT ${"CASE ".repeat(5_000)}1`, "too_deep"],
    ["statements at the limit", "SELECT 1;".repeat(limits.statements), null],
    ["statements beyond", "SELECT 1;".repeat(limits.statements + 1), "too_many_statements"],
    ["50,000 statements", ";1".repeat(50_000), "too_many_statements"],
    ["a long list", `SELECT 1 FROM t WHERE a IN (${"1,".repeat(60_000)}1)`, null],
    ["many conditions", `SELECT 1 FROM t WHERE ${"a=1 AND ".repeat(5_000)}b=1`, null],
    ["many sums", `SELECT ${"a+".repeat(20_000)}1 FROM t`, null],
    ["many unions", `SELECT 1 ${"UNION ALL SELECT a FROM t ".repeat(2_000)}`, null],
    ["many joins", `SELECT 1 FROM t ${"JOIN t ON a=1 ".repeat(250)}`, null],
    ["too many joins", `SELECT 1 FROM t ${"JOIN t ON a=1 ".repeat(5_000)}`, "too_complex"],
    ["unclosed brackets", `SELECT ${"(".repeat(200)}`, "parse_error"],
    ["unclosed subqueries", `SELECT ${"(SELECT ".repeat(200)}`, "parse_error"],
    ["brackets that are no queries", `SELECT ${"(".repeat(120)}SELECT 1${")+1".repeat(120)}`, null],
    ["a million letters", `SELECT ${"x".repeat(1_000_000)}`, "too_large"],
  ])("%s", (_, text, reason) => {
    const start = performance.now();
    const reasons = analyse(text).flatMap((summary) => summary.opaque ?? []);
    expect([...new Set(reasons)]).toEqual(reason === null ? [] : [reason]);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

/** Respells a statement: case of unquoted words, blanks, comments, brackets around the whole condition. */
const respelling = fc.record({
  blank: fc.constantFrom(" ", "\n", "\t", " /* ; drop table x */ ", " -- '\n", ' # "\n'),
  upper: fc.boolean(),
  end: fc.constantFrom("", ";", " ; "),
});

const respelled = (text: string, { blank, upper, end }: { blank: string; upper: boolean; end: string }): string => {
  const parts = text.split(/('[^']*'|`[^`]*`|"[^"]*")/);
  const words = parts.map((part, i) =>
    i % 2 === 1 ? part : (upper ? part.toUpperCase() : part.toLowerCase()).replaceAll(" ", blank),
  );
  return words.join("") + end;
};

test("spelling changes no facts", () => {
  const texts = mysqlEffects
    .filter(({ text }) => !/--|#|\/\*|@|\\|RETURNING|concat/i.test(text))
    .map(({ text }) => text);
  fc.assert(
    fc.property(fc.constantFrom(...texts), respelling, (text, how) => {
      const facts = (summaries: readonly Summary[]) =>
        summaries.map(({ columns = [], ...rest }) => ({
          ...rest,
          columns: columns.map((column) => column.replace(/^.* ([=~]) /, "$1")),
        }));
      const ignoringNames = (summaries: readonly Summary[]) =>
        facts(summaries).map((each) => ({ ...each, columns: each.columns.filter((column) => /^[=~.]/.test(column)) }));
      expect(ignoringNames(analyse(respelled(text, how)))).toEqual(ignoringNames(analyse(text.toLowerCase())));
    }),
    { numRuns: 400 },
  );
});

test("no text makes it throw, and what is cut off is never complete", () => {
  const text = fc.constantFrom(...accepted).chain((whole) => fc.nat(whole.length).map((at) => whole.slice(0, at)));
  const noise = fc.array(
    fc.constantFrom("SELECT", "(", ")", ",", "FROM", "t", "'", "`", "*", "1", "WHERE", "--", "/*", "\\", "@", ";"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        noise.map((words) => words.join(" ")),
      ),
      (each) => {
        for (const summary of analyse(each)) expect(summary.opaque).not.toBe("internal_error");
      },
    ),
    { numRuns: 1_000 },
  );
});

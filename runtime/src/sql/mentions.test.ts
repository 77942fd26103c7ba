import { beforeAll, expect, test } from "vitest";
import { isOpenList, itemsOf } from "../facts/index.js";
import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "./index.js";

beforeAll(() => loadPostgres());

const frontEnds = { postgres: postgresFrontEnd, mysql: mysqlFrontEnd, bigquery: bigqueryFrontEnd } as const;

/** The names of each statement of `text`; `...` behind them when there may be more. */
function mentions(dialect: keyof typeof frontEnds, text: string): readonly string[] {
  const { actions } = frontEnds[dialect].analyse(text, { dialect, catalog: null, server_version: null });
  return actions.map((action) => {
    if (action.opaque || action.family !== "sql") return "opaque";
    const { identifiers } = action.facts;
    return [...itemsOf(identifiers), ...(isOpenList(identifiers) ? ["..."] : [])].join(" ");
  });
}

test.each<readonly [keyof typeof frontEnds, string, readonly string[]]>([
  ["postgres", 'SELECT Email FROM "Users" AS u -- orders', ["select email from users as u"]],
  ["postgres", "SELECT 'orders', $$hr$$ FROM t /* staff */", ["select from t"]],
  ["postgres", "SELECT 1; TABLE users", ["select", "table users"]],
  ["postgres", 'SELECT * FROM U&"\\0075sers"', ["select from \\0075sers ..."]],
  ["postgres", "SET app.word = hunter2; SET LOCAL app.word TO hunter2", ["set app word", "set local app word to"]],
  [
    "postgres",
    "SET TIME ZONE hunter2; ALTER ROLE ann SET app.x = hunter2",
    ["set time zone", "alter role ann set app x"],
  ],
  ["postgres", "UPDATE t SET a = b; SET ROLE admin", ["update t set a b", "set role admin"]],
  ["postgres", "ALTER TABLE t ALTER a SET DATA TYPE int USING (a = b)", ["alter table t a set data type int using b"]],
  ["postgres", "SELECT f(1)", ["select f ..."]],
  ["postgres", "DO 'BEGIN DELETE FROM users; END'", ["do ..."]],
  ["mysql", 'SELECT `Email` FROM shop.`users` WHERE a = "orders"', ["select email from shop users where a"]],
  ["mysql", "DELETE FROM users # orders", ["delete from users"]],
  [
    "bigquery",
    "SELECT * FROM `shop.hr.staff` WHERE a = r'orders'",
    ["select from shop.hr.staff shop hr staff where a"],
  ],
])("%s: %s mentions its names, and those of no literal or comment", (dialect, text, expected) => {
  expect(mentions(dialect, text)).toEqual(expected);
});

test("every relation that is read by its name is mentioned", () => {
  const texts = [
    "SELECT * FROM a, b JOIN c USING (id)",
    "UPDATE a SET x = (SELECT 1 FROM b)",
    "DELETE FROM a WHERE 1 = 1",
  ];
  for (const dialect of ["postgres", "mysql"] as const)
    for (const text of texts)
      for (const name of text.match(/\b[abc]\b/g) ?? []) expect(mentions(dialect, text)[0]?.split(" ")).toContain(name);
});

import { bench, describe } from "vitest";
import { itemsOf } from "../facts/index.js";
import { bigqueryFrontEnd } from "./bigquery/bigquery.js";
import { bigqueryRules, mysqlRules, postgresRules } from "./lexer/dialects.js";
import { lex } from "./lexer/lexer.js";
import { mysqlFrontEnd } from "./mysql/mysql.js";
import { loadPostgres, parse } from "./postgres/parser.js";
import { postgresFrontEnd } from "./postgres/postgres.js";

const text =
  "SELECT o.id, o.total, c.name, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'open' AND o.total > 100 AND c.country = 'DE' ORDER BY o.id LIMIT 50";

await loadPostgres();

// Question: what does it cost to cut a short statement into tokens? Goal: 2 µs.
describe("tokens of 178 characters", () => {
  const plain = { ansi_quotes: false, no_backslash_escapes: false };
  for (const [name, rules] of Object.entries({
    postgres: postgresRules(),
    mysql: mysqlRules(plain),
    bigquery: bigqueryRules,
  })) {
    const lexed = lex(text, rules);
    if (lexed.kind !== "tokens" || lexed.tokens.kinds.length !== 55) throw new Error("the bench reads wrong tokens");
    bench(name, () => {
      lex(text, rules);
    });
  }
});

// Question: what do the facts of a new statement cost? Goal: 20 µs for MySQL and BigQuery; for PostgreSQL 1.4 times its parse.
describe("facts of 178 characters", () => {
  const frontEnds = { postgres: postgresFrontEnd, mysql: mysqlFrontEnd, bigquery: bigqueryFrontEnd };
  for (const [name, frontEnd] of Object.entries(frontEnds)) {
    const context = { dialect: name as keyof typeof frontEnds, catalog: null, server_version: null };
    const [action] = frontEnd.analyse(text, context).actions;
    if (action?.family !== "sql" || action.opaque || itemsOf<unknown>(action.facts.relations).length !== 2)
      throw new Error("the bench computes wrong facts");
    bench(name, () => {
      frontEnd.analyse(text, context);
    });
  }
  bench("libpg-query's parse alone", () => {
    parse(text, 18);
  });
});

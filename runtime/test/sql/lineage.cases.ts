import type { Case } from "./effects.cases.js";

/** Where output values come from, and what else was looked at. */
export const lineage: readonly Case[] = [
  ["SELECT email FROM users", { columns: ["email = users.email"], predicates: [], lineage: true }],
  ["SELECT u.email AS e FROM users u", { columns: ["e = users.email"] }],
  ["SELECT b FROM users AS t(a, c, b)", { columns: ["b = users.email"] }],
  [
    "SELECT t.* FROM orders t",
    { columns: ["id = orders.id", "customer_id = orders.customer_id", "total = orders.total", "email = orders.email"] },
  ],
  ["SELECT (t).email, (t).* FROM v_cust t", { complete: false }],
  ["SELECT (t).contact FROM v_cust t", { columns: ["contact = v_cust.contact + cu.email"], lineage: true }],
  ["SELECT o FROM orders o", { columns: ["o ~ orders.id + orders.customer_id + orders.total + orders.email"] }],
  ["SELECT e FROM (SELECT email AS e FROM users) q", { columns: ["e = users.email"], relations: ["users read from"] }],
  ["WITH q(e) AS (SELECT email FROM users) SELECT e FROM q", { columns: ["e = users.email"] }],
  ["WITH users AS (SELECT id, email AS name FROM users) SELECT name FROM users", { columns: ["name = users.email"] }],
  [
    "WITH RECURSIVE r(v, n) AS (SELECT 'x'::text, 1 UNION ALL SELECT (SELECT email FROM users WHERE id = 1), n + 1 FROM r) SELECT v FROM r",
    { columns: ["v ~ users.email"], predicates: ["users.id"], lineage: true },
  ],
  [
    "WITH RECURSIVE a(x) AS (SELECT y FROM b), b(y) AS (SELECT email FROM users) SELECT x FROM a",
    { columns: ["x = users.email"] },
  ],
  [
    "WITH RECURSIVE t(a, b, c) AS (SELECT email, name, status FROM users UNION ALL SELECT b, c, a FROM t) SELECT a FROM t",
    { columns: ["a ~ users.email + users.name + users.status"] },
  ],
  [
    "SELECT name FROM users UNION ALL SELECT email FROM orders",
    { columns: ["name ~ users.name + orders.email"], predicates: [] },
  ],
  ["SELECT name FROM users UNION SELECT email FROM orders", { predicates: ["users.name", "orders.email"] }],
  ["SELECT 'a' EXCEPT SELECT email FROM users", { predicates: ["users.email"] }],
  [
    "SELECT email FROM users JOIN orders USING (email)",
    { columns: ["email ~ users.email + orders.email"], predicates: ["users.email", "orders.email"] },
  ],
  [
    "SELECT j.email FROM users JOIN orders USING (email) AS j",
    { columns: ["email ~ users.email + orders.email"], complete: true },
  ],
  [
    "SELECT email FROM (SELECT id AS oid, email FROM orders) o NATURAL JOIN users",
    { columns: ["email ~ orders.email + users.email"] },
  ],
  [
    "SELECT j.c FROM (users u JOIN orders o ON u.id = o.customer_id) AS j(a, b, c)",
    { columns: ["c = users.email"], predicates: ["users.id", "orders.customer_id"] },
  ],
  [
    "SELECT l.v FROM orders o, LATERAL (SELECT email AS v FROM users u WHERE u.id = o.customer_id) l",
    { columns: ["v = users.email"] },
  ],
  ["SELECT v FROM users, LATERAL (VALUES (email)) x(v)", { columns: ["v = users.email"] }],
  [
    "SELECT (SELECT email FROM users WHERE id = o.customer_id) FROM orders o",
    { columns: ["email ~ users.email"], predicates: ["users.id", "orders.customer_id"] },
  ],
  [
    "SELECT contact FROM v_cust",
    { columns: ["contact = v_cust.contact + cu.email"], relations: ["v_cust read from", "cu read view"] },
  ],
  [
    "SELECT c FROM v_outer",
    { columns: ["c = v_outer.c + v_cust.contact + cu.email"], predicates: ["v_cust.id", "cu.id"] },
  ],
  ["SELECT city FROM measure_2024", { columns: ["city = measure_2024.city + measure.city"] }],
  ["SELECT city FROM measure", { columns: ["city = measure.city + measure_2024.city"] }],
  ["SELECT low FROM derived", { columns: ["low ~ derived.low + derived.e"] }],
  ['SELECT "a.b" FROM "odd.name"', { columns: ["a.b = odd\u001fname.a\u001fb"] }],
  ["SELECT xmin, tableoid FROM users", { columns: ["xmin", "tableoid"], complete: true }],
  [
    "SELECT ctid FROM users",
    { columns: ["ctid ~ users.id + users.name + users.email + users.admin + users.status"], complete: true },
  ],
  [
    "UPDATE users SET name = email WHERE id = 1 RETURNING email AS e",
    { columns: ["e = users.email"], predicates: ["users.email", "users.id"] },
  ],
  [
    "UPDATE users SET name = '' RETURNING old.email, new.name",
    { columns: ["email = users.email", "name = users.name"], lineage: true },
  ],
  ["UPDATE users SET name = '' RETURNING WITH (OLD AS o) o.email", { columns: ["email = users.email"] }],
  [
    "DELETE FROM orders USING users u WHERE u.id = customer_id RETURNING *",
    {
      columns: [
        "id = orders.id",
        "customer_id = orders.customer_id",
        "total = orders.total",
        "email = orders.email",
        "id = users.id",
        "name = users.name",
        "email = users.email",
        "admin = users.admin",
        "status = users.status",
      ],
    },
  ],
  ["INSERT INTO orders (email) SELECT email FROM users", { columns: [], predicates: ["users.email"] }],
  [
    "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET email = excluded.email WHERE orders.total > 1",
    { predicates: ["orders.id", "orders.email", "orders.total"] },
  ],
  ["COPY users (email) TO STDOUT", { columns: ["email = users.email"] }],

  // Expressions.
  ["SELECT 'x' || email AS v FROM users", { columns: ["v ~ users.email"], predicates: [] }],
  ["SELECT lower(email) AS v FROM users", { columns: ["v ~ users.email"], predicates: [] }],
  ["SELECT email::varchar(5) FROM users", { columns: ["email ~ users.email"], predicates: [] }],
  ["SELECT email::int FROM users", { predicates: ["users.email"] }],
  ["SELECT total + 1 AS v FROM orders", { predicates: ["orders.total"] }],
  [
    "SELECT CASE WHEN email LIKE 'a%' THEN name END FROM users",
    { columns: ["case ~ users.email + users.name"], predicates: ["users.email"] },
  ],
  [
    "SELECT string_agg(name, ',' ORDER BY status) FILTER (WHERE admin) FROM users",
    { predicates: ["users.admin", "users.status"] },
  ],
  [
    "SELECT rank() OVER (PARTITION BY status ORDER BY email) FROM users",
    { predicates: ["users.status", "users.email"] },
  ],
  ["SELECT sum(total) OVER w FROM orders WINDOW w AS (ORDER BY email)", { predicates: ["orders.email"] }],
  ["SELECT count(*) FROM users", { columns: ["count"], lineage: true }],
  ["SELECT regexp_split_to_table(email, '') FROM users", { predicates: ["users.email"] }],
  ["SELECT generate_series(1, length(email)) FROM users", { predicates: ["users.email"] }],
  ["SELECT n FROM generate_series(1, 10) n", { columns: ["n"], lineage: true, complete: true }],
  [
    "SELECT * FROM generate_series(1, 10) WITH ORDINALITY",
    { columns: ["generate_series", "ordinality"], lineage: true },
  ],
  [
    "SELECT key, value FROM users u, jsonb_each_text(to_jsonb(u)) WHERE key = 'email'",
    { lineage: true, predicates: ["users.id", "users.name", "users.email", "users.admin", "users.status"] },
  ],
  ["SELECT p.* FROM users t, jsonb_populate_record(null::users, to_jsonb(t)) p", { lineage: false }],
  [
    "SELECT j.e FROM users t, json_table(to_jsonb(t), '$' COLUMNS (e text PATH '$.email')) j",
    { columns: ["e ~ users.id + users.name + users.email + users.admin + users.status"] },
  ],

  // Influence.
  ["SELECT id FROM users WHERE email = 'x'", { columns: ["id = users.id"], predicates: ["users.email"] }],
  ["SELECT id FROM users ORDER BY email", { predicates: ["users.email"] }],
  ["SELECT email AS e, id FROM users ORDER BY 1", { predicates: ["users.email"] }],
  ["SELECT email AS e, id FROM users ORDER BY e", { predicates: ["users.email"] }],
  ["SELECT name AS email FROM users ORDER BY email", { predicates: ["users.name", "users.email"] }],
  ["SELECT count(*) FROM users GROUP BY email HAVING max(name) > 'b'", { predicates: ["users.email", "users.name"] }],
  ["SELECT count(*) FROM users GROUP BY GROUPING SETS ((email), ())", { predicates: ["users.email"] }],
  ["SELECT DISTINCT email FROM users", { predicates: ["users.email"] }],
  ["SELECT DISTINCT ON (email) id FROM users", { predicates: ["users.email"] }],
  ["SELECT id FROM users LIMIT (SELECT ascii(email) FROM orders)", { predicates: ["orders.email"] }],
  ["SELECT 1 WHERE EXISTS (SELECT 1 FROM users WHERE email = 'x')", { predicates: ["users.email"] }],
  ["SELECT pg_notify('c', email) FROM users", { predicates: ["users.email"] }],
];

/** Without a catalog: names are plain tables as written. */
export const assumed: readonly Case[] = [
  [
    "SELECT u.email AS e FROM users u",
    { columns: ["e = users.email"], complete: true, lineage: true, relations: ["users read from"] },
  ],
  ["SELECT email FROM users", { columns: ["email = users.email"], lineage: true }],
  ["SELECT e FROM (SELECT email AS e FROM hr.users) q", { columns: ["e = hr.users.email"] }],
  ["SELECT email FROM (SELECT * FROM users) q", { columns: ["email = users.email"], lineage: false }],
  [
    "SELECT email FROM users JOIN orders ON users.id = orders.user_id",
    { columns: ["email ~ users.email + orders.email"], lineage: true },
  ],
  ["SELECT * FROM users", { columns: ["..."], complete: true, lineage: false }],
  ["SELECT users FROM users", { lineage: false }],
  ["SELECT row_to_json(u) FROM users u", { lineage: false }],
  ["SELECT evil(1)", { complete: false }],
  ["UPDATE orders SET paid = true WHERE id = 7", { targets: ["update some orders"], complete: true }],
  ["UPDATE users SET admin = true WHERE 2 > 1", { targets: ["update all users"], complete: true }],
  ["UPDATE users SET x = 1 WHERE admin = 'yes' OR admin = 'no'", { targets: ["update perhaps users"] }],
  ["SELECT relname FROM pg_class", { relations: ["pg_catalog.pg_class read from"], lineage: true }],
];

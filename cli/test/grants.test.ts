import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@hpl/gateway";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { main } from "../src/main.js";

/** `hpl grants`, and `hpl check --against`: what the database itself holds back, on a real server. */
const folder = mkdtempSync(join(tmpdir(), "hpl-grants-"));
const policy = `policy shop governs sql
use std.sql
default block
label pii.email on column "public.people.email", "odd.*.we\\"ird"
label pii.free on column "public.people.name"
allow "read" when sql.only_reads
mask "personal" pii.email with redact but clear when principal.kind == human
mask "later" advisory pii.free with redact
`;
const seed = `
  CREATE TABLE people (id int PRIMARY KEY, name text, email text);
  INSERT INTO people VALUES (1, 'Ann', 'ann@corp.io');
  CREATE TABLE orders (id int PRIMARY KEY, total int);
  CREATE VIEW contacts AS SELECT id, lower(email) AS contact FROM people;
  CREATE VIEW ids AS SELECT id FROM people;
  CREATE VIEW lookup AS SELECT id FROM people WHERE email LIKE 'a%';
  CREATE TABLE old_people (note text) INHERITS (people);
  CREATE MATERIALIZED VIEW copied AS SELECT id, email AS e FROM people;
  CREATE FUNCTION emails() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM people';
  CREATE VIEW called AS SELECT * FROM emails() e;
  CREATE SCHEMA odd; CREATE TABLE odd."t;--" (id int, "we""ird" text);
  CREATE ROLE analyst; CREATE ROLE everything; CREATE ROLE someone LOGIN PASSWORD 'pw';
  CREATE ROLE clerk; GRANT SELECT (id, email) ON people TO clerk; GRANT SELECT (id) ON lookup TO clerk;
  GRANT pg_read_all_data TO everything;
  GRANT SELECT ON people, orders TO analyst; GRANT SELECT (email) ON people TO PUBLIC; GRANT SELECT ON contacts TO PUBLIC`;

let server: EmbeddedPostgres;
let client: pg.Client;
const urlOf = (user: string, password: string): string => {
  const { host, port, database } = server.target;
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
};
const ownUrl = (): string => urlOf(server.target.user, server.target.password);

beforeAll(async () => {
  writeFileSync(join(folder, "policy.hpl"), policy);
  const columns = (...names: readonly string[]) => names.map((name) => ({ name, type: "text" }));
  const catalog = {
    search_path: ["public"],
    schemas: { public: { people: { columns: columns("id", "name", "email") } } },
  };
  writeFileSync(join(folder, "catalog.json"), JSON.stringify(catalog));
  server = await startEmbeddedPostgres({ seed, superuser: true, log: () => {} });
  client = new pg.Client({ ...server.target, ssl: false });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
  rmSync(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, out: out.join(""), err: err.join("") };
}
const grants = (...more: readonly string[]) => run("grants", join(folder, "policy.hpl"), ...more);

/** Runs `sql` as a role; `denied`, or the first value. */
async function as(role: string, sql: string): Promise<unknown> {
  await client.query(`BEGIN; SET LOCAL ROLE ${role}`);
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0] ?? "nothing";
  } catch (error) {
    return (error as pg.DatabaseError).code === "42501" ? "denied" : Promise.reject(error);
  } finally {
    await client.query("ROLLBACK");
  }
}

test("what is printed for a catalog file", async () => {
  expect((await grants("--catalog", join(folder, "catalog.json"), "--direct-role", "readers")).out).toBe(
    `-- The database's own floor under the policy: whoever gets past the gateway cannot read what the policy masks.
-- Run it as the owner of the tables. Owners and superusers are under no floor; tables made later have none yet.
BEGIN;
DO $hpl$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'readers') THEN CREATE ROLE "readers" NOLOGIN; END IF; END $hpl$;
DO $hpl$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'hpl_gateway') THEN CREATE ROLE "hpl_gateway" NOLOGIN; END IF; END $hpl$;
GRANT USAGE ON SCHEMA "public" TO "readers", "hpl_gateway";

-- "email": pii.email
REVOKE SELECT ON TABLE "public"."people" FROM PUBLIC;
REVOKE SELECT ON TABLE "public"."people" FROM "readers";
GRANT SELECT ("id", "name") ON TABLE "public"."people" TO "readers";
GRANT SELECT ON TABLE "public"."people" TO "hpl_gateway";
COMMIT;
`,
  );
});

test("on a real server the masked columns are out of everybody's reach, and nothing else is", async () => {
  expect(await as("analyst", "SELECT email FROM people")).toBe("ann@corp.io");
  expect(await as("everything", "SELECT email FROM people")).toBe("ann@corp.io");
  process.env.HPL_GRANTS_URL = ownUrl();
  const { code, out } = await grants("--against", "env:HPL_GRANTS_URL");
  expect(code).toBe(0);
  await client.query(out);
  await client.query(out);
  const expected = [
    ["SELECT email FROM people", "denied", "denied", "ann@corp.io"],
    ["SELECT p FROM people p", "denied", "denied", "(1,Ann,ann@corp.io)"],
    ["SELECT id FROM people WHERE email > ''", "denied", "denied", 1],
    ["SELECT name FROM people", "Ann", "Ann", "Ann"],
    ["SELECT total FROM orders", "nothing", "nothing", "nothing"],
    ["SELECT contact FROM contacts", "denied", "denied", "ann@corp.io"],
    ["SELECT id FROM contacts", 1, 1, 1],
    ["SELECT id FROM ids", 1, "denied", 1],
    ["SELECT email FROM old_people", "denied", "denied", "nothing"],
    ["SELECT note FROM old_people", "nothing", "denied", "nothing"],
    ["SELECT e FROM copied", "denied", "denied", "ann@corp.io"],
    ["SELECT id FROM copied", 1, "denied", 1],
    ["SELECT e FROM called", "denied", "denied", "ann@corp.io"],
    ["SELECT id FROM lookup", "denied", "denied", 1],
    ['SELECT "we""ird" FROM odd."t;--"', "denied", "denied", "nothing"],
    ['SELECT id FROM odd."t;--"', "nothing", "denied", "nothing"],
  ] as const;
  for (const [sql, direct, analyst, gateway] of expected) {
    const seen = [await as("hpl_direct", sql), await as("analyst", sql), await as("hpl_gateway", sql)];
    expect([sql, ...seen]).toEqual([sql, direct, analyst, gateway]);
  }
  expect(await as("everything", "SELECT email FROM people")).toBe("denied");
  // Nobody is given what they did not have.
  for (const [column, seen] of [
    ["id", 1],
    ["name", "denied"],
    ["email", "denied"],
  ] as const)
    expect([column, await as("clerk", `SELECT ${column} FROM people`)]).toEqual([column, seen]);
});

test.each([
  [["--catalog", "x", "--against", "y"], "give exactly one of --against and --catalog"],
  [[], "give exactly one of --against and --catalog"],
  [["--catalog", "x", "--direct-role", "hpl_gateway"], "the two roles must have different names"],
  [["--against", "env:HPL_NO_SUCH_URL"], "the environment variable HPL_NO_SUCH_URL is not set"],
  [["--against", "postgres://u:topsecret@127.0.0.1:1/x"], "the database cannot be looked at"],
  [["--against", "http://u:topsecret@127.0.0.1:1/x"], "the database cannot be looked at"],
])("hpl grants %j: %s", async (more, message) => {
  const { code, err } = await grants(...more);
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(err).not.toContain("topsecret");
});

const checkAgainst = async (url: string): Promise<readonly string[]> => {
  const { code, out } = await run("check", join(folder, "policy.hpl"), "--format", "json", "--against", url);
  expect(code).toBe(0);
  const { findings }: { findings: { code: string; message: string; line: number }[] } = JSON.parse(out);
  return findings.filter((each) => each.code === "HPL0010" && each.line === 1).map(({ message }) => message);
};

test("a superuser is told of, and nothing else", async () => {
  expect(await checkAgainst(ownUrl())).toEqual([
    `the upstream role \`${server.target.user}\` is a superuser: no privilege holds it back`,
  ]);
});

test.each([
  ["", []],
  ["ALTER TABLE orders OWNER TO someone", ["owns `public.orders`, and can grant itself anything on it"]],
  [
    "CREATE ROLE boss; ALTER TABLE orders OWNER TO boss; GRANT boss TO someone",
    ["owns `public.orders`, and can grant itself anything on it"],
  ],
  ["GRANT pg_read_server_files, pg_monitor TO someone", [/^is a member of .*`pg_monitor`.*`pg_read_server_files`/]],
  ["GRANT EXECUTE ON FUNCTION pg_read_file(text) TO someone", ["may call `pg_read_file(text)`"]],
  ["ALTER ROLE someone REPLICATION", [/^may replicate/]],
  ["ALTER ROLE someone BYPASSRLS CREATEROLE", [/^is past row security$/, /^creates roles/]],
])("an upstream role after %j", async (change, expected) => {
  await client.query(change);
  const messages = await checkAgainst(urlOf("someone", "pw"));
  expect(messages.map((message) => message.replace("the upstream role `someone` ", ""))).toEqual(
    expected.map((text) => (typeof text === "string" ? text : expect.stringMatching(text))),
  );
  await client.query(`ALTER TABLE orders OWNER TO ${server.target.user}; DROP ROLE IF EXISTS boss;
    REVOKE pg_read_server_files, pg_monitor FROM someone; REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM someone;
    ALTER ROLE someone NOREPLICATION NOBYPASSRLS NOCREATEROLE`);
});

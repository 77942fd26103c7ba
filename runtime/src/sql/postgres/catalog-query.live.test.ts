// Runs against a PostgreSQL on 127.0.0.1:5432 that lets the user `postgres` in, or `HPL_TEST_POSTGRES`. Without one
// there is nothing to run here, and one line says so.
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyse, summaryOf } from "../../../test/sql/shop.js";
import { parseCatalog, postgresCatalogQuery } from "./catalog-query.js";
import { loadPostgres } from "./parser.js";

const url = process.env.HPL_TEST_POSTGRES ?? "postgres://postgres@127.0.0.1:5432/postgres";
const scratch = `hpl_catalog_${process.pid}`;

async function connect(database?: string): Promise<pg.Client> {
  const address = new URL(url);
  if (database !== undefined) address.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: address.href, connectionTimeoutMillis: 2_000 });
  await client.connect();
  return client;
}

const admin = await connect().catch(() => null);
if (admin === null) console.warn("catalog-query.live: no PostgreSQL answers, the live catalog tests were not run");

const objects = `
  CREATE TABLE p (id int PRIMARY KEY, email text, low text GENERATED ALWAYS AS (lower(email)) STORED);
  CREATE TABLE base (a int, b text) PARTITION BY RANGE (a);
  CREATE TABLE part PARTITION OF base FOR VALUES FROM (1) TO (10);
  CREATE VIEW v AS SELECT email AS e FROM p;
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE TABLE checked (a int CHECK (f(a) > 0));
  CREATE TABLE "constructor" (id int);
  CREATE TEMP TABLE tt (x int);
  CREATE TYPE mood AS ENUM ('sad', 'happy');
  CREATE TYPE twice AS ENUM ('a');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE DOMAIN calling AS int CHECK (f(VALUE) > 0);
  CREATE DOMAIN of_mood AS mood;
  CREATE TYPE pair AS (a int, b int);
  CREATE SCHEMA evil;
  CREATE DOMAIN evil.twice AS int CHECK (public.f(VALUE) > 0);
  CREATE FUNCTION evil.eq(name, name) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'user code ran'; END $$;
  CREATE OPERATOR evil.= (leftarg = name, rightarg = name, function = evil.eq);
  CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'user code ran'; END $$;`;

/** A session that puts its own functions and operators before the built-in ones. */
const hostile = "SET search_path = evil, pg_catalog, public";

describe.runIf(admin !== null)("on a live server", () => {
  let client: pg.Client;
  beforeAll(async () => {
    await loadPostgres();
    await admin?.query(`CREATE DATABASE ${scratch}`);
    client = await connect(scratch);
    await client.query(objects);
  });
  afterAll(async () => {
    await client.end();
    await admin?.query(`DROP DATABASE ${scratch}`);
    await admin?.end();
  });
  const read = async () => parseCatalog((await client.query(postgresCatalogQuery())).rows[0].catalog);

  test("the catalog holds what was made", async () => {
    const catalog = await read();
    expect(catalog).toMatchObject({
      search_path: ["public"],
      functions: expect.arrayContaining(["f", "eq", "lower"]),
      operators: ["="],
      schemas: {
        public: {
          p: {
            kind: "table",
            key: ["id"],
            columns: [{ name: "id", type: "int4" }, { name: "email" }, { generated: "lower(email)" }],
          },
          part: { parents: [["public", "base"]], has_triggers: false },
          v: { kind: "view", definition: expect.stringContaining("email") },
          checked: { has_triggers: true },
          constructor: { columns: [{ name: "id", type: "int4" }] },
        },
      },
    });
    expect(Object.keys(catalog.schemas[catalog.temp_schema ?? ""] ?? {})).toEqual(["tt"]);
  });

  test("facts go through what was read", async () => {
    const catalog = await read();
    expect(analyse("SELECT e FROM v", { catalog }).map(summaryOf)).toMatchObject([
      { columns: ["e = v.e + p.email"], lineage: true },
    ]);
    expect(analyse("SELECT lower('x')", { catalog }).map(summaryOf)).toMatchObject([{ complete: false }]);
  });

  test("types that run nothing of users are known, by names that stand for nothing else", async () => {
    const catalog = await read();
    expect(catalog.plain_types?.toSorted()).toEqual(["mood", "positive"]);
    const complete = (text: string) => analyse(text, { catalog }).map((action) => summaryOf(action).complete);
    expect(complete("SELECT 'sad'::mood, '{sad}'::public.mood[], 1::positive")).toEqual([true]);
    for (const type of ["twice", "calling", "of_mood", "pair", "nothing"])
      expect(complete(`SELECT '1'::${type}`), type).toEqual([false]);
  });

  test("user code before the built-in does not run, and views are not known then", async () => {
    await client.query(hostile);
    const catalog = await read();
    await client.query("RESET search_path");
    expect(catalog.search_path).toEqual(["evil", "pg_catalog", "public"]);
    expect(catalog.schemas.public?.v).not.toHaveProperty("definition");
    expect(analyse("SELECT e FROM v", { catalog }).map(summaryOf)).toMatchObject([{ complete: false }]);
  });

  test("an unprivileged role in a transaction reads the same", async () => {
    const before = await read();
    await client.query(`CREATE ROLE ${scratch}`);
    await client.query(`BEGIN READ ONLY; SET ROLE ${scratch}`);
    const schemas = Object.keys((await read()).schemas.public ?? {});
    await client.query("ROLLBACK");
    await client.query(`DROP ROLE ${scratch}`);
    expect(schemas).toEqual(Object.keys(before.schemas.public ?? {}));
  });
});

/** A live MariaDB as judge. Without one, on the socket or address that the client finds by itself, nothing here runs. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlAttacks, mysqlEffects, mysqlHarmless } from "../../../test/sql/mysql.cases.js";
import accepted from "../../../test/sql/mysql-accepted.json" with { type: "json" };
import { isOpenList, itemsOf, type SqlFacts } from "../../facts/index.js";
import { mysqlFrontEnd } from "./mysql.js";

const database = `hpl_live_${process.pid}`;

/** Runs a script; errors stand among its output, and do not end it. */
const run = (script: string): string =>
  spawnSync("mariadb", ["--force", "--skip-column-names", "--raw"], {
    input: script,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  }).stdout ?? "";

const isThere = run("SELECT 'there'").includes("there");
if (!isThere) console.warn("no MariaDB server: the tests that ask one do not run");

/** A text as hexadecimal digits, which no mode reads otherwise. */
const hexadecimal = (text: string): string => `0x${Buffer.from(text, "utf8").toString("hex")}`;

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

const tables = `
  DROP TABLE IF EXISTS hpl_u, hpl_o, zsecret, t;
  CREATE TABLE hpl_u (id INT PRIMARY KEY, name VARCHAR(50), email VARCHAR(50), ssn VARCHAR(20), active BOOL, created DATETIME,
    data TEXT);
  CREATE TABLE hpl_o (id INT PRIMARY KEY, user_id INT, total DECIMAL(10,2), status VARCHAR(10), note TEXT, FULLTEXT KEY (note));
  CREATE TABLE zsecret (v VARCHAR(50)); CREATE TABLE t (a VARCHAR(50), id INT);
  INSERT INTO hpl_u (id, name) VALUES (1, 'ann'), (2, 'bob'); INSERT INTO hpl_o (id, user_id) VALUES (1, 1);
  INSERT INTO zsecret VALUES ('hunter2'); INSERT INTO t VALUES ('a', 1);`;

const factsOf = (text: string, modes: readonly string[] | null): readonly (SqlFacts | null)[] =>
  mysqlFrontEnd
    .analyse(text, { dialect: "mysql", catalog: null, server_version: null, modes, database })
    .actions.map((action) => (action.opaque ? null : (action.facts as SqlFacts)));

describe.runIf(isThere)("MariaDB", () => {
  beforeAll(() => {
    run(`CREATE DATABASE ${database}; USE ${database}; ${tables}`);
  });
  afterAll(() => {
    run(`DROP DATABASE ${database}`);
  });

  test("the server parses every text of the list, and none of these", () => {
    const broken = ["SELECT 1 FROM", "SELECT 1.e(2)", "SELECT 1 /* unclosed", "DELETE users"];
    const texts = [...accepted, ...broken];
    const script = texts.map((text, i) => `SELECT '#${i}'; PREPARE s FROM ${hexadecimal(text)}; SHOW ERRORS;`);
    const answers = run(`USE ${database}; ${script.join("\n")}`)
      .split(/^#\d+$/m)
      .slice(1);
    expect(answers).toHaveLength(texts.length);
    // 1064: a syntax error. That a procedure is missing is none.
    expect(texts.filter((_, i) => /\b1064\b/.test(answers[i] ?? ""))).toEqual(broken);
  });

  test("what we call a read changes nothing", () => {
    const calm = new Set(["read", "lock"]);
    const reads = [...accepted, ...mysqlHarmless, ...mysqlEffects.map(({ text }) => text)].filter((text) => {
      const facts = factsOf(text, null);
      const isCalm = (one: SqlFacts | null) =>
        one !== null &&
        one.complete === true &&
        !isOpenList(one.effects) &&
        itemsOf(one.effects).every((effect) => calm.has(String(effect)));
      return facts.length === 1 && facts.every(isCalm) && !/HANDLER|SLEEP|LOCK TABLE/i.test(text);
    });
    expect(reads.length).toBeGreaterThan(100);
    const fingerprint = `CHECKSUM TABLE hpl_u, hpl_o, zsecret, t; SHOW TABLES; SELECT user, host FROM mysql.user ORDER BY 1, 2; SHOW DATABASES;`;
    const before = run(`USE ${database}; ${fingerprint}`);
    run(`USE ${database};\n${reads.map((text) => `PREPARE s FROM ${hexadecimal(text)}; EXECUTE s;`).join("\n")}`);
    expect(run(`USE ${database}; ${fingerprint}`)).toBe(before);
  });

  test("no text shows a secret that its facts do not name", () => {
    const texts = mysqlAttacks.filter(({ text }) => !/[\0\ud800]/.test(text));
    const leaks = texts.filter(({ text, modes }) => {
      const mode = `SET sql_mode = ${quoted((modes ?? []).join(","))};`;
      const shown = run(`USE ${database}; ${mode} PREPARE s FROM ${hexadecimal(text)}; EXECUTE s;`);
      return shown.includes("hunter2") && !isNoticed(text, modes ?? null);
    });
    expect(leaks).toEqual([]);
  });

  test("the secret does come out of the texts that read it", () => {
    const shown = run(
      `USE ${database}; PREPARE s FROM ${hexadecimal("select 1 --1, (select v from zsecret)")}; EXECUTE s;`,
    );
    expect(shown).toContain("hunter2");
  });
});

/** Whether some statement names the table, or says that it cannot tell. */
const isNoticed = (text: string, modes: readonly string[] | null): boolean =>
  factsOf(text, modes).some(
    (facts) =>
      facts === null ||
      facts.complete !== true ||
      itemsOf(facts.relations).some((relation) => "name" in relation && relation.name === "zsecret"),
  );

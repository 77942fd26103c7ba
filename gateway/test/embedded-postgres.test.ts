/** The embedded server: it starts anywhere, leaves nothing behind, and what cannot run is replaced. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { runDirectly } from "../src/upstream/direct-query.js";
import { startPglite } from "../src/upstream/embedded-pglite.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { usersOf } from "../src/upstream/server-user.js";

const ours = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("hpl-postgres-"));

test("a seeded server starts, serves only those who know the password, and leaves nothing behind", async () => {
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({
    seed: "CREATE TABLE t AS SELECT 42 AS x",
    log: (line) => lines.push(line),
  });
  expect(server.engine === "postgres" ? lines : lines.length).toEqual(server.engine === "postgres" ? [] : 1);
  const client = new pg.Client({ ...server.target, ssl: false });
  await client.connect();
  expect((await client.query("SELECT x FROM t")).rows).toEqual([{ x: 42 }]);
  if (server.engine === "postgres") {
    expect((await client.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).rows).toEqual([
      { rolsuper: false },
    ]);
    await expect(runDirectly({ ...server.target, password: "wrong" }, "SELECT 1")).rejects.toThrow(/28P01/u);
  }
  await client.end();
  await server.stop();
  await server.stop();
  await expect(runDirectly(server.target, "SELECT 1")).rejects.toThrow(/ECONNREFUSED/u);
});

test("a wrong seed is an error with the server's words, and nothing stays", async () => {
  const before = ours();
  await expect(startEmbeddedPostgres({ seed: "SELEC 1", log: () => {} })).rejects.toThrow(
    /seed could not be run: 42601/u,
  );
  expect(ours().filter((name) => !before.includes(name))).toEqual([]);
});

test("a folder left by a process that is gone is removed, one of a living process is not", async () => {
  const [gone, living] = [1, 2].map(() => mkdtempSync(join(tmpdir(), "hpl-postgres-")));
  if (gone === undefined || living === undefined) throw new Error("no folders");
  for (const folder of [gone, living]) mkdirSync(join(folder, "data"));
  writeFileSync(join(gone, "owner.pid"), "4194304"); // Past the largest process id of Linux.
  writeFileSync(join(living, "owner.pid"), String(process.pid));
  utimesSync(gone, 0, 0);
  await (await startEmbeddedPostgres({ seed: null, log: () => {} })).stop();
  expect([existsSync(gone), existsSync(living)]).toEqual([false, true]);
  rmSync(living, { recursive: true });
});

test("PGlite serves one connection after the other, each clean", async () => {
  const server = await startPglite();
  const [one, two] = [1, 2].map(() => new pg.Client({ ...server.target, ssl: false }));
  if (one === undefined || two === undefined) throw new Error("no clients");
  await one.connect();
  await one.query("SET application_name = 'one'");
  await one.query("BEGIN");
  const second = two.connect();
  await one.query("CREATE TEMP TABLE left_behind ()");
  await one.end();
  await second;
  expect((await two.query("SHOW application_name")).rows).toEqual([{ application_name: "" }]);
  await expect(two.query("SELECT FROM left_behind")).rejects.toThrow(/does not exist/u);
  await two.end();
  await server.stop();
});

test("ordinary users of a passwd file", () => {
  const file = "root:x:0:0::/:/bin/sh\nbad line\nnobody:x:65534:65534::/:/bin/false\nodd:x:5:0::/:/bin/sh\n";
  expect(usersOf(file)).toEqual([{ name: "nobody", uid: 65534, gid: 65534 }]);
});

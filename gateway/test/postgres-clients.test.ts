/** What real clients see through the gateway: `pg`, `postgres`, and `psql` where it is installed. */
import { execFile, spawnSync } from "node:child_process";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GatewayUnderTest, type ServerUnderTest, startEmbedded, startGateway } from "./gateway-fixture.js";
import { openWire, serialize, shape } from "./wire-client.js";

let server: ServerUnderTest;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  server = await startEmbedded();
  gateway = await startGateway(server.target);
});
afterAll(async () => {
  await gateway.listener.close();
  await server.stop();
});

async function withPg<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...gateway.target, ssl: false });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const masked = "SELECT id, email FROM people ORDER BY id -- mask(1 of 2)";
const stars = [
  { id: 1, email: "***" },
  { id: 2, email: "***" },
  { id: 3, email: null },
];

test("pg: simple, with parameters, named, and masked rows", async () => {
  await withPg(async (client) => {
    expect((await client.query("SELECT 1 AS x")).rows).toEqual([{ x: 1 }]);
    expect((await client.query("SELECT $1::int AS x", [7])).rows).toEqual([{ x: 7 }]);
    expect((await client.query(masked)).rows).toEqual(stars);
    for (const id of [1, 2]) {
      const text = "SELECT id, email FROM people WHERE id = $1 -- mask(1 of 2)";
      const { rows } = await client.query({ name: "by-id", text, values: [id] });
      expect(rows).toEqual([{ id, email: "***" }]);
    }
  });
});

test("pg: a blocked statement is an error with rule, reason and hint, and the session lives on", async () => {
  await withPg(async (client) => {
    const error = await client.query("DROP TABLE people -- forbidden").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      severity: "ERROR",
      code: "42501",
      message: "test/rule: this is block",
      hint: "do something else",
    });
    expect((await client.query("SELECT count(*)::int AS n FROM people")).rows).toEqual([{ n: 3 }]);
  });
});

test("binary results are masked in their own format", async () => {
  const text = "SELECT id, email FROM people ORDER BY id -- mask(0 of 2) mask(1 of 2)";
  const wire = await openWire(gateway.target);
  wire.send(serialize.parse({ text }), serialize.bind({ binary: true }), serialize.execute(), serialize.sync());
  expect(shape(await wire.ready())).toEqual([
    ...["parseComplete", "bindComplete"],
    ...["row \0\0\0\0|***", "row \0\0\0\0|***", "row \0\0\0\0|", "complete SELECT 3", "ready I"],
  ]);
  await wire.end();
});

test("rows of a portal are masked without Describe, with Describe, and fetch by fetch", async () => {
  const wire = await openWire(gateway.target);
  const text = "SELECT email FROM people ORDER BY id -- mask(0 of 1)";
  const [parse, bind] = [serialize.parse({ name: "m", text }), serialize.bind({ statement: "m", portal: "p" })];
  wire.send(
    parse,
    bind,
    serialize.execute({ portal: "p", rows: 1 }),
    serialize.execute({ portal: "p" }),
    serialize.sync(),
  );
  expect(shape(await wire.ready())).toEqual([
    ...[
      "parseComplete",
      "bindComplete",
      "row ***",
      "portalSuspended",
      "row ***",
      "row ",
      "complete SELECT 2",
      "ready I",
    ],
  ]);
  wire.send(serialize.describe({ type: "S", name: "m" }), serialize.sync());
  wire.send(bind, serialize.execute({ portal: "p" }), serialize.sync());
  expect(shape(await wire.ready(2))).toEqual([
    ...["parameterDescription", "rowDescription", "ready I"],
    ...["bindComplete", "row ***", "row ***", "row ", "complete SELECT 3", "ready I"],
  ]);
  expect(gateway.guard.reports.at(-1)).toMatchObject({ status: "ok", rows: 3, masked: [{ index: 0, cells: 2 }] });
  await wire.end();
});

test("a result that is not what the policy saw is withheld, simple and extended, and rolled back where it can be", async () => {
  const wire = await openWire(gateway.target);
  const text = "INSERT INTO notes VALUES (50, 'x') RETURNING id, body -- mask(0 of 3)";
  wire.send(serialize.query("SELECT id, email FROM people -- mask(1 of 3)"));
  expect(shape(await wire.ready())).toEqual(["error", "ready I"]);
  wire.send(serialize.parse({ text }), serialize.bind(), serialize.execute(), serialize.flush());
  expect(shape(await wire.until((messages) => messages.length >= 3))).toEqual([
    "parseComplete",
    "bindComplete",
    "error",
  ]);
  wire.send(serialize.sync(), serialize.query("SELECT count(*) FROM notes WHERE id = 50"));
  expect(shape(await wire.ready(2))).toEqual(["ready I", "rowDescription", "row 0", "complete SELECT 1", "ready I"]);
  await wire.end();
});

test("where no columns are expected, empty rows pass and others do not: a rule of the database may send them", async () => {
  const wire = await openWire(gateway.target);
  const run = (text: string): Buffer[] => [
    serialize.parse({ text }),
    serialize.bind(),
    serialize.execute(),
    serialize.sync(),
  ];
  wire.send(serialize.query("SELECT FROM people -- no_columns"), ...run("SELECT FROM people -- no_columns"));
  expect(shape(await wire.ready(2)).filter((word) => /^(row |complete|error)/u.test(word))).toEqual([
    ...["row ", "row ", "row ", "complete SELECT 3"],
    ...["row ", "row ", "row ", "complete SELECT 3"],
  ]);
  wire.send(serialize.query("CREATE RULE spy AS ON INSERT TO notes DO ALSO SELECT email FROM people"));
  wire.send(serialize.query("INSERT INTO notes VALUES (80, 'no_columns')"), serialize.query("DROP RULE spy ON notes"));
  const answer = await wire.ready(3);
  expect(answer.find(({ name }) => name === "error")?.message).toContain("withheld");
  expect(JSON.stringify(answer)).not.toContain("corp.io");
  wire.send(...run("SELECT email FROM people -- no_columns"));
  expect(shape(await wire.ready())).toEqual(["parseComplete", "bindComplete", "error", "ready I"]);
  await wire.end();
});

test("errors of a statement that touches labels say no more than their SQLSTATE", async () => {
  await withPg(async (client) => {
    for (const values of [undefined, []]) {
      const error = await client
        .query({ text: "SELECT email::int FROM people -- redacted", ...(values && { values }) })
        .catch((e) => e);
      expect(error).toMatchObject({ code: "22P02", message: "the text of this report is withheld by policy" });
      expect(JSON.stringify(error)).not.toContain("corp.io");
    }
  });
});

test("postgres.js: pipelined queries, a transaction, a cursor, a large result", async () => {
  const { host, port, user, password, database } = gateway.target;
  const sql = postgres({ host, port, user, password, database, max: 1, onnotice: () => {} });
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => sql`SELECT ${i}::int AS x`));
  expect(results.map(([row]) => row?.x)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  await expect(
    sql.begin((inner) => [inner`INSERT INTO notes VALUES (60, 'x')`, inner`SELECT 1 AS forbidden`]),
  ).rejects.toThrow(/block/u);
  expect(await sql`SELECT id FROM notes WHERE id = 60`).toHaveLength(0);
  let rows_count = 0;
  for await (const rows of sql`SELECT generate_series(1, 1000) AS x`.cursor(100)) rows_count += rows.length;
  expect(rows_count).toBe(1000);
  const large = await sql`SELECT i, repeat('x', 200) AS filler FROM generate_series(1, 100000) i`;
  expect(large).toHaveLength(100_000);
  await sql.end();
});

test("COPY to and from the client, in both protocols", async () => {
  const wire = await openWire(gateway.target);
  const rows = [
    serialize.copyData(Buffer.from("70\tone\n71\ttw")),
    serialize.copyData(Buffer.from("o\n")),
    serialize.copyDone(),
  ];
  wire.send(serialize.query("COPY notes FROM STDIN"), ...rows);
  expect(shape(await wire.ready())).toEqual(["copyInResponse", "complete COPY 2", "ready I"]);
  const start = [serialize.parse({ text: "COPY notes FROM STDIN" }), serialize.bind(), serialize.execute()];
  // libpq sends its first Sync before it knows that the server wants copy data; the server takes no notice of that one.
  wire.send(...start, serialize.sync());
  await wire.until((messages) => messages.some(({ name }) => name === "copyInResponse"));
  wire.send(serialize.copyData(Buffer.from("72\tthree\n")), serialize.copyDone(), serialize.sync());
  expect(shape(await wire.ready())).toEqual(["complete COPY 1", "ready I"]);
  wire.send(serialize.query("COPY notes FROM STDIN"), serialize.copyData(Buffer.from("bad\n")), serialize.copyDone());
  expect(shape(await wire.ready())).toEqual(["copyInResponse", "error", "ready I"]);
  wire.send(serialize.query("COPY (SELECT id FROM notes WHERE id BETWEEN 70 AND 79 ORDER BY 1) TO STDOUT"));
  expect((await wire.ready()).map(({ name }) => name)).toEqual([
    ...["copyOutResponse", "copyData", "copyData", "copyData", "copyDone", "commandComplete", "readyForQuery"],
  ]);
  await wire.end();
});

test("a client cancels what runs, by a key that is not the server's", async () => {
  await withPg(async (client) => {
    const running = client.query("SELECT pg_sleep(60)").catch((reason: unknown) => reason);
    const other = new pg.Client({ ...gateway.target, ssl: false });
    const backend = client as unknown as { processID: number; secretKey: number };
    const { rows } = await withPg((third) =>
      third.query("SELECT pid FROM pg_stat_activity WHERE pid = $1", [backend.processID]),
    );
    expect(rows).toEqual([]);
    (other as unknown as { cancel(client: pg.Client, query: unknown): void }).cancel(
      client,
      (client as unknown as { activeQuery: unknown; _activeQuery: unknown })._activeQuery,
    );
    expect(await running).toMatchObject({ code: "57014" });
    expect((await client.query("SELECT 1 AS x")).rows).toEqual([{ x: 1 }]);
  });
});

test("LISTEN and NOTIFY pass to who has listened", async () => {
  await withPg(async (client) => {
    const heard = new Promise((resolve) => {
      client.once("notification", ({ payload }) => resolve(payload));
    });
    await client.query("LISTEN ch");
    await withPg((other) => other.query("NOTIFY ch, 'hello'"));
    expect(await heard).toBe("hello");
  });
});

const hasPsql = spawnSync("psql", ["--version"]).status === 0;
if (!hasPsql) process.stderr.write("psql is not installed: it was not tried\n");

/** Runs psql without blocking us: the gateway lives in this process. */
function psql(...commands: string[]): Promise<string> {
  const { host, port, user, password, database } = gateway.target;
  const words = [
    "-X",
    "-A",
    "-t",
    "-h",
    host,
    "-p",
    String(port),
    "-U",
    user,
    database,
    ...commands.flatMap((c) => ["-c", c]),
  ];
  return new Promise((resolve) => {
    execFile("psql", words, { env: { ...process.env, PGPASSWORD: password } }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

test.runIf(hasPsql)("psql: rows, masks, a refusal with detail and hint, and its own catalog queries", async () => {
  expect(await psql(masked)).toBe("1|***\n2|***\n3|\n");
  expect(await psql("SELECT forbidden", "SELECT 5")).toMatch(
    /^5\nERROR: {2}test\/rule: this is block\nDETAIL: .*\nHINT: {2}do something else\n$/u,
  );
  expect(await psql("\\dt")).toContain("public|people|table|app");
  expect(await psql("\\copy people TO STDOUT")).toContain("ann@corp.io");
});

/** Values that are searched: what is found is hidden, whatever its type, its format and the protocol it comes by. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GatewayUnderTest, type ServerUnderTest, startEmbedded, startGateway } from "./gateway-fixture.js";

let server: ServerUnderTest;
let gateway: GatewayUnderTest;
let client: pg.Client;
beforeAll(async () => {
  server = await startEmbedded();
  gateway = await startGateway(server.target);
  const { host, port, user, password, database } = gateway.target;
  client = new pg.Client({ host, port, user, password, database });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await gateway.listener.close();
  await server.stop();
});

/** A value in SQL, and as the client may see it, as text. Null is SQL NULL. */
const values: readonly (readonly [sql: string, seen: string | null])[] = [
  ["'nothing'::text", "nothing"],
  ["'a KEY-17 b KEY-18'::text", "a *** b ***"],
  ["'KEY-17'::varchar(6)", "***"],
  ["'KEY-17'::name", "***"],
  ["NULL::text", null],
  ["''::text", ""],
  ["7::int4", "7"],
  ["4012888888881881::int8", "0"],
  ["4012888888881881::numeric", "0"],
  ["4012888888881881.50::numeric(20,2)", "0"],
  ["12.50::numeric", "12.50"],
  ["-0.0001::numeric", "-0.0001"],
  [`'{"k": "KEY-17", "n": [1, 2.5, null, true]}'::jsonb`, '{"k": "***", "n": [1, 2.5, null, true]}'],
  [`'{"k": "\\u004bEY-17"}'::json`, '{"k":"***"}'],
  [`'{"KEY-1": 1}'::jsonb`, '{"***": 1}'],
  [`'{"card": 4012888888881881}'::json`, '{"card":0}'],
  [`'{"id": 9007199254740993, "k": "KEY-17"}'::jsonb`, '{"k": "***", "id": 9007199254740993}'],
  [`'{"id": 9007199254740993, "card": 4012888888881881}'::jsonb`, "null"],
  [`'{"a":  1}'::json`, '{"a":  1}'],
  ["ARRAY['x', 'KEY-17']", "{}"],
  ["ARRAY['x', 'y']", "{x,y}"],
  ["'KEY-17'::bytea", "\\x"],
  ["'harmless'::bytea", "\\x6861726d6c657373"],
  ["ROW(1, 'KEY-17')", null],
  ["'(1,2)'::point", "(1,2)"],
  ["true", "t"],
  ["DATE '2026-01-02'", "2026-01-02"],
  ["xmlelement(name r, 'KEY-17')", null],
];

const list = values.map(([sql], i) => `${sql} AS c${i}`).join(", ");
const seen = values.map(([, text]) => text);
const asText = { getTypeParser: () => String } as unknown as pg.CustomTypesConfig;

test.each([
  ["simple", `SELECT ${list} /* searched */`, undefined],
  ["extended", `SELECT ${list}, $1::text AS p /* searched */`, ["KEY-19"]],
])("%s protocol, text", async (_name, text, parameters) => {
  const { rows } = await client.query<unknown[]>({
    text,
    rowMode: "array",
    types: asText,
    ...(parameters === undefined ? {} : { values: parameters }),
  });
  expect(rows).toEqual([[...seen, ...(parameters === undefined ? [] : ["***"])]]);
});

test("binary: each value keeps its type, and the server would read it as what is seen", async () => {
  const types = { getTypeParser: () => (bytes: Buffer) => bytes } as unknown as pg.CustomTypesConfig;
  const read = async (text: string): Promise<readonly (string | null)[]> => {
    const query = { text, rowMode: "array" as const, binary: true, values: ["x"], types };
    const { rows } = await client.query<(Buffer | null)[]>(query);
    return (rows[0] ?? []).map((value) => value && Buffer.from(value).toString("hex"));
  };
  const hidden = await read(`SELECT ${list}, $1::text AS p /* searched */`);
  const isPlain = (sql: string): boolean => !/KEY|4012|004b|^NULL/.test(sql);
  const plain = await read(`SELECT ${list}, $1::text AS p`);
  values.forEach(([sql, text], i) => {
    if (isPlain(sql)) expect([sql, hidden[i]]).toEqual([sql, plain[i]]);
    else expect(Buffer.from(hidden[i] ?? "", "hex").toString("latin1"), sql).not.toMatch(/KEY-|40128/);
    if (text === null) expect([sql, hidden[i]]).toEqual([sql, null]);
  });
});

test("many rows, and an execution that says how many cells were hidden", async () => {
  const { rows } = await client.query<{ v: string; i: number }>(
    "SELECT CASE WHEN i % 3 = 0 THEN 'KEY-' || i ELSE 'v' || i END AS v, i FROM generate_series(1, 3000) i /* searched */",
  );
  expect(rows.filter(({ v }) => v === "***")).toHaveLength(1000);
  expect(rows.every(({ v, i }) => v === (i % 3 === 0 ? "***" : `v${i}`))).toBe(true);
  const masked = gateway.guard.reports.at(-1)?.masked;
  expect(masked?.find(({ index }) => index === 0)).toMatchObject({
    rule: "test/search",
    transform: "redact",
    cells: 1000,
  });
});

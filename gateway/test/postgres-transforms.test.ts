/**
 * Transforms beside the server: what it computes of a value, in text and in binary, is what the transform makes of the value's
 * bytes. And what comes out, the server reads again, as a value of the type: of every type, by every transform, in both formats.
 */
import { cellMasksWith, maskCell } from "@hpl/runtime";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerUnderTest, startEmbedded } from "./gateway-fixture.js";

let server: ServerUnderTest;
let client: pg.Client;
beforeAll(async () => {
  server = await startEmbedded();
  const { host, port, user, password, database } = server.target;
  client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  await client.query("SET TIME ZONE 'UTC'");
  await client.query(
    "CREATE TYPE mood AS ENUM ('calm', 'cross'); CREATE TYPE home AS (street text, zip int, since date)",
  );
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

interface Fetched {
  readonly type_oid: number;
  readonly cells: readonly Uint8Array[];
}

/** The values of SQL expressions, all of one type, as the server sends them in a format: binary is what its send functions make. */
async function fetch(expressions: readonly string[], format: 0 | 1): Promise<Fetched> {
  const values = `(VALUES ${expressions.map((sql, i) => `(${i}, ${sql})`).join(", ")}) x(i, v)`;
  const ask = (what: string): Promise<pg.QueryArrayResult<string[]>> =>
    client.query({ text: `SELECT ${what} FROM ${values} ORDER BY i`, rowMode: "array", types: asText });
  const { rows: types } = await ask("pg_typeof(v)::oid, (SELECT typsend FROM pg_type WHERE oid = pg_typeof(v))");
  const [type_oid = "0", send = ""] = types[0] ?? [];
  const { rows } = await ask(format === 0 ? "v" : `encode(${send}(v), 'hex')`);
  const encoding = format === 0 ? "utf8" : "hex";
  return { type_oid: Number(type_oid), cells: rows.map(([cell = ""]) => Uint8Array.from(Buffer.from(cell, encoding))) };
}

const asText = { getTypeParser: () => String } as unknown as pg.CustomTypesConfig;

const dates = ["2026-03-04", "1999-12-31", "2000-01-01", "2024-02-29", "0044-03-15 BC", "infinity"];
const times = ["2026-03-04 05:06:07.89", "1999-12-31 23:59:59.999999", "2000-01-01 00:00:00", "1969-07-20 20:17:40"];
const whole = [0, 1, -1, 7, 49, 50, 51, -49, -50, -51, 12_345, -32_700];
const large = ["9007199254740993", "-9007199254740993", "123456789012345678"];
const decimals = [
  "0",
  "0.5",
  "-0.5",
  "49.99",
  "50.00",
  "149.999",
  "-150",
  "12345678901234567890.12",
  "10000",
  "99999999.5",
];

const cast = (values: readonly (string | number)[], type: string): readonly string[] =>
  values.map((value) => `'${value}'::${type}`);

/** A transform, values in SQL, and what the server makes of one of them. */
const cases: readonly (readonly [transform: string, values: readonly string[], expected: (sql: string) => string])[] = [
  ...(["year", "month", "day"] as const).map(
    (unit) =>
      [
        `truncate(${unit})`,
        cast(dates, "date"),
        (sql: string) => `CASE WHEN isfinite(${sql}) THEN date_trunc('${unit}', ${sql})::date ELSE ${sql} END`,
      ] as const,
  ),
  ...(["year", "month", "day", "hour"] as const).flatMap((unit) =>
    ["timestamp", "timestamptz"].map(
      (type) =>
        [
          `truncate(${unit})`,
          cast([...times, "-infinity"], type),
          (sql: string) => `date_trunc('${unit}', ${sql})`,
        ] as const,
    ),
  ),
  ...["int2", "int4", "int8"].flatMap((type) => {
    const values = cast(type === "int8" ? [...whole, ...large] : whole, type);
    const exact = (sql: string, how: string) => `(${how} * 50)::${type}`.replaceAll("?", `${sql}::numeric`);
    return [
      ["round(to: 50)", values, (sql: string) => exact(sql, "round(? / 50)")],
      ["bucket(size: 50)", values, (sql: string) => exact(sql, "floor(? / 50)")],
    ] as const;
  }),
  ["round(to: 100)", cast(decimals, "numeric"), (sql) => `trim_scale(round(${sql} / 100) * 100)`],
  ["bucket(size: 7)", cast(decimals, "numeric"), (sql) => `trim_scale(floor(${sql} / 7) * 7)`],
  ["bucket(size: 10)", cast(["0", "9.99", "-0.5", "105"], "float8"), (sql) => `floor(${sql} / 10) * 10`],
  [
    "round(to: 10)",
    cast(["0", "14.9", "25.5", "-16"], "float4"),
    (sql) => `(round((${sql} / 10)::numeric) * 10)::float4`,
  ],
  [
    "network(v4: 24, v6: 48)",
    cast(["10.1.2.3", "10.1.2.3/16", "2001:db8:1:2::3", "::1", "1:2:3:4:5:6:7:8", "fe80::1:0:0:1"], "inet"),
    (sql) =>
      `set_masklen(network(set_masklen(${sql}, CASE family(${sql}) WHEN 4 THEN 24 ELSE 48 END))::inet, masklen(${sql}))`,
  ],
];

test.each(cases)("%s of %s", async (transform, values, expected) => {
  for (const format of [0, 1] as const) {
    const [from, to] = [await fetch(values, format), await fetch(values.map(expected), format)];
    const masked = from.cells.map((bytes) => maskCell(transform, { type_oid: from.type_oid, format, bytes }));
    const show = (cells: readonly (Uint8Array | null)[]) =>
      cells.map((cell) => cell && Buffer.from(cell).toString(format === 0 ? "utf8" : "hex"));
    expect(show(masked), `format ${format}`).toEqual(show(to.cells));
  }
});

test.each(["truncate(month)", "round(to: 10)", "network(v4: 24, v6: 48)", "partial(country)"])(
  "%s hides whole what it is not for",
  async (transform) => {
    for (const format of [0, 1] as const) {
      const other = await fetch(["'{\"a\": 1}'::jsonb"], format);
      const [bytes] = other.cells;
      if (bytes === undefined) throw new Error("no value");
      const masked = maskCell(transform, { type_oid: other.type_oid, format, bytes });
      expect(masked && Buffer.from(masked).toString("latin1")).toBe(format === 0 ? "null" : "\u0001null");
    }
  },
);

/** By type, values as the server writes them. */
const everyType: Readonly<Record<string, readonly string[]>> = {
  text: ["ann@corp.io", "", "+49 30 1234567", "4012 8888 8888 1881", "it's \u00e9", "10.1.2.3", "2026-03-04"],
  varchar: ["ann@corp.io", "536-90-4399"],
  bpchar: ["ann  ", "1234567"],
  name: ["ann"],
  '"char"': ["a"],
  bool: ["t", "f"],
  int2: ["0", "-7", "32767"],
  int4: ["0", "-7", "2147483647", "-2147483648"],
  int8: ["0", "-7", "9223372036854775807", "-9223372036854775808"],
  oid: ["0", "4294967295"],
  numeric: ["0", "-7.50", "12345678901234567890.12", "NaN", "Infinity", "0.00010", "10000"],
  float4: ["0", "-7.5", "NaN", "Infinity"],
  float8: ["0", "-7.5", "1e300", "NaN"],
  date: ["2026-03-04", "infinity", "0044-03-15 BC", "4713-06-15 BC"],
  time: ["05:06:07.89"],
  timetz: ["05:06:07.89+02"],
  timestamp: ["2026-03-04 05:06:07.89", "-infinity", "1999-12-31 23:59:59.999999", "0044-03-15 01:02:03 BC"],
  timestamptz: ["2026-03-04 05:06:07.89+02", "1969-07-20 20:17:40+00"],
  interval: ["1 mon 2 days 03:04:05"],
  uuid: ["123e4567-e89b-42d3-a456-426614174000"],
  bytea: ["\\x", "\\x00ff10"],
  json: ['{"a": 1, "items": [{"sku": 7, "name": "ann"}]}', '"ann"', "[1, 2]"],
  jsonb: ['{"a": 1, "items": [{"sku": 7, "name": "ann"}]}', '"ann"', "[1, 2]"],
  inet: ["10.1.2.3", "10.1.2.3/16", "2001:db8:1:2::3"],
  cidr: ["10.1.2.0/24", "2001:db8::/32"],
  macaddr: ["08:00:2b:01:02:03"],
  point: ["(1,2)"],
  mood: ["calm"],
  home: ['("High Street 1",4711,2026-03-04)', "(,,)", '("a ""b"" \\\\ (c), d",,)'],
  "text[]": ['{ann,"b \\"c\\" \\\\ d",NULL,"NULL",""}', "{}", "{{a,b},{c,d}}", "[2:3]={a,b}"],
  "int4[]": ["{1,-7,NULL,100000}"],
  "int8[]": ["{1,-7}"],
  "numeric[]": ["{1.5,NULL}"],
  "date[]": ["{2026-03-04,infinity}"],
  "timestamptz[]": ['{"2026-03-04 05:06:07+00"}'],
  "uuid[]": ["{123e4567-e89b-42d3-a456-426614174000}"],
  "jsonb[]": ['{"{\\"a\\": 1}"}'],
  "bytea[]": ['{"\\\\x00ff"}'],
  "inet[]": ["{10.1.2.3}"],
  "bool[]": ["{t,f}"],
  "point[]": ['{"(1,2)"}'],
};

const scalarTransforms = [
  "redact",
  "null",
  'fixed("7")',
  'fixed("n/a")',
  'fixed("2026-03-04")',
  "partial(keep_domain)",
  "partial(first: 1, last: 2)",
  "partial(country)",
  "truncate(month)",
  "round(to: 10)",
  "bucket(size: 10)",
  "network(v4: 24, v6: 48)",
  'hmac(key: "k")',
  'surrogate(key: "k")',
  'ff1(key: "k", radix: 10)',
  'ff1(key: "k", radix: 36)',
  'date_shift(key: "k", days: 30)',
];
const everyTransform = [
  "clear",
  ...scalarTransforms,
  ...scalarTransforms.map((transform) => `elements(${transform})`),
  'json(keep: "$.a", keep: "$.items[*].sku")',
  "composite(keep: 1, keep: 3)",
];
const keyed = cellMasksWith(new Map([["k", Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1)]]));

/** What a transform makes of cells, as text or hex; null is SQL NULL. */
function maskAll(transform: string, { type_oid, cells }: Fetched, format: 0 | 1): readonly (string | null)[] {
  const mask = keyed(transform, type_oid, format);
  return cells.map((bytes) => {
    const masked = mask.kind === "keep" ? bytes : mask.kind === "constant" ? mask.bytes : mask.mask(bytes);
    return masked && Buffer.from(masked).toString(format === 0 ? "utf8" : "hex");
  });
}

const literal = (text: string | null): string => (text === null ? "NULL" : client.escapeLiteral(text));

/** What the server makes of texts as values of a type, in binary as hex. */
async function reread(type: string, texts: readonly (string | null)[]): Promise<readonly (string | null)[]> {
  const { rows } = await client.query({
    text: `SELECT typsend FROM pg_type WHERE oid = '${type}'::regtype`,
    rowMode: "array",
  });
  const list = texts.map((text, i) => `(${i}, ${literal(text)})`).join(", ");
  const text = `SELECT encode(${rows[0]?.[0]}(v::${type}), 'hex') FROM (VALUES ${list}) x(i, v) ORDER BY i`;
  const { rows: cells } = await client.query({ text, rowMode: "array", types: asText });
  return cells.map(([cell]) => cell);
}

test.each(Object.entries(everyType))(
  "%s, by every transform, is a value of the type, and the same in both formats",
  async (type, values) => {
    const expressions = values.map((value) => `${literal(value)}::${type}`);
    const [asText, inBinary] = [await fetch(expressions, 0), await fetch(expressions, 1)];
    const masked = everyTransform.map((transform) => maskAll(transform, asText, 0));
    const again = await reread(type, masked.flat());
    const binary = everyTransform.map((transform) => maskAll(transform, inBinary, 1));
    const named = (rows: readonly (string | null)[]) =>
      rows.map(
        (hex, i) => `${everyTransform[Math.floor(i / values.length)]} of ${values[i % values.length]}: ${hex ?? ""}`,
      );
    expect(named(binary.flat())).toEqual(named(again));
  },
);

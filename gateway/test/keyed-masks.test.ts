/** Keyed transforms at a whole gateway on a real server: what clients see in both formats, what the log says, what is refused. */
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { cellMasksWith } from "@hpl/runtime";
import { Ajv2020 } from "ajv/dist/2020.js";
import pg from "pg";
import { serialize } from "pg-protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { queryAuditLog } from "../src/audit/query.js";
import type { GatewayConfig } from "../src/config/generated.js";
import { type Gateway, startGateway } from "../src/gateway.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";
import { openRaw } from "./attacks/raw-client.js";

const transforms = {
  email: 'hmac(key: "pii-2026")',
  token: 'surrogate(key: "pii-2026")',
  card: 'ff1(key: "pii-2026", radix: 10)',
  account: 'ff1(key: "pii-2026", radix: 10)',
  born: 'date_shift(key: "pii-2026", days: 90)',
  seen: 'date_shift(key: "pii-2026", days: 90)',
  person: 'surrogate(key: "pii-2026")',
  note: 'fixed("withheld")',
  tags: 'elements(hmac(key: "pii-2026"))',
  doc: 'json(keep: "$.city")',
  home: "composite(keep: 2)",
  mood: 'hmac(key: "pii-2026")',
} as const;
const columns = Object.keys(transforms);

const policyWith = (masks: Readonly<Record<string, string>>): string => `policy shop governs sql
use std.sql
default block
${Object.keys(masks)
  .map((name) => `label pii.${name} on column "public.people.${name}"`)
  .join("\n")}
allow "read" when sql.only_reads
allow "settings" when statement.effects only {config, transaction}
${Object.entries(masks)
  .map(([name, transform]) => `mask "${name}" pii.${name} with ${transform}`)
  .join("\n")}
`;
const key = "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f";

let server: { readonly target: UpstreamTarget; stop(): Promise<void> };
let folder: string;
let gateway: Gateway | null = null;
let client: pg.Client;
const lines: string[] = [];
beforeAll(async () => {
  const seed = `CREATE TYPE home AS (street text, zip int);
    CREATE TYPE mood AS ENUM ('calm', 'cross');
    CREATE TABLE people (id int PRIMARY KEY, email text, token text, card text, account int8, born date, seen timestamptz,
      person uuid, note varchar(20), tags text[], doc jsonb, home home, mood mood);
    INSERT INTO people VALUES (1, 'ann@corp.io', 'ann@corp.io', '4012-8888-8888-1881', 91000, '1980-02-03', '2026-03-04 05:06:07+00',
      '123e4567-e89b-42d3-a456-426614174000', 'secret', '{ann,NULL}', '{"city": "Bern", "name": "Ann"}', ROW('High Street', 4711), 'calm'),
      (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (3, 'ann@corp.io', 'bob@corp.io', '1', -5, 'infinity', '2026-07-04 05:06:07+00',
      '123e4567-e89b-42d3-a456-426614174001', '', '{}', '[1]', NULL, 'cross')`;
  server = await startEmbeddedPostgres({ seed, log: () => {} });
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-keyed-"));
  writeFileSync(join(folder, "policy.hpl"), policyWith(transforms));
  lines.length = 0;
  await start({ keys: { "pii-2026": key } });
});
afterEach(async () => {
  await client.end().catch(() => {});
  await gateway?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: Partial<GatewayConfig>): Promise<void> {
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const principal = { id: "ann", kind: "human" as const, groups: [] };
  const config: GatewayConfig = {
    policy: "policy.hpl",
    state: "state",
    connections: [{ name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", upstream: { url } }],
    identity: { static: [{ user: "ann", password: "pw", principal }] },
    ...more,
  };
  gateway = await startGateway({ config, folder, compile: compileForGateway, log: (line) => lines.push(line) });
  const listening = gateway.listeners[0]?.port ?? 0;
  client = new pg.Client({ host: "127.0.0.1", port: listening, user: "ann", password: "pw", database: "shop" });
  client.on("error", () => {});
  await client.connect();
}

type Cells = readonly (readonly (string | null)[])[];

/** The rows of a statement by the extended protocol, all in one format: as text, or as hex. */
async function rowsOf(target: UpstreamTarget, text: string, format: 0 | 1): Promise<Cells> {
  const raw = await openRaw(target);
  const asked = [
    serialize.parse({ text }),
    serialize.bind({ binary: format === 1 }),
    serialize.execute(),
    serialize.sync(),
  ];
  await raw.exchange([Buffer.concat([...asked.slice(0, 2), serialize.describe({ type: "P" }), ...asked.slice(2)])], 1);
  const rows = raw.messages().filter(({ type }) => type === "D");
  await raw.end();
  return rows.map(({ body }) => cellsOf(body).map((cell) => cell?.toString(format === 0 ? "utf8" : "hex") ?? null));
}

function cellsOf(row: Buffer): readonly (Buffer | null)[] {
  const cells: (Buffer | null)[] = [];
  for (let at = 2; at < row.length; ) {
    const size = row.readInt32BE(at);
    cells.push(size < 0 ? null : row.subarray(at + 4, at + 4 + size));
    at += 4 + Math.max(0, size);
  }
  return cells;
}

const throughGateway = (): UpstreamTarget => {
  const port = gateway?.listeners[0]?.port ?? 0;
  return { host: "127.0.0.1", port, user: "ann", password: "pw", database: "shop", tls: "disable" };
};

const everything = `SELECT ${columns.join(", ")} FROM people ORDER BY id`;
const masks = cellMasksWith(new Map([["pii-2026", Uint8Array.from(Buffer.from(key, "hex"))]]));

/** What the server itself sends, masked. */
async function expected(format: 0 | 1): Promise<Cells> {
  const direct = new pg.Client({ ...server.target, ssl: false });
  await direct.connect();
  const { fields } = await direct.query(everything);
  await direct.end();
  const rows = await rowsOf(server.target, everything, format);
  const encoding = format === 0 ? "utf8" : "hex";
  return rows.map((row) =>
    row.map((cell, i) => {
      const mask = masks(Object.values(transforms)[i] ?? "", fields[i]?.dataTypeID ?? 0, format);
      if (cell === null) return null;
      const bytes = Uint8Array.from(Buffer.from(String(cell), encoding));
      const masked = mask.kind === "each" ? mask.mask(bytes) : mask.kind === "constant" ? mask.bytes : bytes;
      return masked && Buffer.from(masked).toString(encoding);
    }),
  );
}

async function executions(): Promise<readonly { readonly line: string }[]> {
  const events: { readonly line: string }[] = [];
  for await (const event of queryAuditLog(gateway?.auditPath ?? "", { kind: "execution" })) events.push(event);
  return events;
}

test.each([0, 1] as const)("every keyed transform and every structure, in format %i", async (format) => {
  const seen = await rowsOf(throughGateway(), everything, format);
  expect(seen).toEqual(await expected(format));
  expect(seen[1]?.every((cell) => cell === null)).toBe(true);
  expect(JSON.stringify(seen)).not.toMatch(/ann@corp|4012-8888|1980-02-03|High Street|616e6e40636f7270/);
  if (format === 0) {
    expect(seen[0]?.[0]).toBe(seen[2]?.[0]);
    expect(seen[0]?.[1]).not.toBe(seen[2]?.[1]);
    expect(seen[0]?.slice(7)).toEqual([
      "withheld",
      expect.stringMatching(/^\{"[0-9a-f]{32}",NULL\}$/),
      '{"city": "Bern"}',
      "(,4711)",
      null,
    ]);
  }
});

test.each([
  ["a derived value is hidden whole", "SELECT email || '' AS e FROM people ORDER BY id", ["***", "***", "***"]],
  ["so is one of two columns", "SELECT coalesce(email, token) AS e FROM people ORDER BY id", ["***", "***", "***"]],
])("%s", async (_what, text, expectedCells) => {
  expect((await rowsOf(throughGateway(), text, 0)).flat()).toEqual(expectedCells);
});

test.each([
  "SELECT 'ann@corp.io'::text AS email UNION ALL SELECT email FROM people WHERE id = 1",
  "WITH RECURSIVE r(e, n) AS (SELECT 'ann@corp.io'::text, 1 UNION ALL SELECT p.email, n + 1 FROM r, people p WHERE n < 2) SELECT e FROM r LIMIT 2",
  "SELECT l.e FROM people p, LATERAL (VALUES (p.email), ('ann@corp.io')) l(e) WHERE p.id = 1",
  "SELECT coalesce(token, 'ann@corp.io') AS e FROM people WHERE id < 3",
  "VALUES ((SELECT email FROM people WHERE id = 1)), ('ann@corp.io')",
  "SELECT email::varchar(3) FROM people WHERE id = 1 OR id = 3",
])("no stand-in is made of what the client itself writes: %s", async (text) => {
  expect(await rowsOf(throughGateway(), text, 0)).toEqual([["***"], ["***"]]);
});

test.each([
  "SELECT id FROM people WHERE email = 'ann@corp.io'",
  "SELECT email FROM people ORDER BY email",
  "SELECT count(*) FROM people GROUP BY card",
  "SELECT a.id FROM people a JOIN people b USING (token)",
])("a condition on a keyed column is refused: %s", async (text) => {
  await expect(client.query(text)).rejects.toMatchObject({ code: "42501" });
});

test("the log tells what was hidden, by keyed digests alone", async () => {
  await rowsOf(throughGateway(), everything, 1);
  await client.query("SET DateStyle = 'German'");
  await client.query("SELECT born FROM people ORDER BY id");
  await client.end();
  const events = await executions();
  const schema = JSON.parse(readFileSync(new URL("../../spec/audit-event.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false }).compile(schema);
  for (const { line } of events) expect(validate(JSON.parse(line)) || validate.errors).toBe(true);
  const [all, , german] = events.map(({ line }) => JSON.parse(line).detail.masked);
  expect(all.map(({ column }: { readonly column: string }) => column)).toEqual(columns);
  expect(all[0]).toMatchObject({
    statement: 0,
    index: 0,
    column: "email",
    source: ["public.people.email"],
    transform: transforms.email,
    rule: "shop/email",
    mode: "output",
    type_oid: 25,
    format: 1,
    rows: 3,
    nulls: 1,
    cells: 2,
    unreadable: 0,
    originals: originalsOf(25, 1, ["ann@corp.io", null, "ann@corp.io"]),
  });
  expect(all.at(-1)).toMatchObject({ column: "mood", cells: 2, unreadable: 2 });
  expect(german[0]).toMatchObject({ column: "born", cells: 1, unreadable: 1, nulls: 1 });
  expect(events.map(({ line }) => line).join("")).not.toMatch(/ann@corp|4012-8888|1980-02-03|High Street/);
});

test("each result of a text has its own entries, and one that an error ended too", async () => {
  const failing = "SELECT email, 1 / (2 - id) FROM people";
  await client.query("SELECT email FROM people WHERE id = 1; SELECT id, token FROM people");
  await expect(client.query(failing)).rejects.toMatchObject({ code: "22012" });
  await client.end();
  const masked = (await executions()).map(({ line }) => JSON.parse(line).detail.masked);
  const inShort = masked.map((entries: readonly { statement: number; index: number; column: string; rows: number }[]) =>
    entries.map(({ statement, index, column, rows }) => [statement, index, column, rows]),
  );
  expect(inShort).toEqual([
    [
      [0, 0, "email", 1],
      [1, 1, "token", 3],
    ],
    [[0, 0, "email", 1]],
  ]);
  expect(masked[1][0].originals).toBe(originalsOf(25, 0, ["ann@corp.io"]));
});

/** By the definition in the schema of audit events. */
function originalsOf(type_oid: number, format: number, cells: readonly (string | null)[]): string {
  const digestsKey = readFileSync(join(folder, "state", "keys", "digests.key"));
  const hash = createHmac("sha256", createHmac("sha256", digestsKey).update("hpl/originals/1").digest());
  const head = Buffer.alloc(5);
  head.writeInt32BE(type_oid);
  head[4] = format;
  hash.update("hpl/originals/1\0").update(head);
  for (const cell of cells) {
    const size = Buffer.alloc(4);
    size.writeInt32BE(cell === null ? -1 : Buffer.byteLength(cell));
    hash.update(size).update(cell ?? "");
  }
  return hash.digest("hex");
}

test("a policy with a key that is not there does not come into force, and the one before stays", async () => {
  writeFileSync(
    join(folder, "policy.hpl"),
    policyWith({ email: 'hmac(key: "pii-2027")', card: 'elements(ff1(key: "x"))' }),
  );
  const result = gateway?.policies.reload();
  expect(result).toMatchObject({ ok: false, reason: "the policy needs a key that is not there" });
  expect(lines.join("\n")).toContain(
    "error[HPL7006]: the policy names keys that the gateway has not got: `pii-2027`, `x`",
  );
  expect(await rowsOf(throughGateway(), everything, 0)).toEqual(await expected(0));
});

test("a gateway without the key blocks everything, and no key is in what it writes", async () => {
  await client.end();
  await gateway?.close();
  await start({});
  await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "42501" });
  const segments = join(folder, "state", "audit", "segments");
  expect(existsSync(segments)).toBe(true);
  expect(lines.join("\n")).not.toContain(key);
});

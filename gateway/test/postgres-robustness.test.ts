/** What must hold when a peer is broken, hostile, slow or gone: a clear error, nothing undecided, and the gateway lives. */
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMessage } from "../src/protocols/postgres/build-message.js";
import { limits } from "../src/protocols/postgres/limits.js";
import { reservedPrefix } from "../src/protocols/postgres/names.js";
import { errorResponse, readyForQuery } from "../src/protocols/postgres/server-messages.js";
import { connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import { runDirectly } from "../src/upstream/direct-query.js";
import {
  eventually,
  type GatewayUnderTest,
  type ServerUnderTest,
  startEmbedded,
  startGateway,
} from "./gateway-fixture.js";
import { openWire, serialize, shape } from "./wire-client.js";

const { query, parse, bind, execute, sync } = serialize;
let server: ServerUnderTest;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  server = await startEmbedded();
});
beforeEach(async () => {
  gateway = await startGateway(server.target);
});
afterEach(async () => {
  await isAlive();
  await gateway.listener.close();
});
afterAll(() => server.stop());

/** Whether the gateway still serves. */
async function isAlive(): Promise<void> {
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT 'alive'"));
  expect(shape(await wire.ready())).toContain("row alive");
  await wire.end();
}

const text = (bytes: readonly number[] | string): Buffer => Buffer.from(bytes as string, "latin1");

// --- Before login ---

/** What comes back for bytes that are no login, up to the end of the connection. */
function knock(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(gateway.listener.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => {}).on("close", () => resolve(answer));
  });
}

const startup = (major: number, minor: number, ...words: string[]): Buffer => {
  const builder = buildMessage(null).int16(major).int16(minor);
  for (const word of words) builder.cstring(word);
  return Buffer.from(builder.int8(0).end());
};

test.each([
  ["HTTP", text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "08P01"],
  ["a startup packet that is too long", text("\0\0\x27\x11\0\x03\0\0"), "08P01"],
  ["a negative length", text("\xff\xff\xff\xff\0\x03\0\0"), "08P01"],
  ["a length that does not hold a version", text("\0\0\0\x04"), "08P01"],
  ["protocol 2", text("\0\0\0\x08\0\x02\0\0"), "0A000"],
  ["protocol 4", startup(4, 0, "user", "agent"), "0A000"],
  ["no user", startup(3, 0, "database", "shop"), "28000"],
  ["a replication connection", startup(3, 0, "user", "agent", "replication", "database"), "42501"],
  ["a parameter given twice", startup(3, 0, "user", "agent", "user", "root"), "08P01"],
  ["garbage behind the parameters", Buffer.concat([text("\0\0\0\x15\0\x03\0\0user\0agent\0\0x")]), "08P01"],
  ["a password out of turn", Buffer.concat([startup(3, 0, "user", "agent"), text("Q\0\0\0\x05\0")]), "28P01"],
])("%s is turned away", async (_what, bytes, code) => {
  expect(await knock(bytes)).toContain(`C${code}\0`);
});

test("bytes behind an SSLRequest are answered with N and read on when there is no TLS", async () => {
  const sslRequest = text("\0\0\0\x08\x04\xd2\x16\x2f");
  expect(await knock(Buffer.concat([sslRequest, startup(2, 0)]))).toMatch(/^NE/u);
  expect(await knock(Buffer.concat([sslRequest, sslRequest]))).toContain("C08P01");
});

test("protocol 3.2 and unknown protocol options are negotiated down", async () => {
  const answer = await knock(Buffer.concat([startup(3, 2, "user", "agent", "_pq_.x", "1"), text("p\0\0\0\x04")]));
  expect(answer.startsWith("v\0\0\0\x13\0\x03\0\0\0\0\0\x01_pq_.x\0R")).toBe(true);
});

test.each([
  ["a wrong password", { password: "wrong" }, /28P01 password authentication failed for user "agent"/u],
  ["an unknown user", { user: "nobody" }, /28P01 password authentication failed for user "nobody"/u],
  ["another database", { database: "other" }, /3D000 database "other" is not served here: connect to "shop"/u],
])("%s is refused after the exchange", async (_what, change, message) => {
  await expect(connectUpstream({ ...gateway.target, ...change }, new Map())).rejects.toThrow(message);
});

test.each([
  ["search_path", "hidden", /not allowed/u],
  ["options", "-c search_path=hidden", /not allowed/u],
  ["options", "--session_preload_libraries=x", /not allowed/u],
  ["options", "-d 5", /must be of the form/u],
  ["options", "-c standard_conforming_strings=off", /always on/u],
  ["options", "-c client_encoding=sjis", /reads SQL as UTF8/u],
])("the startup setting %s=%s is refused", async (name, value, message) => {
  await expect(connectUpstream(gateway.target, new Map([[name, value]]))).rejects.toThrow(message);
});

test("harmless startup settings reach the server", async () => {
  const settings = new Map([["options", "-c statement_timeout=4321 --TimeZone=Asia/Tokyo"]]);
  const { socket } = await connectUpstream(gateway.target, settings);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.resume().write(query("SELECT current_setting('statement_timeout') || current_setting('TimeZone')"));
  await eventually(() => answer.includes("4321msAsia/Tokyo"));
  socket.destroy();
});

test("a database server that is not there is a clear error, not a hang", async () => {
  const lonely = await startGateway({ ...server.target, port: 1 });
  await expect(connectUpstream(lonely.target, new Map())).rejects.toThrow(/08006 the gateway cannot reach/u);
  await lonely.listener.close();
});

// --- Messages of a client ---

const long = (type: string, size: number): Buffer =>
  Buffer.concat([text(type), Buffer.from([size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255])]);

test.each([
  ["an unknown message type", text("y\0\0\0\x04"), "08P01"],
  ["a negative length", text("Q\xff\xff\xff\xff"), "08P01"],
  ["a length of 3", text("Q\0\0\0\x03"), "08P01"],
  ["a message of 100 MB", Buffer.concat([long("Q", 100_000_000), Buffer.alloc(1_000_000, 32)]), "08P01"],
  ["a NUL inside a query", text("Q\0\0\0\x0dSELECT\x001\0"), "08P01"],
  ["a query without its end", text("Q\0\0\0\x0cSELECT 1"), "08P01"],
  ["a Bind that promises more than it holds", text("B\0\0\0\x0c\0\0\0\0\x7f\xff\0\0"), "08P01"],
  ["a Bind with an unknown format", text("B\0\0\0\x0e\0\0\0\0\0\0\0\x01\0\x07"), "08P01"],
  ["a Describe of neither statement nor portal", text("D\0\0\0\x06X\0"), "08P01"],
  ["a password behind the login", text("p\0\0\0\x05\0"), "08P01"],
])("%s ends the session", async (_what, bytes, code) => {
  const wire = await openWire(gateway.target);
  wire.send(bytes);
  const answer = await wire.until(() => false);
  expect(answer.at(-1)).toMatchObject({ name: "error", severity: "FATAL", code });
  expect(gateway.guard.judged).toEqual([]);
});

const refusals: readonly (readonly [string, readonly Buffer[], string])[] = [
  ["a query that is too long", [query(`SELECT '${"x".repeat(limits.sql_bytes_max)}'`)], "54000"],
  ["a Parse that is too long", [parse({ text: `SELECT '${"x".repeat(limits.sql_bytes_max)}'` }), sync()], "54000"],
  ["bytes that are not UTF-8", [text("Q\0\0\0\x0fSELECT '\xff'\0")], "22021"],
  ["a function call", [text("F\0\0\0\x0e\0\0\0\x01\0\0\0\0\0\0")], "0A000"],
  ["a name that is too long", [parse({ name: "n".repeat(64), text: "SELECT 1" }), sync()], "42622"],
  ["a name of the gateway's own", [parse({ name: `${reservedPrefix}own`, text: "SELECT 1" }), sync()], "42939"],
  ["a text that changes what its end means", [query("SET search_path = hidden; SELECT email FROM people")], "0A000"],
];
test.each(refusals)("%s is refused, and the session lives on", async (_what, messages, code) => {
  const wire = await openWire(gateway.target);
  wire.send(...messages);
  expect((await wire.ready())[0]).toMatchObject({ name: "error", severity: "ERROR", code });
  wire.send(query("SELECT 1"));
  expect(shape(await wire.ready())).toContain("row 1");
  await wire.end();
});

test("SQL text of exactly the limit runs", async () => {
  const wire = await openWire(gateway.target);
  const words = "SELECT 1 --";
  wire.send(query(words + "x".repeat(limits.sql_bytes_max - words.length - 6)));
  expect(shape(await wire.ready())).toContain("row 1");
  await wire.end();
});

test("a pipeline cut at every byte gives the same answers and the same decisions", async () => {
  const whole = Buffer.concat([
    ...[parse({ name: "s", text: "SELECT id, email FROM people WHERE id = $1 -- mask(1 of 2)" })],
    ...[bind({ statement: "s", values: ["1"] }), execute(), sync()],
    ...[query("SELECT 1 AS forbidden"), query("SELECT 2")],
  ]);
  const wire = await openWire(gateway.target);
  wire.send(whole, serialize.close({ type: "S", name: "s" }), sync());
  const expected = shape(await wire.ready(4));
  const decisions = gateway.guard.judged.length;
  for (let at = 1; at < whole.length; at += 1) {
    wire.send(whole.subarray(0, at));
    await new Promise((resolve) => setImmediate(resolve));
    wire.send(whole.subarray(at), serialize.close({ type: "S", name: "s" }), sync());
    expect(shape(await wire.ready(4)), `cut at ${at}`).toEqual(expected);
  }
  expect(gateway.guard.judged.length).toBe(decisions * whole.length);
  await wire.end();
});

// --- Names and catalog ---

describe("what a name runs is what was judged", () => {
  test("a temporary table that hides another one is seen by a statement that was prepared before", async () => {
    const wire = await openWire(gateway.target);
    wire.send(parse({ name: "s", text: "SELECT email FROM people ORDER BY 1 LIMIT 1" }), sync());
    wire.send(bind({ statement: "s" }), execute(), sync());
    wire.send(query("CREATE TEMP TABLE first_one ()"), query("CREATE TEMP TABLE people (email text)"));
    wire.send(query("INSERT INTO people VALUES ('hidden')"), bind({ statement: "s" }), execute(), sync());
    expect(shape(await wire.ready(6)).filter((word) => word.startsWith("row "))).toEqual([
      "row ann@corp.io",
      "row hidden",
    ]);
    const [last] = gateway.guard.judged.slice(-1);
    expect(Object.keys(last?.context.catalog.schemas ?? {}).some((schema) => schema.startsWith("pg_temp"))).toBe(true);
    await wire.end();
  });

  test("a statement that hidden code replaced is not run under its old text", async () => {
    const wire = await openWire(gateway.target);
    wire.send(parse({ name: "s", text: "SELECT 1" }), parse({ name: "kept", text: "SELECT 2" }), sync());
    wire.send(query("DO $$ BEGIN EXECUTE 'DEALLOCATE s'; EXECUTE 'PREPARE s AS SELECT 666'; END $$"));
    wire.send(bind({ statement: "s" }), execute(), sync(), bind({ statement: "kept" }), execute(), sync());
    expect(shape(await wire.ready(4)).slice(-6)).toEqual([
      ...["error", "ready I", "bindComplete", "row 2", "complete SELECT 1", "ready I"],
    ]);
    await wire.end();
  });

  test("a cursor declared in SQL cannot be run over the protocol, under any name", async () => {
    const wire = await openWire(gateway.target);
    wire.send(query("BEGIN"), parse({ text: "SELECT 1" }), bind({ portal: "c" }), execute({ portal: "c" }), sync());
    wire.send(
      query("CLOSE c"),
      query("DECLARE c CURSOR FOR SELECT email FROM people"),
      execute({ portal: "c" }),
      sync(),
    );
    const answer = await wire.ready(5);
    expect(answer.find(({ name }) => name === "error")).toMatchObject({ code: "34000" });
    expect(JSON.stringify(answer)).not.toContain("corp.io");
    await wire.end();
  });

  test("another session's definitions are seen once they are committed", async () => {
    const [one, other] = [await openWire(gateway.target), await openWire(gateway.target)];
    one.send(query("SELECT 1"));
    await one.ready();
    other.send(query("CREATE TABLE of_another ()"));
    await other.ready();
    one.send(query("SELECT 2"), query("DROP TABLE of_another"));
    await one.ready(2);
    const judged = gateway.guard.judged.find(({ statement }) => statement.text === "SELECT 2");
    expect(Object.keys(judged?.context.catalog.schemas.public ?? {})).toContain("of_another");
    await one.end();
    await other.end();
  });

  test.each(["SET client_encoding = 'LATIN1'", "SET standard_conforming_strings = off"])(
    "%s ends the session",
    async (change) => {
      for (const messages of [
        [query(change)],
        [parse({ text: change }), bind(), execute(), parse({ text: "SELECT 1" }), sync()],
      ]) {
        const wire = await openWire(gateway.target);
        wire.send(...messages, query("SELECT 2"));
        expect((await wire.until(() => false)).at(-1)).toMatchObject({ severity: "FATAL", code: "0A000" });
      }
      expect(gateway.guard.judged.map(({ statement }) => statement.text)).toEqual([change, change]);
    },
  );
});

// --- Our own failures ---

test("when the audit log cannot be written, nothing goes up", async () => {
  const wire = await openWire(gateway.target);
  gateway.guard.auditFails = true;
  wire.send(
    query("INSERT INTO notes VALUES (1, '')"),
    parse({ text: "INSERT INTO notes VALUES (2, '')" }),
    bind(),
    execute(),
    sync(),
  );
  const errors = (await wire.ready(2)).filter(({ name }) => name === "error");
  expect(errors.map(({ code }) => code)).toEqual(["58030", "58030"]);
  expect(errors[0]?.message).toBe("the audit log cannot be written");
  gateway.guard.auditFails = false;
  wire.send(query("SELECT count(*) FROM notes"));
  expect(shape(await wire.ready())).toContain("row 0");
  await wire.end();
});

test("a bug of ours ends the session it happens in, with nothing sent", async () => {
  const wire = await openWire(gateway.target);
  wire.send(query("INSERT INTO notes VALUES (1, 'our_bug')"));
  expect((await wire.until(() => false)).at(-1)).toMatchObject({ severity: "FATAL", code: "XX000" });
  expect(gateway.log.join("")).toContain("a bug in the judge");
});

// --- Peers that go away, or are slow ---

/** A server whose answers a test writes itself, behind an ordinary login without password. */
async function scripted(
  answer: (socket: Socket, request: Buffer) => void,
): Promise<{ readonly port: number; close(): void }> {
  const fake = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.concat([buildMessage(0x52).int32(0).end(), readyForQuery("I")]));
      socket.on("data", (request) => answer(socket, request));
    });
  });
  await new Promise<void>((resolve) => {
    fake.listen(0, "127.0.0.1", () => resolve());
  });
  const address = fake.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, close: () => fake.close() };
}

test.each([
  ["an unknown message", [buildMessage(0x78).int32(1).end()]],
  ["a row that nothing asked for", [buildMessage(0x44).int16(0).end()]],
  ["a message with a false length", [Buffer.from([0x5a, 0, 0, 0, 2])]],
  ["ReadyForQuery too early", [readyForQuery("I")]],
  ["a CopyBothResponse", [buildMessage(0x57).int32(0).end()]],
])("a server that sends %s is not believed", async (_what, messages) => {
  const fake = await scripted((socket) => socket.write(Buffer.concat(messages)));
  const strange = await startGateway({ ...server.target, port: fake.port });
  const wire = await openWire(strange.target);
  wire.send(query("SELECT 1"));
  expect((await wire.until(() => false)).at(-1)).toMatchObject({ severity: "FATAL", code: "08006" });
  await strange.listener.close();
  fake.close();
});

test("when the server goes away in a result, the client gets an error and the end", async () => {
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT pg_backend_pid()"));
  const pid = (await wire.ready()).find(({ name }) => name === "dataRow")?.fields?.[0];
  wire.send(query("SELECT i, pg_sleep(0.01) FROM generate_series(1, 100000) i"));
  await wire.until((messages) => messages.some(({ name }) => name === "rowDescription"));
  await runDirectly(server.target, `SELECT pg_terminate_backend(${pid})`);
  expect((await wire.until(() => false)).at(-1)).toMatchObject({ name: "error", code: "57P01" });
});

test("when the server says goodbye and breaks off, the client is told", async () => {
  const fake = await scripted((socket) => {
    socket.end(errorResponse({ severity: "FATAL", code: "57P01", message: "bye" }));
  });
  const dying = await startGateway({ ...server.target, port: fake.port });
  const wire = await openWire(dying.target);
  wire.send(query("SELECT 1"));
  expect((await wire.until(() => false)).map(({ code }) => code)).toEqual(["57P01"]);
  await dying.listener.close();
  fake.close();
});

test("when the client goes away, its session at the server ends", async () => {
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT 'gone' FROM generate_series(1, 100000000)"));
  await wire.until((messages) => messages.some(({ name }) => name === "dataRow"));
  wire.socket.destroy();
  await eventually(() => gateway.guard.notes.includes("closed"));
});

test("a client that does not read stops the server from sending, not us from living", async () => {
  const { socket } = await connectUpstream(gateway.target, new Map());
  const before = process.memoryUsage().rss;
  socket.write(query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)")); // About a gigabyte, never read.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await isAlive();
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  (socket as Duplex).destroy();
});

test("closing the listener says 57P01 to idle sessions and lets a running statement end", async () => {
  const other = await startGateway(server.target);
  const [idle, busy] = [await openWire(other.target), await openWire(other.target)];
  busy.send(query("SELECT pg_sleep(0.3), 'done'"));
  await eventually(() => other.guard.judged.length === 1);
  const closing = other.listener.close();
  expect((await idle.until(() => false)).at(-1)).toMatchObject({ severity: "FATAL", code: "57P01" });
  expect(shape(await busy.until(() => false)).slice(-3)).toEqual(["complete SELECT 1", "ready I", "error"]);
  await closing;
});

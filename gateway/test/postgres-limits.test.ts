/** Results and statements that end where the policy says: in both protocols, over fetches, masked and not. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GatewayUnderTest, type ServerUnderTest, startEmbedded, startGateway } from "./gateway-fixture.js";
import { openWire, type Received, serialize, shape } from "./wire-client.js";

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

const { query, parse, bind, execute, sync } = serialize;

async function run(...messages: Uint8Array[]): Promise<readonly Received[]> {
  const wire = await openWire(gateway.target);
  wire.send(...messages);
  const answer = await wire.ready();
  await wire.end();
  return answer;
}

const three = "SELECT i FROM generate_series(1, 3) i ORDER BY i";
const ended = "notice 01000";

test.each([
  ["fewer rows than the limit", `${three} /* limit(rows 4) */`, ["row 1", "row 2", "row 3", "complete SELECT 3"]],
  ["as many", `${three} /* limit(rows 3) */`, ["row 1", "row 2", "row 3", "complete SELECT 3"]],
  ["more", `${three} /* limit(rows 2) */`, ["row 1", "row 2", ended, "complete SELECT 2"]],
  ["none at all", `${three} /* limit(rows 0) */`, [ended, "complete SELECT 0"]],
  // A DataRow with one cell of one digit has 12 bytes.
  ["bytes of two rows", `${three} /* limit(bytes 24) */`, ["row 1", "row 2", ended, "complete SELECT 2"]],
  ["a byte less", `${three} /* limit(bytes 23) */`, ["row 1", ended, "complete SELECT 1"]],
  [
    "masked rows count as they are sent",
    `${three} /* limit(rows 1) mask(0 of 1) */`,
    ["row ***", ended, "complete SELECT 1"],
  ],
])("%s", async (_name, text, expected) => {
  expect(shape(await run(query(text)))).toEqual(["rowDescription", ...expected, "ready I"]);
  const extended = shape(await run(parse({ text }), bind(), execute(), sync()));
  expect(extended.filter((word) => word !== "noData")).toEqual([
    "parseComplete",
    "bindComplete",
    ...expected,
    "ready I",
  ]);
});

test("each statement of a text has its own amount", async () => {
  const text = `${three} /* limit(rows 1) */; ${three} /* limit(rows 2) */; ${three}`;
  const words = shape(await run(query(text))).filter((word) => word !== "rowDescription");
  const first = ["row 1", ended, "complete SELECT 1"];
  const second = ["row 1", "row 2", ended, "complete SELECT 2"];
  expect(words).toEqual([...first, ...second, "row 1", "row 2", "row 3", "complete SELECT 3", "ready I"]);
});

test("what a portal has sent counts over its fetches", async () => {
  const text = `${three} /* limit(rows 2) */`;
  const fetch = execute({ rows: 1 });
  const words = shape(await run(parse({ text }), bind(), fetch, fetch, fetch, fetch, sync()));
  expect(words.filter((word) => word.startsWith("row "))).toEqual(["row 1", "row 2"]);
  expect(words).toContain(ended);
  expect(words.at(-1)).toBe("ready I");
});

test("a change is not undone by the end of what it returns, and its tag counts the change", async () => {
  const insert = "INSERT INTO notes SELECT i, 'x' FROM generate_series(101, 103) i RETURNING id /* limit(rows 1) */";
  const words = shape(await run(query(insert)));
  expect(words).toEqual(["rowDescription", "row 101", ended, "complete INSERT 0 3", "ready I"]);
  expect(shape(await run(query("SELECT count(*) FROM notes WHERE id > 100")))).toContain("row 3");
});

test.each([
  ["simple", (text: string) => [query(text)]],
  ["extended", (text: string) => [parse({ text }), bind(), execute(), sync()]],
])("a statement is cancelled when its time is up, and the session goes on: %s", async (_name, messagesOf) => {
  const wire = await openWire(gateway.target);
  wire.send(...messagesOf("SELECT pg_sleep(60) /* limit(time_ms 50) */"));
  const answer = await wire.ready();
  expect(answer.find(({ name }) => name === "error")).toMatchObject({
    code: "57014",
    message: "canceling statement: the policy limits it to 50 ms",
  });
  wire.send(query("SELECT 1"));
  expect(shape(await wire.ready())).toContain("row 1");
  await wire.end();
});

test("time runs from when the server comes to the statement, and ends with it", async () => {
  const wire = await openWire(gateway.target);
  const slow = "SELECT pg_sleep(0.3)";
  const limited = "SELECT 1 /* limit(time_ms 200) */";
  wire.send(parse({ text: slow }), bind(), execute(), parse({ text: limited }), bind(), execute(), sync());
  expect(shape(await wire.ready())).not.toContain("error");
  wire.send(query(slow));
  expect(shape(await wire.ready())).not.toContain("error");
  await wire.end();
});

/** Statements that wait for people: every way in which the waiting can end. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cancelUpstream, connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import type { HoldOutcome } from "../src/session/enforcement.js";
import { runDirectly } from "../src/upstream/direct-query.js";
import {
  eventually,
  type GatewayUnderTest,
  type ServerUnderTest,
  startEmbedded,
  startGateway,
} from "./gateway-fixture.js";
import { openWire, serialize, shape } from "./wire-client.js";

let server: ServerUnderTest;
const gateways: GatewayUnderTest[] = [];
beforeAll(async () => {
  server = await startEmbedded();
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.listener.close();
  await runDirectly(server.target, "DELETE FROM notes");
});
afterAll(() => server.stop());

async function start(hold: "wait" | "refuse" = "wait"): Promise<GatewayUnderTest> {
  const gateway = await startGateway(server.target, { hold });
  gateways.push(gateway);
  return gateway;
}

const change = "INSERT INTO notes VALUES (1, 'two_people')";
const { query, parse, bind, execute, sync, flush } = serialize;
const simple = [query(change)];
const extended = [
  parse({ text: "INSERT INTO notes VALUES ($1, 'two_people')" }),
  bind({ values: ["1"] }),
  execute(),
  sync(),
];
const rowsOf = (gateway: GatewayUnderTest) => async (): Promise<readonly string[]> => {
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT id FROM notes ORDER BY id"));
  const rows = shape(await wire.ready()).filter((word) => word.startsWith("row "));
  await wire.end();
  return rows;
};

test.each([
  ["simple", simple, ["notice 00000", "complete INSERT 0 1", "ready I"]],
  ["extended", extended, ["parseComplete", "bindComplete", "notice 00000", "complete INSERT 0 1", "ready I"]],
])("approved, %s: the client waits, is told where to ask, and then it runs", async (_name, messages, expected) => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...messages);
  const hold = await eventually(() => gateway.guard.holds[0]);
  expect(await rowsOf(gateway)()).toEqual([]);
  await runDirectly(server.target, "LOCK notes; SELECT 1"); // Nothing of the waiting client holds a lock.
  hold.settle({ state: "approved", approval: hold.approval });
  const answer = await wire.ready();
  expect(shape(answer)).toEqual(expected);
  const notice = answer.find(({ name }) => name === "notice");
  expect(notice?.message).toBe("waiting for approval a1: this is approve");
  expect(notice?.detail).toBe("Needs 2 of dba within 60 seconds.");
  expect(notice?.hint).toContain("hpl approvals approve a1");
  expect(await rowsOf(gateway)()).toEqual(["row 1"]);
  await wire.end();
});

const ends: readonly HoldOutcome[] = [
  { state: "rejected", approval: "a1", message: "not today" },
  { state: "expired", approval: "a1", message: "nobody answered" },
];
test.each(
  ends.flatMap((end) => [[end.state, "simple", simple, end] as const, [end.state, "extended", extended, end] as const]),
)("%s, %s: an error, nothing runs, the session lives on", async (_state, _name, messages, outcome) => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...messages, query("SELECT 1"));
  (await eventually(() => gateway.guard.holds[0])).settle(outcome);
  const answer = await wire.ready(2);
  expect(answer.find(({ name }) => name === "error")).toMatchObject({ code: "42501", severity: "ERROR" });
  expect(shape(answer).slice(-6)).toEqual([
    "error",
    "ready I",
    "rowDescription",
    "row 1",
    "complete SELECT 1",
    "ready I",
  ]);
  expect(await rowsOf(gateway)()).toEqual([]);
  expect(gateway.guard.reports.some(({ status }) => status === "not_run")).toBe(true);
  await wire.end();
});

test("the messages behind a held one wait, in order; other clients do not", async () => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...extended, query("SELECT 'after'"), query("SELECT 1 AS forbidden"));
  const hold = await eventually(() => gateway.guard.holds[0]);
  expect(await rowsOf(gateway)()).toEqual([]);
  hold.settle({ state: "approved", approval: "a1" });
  expect(shape(await wire.ready(3)).slice(3)).toEqual([
    ...[
      "complete INSERT 0 1",
      "ready I",
      "rowDescription",
      "row after",
      "complete SELECT 1",
      "ready I",
      "error",
      "ready I",
    ],
  ]);
  await wire.end();
});

test.each([
  ["a transaction", [query("BEGIN"), query(change), query("COMMIT")], "complete ROLLBACK"],
  ["a transaction, extended", [query("BEGIN"), ...extended, query("COMMIT")], "complete ROLLBACK"],
  [
    "a pipeline that has run something",
    [parse({ text: "INSERT INTO notes VALUES (9, '')" }), bind(), execute(), ...extended],
    "ready I",
  ],
])("inside %s waiting is refused, and what was done before is undone", async (_name, messages, last) => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...messages, query("SELECT 'end'"));
  const answer = await wire.until((received) => shape(received).includes("row end"));
  expect(answer.find(({ name }) => name === "error")?.message).toContain("a transaction cannot wait");
  expect(shape(answer)).toContain(last);
  expect(gateway.guard.holds).toEqual([]);
  expect(await rowsOf(gateway)()).toEqual([]);
  await wire.end();
});

test("a client that goes away ends its hold, and nothing runs", async () => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...simple);
  const hold = await eventually(() => gateway.guard.holds[0]);
  wire.socket.destroy();
  await eventually(() => hold.cancelled);
  expect(await rowsOf(gateway)()).toEqual([]);
});

test("a CancelRequest ends a hold with 57014", async () => {
  const gateway = await start();
  const connection = await connectUpstream(gateway.target, new Map());
  connection.socket.resume().write(query(change));
  const text: string[] = [];
  connection.socket.on("data", (chunk: Buffer) => text.push(chunk.toString("latin1")));
  const hold = await eventually(() => gateway.guard.holds[0]);
  await eventually(() => text.join("").includes("waiting for approval"));
  await cancelUpstream(gateway.target, Buffer.alloc(8)); // Somebody else's guess does nothing.
  expect(hold.cancelled).toBe(false);
  await cancelUpstream(gateway.target, connection.cancelKey ?? new Uint8Array());
  await eventually(() => text.join("").includes("57014"));
  expect(hold.cancelled).toBe(true);
  connection.socket.destroy();
});

test("when the connection refuses instead of waiting, the error names the approval, and a second attempt runs", async () => {
  const gateway = await start("refuse");
  const wire = await openWire(gateway.target);
  for (const messages of [simple, extended]) {
    wire.send(...messages);
    const answer = await wire.ready();
    expect(answer.find(({ name }) => name === "error")?.message).toMatch(/^approval a\d is needed/u);
  }
  expect(gateway.guard.holds.map(({ cancelled }) => cancelled)).toEqual([false, false]);
  gateway.guard.approvedTexts.add("INSERT INTO notes VALUES ($1, 'two_people')");
  wire.send(...extended);
  expect(shape(await wire.ready()).slice(-2)).toEqual(["complete INSERT 0 1", "ready I"]);
  await wire.end();
});

test("when definitions changed meanwhile, the statement must be sent again", async () => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...extended);
  const hold = await eventually(() => gateway.guard.holds[0]);
  await runDirectly(server.target, "CREATE TABLE meanwhile ()");
  hold.settle({ state: "approved", approval: "a1" });
  expect((await wire.ready()).find(({ name }) => name === "error")).toMatchObject({ code: "40001" });
  await runDirectly(server.target, "DROP TABLE meanwhile");
  await wire.end();
});

test("closing the listener ends a held session at once", async () => {
  const gateway = await start();
  const wire = await openWire(gateway.target);
  wire.send(...simple, flush());
  await eventually(() => gateway.guard.holds[0]);
  await gateway.listener.close();
  await eventually(() => wire.received.some(({ code }) => code === "57P01"));
  expect(gateway.guard.holds[0]?.cancelled).toBe(true);
});

/** Faults around a session: no room, a server that resets or says nothing, a clock that is set, a process that stands still. */
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { buildMessage } from "../src/protocols/postgres/build-message.js";
import { limits } from "../src/protocols/postgres/limits.js";
import { readyForQuery } from "../src/protocols/postgres/server-messages.js";
import { connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import { runDirectly } from "../src/upstream/direct-query.js";
import { type ServerUnderTest, startEmbedded, startGateway } from "./gateway-fixture.js";
import { openWire, serialize, shape } from "./wire-client.js";

const { query } = serialize;
let server: ServerUnderTest;
beforeAll(async () => {
  server = await startEmbedded();
});
afterAll(() => server.stop());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("as many clients as there is room for; the next is told, and comes in when one has gone", async () => {
  const gateway = await startGateway(server.target, { clients_max: 2 });
  const [first, second] = [await openWire(gateway.target), await openWire(gateway.target)];
  await expect(openWire(gateway.target)).rejects.toThrow(/53300 sorry, too many clients already/);
  second.send(query("SELECT 2"));
  expect(shape(await second.ready())).toContain("row 2");
  await first.end();
  const third = await openWire(gateway.target);
  third.send(query("SELECT 3"));
  expect(shape(await third.ready())).toContain("row 3");
  await gateway.listener.close();
});

/** A server that lets everybody in and then does with the first message what `answer` says. */
async function scripted(answer: (socket: Socket) => void): Promise<{ readonly port: number; readonly server: Server }> {
  const fake = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.concat([buildMessage(0x52).int32(0).end(), readyForQuery("I")]));
      socket.on("data", () => answer(socket));
    });
  });
  await new Promise<void>((resolve) => {
    fake.listen(0, "127.0.0.1", () => resolve());
  });
  const address = fake.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, server: fake };
}

test.each<readonly [string, (socket: Socket) => void]>([
  ["resets the connection", (socket) => socket.resetAndDestroy()],
  ["closes it without a word", (socket) => socket.destroy()],
  ["says no more, and takes what comes", (socket) => socket.end()],
])("a server that %s: the client is told, once", async (_what, answer) => {
  const fake = await scripted(answer);
  const gateway = await startGateway({ ...server.target, port: fake.port });
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT 1"), query("SELECT 2"));
  const said = await wire.until(() => false);
  expect(said.filter(({ name }) => name === "error").map(({ severity, code }) => [severity, code])).toEqual([
    ["FATAL", "08006"],
  ]);
  await gateway.listener.close();
  fake.server.close();
});

test.skipIf(!process.env.LONG)("a server that takes connections and says nothing", { timeout: 30_000 }, async () => {
  const silent = createServer((socket) => void socket.on("error", () => {}));
  await new Promise<void>((resolve) => {
    silent.listen(0, "127.0.0.1", () => resolve());
  });
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const gateway = await startGateway({ ...server.target, port });
  await expect(connectUpstream(gateway.target, new Map())).rejects.toThrow(/08006 the gateway cannot reach|timed out/);
  await gateway.listener.close();
  silent.close();
});

test.each([
  ["back", -3_600_000],
  ["forward", 3_600_000],
])("when the clock is set %s an hour, definitions are read as often as before", async (_way, by_ms) => {
  const gateway = await startGateway(server.target);
  const wire = await openWire(gateway.target);
  wire.send(query("SELECT 1"));
  await wire.ready();
  await runDirectly(server.target, `CREATE TABLE IF NOT EXISTS made_meanwhile ()`);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + by_ms });
  wire.send(query("SELECT 2"));
  await wire.ready();
  expect(tablesAt(gateway.guard.judged, "SELECT 2")).not.toContain("made_meanwhile");
  const later = performance.now() + limits.catalog_age_max_ms + 1;
  vi.spyOn(performance, "now").mockReturnValue(later);
  wire.send(query("SELECT 3"));
  await wire.ready();
  expect(tablesAt(gateway.guard.judged, "SELECT 3")).toContain("made_meanwhile");
  vi.useRealTimers();
  vi.restoreAllMocks();
  await runDirectly(server.target, "DROP TABLE made_meanwhile");
  await wire.end();
  await gateway.listener.close();
});

type Judged = Awaited<ReturnType<typeof startGateway>>["guard"]["judged"];
const tablesAt = (judged: Judged, text: string): readonly string[] =>
  Object.keys(judged.find(({ statement }) => statement.text === text)?.context.catalog.schemas.public ?? {});

test("after the process stood still everything is answered, in order, and decided once", async () => {
  const gateway = await startGateway(server.target);
  const wire = await openWire(gateway.target);
  const texts = Array.from({ length: 50 }, (_, i) => `SELECT ${i}`);
  wire.send(...texts.map((text) => query(text)));
  const until = performance.now() + 500;
  while (performance.now() < until);
  const rows = shape(await wire.ready(50)).filter((word) => word.startsWith("row "));
  expect(rows).toEqual(texts.map((_, i) => `row ${i}`));
  expect(gateway.guard.judged.map(({ statement }) => statement.text)).toEqual(texts);
  await wire.end();
  await gateway.listener.close();
});

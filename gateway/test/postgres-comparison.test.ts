/**
 * A refusal must be to a client what an error of the server is. Each script runs directly against the server with a
 * statement that fails there, and through the gateway with one that is refused at the same place: same messages, same rows
 * in the end. Scripts without such a statement must not show that there is a gateway at all.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type GatewayUnderTest,
  type ServerUnderTest,
  startEmbedded,
  startGateway,
  startLocal,
} from "./gateway-fixture.js";
import { openWire, serialize, shape, type WireClient } from "./wire-client.js";

const { query, parse, bind, describe: describing, execute, close, flush, sync } = serialize;

/** `early` fails when it is parsed, `late` only when it runs, before it sends anything. */
interface Failing {
  readonly early: string;
  readonly late: string;
}
const failsAtServer: Failing = { early: "SELEC 1", late: "INSERT INTO notes VALUES (1 / (random() * 0)::int, 'x')" };
const refusedByGateway: Failing = { early: "SELECT 1 AS forbidden", late: "SELECT 1 AS late_refusal" };

const insert = (id: number): string => `INSERT INTO notes VALUES (${id}, 'x')`;
/** Parse, Bind and Execute of one statement, all unnamed. */
const run = (text: string): Uint8Array[] => [parse({ text }), bind(), execute()];
const S = sync();

const scripts: Readonly<Record<string, (bad: Failing) => readonly Uint8Array[]>> = {
  "a simple query": (bad) => [query(bad.early), query(bad.late), query("SELECT 1")],
  "in a transaction": (bad) => ["BEGIN", insert(1), bad.late, insert(2), "COMMIT"].map(query),
  "a syntax error in a transaction": (bad) => ["BEGIN", insert(1), bad.early, "SELECT 1", "ROLLBACK"].map(query),
  "twice in a transaction": (bad) => ["BEGIN", bad.late, bad.early, "COMMIT", insert(1)].map(query),
  "after a savepoint": (bad) =>
    ["BEGIN", insert(1), "SAVEPOINT a", bad.late, "ROLLBACK TO a", insert(2), "COMMIT"].map(query),
  "one text of several statements": (bad) => [query(`${insert(1)}; ${bad.early}; ${insert(2)}`), query("SELECT 1")],
  "first in a pipeline, at Parse": (bad) => [...run(bad.early), ...run(insert(1)), S, ...run(insert(2)), S],
  "first in a pipeline, at Execute": (bad) => [...run(bad.late), ...run(insert(1)), S, ...run(insert(2)), S],
  "later in a pipeline, at Parse": (bad) => [...run(insert(1)), ...run(bad.early), ...run(insert(2)), S],
  "later in a pipeline, at Execute": (bad) => [...run(insert(1)), ...run(bad.late), ...run(insert(2)), S],
  "after a Flush": (bad) => [...run(insert(1)), flush(), ...run(bad.late), flush(), ...run(insert(2)), S],
  "in a pipeline in a transaction": (bad) => [query("BEGIN"), ...run(insert(1)), ...run(bad.late), S, query("COMMIT")],
  "at Parse in a transaction": (bad) => [query("BEGIN"), ...run(insert(1)), S, ...run(bad.early), S, query("COMMIT")],
  "after COMMIT in a pipeline": (bad) => [...run(insert(1)), ...run("COMMIT"), ...run(insert(2)), ...run(bad.late), S],
  "a transaction inside a pipeline": (bad) => [
    ...[...run("BEGIN"), ...run(insert(1)), ...run(bad.late), ...run("COMMIT"), S],
    query("ROLLBACK"),
  ],
  "a Query behind it is skipped": (bad) => [...run(bad.late), query(insert(1)), S, query("SELECT 1")],
  "a Query behind unsynced work": (bad) => [...run(insert(1)), query(bad.late), query("SELECT 1")],
  "a Query that does not parse behind unsynced work": (bad) => [...run(insert(1)), query(bad.early), S],
  "a named statement survives": (bad) => [
    ...[parse({ name: "s", text: insert(1) }), S, ...run(bad.late), S],
    ...[bind({ statement: "s" }), execute(), S],
  ],
  "a named statement parsed in the same cycle survives": (bad) => [
    ...[parse({ name: "s", text: insert(1) }), ...run(bad.late), S],
    ...[bind({ statement: "s" }), execute(), S],
  ],
  "a name that is taken": () => [
    ...[parse({ name: "s", text: "SELECT 1" }), S, parse({ name: "s", text: "SELECT 2" }), S],
    ...[bind({ statement: "s" }), execute(), S],
  ],
  "a statement that is not there": () => [...run(insert(1)), bind({ statement: "nope" }), execute(), S],
  "a portal that is not there": () => [...run(insert(1)), execute({ portal: "nope" }), S],
  "a portal of an earlier transaction": () => [
    ...[parse({ text: "SELECT 1" }), bind({ portal: "p" }), S],
    ...[execute({ portal: "p" }), S],
  ],
  "a portal inside a transaction": () => [
    ...[query("BEGIN"), parse({ text: "SELECT generate_series(1, 5)" }), bind({ portal: "p" }), S],
    ...[execute({ portal: "p", rows: 2 }), S, ...run(insert(1)), execute({ portal: "p", rows: 2 }), S],
    ...[execute({ portal: "p", rows: 2 }), S, query("COMMIT")],
  ],
  "the unnamed statement lives across cycles": () => [
    ...[parse({ text: "SELECT $1::int" }), S, bind({ values: ["4"] }), execute(), S],
    ...[bind({ values: ["5"] }), execute(), S],
  ],
  "the unnamed statement dies with a Query": () => [parse({ text: "SELECT 1" }), S, query("SELECT 2"), bind(), S],
  "Describe and Close": () => [
    ...[parse({ name: "s", text: "SELECT $1::int AS a" }), describing({ type: "S", name: "s" })],
    ...[bind({ statement: "s", portal: "p", values: ["1"] }), describing({ type: "P", name: "p" })],
    ...[execute({ portal: "p" }), close({ type: "P", name: "p" }), close({ type: "S", name: "s" }), S],
    ...[bind({ statement: "s", values: ["1"] }), S],
  ],
  "DEALLOCATE in SQL": () => [
    ...[parse({ name: "s", text: "SELECT 1" }), parse({ name: "t", text: "SELECT 2" }), S],
    ...[query("DEALLOCATE s"), bind({ statement: "t" }), execute(), S, bind({ statement: "s" }), execute(), S],
  ],
  "DISCARD ALL": () => [
    ...[parse({ name: "s", text: "SELECT 1" }), S, query("DISCARD ALL"), bind({ statement: "s" }), execute(), S],
  ],
  "an empty query": () => [query(""), query("  ;"), ...run(""), S],
  "several statements": () => [query(`${insert(1)}; SELECT count(*) FROM notes; ${insert(2)}`)],
  "an error in the middle of several": () => [query(`${insert(1)}; SELECT 1/0; ${insert(2)}`), query("SELECT 1")],
  "COPY to the client": () => [query("COPY people TO STDOUT"), query("SELECT 1")],
  "nothing but Sync": () => [S, S, flush(), S],
};

const final = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), 'none') AS final FROM notes";

/** Everything that comes back, up to the final rows. `apart`: one message at a time, with time for an answer. */
async function play(wire: WireClient, messages: readonly Uint8Array[], apart: boolean): Promise<readonly string[]> {
  wire.send(query("ROLLBACK"), query("DEALLOCATE ALL"), query("DELETE FROM notes"));
  await wire.ready(3);
  for (const message of messages) {
    wire.send(message);
    if (apart) await new Promise((resolve) => setTimeout(resolve, 3));
  }
  wire.send(query(final));
  const all = (received: readonly { readonly name: string; readonly text?: string }[]): boolean =>
    received.some(({ name }, i) => name === "rowDescription" && isFinal(received[i])) &&
    received.at(-1)?.name === "readyForQuery" &&
    isFinal(received.at(-4));
  return shape(await wire.until(all));
}

const isFinal = (message: unknown): boolean => JSON.stringify(message)?.includes('"final"') === true;

const servers: (ServerUnderTest | null)[] = [];
beforeAll(async () => {
  servers.push(await startEmbedded(), await startLocal());
});
afterAll(async () => {
  for (const server of servers) await server?.stop();
});

describe.each(["embedded", "local"] as const)("against the %s server", (which) => {
  let gateway: GatewayUnderTest | null = null;
  let server: ServerUnderTest | null = null;
  beforeAll(async () => {
    server = servers[which === "embedded" ? 0 : 1] ?? null;
    gateway = server === null ? null : await startGateway(server.target);
  });
  afterAll(async () => {
    await gateway?.listener.close();
  });

  test.each(Object.keys(scripts))("%s", async (name) => {
    if (server === null || gateway === null) return;
    const script = scripts[name];
    if (script === undefined) throw new Error("no such script");
    const [direct, through] = [await openWire(server.target), await openWire(gateway.target)];
    for (const apart of [false, true]) {
      const expected = await play(direct, script(failsAtServer), apart);
      expect(await play(through, script(refusedByGateway), apart), `apart: ${apart}`).toEqual(expected);
    }
    await direct.end();
    await through.end();
    expect(gateway.log).toEqual([]);
  });
});

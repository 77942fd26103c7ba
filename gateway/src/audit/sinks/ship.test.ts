/** Shipping: everything once and in order while all is well, at least once whatever goes wrong. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OpenedLog, openAuditLog } from "../log.js";
import { batchLinesMax, readFrom } from "./follow.js";
import { type Shipment, type Shipping, type Sink, ship } from "./ship.js";
import { openSink } from "./sinks.js";

let state: string;
let log: OpenedLog;
let server: Server | null = null;
const running: Shipping[] = [];
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), "hpl-sinks-"));
  log = await openAuditLog(state);
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
  server?.closeAllConnections();
  server?.close();
  server = null;
  await log.close();
  rmSync(state, { recursive: true, force: true });
});

const add = (count: number, size = 1): void => {
  for (let i = 0; i < count; i++)
    log.append({ kind: "session.noted", detail: { session: "s", what: "w".repeat(size) } });
};

function start(sink: Sink): Shipping {
  const source = { folder: log.path, origin: log.verifier.name, size: log.size };
  const shipping = ship(source, sink, join(state, "sinks", `${sink.name}.json`), () => {});
  running.push(shipping);
  return shipping;
}

async function until(ready: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it never happened");
}

/** A sink that keeps what it takes, and refuses while `refuses`. */
function keeping(name = "kept") {
  const taken: number[] = [];
  const sink = {
    name,
    format: "hpl" as const,
    refuses: false,
    taken,
    send: async ({ events }: Shipment): Promise<void> => {
      if (sink.refuses) throw new Error("no");
      taken.push(...events.map(({ index }) => index));
    },
  };
  return sink;
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

test("a reader gives every line once, from any index, across segments and however long lines are", async () => {
  add(65_530);
  add(12, 400_000);
  for (const from of [0, 1, 65_529, 65_536, 65_542]) {
    const reader = readFrom(log.path, from);
    const indexes: number[] = [];
    for (let batch = await reader.next(log.size()); batch.lines.length > 0; batch = await reader.next(log.size())) {
      expect(batch.lines.length).toBeLessThanOrEqual(batchLinesMax);
      indexes.push(...batch.lines.map((line) => JSON.parse(line.toString()).index));
    }
    expect([indexes.length, indexes[0], indexes.at(-1)]).toEqual(
      from === log.size() ? [0, undefined, undefined] : [log.size() - from, from, log.size() - 1],
    );
  }
});

test("what comes while it runs is taken, and after a restart it goes on behind what was taken", async () => {
  const sink = keeping();
  add(600);
  const first = start(sink);
  await until(() => first.status().lag === 0);
  add(3);
  await until(() => first.status().lag === 0);
  await first.stop();
  add(2);
  const second = start(sink);
  await until(() => second.status().lag === 0);
  expect(sink.taken).toEqual(upTo(605));
});

test("a sink that refuses lags behind, is counted, and gets everything when it takes again", async () => {
  const sink = keeping();
  sink.refuses = true;
  add(5);
  const shipping = start(sink);
  await until(() => shipping.status().failures >= 2);
  expect(shipping.status()).toMatchObject({ name: "kept", lag: 5 });
  sink.refuses = false;
  await until(() => shipping.status().lag === 0);
  expect(sink.taken).toEqual(upTo(5));
});

test.each(["", "{", '{"index":-1}', '{"index":99}', '{"index":1.5}'])(
  "a position that is none begins anew: %s",
  async (text) => {
    const sink = keeping();
    add(3);
    const first = start(keeping());
    await until(() => first.status().lag === 0);
    await first.stop();
    writeFileSync(join(state, "sinks", "kept.json"), text);
    const second = start(sink);
    await until(() => second.status().lag === 0);
    expect(sink.taken).toEqual(upTo(3));
  },
);

test("stopping with patience delivers what is left", async () => {
  const sink = keeping();
  const shipping = start(sink);
  add(700);
  await shipping.stop(5_000);
  expect(sink.taken).toEqual(upTo(700));
});

test("a file gets a line an event", async () => {
  const path = join(state, "events.ocsf");
  const shipping = start(openSink({ kind: "file", name: "file", format: "ocsf", path }, log.verifier.name));
  log.append({ kind: "gateway.stopped", detail: {} });
  log.append({ kind: "facts.seen", detail: {} });
  log.append({ kind: "session.closed", detail: { session: "s" } });
  await until(() => shipping.status().lag === 0 && existsSync(path));
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type_uid }) => type_uid)).toEqual([600204, 300399]);
});

/** A server that keeps requests, and answers with the codes given, the last one for ever. */
async function listen(codes: number[]): Promise<{
  readonly url: string;
  readonly requests: { readonly headers: Record<string, string>; readonly body: string }[];
}> {
  const requests: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
      response.writeHead((codes.length > 1 ? codes.shift() : codes[0]) ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`, requests };
}

test("a webhook is signed, and asked again after a refusal", async () => {
  const { url, requests } = await listen([500, 200]);
  const secret = `whsec_${Buffer.from("a key of thirty-two bytes, or so").toString("base64")}`;
  add(2);
  const shipping = start(openSink({ kind: "webhook", name: "hook", format: "hpl", url, secret }, "o"));
  await until(() => shipping.status().lag === 0);
  expect(requests).toHaveLength(2);
  for (const { headers, body } of requests)
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: "audit.events",
      first: 0,
      events: [{ index: 0 }, { index: 1 }],
    });
});

test("OTLP: log records with the event as body, and the headers that were asked for", async () => {
  const { url, requests } = await listen([200]);
  add(1);
  const shipping = start(
    openSink({ kind: "otlp", name: "otlp", format: "hpl", url, headers: { "x-key": "k" } }, "log/1"),
  );
  await until(() => shipping.status().lag === 0);
  expect(requests[0]?.headers["x-key"]).toBe("k");
  const [{ scopeLogs }] = JSON.parse(requests[0]?.body ?? "").resourceLogs;
  const [record] = scopeLogs[0].logRecords;
  expect(record.timeUnixNano).toMatch(/^\d{19}$/);
  expect(JSON.parse(record.body.stringValue)).toMatchObject({ index: 0, kind: "session.noted" });
  expect(record.attributes).toContainEqual({ key: "hpl.index", value: { intValue: "0" } });
});

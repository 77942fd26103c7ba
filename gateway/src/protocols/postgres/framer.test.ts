import fc from "fast-check";
import { Parser } from "pg-protocol/dist/parser.js";
import { expect, test } from "vitest";
import { buildMessage } from "./build-message.js";
import { createFramer, type FramePlan } from "./framer.js";
import { createOutbox } from "./outbox.js";
import { errorResponse, readyForQuery } from "./server-messages.js";

/** What a sink sees of `chunks`: passed bytes joined, because where they are cut is the chunks' matter. */
function framesOf(
  chunks: readonly Uint8Array[],
  plan: (type: number, size: number) => FramePlan | { broken: string },
): readonly string[] {
  const seen: string[] = [];
  const add = (kind: string, text: string): void => {
    if (kind === "pass" && seen.at(-1)?.startsWith("pass ")) seen.push(`${seen.pop()}${text}`);
    else seen.push(`${kind} ${text}`);
  };
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  let headers = 0;
  const framer = createFramer({
    plan,
    message: (type, bytes) => add("message", `${type} ${hex(bytes)}`),
    pass: (bytes, headersCount) => {
      headers += headersCount;
      add("pass", hex(bytes));
    },
    dropped: (type) => add("dropped", `${type}`),
    broken: (reason) => add("broken", reason),
  });
  for (const chunk of chunks) framer.push(chunk);
  return [...seen, `headers ${headers}`];
}

/** The type's last two bits choose the plan. */
const byType = (type: number): FramePlan | { broken: string } =>
  (["whole", "pass", "drop", "whole"] as const)[type % 4] ?? "whole";

const message = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
  .map(([type, body]) => buildMessage(type).bytes(body).end());
const stream = fc.array(message, { maxLength: 12 }).map((messages) => new Uint8Array(Buffer.concat(messages)));

/** `bytes` cut at `at`; each part has memory of its own, as two reads of a socket have. */
const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const places = [0, ...[...at].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
};

test("a stream cut in two at any byte gives what the whole gives", () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const whole = framesOf([bytes], byType);
      for (let at = 0; at <= bytes.length; at += 1) expect(framesOf(cut(bytes, [at]), byType)).toEqual(whole);
    }),
  );
});

test("a stream cut anywhere gives what the whole gives", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 30 }), (bytes, places) => {
      const inside = places.map((place) => Math.min(place, bytes.length));
      expect(framesOf(cut(bytes, inside), byType)).toEqual(framesOf([bytes], byType));
    }),
  );
});

test("byte by byte, and with garbage behind it, nothing is lost before the break", () => {
  const good = [readyForQuery("I"), errorResponse({ severity: "ERROR", code: "42501", message: "no" })];
  const bytes = new Uint8Array(Buffer.concat([...good, Buffer.from([0x51, 0, 0, 0, 3]), Buffer.alloc(99)]));
  const whole = framesOf([bytes], () => "pass");
  expect(whole.at(-2)).toBe("broken invalid message length 3");
  expect(
    framesOf(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      () => "pass",
    ),
  ).toEqual(whole);
  expect(whole[0]).toBe(`pass ${Buffer.concat(good).toString("hex")}`);
});

test.each([
  ["3", [0x51, 0, 0, 0, 3]],
  ["0", [0x51, 0, 0, 0, 0]],
  ["-1", [0x51, 255, 255, 255, 255]],
  ["-2147483648", [0x51, 128, 0, 0, 0]],
])("a length of %s breaks the stream", (length, bytes) => {
  expect(framesOf([Uint8Array.from(bytes)], () => "whole")).toEqual([
    `broken invalid message length ${length}`,
    "headers 0",
  ]);
});

test("a sink's objection breaks the stream before the message", () => {
  const plan = (_type: number, size: number): FramePlan | { broken: string } =>
    size > 20 ? { broken: "long" } : "whole";
  expect(framesOf([buildMessage(81).bytes(new Uint8Array(16)).end()], plan)).toEqual(["broken long", "headers 0"]);
  expect(framesOf([buildMessage(81).bytes(new Uint8Array(15)).end()], plan)[0]).toMatch(/^message 81/u);
});

test("a claimed length costs no memory before the bytes come", () => {
  const framer = createFramer({
    plan: () => "whole",
    message: () => {},
    pass: () => {},
    dropped: () => {},
    broken: () => {},
  });
  const before = process.memoryUsage().arrayBuffers;
  framer.push(Uint8Array.of(0x51, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});

test("pg-protocol sees the same messages", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("I", "T", "E")), fc.nat(60), (statuses, place) => {
      const bytes = new Uint8Array(Buffer.concat(statuses.map((status) => readyForQuery(status as "I" | "T" | "E"))));
      const seen: string[] = [];
      new Parser().parse(Buffer.from(bytes), (parsed) => seen.push((parsed as { status?: string }).status ?? ""));
      const ours = framesOf(cut(bytes, [Math.min(place, bytes.length)]), () => "whole").slice(0, -1);
      expect(ours.map((frame) => String.fromCharCode(Number.parseInt(frame.slice(-2), 16)))).toEqual(seen);
    }),
  );
});

test("neighbours in memory leave in one piece, and bytes stay in order", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.array(fc.nat(50)), (bytes, places) => {
      const outbox = createOutbox();
      const ends = [0, ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
      for (const [i, end] of ends.slice(1).entries()) outbox.add(bytes.subarray(ends[i], end));
      const pieces: Uint8Array[] = [];
      outbox.flush((piece) => pieces.push(piece));
      expect(pieces.length).toBe(1);
      expect(Buffer.concat(pieces)).toEqual(Buffer.from(bytes));
    }),
  );
  const outbox = createOutbox();
  for (const text of ["a", "b", "c"]) outbox.add(Uint8Array.from(Buffer.from(text)));
  const texts: string[] = [];
  outbox.flush((piece) => texts.push(Buffer.from(piece).toString()));
  expect(texts).toEqual(["a", "b", "c"]);
});

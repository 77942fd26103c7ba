import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Decision } from "@hpl/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SessionInfo } from "../session/enforcement.js";
import { eventsOf, listRecordings, readRecording } from "./read-recording.js";
import { cellLength_max, type RecordingSettings, recordingsFolder, recordSession } from "./recording.js";

let state: string;
let now_ms: number;
const lines: string[] = [];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "hpl-recording-"));
  now_ms = Date.parse("2026-11-20T12:00:00Z");
  lines.length = 0;
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const idOf = (i: number): string => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
const session = (i = 1): SessionInfo => ({
  id: idOf(i),
  identity: {
    principal: { id: "svc\u001b[2J", issuer: "static", kind: "agent", groups: [], mfa: false, on_behalf_of: "al" },
  },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  ip: "127.0.0.1",
  client: "clientsecret",
});
const decision: Decision = { verdict: "allow", rules: [], obligations: [], complete: true, reasons: [], message: "" };
const decided = (text: string | null) => ({ decision_id: "d", text, decision, actions: [] });
const record = (more: Partial<RecordingSettings> = {}, i = 1) =>
  recordSession(
    state,
    { rows_max: 2, size_max: 1 << 20, sessions_max: 10, ...more },
    session(i),
    () => new Date(now_ms),
    (line) => lines.push(line),
  );
const ended = { decision_id: "d", status: "ok", rows: 1, bytes: 9, sqlstate: null, masked: [] } as const;
const shown = (i = 1): readonly string[] => eventsOf(readRecording(state, idOf(i)) ?? "").map(({ text }) => text);

/** A DataRow message. */
function row(...cells: readonly (Buffer | string | null)[]): Uint8Array {
  const parts = cells.map((cell) => {
    const bytes = cell === null ? Buffer.alloc(0) : Buffer.from(cell);
    const size = Buffer.alloc(4);
    size.writeInt32BE(cell === null ? -1 : bytes.length);
    return Buffer.concat([size, bytes]);
  });
  const head = Buffer.alloc(7);
  head.write("D");
  head.writeInt16BE(cells.length, 5);
  return Buffer.concat([head, ...parts]);
}

test("what happened, with the time in between", () => {
  const watch = record();
  watch.decided(decided("SELECT ?"));
  now_ms += 1_500;
  watch.row("d", row("1", null));
  watch.executed(ended);
  watch.closed();
  const text = readRecording(state, idOf(1)) ?? "";
  expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({
    version: 3,
    term: { cols: 120, rows: 40 },
    timestamp: 1795176000,
    title: "svc\\u{1b}[2J on orders",
  });
  expect(eventsOf(text)).toEqual([
    { after_s: 0, code: "o", text: "orders> SELECT ?\r\n" },
    { after_s: 1.5, code: "o", text: "  1 | NULL\r\n" },
    { after_s: 0, code: "o", text: "  (1 row)\r\n" },
    { after_s: 0, code: "x", text: "0" },
  ]);
  expect(listRecordings(state)).toMatchObject([{ id: idOf(1), on_behalf_of: "al", connection: "orders" }]);
});

test.each<readonly [string, Buffer | string | null, string]>([
  ["text", "a\nb\tc", "a\\nb    c"],
  ["what moves a cursor", "\u001b[2Jx\u202e", "\\u{1b}[2Jx\\u{202e}"],
  ["a binary number", Buffer.from([0, 0, 0, 7]), "<4 bytes>"],
  ["what is no UTF-8", Buffer.from([0xff, 0xfe, 0x41]), "<3 bytes>"],
  ["the longest", "x".repeat(cellLength_max), "x".repeat(cellLength_max)],
  ["one longer", "x".repeat(cellLength_max + 1), `${"x".repeat(cellLength_max)}...`],
])("a cell: %s", (_name, cell, expected) => {
  const watch = record();
  watch.row("d", row(cell));
  watch.closed();
  expect(shown()[0]).toBe(`  ${expected}\r\n`);
});

test("a recording ends at its size, and says so", () => {
  const size_max = 4_096;
  const watch = record({ size_max });
  for (let i = 0; i < 500; i++) watch.decided(decided(`SELECT ${i}`));
  watch.closed();
  const text = readRecording(state, idOf(1)) ?? "";
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(size_max);
  expect(Buffer.byteLength(text)).toBeGreaterThan(size_max - 200);
  expect(shown().at(-1)).toContain("ends here");
});

test("the oldest make room, and nothing that is no recording", () => {
  for (let i = 1; i <= 3; i++) {
    record({ sessions_max: 3 }, i).closed();
    utimesSync(join(recordingsFolder(state), `${idOf(i)}.cast`), i, i);
  }
  writeFileSync(join(recordingsFolder(state), "notes.txt"), "");
  record({ sessions_max: 3 }, 4).closed();
  expect(readdirSync(recordingsFolder(state)).toSorted()).toEqual(
    [2, 3, 4].map((i) => `${idOf(i)}.cast`).concat("notes.txt"),
  );
});

test("a disk that takes nothing ends the recording, not the session", () => {
  const watch = record();
  rmSync(recordingsFolder(state), { recursive: true });
  watch.decided(decided("SELECT 1"));
  watch.closed();
  watch.decided(decided("SELECT 2"));
  expect(lines).toEqual([expect.stringContaining("ends here")]);
});

test.each(["../audit", "..%2f", "", "x", `${idOf(1)}/../${idOf(1)}`])("%j names no recording", (id) => {
  record().closed();
  expect(readRecording(state, id)).toBeNull();
});

test("a file that is none is passed over, and a torn last line too", () => {
  record().closed();
  const path = join(recordingsFolder(state), `${idOf(1)}.cast`);
  writeFileSync(join(recordingsFolder(state), `${idOf(2)}.cast`), "{}");
  writeFileSync(path, `${readFileSync(path, "utf8")}[1,"o","tor`);
  expect(listRecordings(state).map(({ id }) => id)).toEqual([idOf(1)]);
  expect(shown()).toEqual(["0"]);
});

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { proveRecording } from "../evidence/recordings.js";
import { AuditUnavailable } from "../session/enforcement.js";
import { readBlob } from "./blobs.js";
import { type OpenedLog, openAuditLog } from "./log.js";
import { checkProof } from "./proof.js";
import { type LoggedEvent, queryAuditLog } from "./query.js";
import { keepRecordings, partSize } from "./recordings.js";
import { verifyAuditLog } from "./verify.js";

let state: string;
let folder: string;
let lists: string;
let audit: OpenedLog;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), "hpl-recordings-"));
  folder = join(state, "recordings");
  lists = `${folder}-parts`;
  for (const each of [folder, lists]) mkdirSync(each);
  audit = await openAuditLog(state);
});
afterEach(async () => {
  await audit.close();
  rmSync(state, { recursive: true, force: true });
});

const cast = (session: string): string => join(folder, `${session}.cast`);
const keep = () => keepRecordings({ audit, folder, log: () => {} });

async function eventsOf(session: string): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const { event } of queryAuditLog(audit.path, { kind: "recording.kept", session })) events.push(event);
  return events;
}

const proved = async (session: string) => proveRecording(audit.path, session, await eventsOf(session));

/** Records `text` as a whole session. */
async function record(session: string, text: string): Promise<void> {
  const keeper = keep();
  keeper.begun(session);
  writeFileSync(cast(session), text);
  keeper.ended(session);
  await keeper.close();
}

test.each([
  ["nothing", 0, 1],
  ["one byte", 1, 1],
  ["a byte less than a part", partSize - 1, 1],
  ["a part", partSize, 2],
  ["a byte more", partSize + 1, 2],
  ["three parts", 3 * partSize, 4],
])("%s is kept whole, and proved", async (_what, size, parts_count) => {
  const text = "0123456789".repeat(Math.ceil(size / 10)).slice(0, size);
  await record("s", text);
  await audit.checkpoint();
  const recording = await proved("s");
  expect(recording).toMatchObject({ is_whole: true, has_ended: true });
  expect(recording.parts).toHaveLength(parts_count);
  expect(Buffer.from(recording.bytes).toString()).toBe(text);
  for (const proof of recording.proofs) expect(checkProof(proof.text, audit.verifier.text)).toMatchObject({ ok: true });
  expect(recording.proofs).toHaveLength(parts_count);
});

test("a live recording is in the log part by part, its end once it ended", async () => {
  const keeper = keep();
  keeper.begun("s");
  writeFileSync(cast("s"), "a".repeat(partSize + 10));
  keeper.ended("other");
  await keeper.close();
  const recording = await proved("s");
  expect(recording).toMatchObject({ is_whole: true, has_ended: false, parts: [{ offset: 0, size: partSize }] });
});

test("what a killed gateway left is kept at the next start, without a gap, whatever its list says", async () => {
  await record("s", "a".repeat(partSize + 10));
  const list = join(lists, "s.parts");
  const [, first = ""] = readFileSync(list, "utf8").split("\n");
  for (const left of [`${first}\n`, `${first}\n{"offs`, "", "[]\nnull\n"]) {
    writeFileSync(list, left);
    await keep().close();
    const recording = await proved("s");
    expect([recording.bytes.length, recording.is_whole, recording.has_ended]).toEqual([partSize + 10, true, true]);
  }
  rmSync(cast("s"));
  await record("another", "x");
  expect((await proved("s")).parts.map((part) => part.is_kept)).toEqual([false, false]);
});

test("when a recording goes, its blobs go, and nothing else; the log stays whole", async () => {
  await record("old", "same");
  await record("new", "same");
  rmSync(cast("old"));
  await record("another", "x");
  expect(existsSync(join(lists, "old.parts"))).toBe(false);
  expect(await proved("old")).toMatchObject({ is_whole: false, bytes: { length: 0 }, parts: [{ is_kept: false }] });
  expect(Buffer.from((await proved("new")).bytes).toString()).toBe("same");
  await audit.checkpoint();
  expect(await verifyAuditLog(audit.path)).toMatchObject({ ok: true });
});

test("a list that names no digests erases nothing", async () => {
  const list = `${JSON.stringify({ offset: 0, sha256: "../key" })}\n{"offset":0,"sha256":""}\n`;
  writeFileSync(join(lists, "gone.parts"), list);
  const places = [join(audit.path, "key"), join(audit.path, "blobs")];
  await record("s", "x");
  expect(places.map((path) => existsSync(path))).toEqual([true, true]);
});

test("a blob that was changed is missing, and what comes behind it is not passed off as the recording", async () => {
  await record("s", `${"a".repeat(partSize)}${"b".repeat(partSize)}c`);
  const digest = (await eventsOf("s"))[1]?.detail.sha256;
  appendFileSync(join(audit.path, "blobs", digest.slice(0, 2), digest), "x");
  expect(readBlob(audit.path, digest)).toBeNull();
  expect(await proved("s")).toMatchObject({ is_whole: false, bytes: { length: partSize } });
});

test("while the log cannot be written nothing is lost, and it is said once", async () => {
  const lines: string[] = [];
  const closed = {
    ...audit,
    append: () => {
      throw new AuditUnavailable("full");
    },
  };
  const keeper = keepRecordings({ audit: closed, folder, log: (line) => lines.push(line) });
  keeper.begun("s");
  writeFileSync(cast("s"), "kept later");
  keeper.ended("s");
  await keeper.close();
  expect(lines).toEqual(["recordings are not in the audit log, which is tried again: full"]);
  await keep().close();
  expect(Buffer.from((await proved("s")).bytes).toString()).toBe("kept later");
});

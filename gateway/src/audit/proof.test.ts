import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAuditLog } from "./log.js";
import { checkProof, proofLengthMax, writeProof } from "./proof.js";

let state: string;
let folder: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "hpl-proof-"));
  folder = join(state, "audit");
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

async function writeLog(words: readonly string[], from = state): Promise<void> {
  const log = await openAuditLog(from);
  for (const what of words) log.append({ kind: "session.noted", detail: { session: "s", what } });
  await log.close();
}

test("a proof is checked without the log, and one with any other byte is none", async () => {
  await writeLog(["a", "b", "c", "d", "e"]);
  const key = readFileSync(join(folder, "key"), "utf8").trim();
  const proof = await writeProof(folder, 3);
  if (!proof.ok) throw new Error(proof.reason);
  rmSync(folder, { recursive: true });
  for (const given of [undefined, key]) {
    const check = checkProof(proof.text, given);
    expect(check).toMatchObject({ ok: true, index: 3, size: 5, key, line: expect.stringContaining('"what":"d"') });
  }
  const other = mkdtempSync(join(tmpdir(), "hpl-other-"));
  await writeLog(["x"], other);
  expect(checkProof(proof.text, readFileSync(join(other, "audit", "key"), "utf8"))).toMatchObject({ ok: false });
  rmSync(other, { recursive: true });
  const bytes = Buffer.from(proof.text);
  for (let at = 0; at < bytes.length; at++) {
    const text = bytes.with(at, (bytes[at] ?? 0) ^ 1).toString();
    if (checkProof(text, key).ok) expect([at, text]).toEqual([]);
  }
  expect(checkProof(`${proof.text}x`, key).ok).toBe(false);
});

test("there is no proof of a line that no checkpoint covers", async () => {
  await writeLog(["a"]);
  expect(await writeProof(folder, 0)).toMatchObject({ ok: true });
  expect(await writeProof(folder, 1)).toMatchObject({ ok: false });
});

test("a proof has a largest length", async () => {
  await writeLog(["a"]);
  const proof = await writeProof(folder, 0);
  const text = proof.ok ? proof.text : "";
  expect(checkProof(text.padEnd(proofLengthMax + 1, "x"))).toEqual({
    ok: false,
    reason: "the file is too large for a proof",
  });
  expect(checkProof(text.padEnd(proofLengthMax, "x"))).toMatchObject({
    ok: false,
    reason: expect.stringContaining("signed"),
  });
});

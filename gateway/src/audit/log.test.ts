/** The log on a real file system: what tampering, crashes and full disks do to it. */
import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AuditUnavailable } from "../session/enforcement.js";
import { writeCheckpoint } from "./checkpoint.js";
import { firstPrev } from "./event.js";
import { writeLine } from "./line.js";
import { copyPath, openAuditLog } from "./log.js";
import { emptyTree, growTree, leafHash, rootOfEdge } from "./merkle.js";
import { checkProof, writeProof } from "./proof.js";
import { verifyAuditLog } from "./verify.js";

let state: string;
let folder: string;
let path: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "hpl-audit-"));
  folder = join(state, "audit");
  path = join(folder, "segments", "000000.jsonl");
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const noted = (what: string) => ({ kind: "session.noted", detail: { session: "s", what } }) as const;

async function writeLog(words: readonly string[], from = state): Promise<Buffer> {
  const log = await openAuditLog(from);
  for (const word of words) log.append(noted(word));
  await log.close();
  return readFileSync(join(from, "audit", "segments", "000000.jsonl"));
}

/** The lines of `bytes`, each with its line feed. */
function cut(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from) + 1;
    lines.push(bytes.subarray(from, end));
    from = end;
  }
  return lines;
}

async function faultIn(lines: readonly Uint8Array[]): Promise<number | null> {
  writeFileSync(path, Buffer.concat(lines));
  const check = await verifyAuditLog(folder);
  return check.ok ? null : check.fault.index;
}

/** Every file of the log, its path below the log's folder. */
const filesOf = (below = ""): readonly string[] =>
  readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(below, entry.name)) : [join(below, entry.name)],
  );

test("a changed byte is found, at its line", async () => {
  const bytes = await writeLog(["a", "b", "\u{1f600}", "", "e"]);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (where, change) => {
      const at = where % bytes.length;
      const line = bytes.subarray(0, at).filter((byte) => byte === 10).length;
      expect(await faultIn([bytes.with(at, (bytes[at] ?? 0) ^ change)])).toBe(line);
    }),
    { numRuns: 200 },
  );
});

test("every bit of every file of a small log counts", async () => {
  await writeLog(["a", "b"]);
  for (const file of filesOf()) {
    const bytes = readFileSync(join(folder, file));
    for (let at = 0; at < bytes.length; at++) {
      writeFileSync(join(folder, file), bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8))));
      const check = await verifyAuditLog(folder);
      // What surrounds the text of the key says nothing.
      const isSpace = file === "key" && at === bytes.length - 1;
      if (check.ok && !isSpace) expect([file, at]).toEqual([]);
    }
    writeFileSync(join(folder, file), bytes);
  }
  expect((await verifyAuditLog(folder)).ok).toBe(true);
});

test("a removed, repeated, added or moved line is found where it is missing or too much", async () => {
  const lines = cut(await writeLog(["a", "b", "c", "d", "e"]));
  expect(await faultIn(lines)).toBe(null);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), async (one, other) => {
      const [i, k] = [one % lines.length, other % lines.length];
      const line = lines[i] ?? Buffer.alloc(0);
      expect(await faultIn(lines.toSpliced(i, 1))).toBe(i);
      expect(await faultIn(lines.toSpliced(k, 0, line))).toBe(i === k ? i + 1 : Math.min(k, lines.length));
      expect(await faultIn(lines.toSpliced(k, 0, Buffer.from("{}\n")))).toBe(k);
      expect(await faultIn(lines.toSpliced(k, 0, Buffer.from("\n")))).toBe(k);
      if (i !== k) expect(await faultIn(lines.toSpliced(i, 1).toSpliced(k, 0, line))).toBe(Math.min(i, k));
    }),
    { numRuns: 40 },
  );
});

test("what is cut off at the end is found by the checkpoint", async () => {
  const lines = cut(await writeLog(["a", "b", "c"]));
  expect(await faultIn(lines.slice(0, 2))).toBe(2);
  expect(await faultIn([])).toBe(0);
  expect(await faultIn([...lines.slice(0, 2), Buffer.from("{")])).toBe(2);
});

/** Somebody who can write every file, and computes all hashes anew, but has no key. */
async function rewrite(words: readonly string[]): Promise<void> {
  let prev = firstPrev;
  const tree = growTree(emptyTree, () => {});
  const lines = words.map((word, index) => {
    const line = writeLine({ index, prev }, new Date(0), noted(word));
    prev = line.hash;
    tree.push(leafHash(line.bytes.subarray(0, -1)));
    return line.bytes;
  });
  writeFileSync(path, Buffer.concat(lines));
  const { tiles } = tree.edge();
  for (const file of filesOf("tile")) rmSync(join(folder, file));
  writeFileSync(join(folder, "tile", "0", "000.p", String(words.length)), Buffer.concat(tiles[0] ?? []));
}

test("a log that was written anew, hashes and tiles and all, is found by its signature", async () => {
  await writeLog(["a", "b", "c"]);
  await rewrite(["a", "x", "c"]);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: false, fault: { reason: expect.stringMatching("signed") } });
  await expect(openAuditLog(state)).rejects.toThrow(/signed/);
});

test("with another key it may look whole, but not to who knows the key, nor beside a checkpoint noted elsewhere", async () => {
  await writeLog(["a", "b", "c"]);
  const key = readFileSync(join(folder, "key"), "utf8").trim();
  const note = readFileSync(join(folder, "checkpoint"), "utf8");
  rmSync(state, { recursive: true });
  (await openAuditLog(mkdirState())).close();
  await writeLog(["a", "x", "c"]);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: true });
  expect(await verifyAuditLog(folder, { key })).toMatchObject({ ok: false });
  expect(await verifyAuditLog(folder, { checkpoints: [note] })).toMatchObject({ ok: false });
});

function mkdirState(): string {
  state = mkdtempSync(join(tmpdir(), "hpl-audit-"));
  folder = join(state, "audit");
  path = join(folder, "segments", "000000.jsonl");
  return state;
}

test("a checkpoint noted on the way says where a log was written anew", async () => {
  const log = await openAuditLog(state);
  for (const word of ["a", "b", "c"]) log.append(noted(word));
  const { note, size } = await log.checkpoint();
  log.append({ kind: "audit.checkpoint", detail: { size, note } });
  for (const word of ["d", "e"]) log.append(noted(word));
  await log.close();
  const lines = cut(readFileSync(path));
  // Line 4 and what follows are written anew by somebody without the key; lines 0 to 3 stay.
  const prev = JSON.parse((lines[3] ?? "").toString()).hash;
  const changed = writeLine({ index: 4, prev }, new Date(0), noted("x"));
  const last = writeLine({ index: 5, prev: changed.hash }, new Date(0), noted("e"));
  writeFileSync(path, Buffer.concat([...lines.slice(0, 4), changed.bytes, last.bytes]));
  const leaves = [...lines.slice(0, 4), changed.bytes, last.bytes].map((line) => leafHash(line.subarray(0, -1)));
  writeFileSync(join(folder, "tile", "0", "000.p", "6"), Buffer.concat(leaves));
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: false, fault: { index: 3 } });
});

test("the whole log put back to an older state is refused, and found by a newer checkpoint", async () => {
  await writeLog(["a", "b"]);
  const older = mkdtempSync(join(tmpdir(), "hpl-older-"));
  cpSync(folder, older, { recursive: true });
  await writeLog(["c"]);
  const newer = readFileSync(copyPath(state), "utf8");
  rmSync(folder, { recursive: true });
  renameSync(older, folder);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: true });
  expect(await verifyAuditLog(folder, { checkpoints: [newer] })).toMatchObject({ ok: false, fault: { index: 2 } });
  await expect(openAuditLog(state)).rejects.toThrow("3 lines were signed");
});

test("a log put together from two of its states passes only with the lines of the newer", async () => {
  await writeLog(["a", "b"]);
  const older = mkdtempSync(join(tmpdir(), "hpl-older-"));
  cpSync(folder, older, { recursive: true });
  await writeLog(["c"]);
  const newer = mkdtempSync(join(tmpdir(), "hpl-newer-"));
  cpSync(folder, newer, { recursive: true });
  const note = readFileSync(join(newer, "checkpoint"), "utf8");
  const lines = readFileSync(path, "utf8");
  const files = filesOf();
  const source = fc.constantFrom(older, newer, null);
  await fc.assert(
    fc.asyncProperty(fc.array(source, { minLength: files.length, maxLength: files.length }), async (from) => {
      files.forEach((file, i) => {
        rmSync(join(folder, file), { force: true });
        const place = from[i] ?? null;
        if (place !== null && existsSync(join(place, file))) cpSync(join(place, file), join(folder, file));
      });
      const [alone, beside] = [await verifyAuditLog(folder), await verifyAuditLog(folder, { checkpoints: [note] })];
      if (beside.ok) expect([alone.ok, readFileSync(path, "utf8")]).toEqual([true, lines]);
    }),
    { numRuns: 80 },
  );
  for (const each of [older, newer]) rmSync(each, { recursive: true });
});

test("a checkpoint put back to an older one does not hide lines written anew behind it, when a newer one was noted", async () => {
  const log = await openAuditLog(state);
  log.append(noted("a"));
  const old = await log.checkpoint();
  const tile = readFileSync(join(folder, "tile", "0", "000.p", "1"));
  log.append(noted("b"));
  const { size, note } = await log.checkpoint();
  log.append({ kind: "audit.checkpoint", detail: { size, note } });
  await log.close();
  const lines = cut(readFileSync(path));
  const changed = writeLine({ index: 1, prev: JSON.parse((lines[0] ?? "").toString()).hash }, new Date(0), noted("x"));
  const kept = JSON.parse((lines[2] ?? "").toString());
  const last = writeLine({ index: 2, prev: changed.hash }, new Date(0), { kind: kept.kind, detail: kept.detail });
  writeFileSync(path, Buffer.concat([lines[0] ?? Buffer.alloc(0), changed.bytes, last.bytes]));
  writeFileSync(join(folder, "checkpoint"), old.note);
  writeFileSync(join(folder, "tile", "0", "000.p", "1"), tile);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: false, fault: { index: 1 } });
});

test.each([
  ["its key", () => rmSync(join(state, "keys"), { recursive: true }), "is gone"],
  ["its checkpoint", () => rmSync(join(folder, "checkpoint")), "its checkpoint is gone"],
  ["its lines", () => rmSync(join(folder, "segments"), { recursive: true }), "2 lines were signed"],
  ["the log", () => rmSync(folder, { recursive: true }), "2 lines were signed"],
])("a log is not begun anew when %s is missing", async (_what, remove, message) => {
  await writeLog(["a", "b"]);
  remove();
  await expect(openAuditLog(state)).rejects.toThrow(message);
});

test("a line that a crash cut off is taken away, and the log says so; the chain goes on", async () => {
  await writeLog(["a", "b"]);
  appendFileSync(path, '{"index":2,"ti');
  const log = await openAuditLog(state);
  expect(log.append(noted("after"))).toBe(3);
  await log.close();
  await writeLog(["again"]);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: true, lines_count: 5, signed_count: 5 });
  const recovered = JSON.parse(readFileSync(path, "utf8").split("\n")[2] ?? "");
  expect(recovered).toMatchObject({ kind: "audit.recovered", detail: { torn_bytes: 14, refused_events: 0 } });
});

test("whole lines that a killed gateway left are kept, tiles or not", async () => {
  await writeLog(["a", "b"]);
  const [last = ""] = readFileSync(path, "utf8").trimEnd().split("\n").slice(-1);
  const line = writeLine({ index: 2, prev: JSON.parse(last).hash }, new Date(), noted("c"));
  appendFileSync(path, line.bytes);
  rmSync(join(folder, "tile"), { recursive: true });
  await writeLog(["d"]);
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: true, lines_count: 4 });
});

test("a log that was changed is not gone on with, and keeps no file open", async () => {
  const lines = cut(await writeLog(["a", "b"]));
  const changed = Buffer.from((lines[0] ?? "").toString().replace('"a"', '"x"'));
  writeFileSync(path, Buffer.concat([changed, ...lines.slice(1)]));
  await expect(openAuditLog(state)).rejects.toThrow(/line 1: the line was changed/);
});

test("a closed log takes nothing: its file number may be another file by then", async () => {
  const log = await openAuditLog(state);
  await log.close();
  await log.close();
  expect(() => log.append(noted("late"))).toThrow("the audit log is closed");
  expect(readFileSync(path, "utf8")).toBe("");
});

test("a checkpoint says its size and root, signed by the key whose text is beside it", async () => {
  const log = await openAuditLog(state);
  log.append(noted("a"));
  const signed = await log.checkpoint();
  const note = readFileSync(join(folder, "checkpoint"), "utf8");
  expect(signed).toMatchObject({ size: 1, note });
  expect(note).toBe(writeCheckpoint(signed, log.keys.signing, log.verifier));
  const tree = growTree(emptyTree, () => {});
  tree.push(leafHash(Buffer.from(readFileSync(path, "utf8").trimEnd())));
  expect(Buffer.from(signed.root)).toEqual(Buffer.from(rootOfEdge(tree.edge())));
  expect(readFileSync(copyPath(state), "utf8")).toBe(note);
  await log.close();
  for (const file of ["audit/checkpoint", "audit/key", "keys/audit-log.pem", "keys/digests.key", "last-checkpoint"])
    expect([file, statSync(join(state, file)).mode & 0o777]).toEqual([file, 0o600]);
});

test("a log of more than one segment goes on where it ended, and only its last segment is read again", async () => {
  // Ended exactly where a segment does, and in the middle of the next.
  for (const count of [65_536, 300]) {
    const log = await openAuditLog(state);
    for (let i = 0; i < count; i++) log.append(noted("n"));
    await log.close();
  }
  expect(existsSync(join(folder, "segments", "000001.jsonl"))).toBe(true);
  const again = await openAuditLog(state);
  expect(again.append(noted("next"))).toBe(65_836);
  await again.close();
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: true, lines_count: 65_837 });
  for (const index of [0, 65_535, 65_536, 65_836]) {
    const proof = await writeProof(folder, index);
    expect(proof.ok && checkProof(proof.text)).toMatchObject({ ok: true, index });
  }
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(100, (bytes[100] ?? 0) ^ 1));
  expect(await verifyAuditLog(folder)).toMatchObject({ ok: false, fault: { index: 0 } });
});

test("a process that is killed has lost nothing that was acknowledged", async () => {
  const script = `
    import { openAuditLog } from ${JSON.stringify(new URL("../../dist/audit/log.js", import.meta.url).href)};
    const log = await openAuditLog(${JSON.stringify(state)});
    const next = () => {
      for (let i = 0; i < 20; i++)
        process.stdout.write(log.append({ kind: "session.noted", detail: { session: "s", what: "w" } }, { durable: i === 7 }) + "\\n");
      setImmediate(next);
    };
    next();`;
  for (const after of [1, 400, 2_500]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let [acknowledged, told] = [-1, ""];
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        told += chunk.toString();
        const lines = told.split("\n");
        acknowledged = Number(lines.at(-2) ?? -1);
        if (lines.length > after) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    const log = await openAuditLog(state);
    expect(log.size()).toBeGreaterThan(acknowledged);
    await log.close();
    expect(await verifyAuditLog(folder)).toMatchObject({ ok: true });
  }
});

/** What makes writing fail, and what makes it possible again. */
interface Full {
  readonly fill: () => void;
  readonly free: () => void;
}

/** A limit on the size of files, which fails a write in the middle (EFBIG); null where `prlimit` does not run. */
function limitFiles(): Full | null {
  const set = (limit: string): void => {
    execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${limit}:`], { stdio: "ignore" });
  };
  try {
    set("unlimited");
  } catch {
    return null;
  }
  return { fill: () => set(String(statSync(path).size + 100)), free: () => set("unlimited") };
}

/** A file system of 128 KiB with a file that fills it (ENOSPC); null for those who may not mount. */
function smallDisk(): Full | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", state], { stdio: "ignore" });
  } catch {
    return null;
  }
  const ballast = join(state, "ballast");
  const fill = (): void => {
    const file = openSync(ballast, "a");
    try {
      for (;;) writeSync(file, Buffer.alloc(512));
    } catch {
      closeSync(file);
    }
  };
  return { fill, free: () => rmSync(ballast) };
}

test.each([
  ["a limit on file sizes", limitFiles, () => {}],
  ["a full disk", smallDisk, () => execFileSync("umount", ["-l", state])],
])("%s: the log refuses, stays whole, and goes on by itself", async (name, prepare, clean) => {
  const full = prepare();
  if (full === null) return void process.stderr.write(`not run here: ${name}\n`);
  try {
    const log = await openAuditLog(state);
    log.append(noted("first"));
    full.fill();
    // Far longer than what room is left: the first is written in part, the others not at all.
    const attempts = [1, 2, 3].map(() => () => log.append(noted("x".repeat(9_000)), { durable: true }));
    for (const attempt of attempts) expect(attempt).toThrow(AuditUnavailable);
    expect(await verifyAuditLog(folder)).toMatchObject({ ok: true });
    full.free();
    log.append(noted("last"), { durable: true });
    await log.close();
    expect(await verifyAuditLog(folder)).toMatchObject({ ok: true });
    // A short line that says what was refused may still have found room.
    const refused = [...readFileSync(path, "utf8").matchAll(/"refused_events":(\d+)/g)].map(([, count]) =>
      Number(count),
    );
    expect(refused.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(readFileSync(path, "utf8")).toContain('"what":"last"');
  } finally {
    if (name === "a limit on file sizes") full.free();
    clean();
  }
});

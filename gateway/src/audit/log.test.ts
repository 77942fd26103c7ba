import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
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
import { openAuditLog } from "./log.js";
import { verifyAuditLog } from "./verify.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-audit-"));
  path = join(folder, "audit.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const noted = (what: string) => ({ kind: "session.noted", detail: { session: "s", what } }) as const;

async function writeLog(words: readonly string[]): Promise<Buffer> {
  rmSync(path, { force: true });
  const log = await openAuditLog(folder);
  for (const word of words) log.append(noted(word));
  log.close();
  return readFileSync(path);
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
  const check = await verifyAuditLog(path);
  return check.ok ? null : check.fault.index;
}

const words = fc.array(fc.string({ unit: "binary", maxLength: 8 }), { minLength: 2, maxLength: 6 });

test("a changed byte is found, at its line", async () => {
  await fc.assert(
    fc.asyncProperty(words, fc.nat(), fc.integer({ min: 1, max: 255 }), async (texts, where, change) => {
      const bytes = await writeLog(texts);
      const at = where % bytes.length;
      const line = bytes.subarray(0, at).filter((byte) => byte === 10).length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(await faultIn([bytes])).toBe(line);
    }),
  );
});

test("every bit of a small log counts", async () => {
  const bytes = await writeLog(["a", "b"]);
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << bit);
      expect(await faultIn([copy])).toBe(at < bytes.indexOf(10) + 1 ? 0 : 1);
    }
  }
});

test("a removed, repeated, added or moved line is found where it is missing or too much", async () => {
  await fc.assert(
    fc.asyncProperty(words, fc.nat(), fc.nat(), async (texts, one, other) => {
      const lines = cut(await writeLog(texts));
      const [i, k] = [one % lines.length, other % lines.length];
      const line = lines[i] ?? Buffer.alloc(0);
      expect(await faultIn(lines)).toBe(null);
      if (i < lines.length - 1) expect(await faultIn(lines.toSpliced(i, 1))).toBe(i);
      expect(await faultIn(lines.toSpliced(k, 0, line))).toBe(i === k ? i + 1 : Math.min(k, lines.length));
      expect(await faultIn(lines.toSpliced(k, 0, Buffer.from("{}\n")))).toBe(k);
      expect(await faultIn(lines.toSpliced(k, 0, Buffer.from("\n")))).toBe(k);
      if (i !== k) expect(await faultIn(lines.toSpliced(i, 1).toSpliced(k, 0, line))).toBe(Math.min(i, k));
    }),
  );
});

test("what is cut off at the end is found only by the last hash", async () => {
  const lines = cut(await writeLog(["a", "b", "c"]));
  const whole = await verifyAuditLog(path);
  expect(await faultIn(lines.slice(0, 2))).toBe(null);
  expect(await verifyAuditLog(path)).not.toEqual(whole);
  expect(await faultIn([...lines.slice(0, 2), Buffer.from("{")])).toBe(2);
});

test("a line that a crash cut off is taken away, and the log says so; the chain goes on", async () => {
  await writeLog(["a", "b"]);
  appendFileSync(path, '{"index":2,"ti');
  const log = await openAuditLog(folder);
  expect(log.append(noted("after"))).toBe(3);
  log.close();
  const again = await openAuditLog(folder);
  again.append(noted("again"));
  again.close();
  expect(await verifyAuditLog(path)).toMatchObject({ ok: true, lines_count: 5 });
  const recovered = JSON.parse(readFileSync(path, "utf8").split("\n")[2] ?? "");
  expect(recovered).toMatchObject({ kind: "audit.recovered", detail: { torn_bytes: 14, refused_events: 0 } });
});

test("a log that was changed is not gone on with, and keeps no file open", async () => {
  const lines = cut(await writeLog(["a", "b"]));
  writeFileSync(
    path,
    Buffer.concat([Buffer.from((lines[0] ?? "").toString().replace('"a"', '"x"')), ...lines.slice(1)]),
  );
  await expect(openAuditLog(folder)).rejects.toThrow(/line 1: the line was changed/);
});

test("a closed log takes nothing: its file number may be another file by then", async () => {
  const log = await openAuditLog(folder);
  log.close();
  log.close();
  expect(() => log.append(noted("late"))).toThrow("the audit log is closed");
  expect(readFileSync(path, "utf8")).toBe("");
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

/** A file system of 16 KiB with a file that fills it (ENOSPC); null for those who may not mount. */
function smallDisk(): Full | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return null;
  }
  const ballast = join(folder, "ballast");
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
  ["a full disk", smallDisk, () => execFileSync("umount", ["-l", folder])],
])("%s: the log refuses, stays whole, and goes on by itself", async (name, prepare, clean) => {
  const full = prepare();
  if (full === null) return void process.stderr.write(`not run here: ${name}\n`);
  try {
    const log = await openAuditLog(folder);
    log.append(noted("first"));
    full.fill();
    // Far longer than what room is left: the first is written in part, the others not at all.
    const attempts = [1, 2, 3].map(() => () => log.append(noted("x".repeat(9_000)), { durable: true }));
    for (const attempt of attempts) expect(attempt).toThrow(AuditUnavailable);
    expect(await verifyAuditLog(path)).toMatchObject({ ok: true });
    full.free();
    log.append(noted("last"), { durable: true });
    log.close();
    expect(await verifyAuditLog(path)).toMatchObject({ ok: true });
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

/**
 * The audit log under faults that the system injects: killed, or refused, at the nth call of each kind that writes it. After
 * each the log must open again, be whole, and have every line that was acknowledged. Runs where `strace` may trace.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAuditLog } from "../src/audit/log.js";
import { verifyAuditLog } from "../src/audit/verify.js";

const logModule = new URL("../dist/audit/log.js", import.meta.url).href;

/** Appends lines, now and then durable ones and checkpoints; tells each that was taken, and goes on after each that was not. */
const script = (state: string): string => `
  import { writeSync } from "node:fs";
  import { openAuditLog } from ${JSON.stringify(logModule)};
  const log = await openAuditLog(${JSON.stringify(state)});
  for (let i = 0; i < 24; i++) {
    try {
      const index = log.append({ kind: "session.noted", detail: { session: "s", what: "w" + i } }, { durable: i % 4 === 3 });
      writeSync(1, "taken " + index + "\\n");
    } catch {}
    if (i % 8 === 7) await log.checkpoint().catch(() => {});
  }
  await log.close();
  writeSync(1, "end\\n");`;

function canTrace(): boolean {
  try {
    execFileSync("strace", ["-f", "-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const calls = ["pwrite64", "fdatasync", "fsync", "rename", "ftruncate"] as const;
const faults = ["signal=KILL", "error=EIO", "error=ENOSPC"] as const;
/** The whole matrix takes a minute. */
const whens = !process.env.LONG ? [2] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const matrix = calls.flatMap((call) => faults.flatMap((fault) => whens.map((when) => [call, fault, when] as const)));

test.each(matrix)("%s: %s at call %i", async (call, fault, when) => {
  if (!canTrace()) return void process.stderr.write("not run here: strace\n");
  const state = mkdtempSync(join(tmpdir(), "hpl-crash-"));
  try {
    await (await openAuditLog(state)).close();
    // Calls are counted by thread: one thread of the pool makes them one count.
    const traced = spawnSync(
      "strace",
      [
        "-f",
        "-o",
        "/dev/null",
        "-e",
        `trace=${call}`,
        "-e",
        `inject=${call}:${fault}:when=${when}`,
        process.execPath,
        "--input-type=module",
        "-e",
        script(state),
      ],
      { env: { ...process.env, UV_THREADPOOL_SIZE: "1" }, encoding: "utf8", timeout: 20_000 },
    );
    const taken = [...traced.stdout.matchAll(/taken (\d+)/g)].map(([, index]) => Number(index));
    const log = await openAuditLog(state);
    expect(log.size()).toBeGreaterThan(taken.at(-1) ?? -1);
    await log.close();
    expect(await verifyAuditLog(log.path)).toMatchObject({ ok: true });
    // A call that is refused once does not end the log: what comes after is taken again.
    const isSurvivor = fault !== "signal=KILL" && traced.stdout.includes("taken");
    if (isSurvivor)
      expect([traced.stdout.endsWith("end\n"), taken.length]).toEqual([true, expect.toSatisfy((n) => n >= 20)]);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});

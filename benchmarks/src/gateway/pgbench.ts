import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { quantile } from "../meter.js";
import type { Endpoint } from "./database.js";

/** Whether a program stands on the path. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface Latency {
  readonly p50_us: number;
  readonly p99_us: number;
}

const script = "\\set id random(1, 100)\nSELECT name FROM people WHERE id = :id;\n";

/** A run that takes longer has stopped: thousands of round trips take seconds. */
const timeout_ms = 60_000;

/**
 * One client of PostgreSQL's own load generator, written in C, asking by key `count` times. Rejects when a query fails. This
 * process stays free meanwhile, for the gateway may run in it.
 */
export async function runPgbench(endpoint: Endpoint, mode: "simple" | "prepared", count: number): Promise<Latency> {
  const folder = mkdtempSync(join(tmpdir(), "hpl-bench-pgbench-"));
  try {
    writeFileSync(join(folder, "by-key.sql"), script);
    const { host, port, user, password, database } = endpoint;
    const where = ["-h", host, "-p", String(port), "-U", user, database];
    const what = ["-n", "-M", mode, "-t", String(count), "-f", "by-key.sql", "-l", "--log-prefix=latency"];
    const env = { ...process.env, PGPASSWORD: password };
    await promisify(execFile)("pgbench", [...what, ...where], { cwd: folder, env, timeout: timeout_ms });
    const samples = readdirSync(folder)
      .filter((name) => name.startsWith("latency"))
      .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
      .map((line) => Number(line.split(" ")[2]));
    if (samples.length !== count) throw new Error(`pgbench ran ${samples.length} of ${count} transactions`);
    return { p50_us: quantile(samples, 0.5), p99_us: quantile(samples, 0.99) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

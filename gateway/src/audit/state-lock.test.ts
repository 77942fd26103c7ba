import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockState } from "./state-lock.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-lock-"));
  path = join(folder, "gateway.pid");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The process id of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("a folder has one gateway at a time", () => {
  const lock = lockState(folder);
  expect(() => lockState(folder)).toThrow(`in use by another gateway (process ${process.pid})`);
  lock.release();
  expect(existsSync(path)).toBe(false);
  lockState(folder).release();
});

test("another living process is respected", () => {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  writeFileSync(path, `${child.pid} ${start} x\n`);
  expect(() => lockState(folder)).toThrow(`process ${child.pid}`);
  child.kill();
});

test.each([
  ["whose process is gone", () => `${deadPid()} 1 x\n`],
  ["whose process id was given to another process", () => `${process.ppid} 1 x\n`],
  ["whose process id is our own, from an earlier start", () => `${process.pid} 1 x\n`],
  ["that is empty", () => ""],
  ["that is not a lock", () => "\0\xff -1"],
])("a lock %s is taken over", (_name, content) => {
  writeFileSync(path, content());
  const lock = lockState(folder);
  expect(readFileSync(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
  expect(readdirSync(folder)).toEqual(["gateway.pid"]);
  lock.release();
});

test("a lock that somebody else has by now is not released", () => {
  const lock = lockState(folder);
  writeFileSync(path, "1 2 other\n");
  lock.release();
  expect(existsSync(path)).toBe(true);
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-opa-"));
const run = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, ...args], { cwd: folder, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
};

beforeAll(() => expect(run("init", ".").code).toBe(0));
afterAll(() => rmSync(folder, { recursive: true }));

test("a module for hosts of OPA is built beside a native one, and says how large it is", () => {
  expect(run("build", ".", "-o", "policy.wasm", "--target", "opa", "--stats")).toMatchObject({
    code: 0,
    err: expect.stringMatching(
      /^policy\.wasm: \d+ bytes, .* for opa, \d+ ms\n {2}variables: .*\n {2}nodes of conditions: \d+\n {2}rules asked once: 6 in .*\n$/,
    ),
  });
  const module = new WebAssembly.Module(readFileSync(join(folder, "policy.wasm")));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain("opa_eval");
});

test("where a native module is wanted, it is refused with what to do", () => {
  expect(run("eval", "policy.wasm", "--sql", "SELECT 1")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(/HPL7002.*--target native/),
  });
});

test("a target that does not exist is named with those that do", () => {
  expect(run("build", ".", "-o", "x.wasm", "--target", "java")).toMatchObject({
    code: 2,
    err: expect.stringContaining("native or opa"),
  });
});

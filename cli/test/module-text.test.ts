import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./run-main.js";

const folder = mkdtempSync(join(tmpdir(), "hpl-module-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

const policy = join(folder, "policy.hpl");
const withText = join(folder, "with.wasm");
const without = join(folder, "without.wasm");
const text = `policy shop governs sql
use std.sql
default block
allow "reads" when sql.only_reads # and nothing else
`;

beforeAll(async () => {
  writeFileSync(policy, text);
  expect(await run("build", policy, "-o", withText)).toMatchObject({ code: 0 });
  expect(await run("build", policy, "--no-text", "-o", without)).toMatchObject({ code: 0 });
});

const asked = ["--sql", "DROP TABLE users", "--connection", '{"name":"o","kind":"postgres","env":"prod"}'];

test("a module explains a decision as its folder does", async () => {
  const [ofModule, ofFolder] = [await run("why", withText, ...asked), await run("why", policy, ...asked)];
  expect(ofModule).toEqual(ofFolder);
  expect(ofModule.out).toContain("allow shop/reads: false");
});

test("a module without its text says what to do", async () => {
  const { code, err } = await run("why", without, ...asked);
  expect(code).toBe(2);
  expect(err).toContain("holds no text of its policy: name the folder it was built from");
});

test("inspect shows the text of the policy, and not that of libraries", async () => {
  const { code, out } = await run("inspect", "--text", withText);
  expect(code).toBe(0);
  expect(out.split("\n").slice(1, 6).join("\n")).toBe(text);
  expect(out).not.toContain("std/");
  expect(await run("inspect", "--text", without)).toMatchObject({ code: 2 });
});

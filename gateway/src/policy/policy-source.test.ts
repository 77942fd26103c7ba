import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ReloadResult } from "./in-force.js";
import { type FilePolicySource, openPolicySource } from "./policy-source.js";

let folder: string;
let path: string;
let source: FilePolicySource | null = null;
let results: ReloadResult[];
let recordFails: boolean;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-policy-"));
  path = join(folder, "policy.hpl");
  results = [];
  recordFails = false;
});
afterEach(() => {
  source?.close();
  rmSync(folder, { recursive: true, force: true });
});

const policy = (name: string): string => `policy ${name} governs sql\ndefault block\n`;
const other = (name: string): string => `policy ${name} governs sql\ndefault allow\n`;

function open(at = path): FilePolicySource {
  source = openPolicySource({
    path: at,
    compile: compileForGateway,
    keys: new Set(["pii-2026"]),
    onReload: (result) => {
      if (recordFails) throw new Error("the audit log cannot be written");
      results.push(result);
    },
  });
  return source;
}
const digest = (): string | null => {
  const inForce = source?.current();
  return inForce?.kind === "loaded" ? inForce.policy.digest : null;
};

async function until(ready: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !ready(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ready()).toBe(true);
}

test("a policy with errors, or none, never replaces a good one", () => {
  writeFileSync(path, policy("a"));
  const { reload, current } = open();
  const before = current();
  for (const text of ["policy", policy("a").slice(0, -3), `${policy("a")}block "x" {`]) {
    writeFileSync(path, text);
    expect(reload().ok).toBe(false);
    expect(current()).toBe(before);
  }
  rmSync(path);
  expect(reload()).toMatchObject({ ok: false, reason: "the policy is missing" });
  expect(current()).toBe(before);
  writeFileSync(path, other("a"));
  expect(reload()).toMatchObject({ ok: true, isNew: true });
});

test.each([
  ["missing", null, "the policy is missing"],
  ["wrong", "policy", "the policy has errors"],
])("a policy that is %s at the start is none, with a reason that quotes nothing", (_name, text, reason) => {
  if (text !== null) writeFileSync(path, text);
  expect(open().current()).toEqual({ kind: "none", reason });
});

test("a module that is none", () => {
  const module = join(folder, "policy.wasm");
  writeFileSync(module, "no module");
  expect(open(module).current()).toMatchObject({ kind: "none" });
});

test("a policy that could not be written down does not count, and is tried again", async () => {
  writeFileSync(path, policy("a"));
  open();
  const before = digest();
  recordFails = true;
  writeFileSync(path, other("a"));
  expect(source?.reload().ok).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(digest()).toBe(before);
  recordFails = false;
  await until(() => digest() !== before);
});

/** Ways in which a policy comes to be another one, each with the path that the gateway follows. */
const changes: readonly (readonly [string, () => string, () => void])[] = [
  ["the file is written", () => path, () => writeFileSync(path, other("a"))],
  [
    "an editor replaces it by rename",
    () => path,
    () => {
      writeFileSync(`${path}~`, other("a"));
      renameSync(`${path}~`, path);
    },
  ],
  ["a file is added to the folder", () => folder, () => writeFileSync(join(folder, "b.hpl"), other("b"))],
  [
    "a folder is made anew",
    () => folder,
    () => {
      rmSync(folder, { recursive: true });
      mkdirSync(join(folder, "deep"), { recursive: true });
      writeFileSync(join(folder, "deep", "c.hpl"), other("c"));
    },
  ],
];
test.each(changes)("it is followed when %s, again and again", async (_name, at, change) => {
  writeFileSync(path, policy("a"));
  open(at());
  const before = digest();
  change();
  await until(() => digest() !== before);
  const after = digest();
  writeFileSync(path, policy("changed"));
  await until(() => digest() !== after);
});

test("a file that is written in steps is read when it is whole", async () => {
  writeFileSync(path, policy("a"));
  open();
  const [head, tail] = [other("a"), 'block "x" when statement.kind == drop\n'];
  writeFileSync(path, head);
  await new Promise((resolve) => setTimeout(resolve, 100));
  appendFileSync(path, tail);
  await until(() => results.length > 1);
  const followed = results.slice(1);
  const whole = source?.reload();
  expect(followed).toMatchObject([whole?.ok ? { ok: true, digest: whole.digest } : {}]);
});

test("a data file that the policy reads is followed, also when it comes later", async () => {
  writeFileSync(path, `${policy("a")}data people from "people.json"\nallow "x" when principal.id in people.oncall\n`);
  writeFileSync(join(folder, "people.schema.json"), '{"type": "object"}');
  open(folder);
  expect(results.at(-1)).toMatchObject({ ok: false });
  writeFileSync(join(folder, "people.json"), '{"oncall": ["ann"]}');
  await until(() => results.at(-1)?.ok === true);
  const before = digest();
  writeFileSync(join(folder, "people.json"), '{"oncall": ["ann", "bob"]}');
  await until(() => digest() !== before);
});

test("what is no part of a policy is not followed", async () => {
  writeFileSync(path, policy("a"));
  open(folder);
  writeFileSync(join(folder, "state.json"), "{}");
  mkdirSync(join(folder, ".git"));
  writeFileSync(join(folder, ".git", "x.hpl"), "policy");
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(results.length).toBe(1);
});

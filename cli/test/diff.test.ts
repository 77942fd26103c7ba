import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

const policyText = `policy prod.databases governs sql
default block
group engineers
group dba
label pii.email on column "**.email"
allow "reads" when statement.effects only {read} and principal in engineers
allow "changes" after approval from 2 of dba within 30m
  when statement.effects has write and statement.effects only {read, write} and principal in engineers
mask "emails" pii with redact
`;

/** The policy in a folder of its own, with words replaced. */
function policy(name: string, ...edits: readonly (readonly [string, string])[]): string {
  mkdirSync(join(folder, name), { recursive: true });
  const text = edits.reduce((edited, [from, to]) => edited.replace(from, to), policyText);
  writeFileSync(join(folder, name, "policy.hpl"), text);
  return join(folder, name);
}

function diff(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "diff", ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

const old = policy("old");

test("the same policy, written otherwise", () => {
  const now = policy("same", [
    "statement.effects only {read} and principal in engineers",
    "principal in engineers and statement.effects only {read}",
  ]);
  expect(diff(old, now)).toEqual({ code: 0, out: "no decision was found that changed\n", err: "" });
});

test.each([
  ["more people may read", ["{read} and principal in engineers", "{read}"], "weaker", "block", "allow"],
  [
    "reading asks first",
    ['allow "reads" when', 'allow "reads" after approval from dba within 5m when'],
    "stricter",
    "allow",
    "approve",
  ],
  ["one person is enough", ["2 of dba", "1 of dba"], "weaker", "approve", "approve"],
  ["more of an address is shown", ["with redact", "with partial(keep_domain)"], "weaker", "allow", "allow"],
] as const)("%s", (_what, edit, change, before, after) => {
  const now = policy(change + before, edit);
  const { code, out } = diff(old, now, "--format", "json");
  expect(code).toBe(1);
  const { regions, undecided } = JSON.parse(out);
  expect(undecided).toEqual([]);
  expect(regions[0]).toMatchObject({ change, before, after, text: expect.stringMatching(/^[A-Z]/) });
  expect(diff(old, now, "--no-weaker").code).toBe(change === "stricter" ? 0 : 1);
});

test("the request of a change is one that the command line decides so", () => {
  const now = policy("weak", ["{read} and principal in engineers", "{read}"]);
  const [region] = JSON.parse(diff(old, now, "--format", "json").out).regions;
  const file = join(folder, "request.json");
  writeFileSync(file, JSON.stringify(region.request));
  const verdictOf = (path: string) => {
    const { stdout } = spawnSync(process.execPath, [bin, "eval", path, "--request", file], { encoding: "utf8" });
    return JSON.parse(stdout).verdict;
  };
  expect([verdictOf(old), verdictOf(now)]).toEqual(["block", "allow"]);
});

test("Markdown, for a pull request", () => {
  const { out } = diff(old, policy("md", ["{read} and principal in engineers", "{read}"]), "--format", "markdown");
  expect(out).toContain("| change | decision | for instance | as | rules |");
  expect(out).toContain("| weaker | block → allow | `SELECT");
});

test("a policy with errors is not compared", () => {
  const { code, err } = diff(old, policy("broken", ["default block", "default blok"]));
  expect(code).toBe(1);
  expect(err).toContain("error");
});

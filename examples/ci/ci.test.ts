import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The workflow's own steps, run as it runs them, in a clone of a repository. Of what needs a network, all but the network.

const here = fileURLToPath(new URL(".", import.meta.url));
const hpl = fileURLToPath(new URL("../../cli/bin/hpl.mjs", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "hpl-ci-"));
const repo = join(root, "clone");
afterAll(() => rmSync(root, { recursive: true }));

function run(program: string, words: readonly string[], cwd = repo, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", HPL: `${process.execPath} ${hpl}`, ...env },
  });
  return { code: status, out: stdout, err: stderr };
}

const git = (cwd: string, ...words: readonly string[]) =>
  run("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...words], cwd);

const step = (...words: readonly string[]) => run("sh", ["ci/steps.sh", ...words]);
const read = (path: string): string => readFileSync(join(repo, path), "utf8");

beforeAll(() => {
  const origin = join(root, "origin");
  mkdirSync(join(origin, "ci"), { recursive: true });
  mkdirSync(join(origin, "recorded"));
  cpSync(join(here, "policy"), join(origin, "policy"), { recursive: true });
  cpSync(join(here, "steps.sh"), join(origin, "ci", "steps.sh"));
  writeFileSync(join(origin, "recorded", "week.sql"), "SELECT id FROM orders;\nDROP TABLE orders;\n");
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    ["commit", "-q", "-m", "policy"],
  ])
    git(origin, ...words);
  git(root, "clone", "-q", origin, repo);
});

const policyFile = "policy/policy.hpl";

/** Runs `body` with the policy as `change` makes it, and puts it back. */
function withPolicy(change: (text: string) => string, body: () => void): void {
  const text = read(policyFile);
  writeFileSync(join(repo, policyFile), change(text));
  body();
  writeFileSync(join(repo, policyFile), text);
}

const workflow = readFileSync(join(here, "github", "workflow.yml"), "utf8");

test("every step of the workflow passes on the policy as it is", () => {
  const steps = [...workflow.matchAll(/run: (sh ci\/steps\.sh .*)$/gm)].map(([, line = ""]) =>
    line.replace(`\${{ github.base_ref }}`, "main"),
  );
  expect(steps.map((line) => line.split(" ")[2])).toEqual([
    "format",
    "sarif",
    "check",
    "test",
    "mutate",
    "replay",
    "diff",
  ]);
  for (const line of steps)
    expect([line, run("sh", ["-c", line], repo, { HPL_FORMAT: "github" })]).toMatchObject([line, { code: 0 }]);
  expect(JSON.parse(read("policy.sarif")).version).toBe("2.1.0");
  expect(read("diff.md")).toBe("**no decision was found that changed**\n");
  expect(read("replay.txt")).toContain("0 of 2 changed");
});

test("what else the workflow runs: packages are installed, and the comparison becomes the one comment", () => {
  const others = [...workflow.matchAll(/run: (?!sh ci\/steps\.sh )(.*)$/gm)].map(([, line = ""]) => line);
  expect(others).toEqual([
    "npm ci",
    `gh pr comment \${{ github.event.number }} --edit-last --create-if-none --body-file diff.md`,
  ]);
  // A `gh` that keeps what it is given: the command line is what the step gives it, the comment the file of the step before.
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "gh"), '#!/bin/sh\necho "$*" > gh.txt\nfor last; do :; done\ncat "$last" >> gh.txt\n');
  chmodSync(join(bin, "gh"), 0o755);
  const [, comment = ""] = others;
  const line = comment.replace(`\${{ github.event.number }}`, "7");
  expect(step("diff", "origin/main", "policy").code).toBe(0);
  expect(run("sh", ["-c", line], repo, { PATH: `${bin}:${process.env.PATH}` }).code).toBe(0);
  expect(read("gh.txt")).toBe(
    "pr comment 7 --edit-last --create-if-none --body-file diff.md\n**no decision was found that changed**\n",
  );
});

test("a weaker policy fails the comparison, which says what became weaker, and shows in what was recorded", () => {
  withPolicy(
    (text) => text.replace("default block", "default allow"),
    () => {
      expect(step("diff", "origin/main", "policy").code).toBe(1);
      expect(read("diff.md")).toMatch(/\| weaker \| block → allow \|/);
      expect(step("replay", "origin/main", "policy").code).toBe(0);
      expect(read("replay.txt")).toContain("changed");
    },
  );
});

test.each([
  { step: "format", change: (text: string) => text.replace("default block", "default   block") },
  { step: "check", change: (text: string) => text.replace("hit  sql", "miss sql") },
  { step: "test", change: (text: string) => text.replace(/ {2}miss .*\n/g, "") },
  { step: "mutate", change: (text: string) => text.replace(/\ntest [\s\S]*/, "\n") },
])("$step fails on what it is for", ({ step: name, change }) => {
  withPolicy(change, () => expect(step(name, "policy").code).toBe(1));
});

test("findings are written for code scanning though there are errors", () => {
  withPolicy(
    (text) => text.replace("default block", "default blok"),
    () => {
      expect(step("sarif", "policy").code).toBe(0);
      expect(JSON.parse(read("policy.sarif")).runs[0].results.length).toBeGreaterThan(0);
    },
  );
});

test("a step that there is not is a mistake", () => {
  expect(step("chekc", "policy").code).toBe(2);
});

test("the pre-commit hook looks at what is staged", () => {
  const hook = join(repo, ".git", "hooks", "pre-commit");
  cpSync(join(here, "hooks", "pre-commit"), hook);
  chmodSync(hook, 0o755);
  const commit = () => git(repo, "commit", "-q", "-m", "change").code;
  const good = read(policyFile);
  appendFileSync(join(repo, policyFile), "\nblok\n");
  git(repo, "add", "policy");
  // What lies in the folder is good again, what is staged is not.
  writeFileSync(join(repo, policyFile), good);
  expect(commit()).toBe(1);
  writeFileSync(join(repo, policyFile), good.replace("# Who", "# These"));
  git(repo, "add", "policy");
  expect(commit()).toBe(0);
});

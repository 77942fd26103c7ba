import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { branchAndRemotes } from "./git-files.js";
import { currentContext } from "./kube-files.js";
import { quoteWords } from "./quote.js";
import { file_bytes_max, readSmallFile } from "./small-file.js";

const root = mkdtempSync(join(tmpdir(), "hpl-guard-files-"));
afterAll(() => rmSync(root, { recursive: true }));

test("sh reads quoted words back as they were", () => {
  const word = fc.string({ unit: fc.constantFrom(..."ab '\"\\$`\n\t!*?[]{}~#&|;<>()=-é") });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
      const { stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${quoteWords(words)}`], { encoding: "utf8" });
      expect(stdout.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 100 },
  );
});

let repositories_count = 0;

/** A folder with these files, by their paths. */
function folderWith(files: Readonly<Record<string, string>>): string {
  repositories_count += 1;
  const folder = join(root, String(repositories_count));
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const remote =
  '[core]\n\tbare = false\n[remote "origin"]\n\turl = x\n[remote "up"]\n[branch "main"]\n\tremote = origin\n';

test.each([
  [
    { ".git/HEAD": "ref: refs/heads/feat/x\n", ".git/config": remote },
    { branch: "feat/x", remotes: ["origin", "up"] },
  ],
  [{ ".git/HEAD": "0123456789012345678901234567890123456789\n", ".git/config": "" }, { remotes: [] }],
  [{ ".git/HEAD": "ref: refs/heads/.invalid\n", ".git/config": "" }, { remotes: [] }],
  [{ ".git/HEAD": "ref: refs/remotes/origin/x\n", ".git/config": "" }, { remotes: [] }],
  [{ ".git/HEAD": "ref: refs/heads/main\n", ".git/config": "[include]\n\tpath = more\n" }, { branch: "main" }],
  [{ ".git/HEAD": "ref: refs/heads/main\n", ".git/config": '[includeIf "x"]\n' }, { branch: "main" }],
  [
    {
      ".git": "gitdir: real\n",
      "real/HEAD": "ref: refs/heads/w\n",
      "real/commondir": "../common\n",
      "common/config": remote,
    },
    { branch: "w", remotes: ["origin", "up"] },
  ],
  [{ ".git": "something else" }, {}],
  [{ ".git/empty": "" }, {}],
  [{ "a/b": "" }, {}],
])("what a repository says for certain: %j", (files, expected) => {
  expect(branchAndRemotes(folderWith(files), {})).toEqual(expected);
});

test("a repository is found from below, and not where the environment points elsewhere", () => {
  const folder = folderWith({ ".git/HEAD": "ref: refs/heads/main\n", ".git/config": "", "a/b/c": "" });
  expect(branchAndRemotes(join(folder, "a", "b"), {}).branch).toBe("main");
  for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL"])
    expect(branchAndRemotes(folder, { [name]: "" })).toEqual({});
});

test("real repositories, worktrees and detached heads are read as git reads them", () => {
  const folder = folderWith({ "x/f": "" });
  const git = (...words: readonly string[]) =>
    spawnSync("git", ["-C", join(folder, "x"), "-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      encoding: "utf8",
    });
  git("init", "-q", "-b", "trunk");
  git("remote", "add", "origin", "https://example.com/x");
  git("commit", "-q", "--allow-empty", "-m", "x");
  git("worktree", "add", "-q", "-b", "side", join(folder, "w"));
  expect(branchAndRemotes(join(folder, "x"), {})).toEqual({ branch: "trunk", remotes: ["origin"] });
  expect(branchAndRemotes(join(folder, "w"), {})).toEqual({ branch: "side", remotes: ["origin"] });
  git("checkout", "-q", "--detach");
  expect(branchAndRemotes(join(folder, "x"), {})).toEqual({ remotes: ["origin"] });
});

test.each([
  ["apiVersion: v1\ncurrent-context: dev\nkind: Config\n", "dev"],
  ['current-context: "arn:aws:eks:x/y"\n', "arn:aws:eks:x/y"],
  ["current-context: 'gke_a_b'\r\n", "gke_a_b"],
  ['{"current-context":"j"}', "j"],
  ['current-context: ""\n', undefined],
  ["kind: Config\n", undefined],
  ["current-context: dev\ncurrent-context: prod\n", undefined],
  ['current-context: dev\n"current-context": prod\n', undefined],
  ["current-context: dev\n? current-context\n: prod\n", undefined],
  ["current-context: dev\n---\ncurrent-context: prod\n", undefined],
  ["x: &c prod\ncurrent-context: *c\n", undefined],
  ["current-context: |\n  prod\n", undefined],
  ["current-context: dev # or prod\n", undefined],
  ['{"current-context":7}', undefined],
  ["{broken", undefined],
])("the current context in %j", (text, context) => {
  const folder = folderWith({ ".kube/config": text });
  expect(currentContext({ HOME: folder })).toEqual(context === undefined ? {} : { context });
});

test("the first file of KUBECONFIG that sets a context counts, and one that cannot be read hides it", () => {
  const folder = folderWith({
    a: "kind: Config\n",
    b: "current-context: b\n",
    c: "current-context: c\n",
    ".kube/config": "current-context: home\n",
  });
  const at = (...names: readonly string[]) =>
    currentContext({ HOME: folder, KUBECONFIG: names.map((name) => join(folder, name)).join(":") });
  expect(at("a", "b", "c")).toEqual({ context: "b" });
  expect(at("missing", "b")).toEqual({});
  expect(at()).toEqual({ context: "home" });
  expect(currentContext({})).toEqual({});
});

test("a file of settings is read up to its limit, and a pipe is not waited for", () => {
  const folder = folderWith({ full: "x".repeat(file_bytes_max), more: "x".repeat(file_bytes_max + 1) });
  expect(readSmallFile(join(folder, "full"))?.length).toBe(file_bytes_max);
  expect(readSmallFile(join(folder, "more"))).toBe(null);
  expect(readSmallFile(folder)).toBe(null);
  spawnSync("mkfifo", [join(folder, "pipe")]);
  expect(readSmallFile(join(folder, "pipe"))).toBe(null);
});

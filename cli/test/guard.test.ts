import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

/** `hpl guard` and `hpl shim`, as people and coding agents call them. */
const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "hpl-guard-")));
afterAll(() => rmSync(folder, { recursive: true }));

const policy = `policy p governs shell for principal.kind == agent
default block
allow "known" when command.program in {"echo", "cat", "sh", "bash", "git", "psql", "export", "cd", "touch", "rm", "exit", "kill", "trap", "true"}
block "outside" when any p in command.paths where (not (p like "${folder}/**"))
`;
const effects = `policy q governs git, sql for principal.kind == agent
group platform
label pii.email on column "**.email"
require approval "push" on git from platform within 15m when git.verb == push and not (git.ref like "refs/heads/feat*") {
  why "Only feature branches are pushed unasked."
  fix "Push to a feature branch."
}
mask "personal-data" pii with redact
`;
const agent = '{"id":"coder","kind":"agent"}';

interface Call {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function call(args: readonly string[], { cwd = folder, input = "", env = {} }: Call = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, ...args], {
    cwd,
    input,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: "1", ...env },
  });
  return { code: status, out: stdout, err: stderr };
}

const module = join(folder, "p.wasm");
const guarded = ["guard", "--policy", module, "--principal", agent];

beforeAll(() => {
  writeFileSync(join(folder, "p.hpl"), policy);
  writeFileSync(join(folder, "q.hpl"), effects);
  expect(call(["build", "p.hpl", "q.hpl", "-o", module])).toMatchObject({ code: 0 });
  mkdirSync(join(folder, "repo", ".git"), { recursive: true });
  writeFileSync(join(folder, "repo", ".git", "HEAD"), "ref: refs/heads/feat-1\n");
  writeFileSync(join(folder, "repo", ".git", "config"), '[remote "origin"]\n\turl = x\n');
});

test("what is allowed runs with its words as they are, and ends as it ends", () => {
  const words = ["a  b", "$HOME", "it's", "--", "--policy", "--version", "*", "\\", ""];
  expect(call([...guarded, "--", "echo", ...words])).toEqual({ code: 0, out: `${words.join(" ")}\n`, err: "" });
  expect(call([...guarded, "--", "cat"], { input: "through\n" })).toMatchObject({ code: 0, out: "through\n" });
  expect(call([...guarded, "--", "sh", "-c", "exit 7"]).code).toBe(7);
  expect(call([...guarded, "--", "sh", "-c", "kill -TERM $$"]).code).toBe(143);
  expect(call([...guarded, "--", "cat"], { env: { PATH: folder } }).code).toBe(127);
});

test("what is refused does not run, and the rule, why and what to do are told", () => {
  const { code, out, err } = call([...guarded, "--", "sh", "-c", "touch x && git push origin main"]);
  expect([code, out]).toEqual([3, ""]);
  expect(err).toBe(`hpl guard: needs approval: Only feature branches are pushed unasked.
  rule: q/push (q.hpl:4)
  needs 1 of platform within 900 s
  fix: Push to a feature branch.
`);
  expect(existsSync(join(folder, "x"))).toBe(false);
  expect(call([...guarded, "--", "touch", "/tmp/hpl-guard-x"])).toMatchObject({ code: 4, out: "" });
});

test("a dry run answers on standard output, also as JSON, without a word of the command", () => {
  const dry = (...words: readonly string[]) => call([...guarded, "--dry-run", "--format", "json", "--", ...words]);
  expect(dry("touch", "y").code).toBe(0);
  expect(existsSync(join(folder, "y"))).toBe(false);
  const { code, out } = dry("git", "frobnicate", "hunter2");
  expect([code, JSON.parse(out).verdict]).toEqual([4, "block"]);
  expect(out).not.toMatch(/hunter2|frobnicate/);
});

test.each([
  { line: ["git", "push", "origin", "HEAD"], code: 0 },
  { line: ["sh", "-c", "git push origin HEAD"], code: 0 },
  { line: ["sh", "-c", "git commit -m x && git push origin HEAD"], code: 0 },
  // The branch is another one by the time it is pushed, or the folder is.
  { line: ["sh", "-c", "git switch main && git push origin HEAD"], code: 3 },
  { line: ["sh", "-c", "cd ../other && git push origin HEAD"], code: 3 },
  { line: ["git", "-C", "../other", "push", "origin", "HEAD"], code: 3 },
  { line: ["git", "--git-dir=../other/.git", "push", "origin", "HEAD"], code: 3 },
  { line: ["sh", "-c", "GIT_DIR=../other/.git git push origin HEAD"], code: 4 },
  { line: ["sh", "-c", "export GIT_DIR=../other/.git; git push origin HEAD"], code: 3 },
])("the branch counts where it is sure: $line", ({ line, code }) => {
  const repo = join(folder, "repo");
  expect(call([...guarded, "--dry-run", "--", ...line], { cwd: repo }).code).toBe(code);
});

test("a Git folder that the environment names makes the branch unknown", () => {
  const env = { GIT_DIR: "/elsewhere" };
  const pushed = call([...guarded, "--dry-run", "--", "git", "push", "origin", "HEAD"], { cwd: `${folder}/repo`, env });
  expect(pushed.code).toBe(3);
});

test("a mask on a query's output cannot be kept, so the command is blocked", () => {
  const { code, err } = call([...guarded, "--dry-run", "--", "psql", "-c", "select email from users"]);
  expect(code).toBe(4);
  expect(err).toBe("");
  expect(call([...guarded, "--dry-run", "--", "psql", "-c", "select id from orders"]).code).toBe(0);
});

test("mistakes are usage errors, and a policy with errors decides nothing", () => {
  expect(call(["guard", "--policy", module]).code).toBe(2);
  expect(call(["guard", "--", "echo"]).code).toBe(2);
  expect(call([...guarded, "--hook", "--", "echo"]).code).toBe(2);
  expect(call([...guarded, "--hook", "no-such-format"]).code).toBe(2);
  expect(call(["guard", "--policy", module, "--principal", "{", "--", "echo"]).code).toBe(2);
  writeFileSync(join(folder, "broken.txt"), "policy p governs shell\ndefault blok\n");
  expect(call(["guard", "--policy", "broken.txt", "--", "echo", "ran"])).toMatchObject({ code: 1, out: "" });
  expect(call(["guard", "--policy", "missing.wasm", "--", "echo", "ran"])).toMatchObject({ code: 2, out: "" });
  // Whoever says nothing of the principal is not known to be governed.
  expect(call(["guard", "--policy", module, "--", "echo", "ran"])).toMatchObject({ code: 4, out: "" });
});

test("a signal reaches the command", async () => {
  const child = spawn(process.execPath, [hpl, ...guarded, "--", "cat"], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.write("up");
  await new Promise((started) => child.stdout.once("data", started));
  const ended = new Promise((settle) => child.once("exit", (...how) => settle(how)));
  child.kill("SIGTERM");
  // 128 and 15, from the guard: the command got the signal, and the guard lived to tell.
  expect(await ended).toEqual([143, null]);
});

const bash = (command: unknown, more: object = {}) =>
  JSON.stringify({ tool_name: "Bash", tool_input: { command }, ...more });

test.each([
  { what: "allowed", input: bash("echo hi"), permission: "allow" },
  { what: "asks", input: bash("git push origin main"), permission: "ask" },
  { what: "blocked", input: bash("rm -rf /"), permission: "deny" },
  { what: "a list of words", input: bash(["bash", "-lc", "rm -rf /"]), permission: "deny" },
  { what: "its own folder", input: bash("touch x", { cwd: "/etc" }), permission: "deny" },
  { what: "a folder that is none", input: bash("touch x", { cwd: 7 }), permission: "deny" },
  { what: "a relative folder", input: bash("touch x", { cwd: ".." }), permission: "deny" },
  {
    what: "variables of the tool",
    input: JSON.stringify({ tool_name: "Bash", tool_input: { command: "echo x", env: { A: "b" } } }),
    permission: "allow",
  },
  {
    what: "variables that are none",
    input: JSON.stringify({ tool_name: "Bash", tool_input: { command: "echo x", env: { "A;rm -rf /": "b" } } }),
    permission: "deny",
  },
  {
    what: "another tool",
    input: JSON.stringify({ tool_name: "Read", tool_input: { file_path: "/x" } }),
    permission: "ask",
  },
  {
    what: "another tool with a good command",
    input: JSON.stringify({ tool_name: "PowerShell", tool_input: { command: "echo x" } }),
    permission: "ask",
  },
  {
    what: "another tool with a bad command",
    input: JSON.stringify({ tool_name: "PowerShell", tool_input: { command: "rm -rf /" } }),
    permission: "deny",
  },
  {
    what: "a shell without its command",
    input: JSON.stringify({ tool_name: "Bash", tool_input: { cmd: "echo x" } }),
    permission: "deny",
  },
  {
    what: "two folders",
    input: JSON.stringify({ tool_name: "Bash", tool_input: { command: "echo x", cwd: "/a", workdir: "/b" } }),
    permission: "deny",
  },
  { what: "nothing", input: "", permission: "deny" },
  { what: "garbage", input: "{{{", permission: "deny" },
  { what: "a list", input: "[]", permission: "deny" },
  { what: "no tool", input: '{"tool_input":{"command":"echo"}}', permission: "deny" },
  { what: "no input", input: '{"tool_name":"Bash"}', permission: "deny" },
  { what: "no words", input: bash([]), permission: "deny" },
  { what: "a number", input: bash(7), permission: "deny" },
  { what: "too much", input: bash("echo ".padEnd(1_048_577, "x")), permission: "deny" },
  { what: "a line that is too long", input: bash("echo ".padEnd(70_000, "x")), permission: "deny" },
])("the hook of a coding agent: $what", ({ input, permission }) => {
  const { code, out } = call([...guarded, "--hook"], { input });
  expect(code).toBe(0);
  const { hookSpecificOutput } = JSON.parse(out);
  expect(hookSpecificOutput).toMatchObject({ hookEventName: "PreToolUse", permissionDecision: permission });
  expect(hookSpecificOutput.permissionDecisionReason).toMatch(/^hpl guard: ./);
});

test("tools that are not known get the answer that was chosen for them", () => {
  const input = JSON.stringify({ tool_name: "Read", tool_input: {} });
  for (const answer of ["allow", "deny"])
    expect(call([...guarded, "--hook", "--other-tools", answer], { input }).out).toContain(`"${answer}"`);
});

test("the plain hook", () => {
  const answer = (input: string) => JSON.parse(call([...guarded, "--hook", "plain"], { input }).out);
  expect(answer('{"command":"echo hi"}')).toMatchObject({ decision: "allow" });
  expect(answer('{"command":"rm -rf /"}')).toMatchObject({ decision: "deny" });
  expect(answer('{"commands":"echo hi"}')).toMatchObject({ decision: "deny" });
});

test("a hook answers no word of the command, and denies when there is no policy", () => {
  const input = bash("frobnicate --token=hunter2; git hunter2; echo $(hunter2)");
  expect(call([...guarded, "--hook"], { input }).out).not.toMatch(/hunter2|frobnicate/);
  const { code, out } = call(["guard", "--policy", "missing.wasm", "--hook"], { input: bash("echo hi") });
  expect([code, JSON.parse(out).hookSpecificOutput.permissionDecision]).toEqual([0, "deny"]);
});

test("a variable that the hook has is not one that the command surely has", () => {
  const env = { TARGET: join(folder, "x") };
  const asked = (...more: readonly string[]) =>
    call([...guarded, "--hook", ...more], { input: bash('touch "$TARGET"'), env }).out;
  expect(asked()).toContain('"deny"');
  expect(asked("--env", "HOME,TARGET")).toContain('"allow"');
});

test("the shim asks before every command line", () => {
  const { code, out } = call(["shim", "--policy", module, "--principal", agent, "--shell", "/bin/sh"]);
  expect(code).toBe(0);
  const shim = join(folder, "sh");
  writeFileSync(shim, out);
  chmodSync(shim, 0o755);
  const run = (...words: readonly string[]) =>
    spawnSync(shim, words, { cwd: folder, encoding: "utf8", input: "echo from stdin" });
  expect(run("-c", 'echo "$1"', "sh", "a  b")).toMatchObject({ status: 0, stdout: "a  b\n" });
  expect(run("-c", "echo hi; git push origin main")).toMatchObject({ status: 3, stdout: "" });
  expect(run("-c", "echo hi; rm -rf /usr")).toMatchObject({ status: 4, stdout: "" });
  // What it is told later nobody has seen.
  expect(run()).toMatchObject({ status: 4, stdout: "" });
  expect(call(["shim", "--policy", module, "--shell", "sh"]).code).toBe(2);
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));

function run(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, "facts", ...args], { input, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

test("a shell line: every action, as policies see it", () => {
  const { code, out } = run(["--shell", "sudo rm -rf build && redis-cli DEL a"]);
  const { complete, actions } = JSON.parse(out);
  expect([code, complete]).toEqual([0, true]);
  expect(actions).toMatchObject([
    { family: "shell", program: "rm", wrappers: ["sudo"], privileged: true },
    { family: "fs", op: "delete", path: "build", recursive: true },
    { family: "shell", program: "redis-cli" },
    { family: "redis", command: "del", effects: ["write", "delete"], keys: ["a"] },
  ]);
});

test("for a person: what says nothing is left out, and what is not known is marked", () => {
  const { out } = run(["--shell", "rm $X '\u001b[2J'", "--format", "text"]);
  expect(out).toBe(`1. shell, incomplete: flags, variable:X
     program  rm
     argv  rm, ?variable:X, \\u{1b}[2J, ..
     flags  ..
     stdin  none
     effects  delete, ..
     paths  ?variable:X, \\u{1b}[2J, ..
     place  local
2. fs, incomplete: variable:X
     op  delete
     path  ?variable:X
     inside_workspace  ?variable:X
     secret  ?variable:X
     place  local
3. fs
     op  delete
     path  \\u{1b}[2J
     inside_workspace  true
     place  local
`);
  expect(run(["--sql", "SELEKT", "--format", "text"]).out).toBe("1. sql, not understood: parse_error\n");
  expect(run(["--shell", "# nothing", "--format", "text"]).out).toBe("nothing is done\n");
});

test("requests of a wire are read line by line", () => {
  const lines = [
    { k8s: { request: { method: "DELETE", path: "/api/v1/namespaces/prod/pods/x" } } },
    { git: { receive_pack: Buffer.from("0000").toString("base64") } },
    { redis: { command: ["FLUSHALL"] } },
    { mongo: { command: { drop: "users", $db: "shop" } } },
    { http: { request: { method: "GET", url: "https://example.com/" } } },
    { bigquery: { job: { configuration: { query: { query: "SELECT 1", useLegacySql: false } } } } },
    { k8s: { request: { method: "DELETE" } } },
  ];
  const { out } = run(["--ndjson"], lines.map((action) => JSON.stringify({ action })).join("\n"));
  const answers = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(
    answers.map(({ complete, actions }) => [complete, ...actions.map((each: { family: string }) => each.family)]),
  ).toEqual([
    [true, "k8s"],
    [false, "git"],
    [true, "redis"],
    [true, "mongo"],
    [true, "http"],
    [true, "sql", "cloud"],
    [false],
  ]);
  expect(answers.at(-1)?.reasons).toEqual(["ill_typed:action.k8s.request.path"]);
});

test("one question at a time", () => {
  for (const args of [[], ["--sql", "SELECT 1", "--shell", "ls"], ["--ndjson", "--format", "text"]])
    expect([args, run(args).code]).toEqual([args, 2]);
});

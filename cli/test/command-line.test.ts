import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-cli-"));

/** Runs `hpl` in the temporary folder, as a user would. */
function run(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, ...args], {
    cwd: folder,
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: status, out: stdout, err: stderr };
}

const ann = '{"id":"ann","kind":"human","groups":["engineers"]}';
const prod = '{"name":"orders","kind":"postgres","env":"prod"}';
const asAnn = ["--principal", ann, "--connection", prod];
const sql = (text: string) => ["eval", ".", "--sql", text, ...asAnn];

beforeAll(() => {
  expect(run(["init", "."]).code).toBe(0);
  writeFileSync(join(folder, "broken.txt"), "policy p governs sql\ndefault blok\n");
  writeFileSync(
    join(folder, "catalog.json"),
    JSON.stringify({
      search_path: ["public"],
      schemas: {
        public: {
          users: {
            columns: [
              { name: "id", type: "int4" },
              { name: "email", type: "text" },
            ],
          },
        },
      },
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the policy that init writes passes its own check", () => {
  expect(run(["check"])).toEqual({ code: 0, out: "", err: "2 files, 6 examples run: 0 errors, 0 warnings\n" });
});

test("init touches nothing that is there", () => {
  const { code, err } = run(["init", "."]);
  expect(code).toBe(1);
  expect(err).toContain("nothing was written");
});

test.each([
  ["a read", "SELECT id FROM users", 0, "allow"],
  ["a change", "UPDATE users SET id = 1 WHERE id = 2", 3, "approve"],
  ["a drop", "drop /**/ table users", 4, "block"],
  ["nonsense", "SELEKT", 4, "block"],
  ["nothing", "-- nothing", 4, "block"],
])("eval exits by the verdict: %s", (_what, text, code, verdict) => {
  const result = run(sql(text));
  expect(JSON.parse(result.out)).toMatchObject({ verdict, catalog: "assumed" });
  expect(result.code).toBe(code);
});

test("eval masks by the catalog's columns", () => {
  const { out } = run([...sql("SELECT * FROM users"), "--catalog", "catalog.json"]);
  const mask = {
    type: "mask",
    action: 0,
    index: 1,
    name: "email",
    source: ["public.users.email"],
    transform: "partial(keep_domain)",
    rule: "main.databases/personal-data",
  };
  expect(JSON.parse(out)).toMatchObject({ verdict: "allow", complete: true, obligations: [mask] });
  expect(JSON.parse(out)).not.toHaveProperty("catalog");
});

test("an approval obligation names the group by the identity provider's name", () => {
  const { out } = run(sql("UPDATE users SET id = 1 WHERE id = 2"));
  const approval = {
    type: "approval",
    action: 0,
    all: [{ group: "dba", count: 1 }],
    within_s: 1800,
    binding: expect.stringMatching(/^[0-9a-f]{64}$/),
  };
  expect(JSON.parse(out).obligations).toEqual([approval]);
});

test("eval --ndjson answers every line in order, bad ones too, and exits 0", () => {
  const context = `"principal":${ann},"connection":${prod}`;
  const lines = [
    `{"id":"1",${context},"action":{"sql":{"dialect":"postgres","text":"SELECT 1"}}}`,
    `not json`,
    `{"id":"3",${context},"action":{"sql":{"dialect":"postgres","text":"DROP TABLE users"}}}`,
    `{"id":"4",${context},"action":{"git":{"verb":"push"}}}`,
    `{"id":"5",${context},"action":{"shell":{"text":"ls"}}}`,
    `{"id":"6","principal":{"id":"x","kind":"robot","groups":[]},"action":{"text":"x"}}`,
    `{"id":"7","principl":{},"action":{"text":"x"}}`,
  ];
  const { code, out } = run(["eval", ".", "--ndjson"], lines.join("\n"));
  const answers = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id, verdict, code: own }) => [id, verdict, own ?? null])).toEqual([
    ["1", "allow", null],
    [null, "block", "HPL8002"],
    ["3", "block", null],
    ["4", "block", "HPL8004"],
    ["5", "block", "HPL8004"],
    ["6", "block", "HPL8002"],
    ["7", "block", "HPL8002"],
  ]);
  expect(code).toBe(0);
});

test("eval --request reads a file, and - is standard input", () => {
  const request = `{"principal":${ann},"connection":${prod},"action":{"sql":{"text":"SELECT 1"}}}`;
  expect(run(["eval", ".", "--request", "-"], request).code).toBe(0);
});

test("a module decides as its sources do", () => {
  expect(run(["build", ".", "-o", "policy.wasm", "--stats"])).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^policy\.wasm: \d+ bytes, 6 rules/),
  });
  const fromModule = run(["eval", "policy.wasm", ...sql("DELETE FROM users WHERE id = 1").slice(2)]);
  expect(fromModule).toEqual(run(sql("DELETE FROM users WHERE id = 1")));
  expect(JSON.parse(run(["inspect", "policy.wasm"]).out)).toMatchObject({
    abi: 3,
    semantic_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("a damaged module is refused with a code, and no decision is printed", () => {
  const module = readFileSync(join(folder, "policy.wasm"));
  const at = module.indexOf("no-schema-changes");
  module[module.indexOf("1CPH") >= 0 ? module.indexOf("1CPH") : module.indexOf("HPL1")] = 0;
  expect(at).toBeGreaterThan(0);
  writeFileSync(join(folder, "damaged.wasm"), module);
  expect(run(["eval", "damaged.wasm", "--sql", "SELECT 1"])).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("HPL7004"),
  });
});

test.each([
  ["no arguments to eval", ["eval"]],
  ["an unknown option", ["check", "--what"]],
  ["an unknown command", ["chekc"]],
  ["two questions", [...sql("SELECT 1"), "--text", "x"]],
  ["no question", ["eval", "."]],
  ["JSON that is none", ["eval", ".", "--sql", "SELECT 1", "--principal", "{"]],
  ["a folder that is not there", ["check", "nowhere"]],
  ["a time that is none", [...sql("SELECT 1"), "--now", "tomorrow"]],
  ["a code that is none", ["explain", "HPL9999"]],
  ["an unknown format", ["check", "--format", "yaml"]],
  ["an unknown target", ["build", ".", "-o", "x.wasm", "--target", "java"]],
])("usage is exit 2, with words on standard error only: %s", (_what, args) => {
  const { code, out, err } = run(args);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).not.toBe("");
  expect(err).not.toContain("    at ");
});

test("a policy with errors gives findings, exit 1, and no decision", () => {
  writeFileSync(join(folder, "broken.hpl"), readFileSync(join(folder, "broken.txt")));
  try {
    const evaluated = run(sql("SELECT 1"));
    expect(evaluated).toMatchObject({ code: 1, out: "" });
    expect(evaluated.err).toMatch(/^error\[HPL\d{4}\]/);
    const checked = run(["check", "--format", "json"]);
    const finding = { code: expect.stringMatching(/^HPL1/), severity: "error", file: "broken.hpl", line: 2 };
    expect(JSON.parse(checked.out).findings).toContainEqual(expect.objectContaining(finding));
    expect(checked.code).toBe(1);
    expect(run(["check", "--format", "github"]).out).toMatch(/^::error file=broken\.hpl,line=2,col=\d+,/);
    const sarif = JSON.parse(run(["check", "--format", "sarif"]).out);
    expect(sarif).toMatchObject({ version: "2.1.0", runs: [{ results: [{ level: "error", locations: [{}] }] }] });
    expect(run(["build", ".", "-o", "never.wasm"]).code).toBe(1);
  } finally {
    rmSync(join(folder, "broken.hpl"));
  }
});

test("facts show effects, not verbs", () => {
  const line =
    '{"id":"a","action":{"sql":{"dialect":"postgres","text":"WITH d AS (DELETE FROM t RETURNING id) SELECT id FROM d"}}}';
  const { code, out } = run(["facts", "--ndjson"], `${line}\n{"id":"b","action":{"sql":{"text":"SELEKT"}}}\n`);
  const [first, second] = out
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each));
  expect(first).toMatchObject({
    id: "a",
    complete: true,
    actions: [
      {
        family: "sql",
        kind: "select",
        effects: ["write", "read"],
        columns: [{ name: "id", sources: [{ schema: "public", table: "t", column: "id" }], exact: true }],
      },
    ],
  });
  expect(second).toMatchObject({ id: "b", complete: false, reasons: ["parse_error"] });
  expect(code).toBe(0);
});

test("why shows each clause with what it came to and what it saw", () => {
  const { code, out } = run(["why", ".", "--sql", "DELETE FROM users WHERE id = 1", ...asAnn]);
  expect(out).toMatch(/^approve: A change to production data needs a second person\./);
  expect(out).toContain("allow main.databases/read: false, one clause away  (policy.hpl:9)");
  expect(out).toMatch(/false {3}sql\.only_reads {3}# statement\.effects is \{"write"\}/);
  expect(out).toMatch(/true {4}principal in people\.engineers {3}# principal\.groups is \{"engineers"\}/);
  expect(code).toBe(0);
});

test("fmt --check names what is not formatted, fmt writes it, and a broken file is left alone", () => {
  expect(run(["fmt", "--check"])).toEqual({ code: 0, out: "", err: "" });
  const path = join(folder, "loose.hpl");
  writeFileSync(path, 'policy loose governs git\nblock   "b" when git.force{why "no"}\n');
  try {
    expect(run(["fmt", "--check"])).toMatchObject({ code: 1, out: "loose.hpl\n" });
    expect(run(["fmt"])).toMatchObject({ code: 0, out: "loose.hpl\n" });
    expect(readFileSync(path, "utf8")).toBe('policy loose governs git\nblock "b" when git.force { why "no" }\n');
    writeFileSync(path, "policy loose governs git\nblock when\n");
    expect(run(["fmt", "loose.hpl"])).toMatchObject({ code: 1, err: expect.stringMatching(/^error\[HPL1/) });
  } finally {
    rmSync(path);
  }
  expect(run(["fmt", "-"], "policy p governs sql\ndefault   block\n").out).toBe(
    "policy p governs sql\ndefault block\n",
  );
});

test("explain prints a page, and lists all without a code", () => {
  expect(run(["explain", "hpl2003"]).out).toMatch(/^# HPL2003: /);
  expect(run(["explain"]).out.split("\n").length).toBeGreaterThan(60);
});

test("every command has help that shows how to call it", () => {
  for (const name of [
    "init",
    "check",
    "eval",
    "facts",
    "build",
    "inspect",
    "explain",
    "grants",
    "gateway",
    "approvals",
    "audit",
  ]) {
    expect(run([name, "--help"])).toMatchObject({ code: 0, out: expect.stringContaining(`Usage: hpl ${name}`) });
  }
});

test("a broken configuration names the field and the line", () => {
  writeFileSync(
    join(folder, "bad.json"),
    '{\n  "policy": ".",\n  "state": "state",\n  "connections": [],\n  "identty": {}\n}\n',
  );
  const { code, err } = run(["gateway", "--config", "bad.json", "--check"]);
  expect(code).toBe(2);
  expect(err).toContain("bad.json:5:3: `identty`: unknown field");
});

test("a policy that names a key the configuration has not got is found before the gateway starts", () => {
  const keyed = `policy p governs sql
default block
allow "read" when statement.effects only {read}
label pii on column "**.email"
mask "m" pii with elements(hmac(key: "pii-2026"))
`;
  const config = (keys: object): string =>
    JSON.stringify({
      policy: "keyed.hpl",
      state: "state",
      connections: [
        { name: "a", kind: "postgres", env: "prod", listen: "127.0.0.1:0", upstream: { embedded: "postgres" } },
      ],
      identity: { static: [{ user: "u", password: "p", principal: { id: "u", kind: "human", groups: [] } }] },
      keys,
    });
  writeFileSync(join(folder, "keyed.hpl"), keyed);
  writeFileSync(join(folder, "without.json"), config({}));
  writeFileSync(join(folder, "with.json"), config({ "pii-2026": "00112233445566778899aabbccddeeff".repeat(2) }));
  const without = run(["gateway", "--config", "without.json", "--check"]);
  expect(without).toMatchObject({ code: 1, err: expect.stringContaining("error[HPL7006]") });
  expect(without.err).toContain("`pii-2026`");
  expect(run(["gateway", "--config", "with.json", "--check"])).toMatchObject({ code: 0 });
});

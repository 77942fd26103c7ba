import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

/** `hpl test`, as a user or a CI server calls it. */
const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [hpl, "test", ...args], {
    cwd: folder,
    encoding: "utf8",
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

const head = `policy p governs sql
default block
group dba
fixture ann = principal { id: "ann", kind: human, groups: {dba} }
fixture db  = connection { name: "orders", kind: postgres, env: prod }
`;

beforeAll(() => {
  writeFileSync(
    join(folder, "good.hpl"),
    `${head}allow "reads" when statement.effects only {read} and principal in dba {
  hit  sql "SELECT 1"     as ann on db
  miss sql "DROP TABLE x" as ann on db
}
`,
  );
  writeFileSync(
    join(folder, "bad.hpl"),
    `${head}allow "reads" when statement.effects only {read} and principal in dba
test "ann may delete <everything>" {
  given  sql "DELETE FROM orders WHERE id = 7" as ann on db
  expect allow by "reads"
}
`,
  );
  writeFileSync(join(folder, "broken.hpl"), "policy p governs sql\ndefault blok\n");
});

test("all pass", () => {
  expect(run("good.hpl")).toEqual({ code: 0, out: "2 passed, 0 failed\n", err: "" });
});

test("a failing test points at its line, says what was decided and which clause was false, with what it saw", () => {
  const { code, out, err } = run("bad.hpl");
  expect(code).toBe(1);
  expect(out).toBe("0 passed, 1 failed\n");
  expect(err).toContain("error[HPL4040]: `p/ann may delete <everything>`: expected allow, and the decision is block");
  expect(err).toContain("--> bad.hpl:9:3");
  expect(err).toContain("= note: `statement.effects only {read}` is false: statement.effects is {");
  expect(err).toContain("(bad.hpl:6)");
});

test("coverage names what nothing has made true, or false", () => {
  const { code, out } = run("good.hpl", "--coverage");
  expect(code).toBe(0);
  expect(out).toBe(`2 passed, 0 failed
good.hpl:6:54: \`principal in dba\` was never false, in p/reads
coverage: 3 of 4 outcomes, 75 %
`);
});

test("too little coverage fails", () => {
  expect(run("good.hpl", "--min-coverage", "75").code).toBe(0);
  const { code, err } = run("good.hpl", "--min-coverage", "76");
  expect([code, err]).toEqual([1, "coverage is below 76 %\n"]);
  expect(run("good.hpl", "--min-coverage", "much").code).toBe(2);
});

test("JSON", () => {
  const { out } = run("bad.hpl", "--format", "json", "--coverage");
  const report = JSON.parse(out);
  expect(report).toMatchObject({ passed: 0, failed: 1, not_run: 0, coverage: { seen: 2, of: 4, percent: 50 } });
  expect(report.results).toMatchObject([
    { kind: "test", id: "p/ann may delete <everything>", outcome: "failed", file: "bad.hpl", line: 8, character: 3 },
  ]);
  expect(report.results[0].findings).toMatchObject([{ code: "HPL4040" }, { code: "HPL4040" }]);
});

test("JUnit, with the signs of XML escaped", () => {
  const { out } = run("bad.hpl", "--format", "junit");
  expect(out).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="1" failures="1" skipped="0">/);
  expect(out).toContain('name="test ann may delete &lt;everything&gt; (bad.hpl:8)"');
  expect(out).toContain('type="HPL4040">error[HPL4040]');
  expect(out.match(/<(\w+)[ >]/g)?.length).toBe(out.match(/<\/(\w+)>/g)?.length);
});

test("a policy with errors runs nothing, and says what is wrong", () => {
  const { code, out, err } = run("broken.hpl");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("error[HPL");
});

test("what passed is listed on request", () => {
  expect(run("good.hpl", "--verbose").out).toContain("passed   hit p/reads  good.hpl:7\n");
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadFrontEnds } from "../src/front-ends.js";
import { verifyPolicy } from "../src/verify-policy.js";

const hpl = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));

const run = (args: readonly string[], input = "") => {
  const { stdout } = spawnSync(process.execPath, [hpl, ...args], { input, encoding: "utf8" });
  return stdout;
};

test("an example is read in the dialect of its connection", async () => {
  const text = `
policy shop.databases governs sql
default block
allow "reads" when statement.effects only {read}
block "no-unbounded-change" when any t in statement.targets where (t.change in {update, delete} and not t.restricted) {
  hit sql "DELETE FROM users WHERE id = 7 || 1" as bot on mysql_shop
  miss sql "DELETE FROM \`users\` WHERE id = 7" as bot on mysql_shop
  hit sql "DELETE FROM shop.users WHERE true -- required" as bot on bigquery_shop
  miss sql "DELETE \`my-project.shop.users\` WHERE id = 7" as bot on bigquery_shop
  hit sql "DELETE FROM users" as bot on postgres_shop
}
fixture bot = principal { id: "bot", kind: agent }
fixture mysql_shop = connection { name: "shop", kind: mysql, env: prod }
fixture bigquery_shop = connection { name: "shop", kind: bigquery, env: prod }
fixture postgres_shop = connection { name: "shop", kind: postgres, env: prod }
`;
  const { diagnostics, verified } = verifyPolicy(
    { sources: [{ path: "p.hpl", text }], libraries: [] },
    await loadFrontEnds(),
  );
  expect(diagnostics).toEqual([]);
  expect(verified?.verification.results.map(({ outcome }) => outcome)).toEqual(Array(5).fill("passed"));
});

test("facts are shown in every dialect, and under the modes of the session", () => {
  const text = "select '\\', (select v from zsecret) -- '";
  const lines = [
    { id: "1", action: { sql: { dialect: "mysql", text, modes: ["NO_BACKSLASH_ESCAPES"] } } },
    { id: "2", action: { sql: { dialect: "mysql", text, modes: [] } } },
    {
      id: "3",
      connection: { kind: "bigquery" },
      action: { sql: { text: "EXPORT DATA OPTIONS (uri='x') AS SELECT 1" } },
    },
    { id: "4", connection: { kind: "mysql", database: "hr" }, action: { sql: { text: "DELETE FROM Staff" } } },
    { id: "5", action: { sql: { dialect: "mysql", text: "SELECT", modes: "ANSI" } } },
  ];
  const answers = run(["facts", "--ndjson"], lines.map((line) => JSON.stringify(line)).join("\n"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers).toMatchObject([
    { actions: [{ dialect: "mysql", relations: [{ name: "zsecret" }] }] },
    { complete: true, actions: [{ relations: [] }] },
    { actions: [{ dialect: "bigquery", kind: "copy", effects: ["read", "file_write", "network"] }] },
    { actions: [{ kind: "delete", relations: [{ schema: "hr", name: "staff" }] }] },
    { complete: false, reasons: ["ill_typed:action.sql.modes"] },
  ]);
  const shown = JSON.parse(
    run(["facts", "--dialect", "mysql", "--modes", "ANSI_QUOTES", "--sql", 'SELECT "a" FROM t']),
  );
  expect(shown.actions[0].columns).toEqual([
    { name: "a", sources: [{ schema: "", table: "t", column: "a" }], exact: true },
  ]);
});

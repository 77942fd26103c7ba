import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "./run-main.js";

const folder = mkdtempSync(join(tmpdir(), "hpl-cost-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "policy.hpl");
writeFileSync(
  path,
  `policy shop governs sql
default block
allow "reads" when statement.effects only {read}
block "all-rows" when any t in statement.targets where (t.change == delete and not t.restricted)
`,
);

test("cost shows the bound of an action, of modules, and of rules, the dearest first", async () => {
  const { code, out } = await run("cost", path, "--items", "100");
  expect(code).toBe(0);
  const lines = out.split("\n").map((line) => line.trim().replace(/ +/g, " "));
  expect(lines).toEqual([
    "one action, steps at most with 100 list items",
    "sql 706 = 6 + 7 per item",
    "",
    "modules",
    "shop 2 = 2",
    "",
    "rules",
    "block shop/all-rows 602 = 2 + 6 per item",
    "allow shop/reads 102 = 2 + 1 per item",
    "",
  ]);
});

test("cost as JSON holds the same, by power of the number of items", async () => {
  const { out } = await run("cost", path, "--format", "json");
  expect(JSON.parse(out)).toMatchObject({
    items_max: 66_304,
    families: [{ family: "sql", steps: [6, 7], steps_max: 6 + 7 * 66_304 }],
    modules: [{ name: "shop", steps: [2], steps_max: 2 }],
    rules: [
      { id: "shop/all-rows", effect: "block", steps: [2, 6] },
      { id: "shop/reads", effect: "allow", steps: [2, 1] },
    ],
    labels: { steps: [], steps_max: 0 },
  });
});

test.each([
  ["a module", ["policy.wasm"], "from sources"],
  ["too many items", [path, "--items", "66305"], "a whole number from 0 to 66304"],
  ["items that are no number", [path, "--items", "many"], "a whole number"],
])("cost says what is wrong with %s", async (_what, args, message) => {
  const { code, err, out } = await run("cost", ...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(message);
});

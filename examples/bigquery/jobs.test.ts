import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a small job runs, a large one is held, one that keeps its result is blocked", () => {
  const input = readFileSync(new URL("job.ndjson", import.meta.url), "utf8");
  const args = ["cli/bin/hpl.mjs", "eval", "examples/bigquery", "--ndjson"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, input, encoding: "utf8" });
  const decisions = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(decisions.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["small", "allow"],
    ["large", "approve"],
    ["kept", "block"],
  ]);
});

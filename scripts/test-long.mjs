// `npm run test:long`: the tests that take minutes: the crash matrix, load, smuggling, tools of others, long fuzz runs. Names of
// test files narrow it down.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { root, setUp } from "./set-up.mjs";

setUp();
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const long = [
  "gateway/test/audit-crash",
  "gateway/test/load.long",
  "gateway/test/smuggling",
  "gateway/test/postgres-faults",
  "gateway/test/page",
  "gateway/test/shared-",
  "cli/test/import-cedar",
  "runtime/test/shell/real-tools",
  "runtime/test/sql/regression.long",
  "runtime/test/wire/kubectl",
  "compiler/test/compiled-equals-reference",
];
const named = process.argv.slice(2);
const env = { FUZZ_RUNS: "20000", ...process.env, LONG: "1" };
const files = named.length > 0 ? named : long;
// One file at a time: load and memory are measured.
const args = ["run", "--no-file-parallelism", "--testTimeout=600000", ...files];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, env, stdio: "inherit" });
process.exit(status ?? 1);

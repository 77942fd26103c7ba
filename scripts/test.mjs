// `npm test`: makes the clone ready, then generated files, lint, and every test. `.ci/run` does the same.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root, run, setUp } from "./set-up.mjs";

setUp();
const bin = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
const reportFile = fileURLToPath(new URL("../node_modules/.hpl-test-report.json", import.meta.url));

console.log("Generated files ...");
run(process.execPath, ["scripts/generate.mjs", "--check"]);
console.log("Lint ...");
run(process.execPath, [bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"]);

rmSync(reportFile, { force: true });
const args = [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
];
const { status } = spawnSync(process.execPath, [bin("vitest/vitest.mjs"), ...args], { cwd: root, stdio: "inherit" });

const report = JSON.parse(readFileSync(reportFile, "utf8"));
const broken_count = report.testResults.filter(
  ({ status: each, assertionResults }) => each === "failed" && assertionResults.every((one) => one.status !== "failed"),
).length;
console.log(`\n${report.numPassedTests} passed, ${report.numFailedTests + broken_count} failed`);
process.exit(status ?? 1);

// Makes a clone ready: installs what package-lock.json says when node_modules does not have it, and builds what changed.
// Plain JavaScript without dependencies, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const at = (path) => new URL(`../${path}`, import.meta.url);

/** Runs a command with its output shown; ends the process when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (status === 0) return;
  console.error(`\n${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
  process.exit(status ?? 1);
}

/** The lock file that node_modules was installed from. */
const stampFile = "node_modules/.hpl-lock";
const lockDigest = () =>
  createHash("sha256")
    .update(readFileSync(at("package-lock.json")))
    .digest("hex");

export function install() {
  const isInstalled = existsSync(at(stampFile)) && readFileSync(at(stampFile), "utf8") === lockDigest();
  if (isInstalled) return;
  console.log("Installing dependencies (once; about 300 MB) ...");
  run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(at(stampFile), lockDigest());
}

export function build() {
  const started = performance.now();
  run(process.execPath, [fileURLToPath(at("node_modules/typescript/bin/tsc")), "-b"]);
  const took_s = ((performance.now() - started) / 1000).toFixed(1);
  if (took_s > 1) console.log(`Built in ${took_s} s.`);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Node ${process.versions.node} is too old: HPL needs 20.19 or later.`);
  process.exit(1);
}

export function setUp() {
  checkNode();
  install();
  build();
}

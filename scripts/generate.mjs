// Runs every generator; with `--check` says which outputs are stale.
import { spawnSync } from "node:child_process";

const generators = ["generate-facts.mjs", "generate-config.mjs", "build-kernel.mjs"];
let failed = false;
for (const generator of generators) {
  const { status } = spawnSync(
    process.execPath,
    [new URL(generator, import.meta.url).pathname, ...process.argv.slice(2)],
    {
      stdio: "inherit",
      cwd: new URL("..", import.meta.url),
    },
  );
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** What an example's README says that `hpl` prints is what it prints. */
const root = fileURLToPath(new URL("..", import.meta.url));
const readmes = readdirSync(new URL(".", import.meta.url))
  .map((name) => `${root}examples/${name}/README.md`)
  .filter(existsSync);

const shown = readmes.flatMap((path) =>
  [...readFileSync(path, "utf8").matchAll(/```console\n([\s\S]*?)```/g)].map(
    ([, block = ""]) => [path, block] as const,
  ),
);

/** What a terminal would show for the lines that start with `$`. */
function play(block: string): string {
  const commands = block.split("\n").filter((line) => line.startsWith("$ npx hpl "));
  return commands
    .map((line) => {
      const args = line.slice("$ npx hpl ".length).split(" ");
      const env = { ...process.env, NO_COLOR: "1" };
      const ran = spawnSync(process.execPath, ["cli/bin/hpl.mjs", ...args], { cwd: root, encoding: "utf8", env });
      return `${line}\n${ran.stdout}${ran.stderr}`;
    })
    .join("");
}

test.each(shown)("%s", (_path, block) => {
  expect(play(block)).toBe(block);
});

test("every example with a policy of its own shows what it does", () => {
  expect(shown.length).toBeGreaterThanOrEqual(4);
});

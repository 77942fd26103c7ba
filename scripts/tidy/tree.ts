import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every file of the tree that git tracks or would, by its path from the root. */
export function listFiles(): readonly string[] {
  const names = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return names.split("\n").filter((name) => name !== "");
}

export const readFile = (path: string): string => readFileSync(join(root, path), "utf8");

/** Module specifiers that a TypeScript source imports or re-exports, `import()` included. */
export function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...statements].flatMap(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? []);
}

/** The folder-relative path a relative specifier leads to; a package specifier as it is. */
export const targetOf = (file: string, specifier: string): string =>
  specifier.startsWith(".") ? join(dirname(file), specifier) : specifier;

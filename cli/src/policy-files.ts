import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { dataPathsIn, type SourceFile } from "@hpl/compiler";
import { CommandFailure } from "./exit-code.js";

/** What the compiler is given: the files of a policy, the standard library, and the data files the policy names. */
export interface PolicyFiles {
  readonly sources: readonly SourceFile[];
  readonly libraries: readonly SourceFile[];
  readonly data: readonly SourceFile[];
}

/** Everything that compiling the policy at `paths` needs. A data file that is not there is left for the compiler to report. */
export function readPolicyFiles(paths: readonly string[]): PolicyFiles {
  const sources = readSources(paths);
  const named = dataPathsIn(sources).filter((path) => existsSync(path));
  return { sources, libraries: readLibraries(), data: named.map((path) => ({ path, text: readText(path) })) };
}

/** The data files that the policy at `paths` names, whether they are there or not; none when it cannot be read. */
export function dataPathsOf(paths: readonly string[]): readonly string[] {
  try {
    return dataPathsIn(readSources(paths));
  } catch (error) {
    if (error instanceof CommandFailure) return [];
    throw error;
  }
}

/** The `.hpl` files at `paths`, each a file or a folder, sorted by path. Hidden folders and `node_modules` are passed over. */
export function readSources(paths: readonly string[]): readonly SourceFile[] {
  const files = [...new Set(paths.flatMap(findFiles))].toSorted();
  if (files.length === 0) throw new CommandFailure(`no .hpl files in ${paths.join(", ")}`);
  return files.map((path) => ({ path: shownPath(path), text: readText(path) }));
}

/** The modules of the standard library. */
export function readLibraries(): readonly SourceFile[] {
  const folder = dirname(createRequire(import.meta.url).resolve("@hpl/stdlib/package.json"));
  return findFiles(folder)
    .toSorted()
    .map((path) => ({ path: `std/${relative(folder, path).split(sep).join("/")}`, text: readText(path) }))
    .filter(({ path }) => !path.startsWith("std/test/"));
}

function findFiles(path: string): readonly string[] {
  if (!isFolder(path)) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    if (entry.isDirectory()) return findFiles(join(path, entry.name));
    // A link to a file counts: that is what a mounted ConfigMap is made of. A link to a folder may lead in a circle.
    const isFile = entry.isFile() || (entry.isSymbolicLink() && statSync(join(path, entry.name)).isFile());
    return isFile && entry.name.endsWith(".hpl") ? [join(path, entry.name)] : [];
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    throw new CommandFailure(`there is no ${path}`);
  }
}

function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new CommandFailure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Relative to where the command was called, with `/`. */
const shownPath = (path: string): string => relative(process.cwd(), path).split(sep).join("/") || path;

/**
 * Keeps every policy that came into force: its module, and the sources it was compiled from.
 *
 * In: what a reload gave. Out: blobs, and what the event of the policy says of them. The module is kept before the event is
 * written, so that whoever finds the event finds the module. Sources are read again after they were compiled, and so may have
 * changed in between: whoever looks at them compiles them, and compares. Absent: the compiler.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { writeBlob } from "./blobs.js";

/** Most files of a policy that are kept, and most bytes of one. */
export const sourcesMax = 1_000;
export const sourceSizeMax = 1 << 20;

export interface PolicyRecord {
  readonly module_sha256: string;
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
}

/** A text of a policy, by the path that it is shown under. */
interface KeptText {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Keeps `module` and `sources`, or the files at a path, in the log's folder. Throws what the file system throws. */
export function keepPolicy(folder: string, module: Uint8Array, sources: string | readonly KeptText[]): PolicyRecord {
  const texts = typeof sources === "string" ? textsAt(sources) : sources;
  const kept = texts
    .slice(0, sourcesMax)
    .filter(({ bytes }) => bytes.length <= sourceSizeMax)
    .map(({ path, bytes }) => ({ path, sha256: writeBlob(folder, bytes) }));
  return { module_sha256: writeBlob(folder, module), sources: kept };
}

const textsAt = (path: string): readonly KeptText[] =>
  sourceFiles(path)
    .slice(0, sourcesMax)
    .filter((file) => statSync(file).size <= sourceSizeMax)
    .map((file) => ({ path: shownPath(path, file), bytes: readFileSync(file) }));

/** Below the policy's folder, with `/`. */
const shownPath = (root: string, file: string): string =>
  file === root ? basename(file) : relative(root, file).split(sep).join("/");

/** The `.hpl` and data files of a policy, sorted; none for a compiled module. */
function sourceFiles(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return path.endsWith(".hpl") ? [path] : [];
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return sourceFiles(child);
      return /\.(hpl|json)$/.test(entry.name) && existsSync(child) && statSync(child).isFile() ? [child] : [];
    })
    .toSorted();
}

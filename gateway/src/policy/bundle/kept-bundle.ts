/**
 * The bundle that was activated last, kept in the gateway's state: what a start without its server goes on with, and the
 * revision below which nothing is taken.
 *
 * In: a bundle about to be activated. Out: its bytes, and the floor, also after a crash at any point: the bytes are kept first,
 * so that the floor is never above what there is. A floor that cannot be read is no floor of zero: nothing is taken then.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../audit/replace-file.js";

/** The last activated revision, and the digest of its module: one revision is one policy. */
export interface RevisionFloor {
  readonly revision: number;
  readonly module_sha256: string;
}

export interface KeptBundle {
  /** Null when there is none. Throws when it cannot be read. */
  floor(): RevisionFloor | null;
  /** Null when there is none. */
  last(): Uint8Array | null;
  keep(bundle: Uint8Array, floor: RevisionFloor): Promise<void>;
}

/** Keeps the bundle in `state`/policy, readable by the gateway's user alone. Throws what the file system throws. */
export function keptBundle(state: string): KeptBundle {
  const home = join(state, "policy");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const [bundlePath, floorPath] = [join(home, "last-good.tar.gz"), join(home, "revision.json")];
  return {
    floor: () => {
      const text = read(floorPath);
      const floor = text === null ? null : readFloor(text.toString("utf8"));
      if (floor === undefined)
        throw new Error(`${floorPath} is damaged; without it any earlier policy could come back`);
      return floor;
    },
    last: () => read(bundlePath),
    keep: async (bundle, floor) => {
      await replaceFile(bundlePath, bundle);
      await replaceFile(floorPath, JSON.stringify(floor));
    },
  };
}

function readFloor(text: string): RevisionFloor | undefined {
  try {
    const { revision, module_sha256 } = JSON.parse(text);
    return Number.isSafeInteger(revision) && typeof module_sha256 === "string"
      ? { revision, module_sha256 }
      : undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Follows a policy on disk by looking at it twice a second.
 *
 * In: a path that may not exist, a file or a folder. Out: a call after each change, once the files have stayed as they are
 * for a whole interval, so that an editor or a checkout that writes in several steps is not read half-way. Looking is
 * slower than being told, but it sees what watches lose: a file replaced by rename, a folder made anew, a link that
 * points elsewhere, a path that appears. O(files) an interval, some microseconds a file.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const interval_ms = 500;

/** How far a file's times may lie behind the clock: file systems stamp with a coarser one, some with whole seconds. */
const clockSlack_ms = 2_000;

/** What a policy is made of. */
const isPart = (name: string): boolean => /\.(hpl|wasm)$/.test(name);

/**
 * Follows the policy at `path`, and the files that `others` names at each look. Returns a function that ends it. Keeps no
 * process alive. `changed` must not throw, and says whether the change is dealt with; if not, it is called again.
 */
export function followFiles(path: string, others: () => readonly string[], changed: () => boolean): () => void {
  const look = (): Signatures => new Map([path, ...others()].map((each) => [each, signatureOf(each)]));
  let settled: { readonly files: Signatures; readonly at_ms: number } = { at_ms: Date.now(), files: look() };
  let last = settled.files;
  const timer = setInterval(() => {
    const [at_ms, files] = [Date.now(), look()];
    const isStill = isSame(files, last);
    last = files;
    if (!isStill) return;
    // A file that the policy names only now has been read with it, unless it changed since.
    const isChange = [...files].some(([each, signature]) => {
      const before = settled.files.get(each);
      return before === undefined ? changedAfter(each, settled.at_ms) : before !== signature;
    });
    if (!isChange || changed()) settled = { at_ms: isChange ? at_ms : settled.at_ms, files };
  }, interval_ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** By path. */
type Signatures = ReadonlyMap<string, string>;

const isSame = (a: Signatures, b: Signatures): boolean =>
  a.size === b.size && [...a].every(([path, signature]) => b.get(path) === signature);

function changedAfter(path: string, time_ms: number): boolean {
  try {
    return statSync(path).ctimeMs >= time_ms - clockSlack_ms;
  } catch {
    return false;
  }
}

/** A text that is another one when a file was changed, replaced, added or removed. */
function signatureOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    if (!statSync(path).isDirectory()) return `${path} ${ino} ${size} ${mtimeMs} ${ctimeMs}\n`;
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
      .filter((entry) => entry.isDirectory() || isPart(entry.name))
      .map((entry) => signatureOf(join(path, entry.name)))
      .join("");
  } catch {
    return `${path} -\n`;
  }
}

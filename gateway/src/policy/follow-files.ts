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

/** What a policy is made of. */
const isPart = (name: string): boolean => /\.(hpl|wasm)$/.test(name);

/**
 * Follows the policy at `path`, and the files that `others` names at each look. Returns a function that ends it. Keeps no
 * process alive. `changed` must not throw, and says whether the change is dealt with; if not, it is called again.
 */
export function followFiles(path: string, others: () => readonly string[], changed: () => boolean): () => void {
  const look = (): string => [path, ...others()].map(signatureOf).join("");
  let settled = look();
  let last = settled;
  const timer = setInterval(() => {
    const signature = look();
    const isStill = signature === last;
    last = signature;
    if (!isStill || signature === settled) return;
    if (changed()) settled = signature;
  }, interval_ms);
  timer.unref();
  return () => clearInterval(timer);
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

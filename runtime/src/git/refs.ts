/**
 * Git's refspecs and the receive-pack commands of its wire, as facts of ref updates.
 *
 * In: `+src:dst` as it is written, or `old new name` as it is sent. Out: which ref changes, whether history may be rewritten,
 * whether the ref goes away. Absent: reading a repository: whether a push is fast-forward is for the server to know.
 */

export interface RefUpdate {
  /** Full name of the ref on the other side; null when it is not known. */
  readonly ref: string | null;
  readonly force: boolean;
  readonly delete: boolean;
  /** The name is a pattern: more refs than one. */
  readonly all_refs: boolean;
}

/** A short name as `git push` reads it: a branch, unless it says otherwise. */
export const fullName = (name: string): string =>
  name.startsWith("refs/") ? name : /^(?:heads|tags|remotes)\//.test(name) ? `refs/${name}` : `refs/heads/${name}`;

/** One refspec of a push. `branch` is the branch that is checked out, if anybody knows. */
export function readRefspec(spec: string, branch: string | null): RefUpdate {
  const force = spec.startsWith("+");
  const text = force ? spec.slice(1) : spec;
  // Everything that has the same name on both sides.
  if (text === ":") return { ref: null, force, delete: false, all_refs: true };
  const colon = text.lastIndexOf(":");
  const source = colon < 0 ? text : text.slice(0, colon);
  const target = colon < 0 ? source : text.slice(colon + 1);
  const isDelete = colon >= 0 && source === "";
  if (target.includes("*")) return { ref: null, force, delete: isDelete, all_refs: true };
  const isHead = target === "HEAD" || target === "@" || target === "";
  const name = isHead ? branch : target;
  // `git push origin abc123` or a name with no branch behind it is refused by Git; a tag of that name would be pushed as one.
  return { ref: name === null ? null : fullName(name), force, delete: isDelete, all_refs: false };
}

const zero = /^0{40}(?:0{24})?$/;

/** One command of a receive-pack request: `old new name`. That an update rewrites history cannot be seen on the wire. */
export function readReceiveCommand(line: string): (RefUpdate & { readonly force_known: boolean }) | null {
  const found = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)(?:\0.*)?$/s.exec(line);
  if (found === null) return null;
  const [, before = "", after = "", ref = ""] = found;
  const isDelete = zero.test(after);
  const isNew = zero.test(before);
  return { ref, force: false, delete: isDelete, all_refs: false, force_known: isNew };
}

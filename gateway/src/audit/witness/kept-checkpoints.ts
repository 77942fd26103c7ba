/**
 * What this gateway keeps as the witness of others: the largest checkpoint of each log whose key the configuration names.
 *
 * In: notes that come over HTTP. Out: the note kept, a file each in `witnessed` of the state folder, and an event in this
 * gateway's own log, where it cannot be changed unseen. A note counts when the log's key signed it, so nobody needs to log in;
 * one that is smaller than the one kept, or as large and another, is refused, which is how a split log shows. Absent: proofs
 * that a larger log begins with the smaller one; the log's own gateway compares before it sends.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type NoteVerifier, readCheckpoint } from "../checkpoint.js";
import type { AuditEvent } from "../event.js";
import { isSameHash, type TreeHead } from "../merkle.js";
import { replaceFile } from "../replace-file.js";
import { witnessPath } from "./peer-witness.js";

export interface KeptCheckpoints {
  /** The note kept under `path`; null when there is none yet, undefined when no log has that path. */
  noteAt(path: string): string | null | undefined;
  /** Keeps `note`; why not, or null. Rejects when it cannot be written. */
  keep(path: string, note: string): Promise<string | null>;
}

/** Opens what is kept in `state` for the logs of `verifiers`. */
export function openKeptCheckpoints(
  state: string,
  verifiers: readonly NoteVerifier[],
  append: (event: AuditEvent) => void,
): KeptCheckpoints {
  const folder = join(state, "witnessed");
  const known = new Map(verifiers.map((verifier) => [witnessPath(verifier.name), openOne(folder, verifier)]));
  if (verifiers.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    noteAt: (path) => {
      const one = known.get(path);
      return one === undefined ? undefined : (one.kept?.note ?? null);
    },
    keep: async (path, note) => {
      const one = known.get(path);
      if (one === undefined) return "no such log";
      const head = readCheckpoint(note, one.verifier);
      const reason = objection(head, one.kept);
      if (reason !== null || head === null || head.size === one.kept?.size) return reason;
      append({ kind: "witness.seen", detail: { origin: one.verifier.name, size: head.size, note } });
      // Before anything is waited for: of two that come at once the smaller is refused.
      one.kept = { ...head, note };
      await replaceFile(one.file, note);
      return null;
    },
  };
}

interface One {
  readonly verifier: NoteVerifier;
  readonly file: string;
  kept: (TreeHead & { readonly note: string }) | null;
}

/** A file that the log's key did not sign stands for nothing. */
function openOne(folder: string, verifier: NoteVerifier): One {
  const file = join(folder, witnessPath(verifier.name).slice("/witness/".length));
  const note = existsSync(file) ? readFileSync(file, "utf8") : "";
  const head = readCheckpoint(note, verifier);
  return { verifier, file, kept: head === null ? null : { ...head, note } };
}

function objection(head: TreeHead | null, kept: TreeHead | null): string | null {
  if (head === null) return "the note was not signed by the log's key";
  if (kept === null || head.size > kept.size) return null;
  if (head.size < kept.size) return `a checkpoint of ${kept.size} lines was seen`;
  return isSameHash(head.root, kept.root) ? null : "another log of this size was seen";
}

/**
 * Proofs that an event is in the log, for people who do not have the log (C2SP tlog-proof).
 *
 * In: a log's folder and an index. Out: one text file with the line, its place, the hashes between it and a signed root, and
 * the checkpoint. From such a file: the line, if all of that fits. The line and the key's text travel as the format's extra
 * data, which proves nothing by itself: the line's own hash must lead to the signed root, and whoever checks says which key
 * they trust, or is told which one signed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NoteVerifier, readCheckpoint, readVerifier } from "./checkpoint.js";
import { checkInclusion, inclusionProof, isSameHash, leafHash } from "./merkle.js";
import { checkpointPath } from "./recover.js";
import { lineAt } from "./segments.js";
import { tileReader } from "./tiles.js";

const header = "c2sp.org/tlog-proof@v1";

export type WriteProof = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** A proof for the line at `index` under the log's last checkpoint. O(bytes of the line's segment). */
export async function writeProof(folder: string, index: number): Promise<WriteProof> {
  try {
    const note = readFileSync(checkpointPath(folder), "utf8");
    const key = readFileSync(join(folder, "key"), "utf8").trim();
    const verifier = readVerifier(key);
    const head = verifier === null ? null : readCheckpoint(note, verifier);
    if (head === null) return failed("the log's checkpoint was not signed by its key");
    if (index >= head.size) return failed(`the last checkpoint covers ${head.size} lines, and not line ${index}`);
    const line = await lineAt(folder, index);
    if (line === null) return failed("there is no such line");
    const read = tileReader(folder, head.size);
    if (!isSameHash(leafHash(line), read(0, index))) return failed("the line is not the one in its tile");
    const path = inclusionProof(read, index, head.size).map((hash) => Buffer.from(hash).toString("base64"));
    const extra = Buffer.from(JSON.stringify({ line: line.toString("utf8"), key })).toString("base64");
    return { ok: true, text: [header, `extra ${extra}`, `index ${index}`, ...path, "", note].join("\n") };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

const failed = (reason: string) => ({ ok: false, reason }) as const;

export type CheckProof =
  | { readonly ok: true; readonly index: number; readonly line: string; readonly key: string; readonly size: number }
  | { readonly ok: false; readonly reason: string };

/** Longest proof that is looked at, in UTF-16 code units: a line and room for all else. */
export const proofLengthMax = 16 << 20;

/** Checks a proof. `key` is the text of the key to trust; without it the one in the proof is used, and told. */
export function checkProof(text: string, key?: string): CheckProof {
  if (text.length > proofLengthMax) return failed("the file is too large for a proof");
  const parts =
    /^c2sp\.org\/tlog-proof@v1\nextra ([A-Za-z0-9+/]+={0,2})\nindex (0|[1-9][0-9]{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n([\s\S]*)$/.exec(
      text,
    );
  const extra = readExtra(parts?.[1] ?? "");
  if (parts === null || extra === null) return failed("the file is no proof with a line of this log");
  const verifier: NoteVerifier | null = readVerifier(key ?? extra.key);
  if (verifier === null) return failed("the key is none");
  const head = readCheckpoint(parts[4] ?? "", verifier);
  if (head === null) return failed("the checkpoint was not signed by the key");
  const [index, lines] = [Number(parts[2]), (parts[3] ?? "").split("\n").slice(0, -1)];
  const path = lines.map((line) => Buffer.from(line, "base64"));
  if (path.some((hash, i) => hash.toString("base64") !== lines[i]))
    return failed("a hash is not written as it should be");
  const leaf = leafHash(Buffer.from(extra.line));
  if (!checkInclusion(leaf, index, head.size, path, head.root))
    return failed("the line is not in the log that was signed");
  return { ok: true, index, line: extra.line, key: verifier.text, size: head.size };
}

function readExtra(encoded: string): { readonly line: string; readonly key: string } | null {
  try {
    const bytes = Buffer.from(encoded, "base64");
    if (bytes.toString("base64") !== encoded) return null;
    const { line, key } = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof line === "string" && typeof key === "string" ? { line, key } : null;
  } catch {
    return null;
  }
}

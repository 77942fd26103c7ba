/**
 * Checkpoints: a size and a root of the log, signed (C2SP tlog-checkpoint, a signed note with Ed25519).
 *
 * In: a tree's head and a key. Out: the text of a note, and from such a text the head, if a known key signed it. The key's name
 * is the log's origin and holds a part of the key's own hash, so that two logs never share one. Absent: cosignatures of
 * witnesses, which are passed over, and extension lines, which are refused.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { TreeHead } from "./merkle.js";

/** Somebody who can check what a log signed: C2SP signed-note, type 1. */
export interface NoteVerifier {
  readonly name: string;
  /** Four bytes of hash. */
  readonly id: Uint8Array;
  readonly key: KeyObject;
  /** `name+hash+base64`: the form in which a key is written down and given to others. */
  readonly text: string;
}

const ed25519Type = 1;
/** DER in front of the 32 bytes of an Ed25519 key (RFC 8410). */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** The verifier of the log that signs with `privateKey`. */
export function verifierOf(privateKey: KeyObject): NoteVerifier {
  const bytes = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(spkiPrefix.length);
  return namedVerifier(`hpl.audit/${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`, bytes);
}

function namedVerifier(name: string, bytes: Uint8Array): NoteVerifier {
  const typed = Buffer.concat([Uint8Array.of(ed25519Type), bytes]);
  const id = createHash("sha256").update(`${name}\n`).update(typed).digest().subarray(0, 4);
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" });
  return { name, id, key, text: `${name}+${id.toString("hex")}+${typed.toString("base64")}` };
}

/** A verifier from its text; null when it is none. */
export function readVerifier(text: string): NoteVerifier | null {
  const [, name, , encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim()) ?? [];
  if (name === undefined || encoded === undefined) return null;
  const typed = Buffer.from(encoded, "base64");
  if (typed.length !== 33 || typed[0] !== ed25519Type) return null;
  const verifier = namedVerifier(name, typed.subarray(1));
  return verifier.text === text.trim() ? verifier : null;
}

/** The signed note for a tree's head. About 40 µs. */
export function writeCheckpoint({ size, root }: TreeHead, privateKey: KeyObject, { name, id }: NoteVerifier): string {
  const text = `${name}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n\u2014 ${name} ${signature.toString("base64")}\n`;
}

/** Longest note that is looked at: room for sixteen signatures of any kind. */
const noteSizeMax = 100_000;

/** The head that `note` signs; null when it is no checkpoint of this log, or not one its key signed. About 100 µs. */
export function readCheckpoint(note: string, verifier: NoteVerifier): TreeHead | null {
  if (note.length > noteSizeMax) return null;
  const [text, signatures, ...more] = note.split("\n\n");
  if (text === undefined || signatures === undefined || more.length > 0) return null;
  const [, origin, size, encoded] = /^([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
  if (origin !== verifier.name || encoded === undefined) return null;
  const root = Buffer.from(encoded, "base64");
  // Base64 has spare bits at its end: only one spelling of a root counts.
  if (root.toString("base64") !== encoded || !isSigned(`${text}\n`, signatures, verifier)) return null;
  return { size: Number(size), root };
}

/** Signatures of other keys are passed over; of this key every one must hold. */
function isSigned(text: string, signatures: string, { name, id, key }: NoteVerifier): boolean {
  if (!signatures.endsWith("\n")) return false;
  const own = signatures
    .slice(0, -1)
    .split("\n")
    .map((line) => /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line));
  if (own.includes(null)) return false;
  const signed = own
    .filter((match) => match?.[1] === name)
    .map((match) => ({ encoded: match?.[2] ?? "", bytes: Buffer.from(match?.[2] ?? "", "base64") }))
    .filter(({ bytes }) => bytes.subarray(0, 4).equals(id));
  return (
    signed.length > 0 &&
    signed.every(
      ({ encoded, bytes }) =>
        bytes.toString("base64") === encoded && verify(null, Buffer.from(text), key, bytes.subarray(4)),
    )
  );
}

/**
 * Bundles: a policy as it travels, in the layout of the Open Policy Agent.
 *
 * In: a compiled policy, its sources, a revision, requests with the decisions it made on them, and where it came from. Out: one
 * `tar.gz` with `.manifest`, `policy.wasm`, `vectors.json`, `.provenance.json` and `sources/`, the same for the same input;
 * signed, it also has `.signatures.json`, a JWS over the digests of all other files. Reading checks everything before anything
 * is believed: the archive, the signature, that every file is signed and no signed one is missing, that the module is the
 * policy the manifest names, and that it decides here as it did there. Absent: transport, and which revisions came before.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { loadPolicy } from "@hpl/runtime";
import { type CryptoKey, decodeProtectedHeader, importPKCS8, importSPKI, jwtVerify, SignJWT } from "jose";
import { failedVector, type Vector } from "./self-test.js";
import { type ArchivedFile, readTar, writeTar } from "./tar.js";

export interface BundleManifest {
  /** A whole number as text; a later bundle has a greater one. */
  readonly revision: string;
  readonly roots: readonly string[];
  readonly metadata: {
    /** Semantic digest of the policy. */
    readonly policy_digest: string;
    readonly language: string;
  };
}

export type OpenedBundle =
  | {
      readonly ok: true;
      readonly manifest: BundleManifest;
      /** Name of the key that signed it. */
      readonly key: string;
      /** Number of decisions that were made again. */
      readonly vectors_count: number;
      /** What `.provenance.json` says, without meaning here; null where there is none. */
      readonly provenance: unknown;
      readonly module: Uint8Array<ArrayBuffer>;
      /** Paths below `sources/`. */
      readonly sources: readonly { readonly path: string; readonly bytes: Uint8Array }[];
      readonly files: readonly ArchivedFile[];
    }
  | { readonly ok: false; readonly reason: string };

/** PEM texts (SPKI, Ed25519) of the keys that may sign, by name. */
export type BundleKeys = ReadonlyMap<string, string>;

/** What a bundle is made of, beside its module. */
export interface BundleParts {
  readonly sources: readonly { readonly path: string; readonly text: string }[];
  /** 0 or more; a later bundle has a greater one. */
  readonly revision: number;
  readonly vectors: readonly Vector[];
  /** JSON; null for none. */
  readonly provenance: unknown;
}

/** Bytes of a bundle's files together: what a hostile one may unfold to. */
export const bundleSize_max = 64 * 1024 * 1024;

const manifestName = ".manifest";
const signaturesName = ".signatures.json";
const moduleName = "policy.wasm";
const vectorsName = "vectors.json";
const provenanceName = ".provenance.json";
const sourcesFolder = "sources/";
const algorithm = "EdDSA";

/** Revisions are whole numbers of at most so many digits: exact in a double. */
export const revisionDigits_max = 15;

const failed = (reason: string): Extract<OpenedBundle, { ok: false }> => ({ ok: false, reason });

/** Packs `module` with its sources. Throws for a module that is none, and for names that fit no archive. */
export function buildBundle(
  module: Uint8Array<ArrayBuffer>,
  { sources, revision, vectors, provenance }: BundleParts,
): Uint8Array {
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { digest, meta } = loaded.policy;
  const manifest: BundleManifest = {
    revision: String(revision),
    roots: ["hpl"],
    metadata: { policy_digest: digest, language: meta.language },
  };
  return pack([
    { name: manifestName, bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { name: moduleName, bytes: module },
    { name: vectorsName, bytes: Buffer.from(JSON.stringify(vectors)) },
    ...(provenance === null ? [] : [{ name: provenanceName, bytes: Buffer.from(JSON.stringify(provenance)) }]),
    ...sources.map(({ path, text }) => ({ name: `${sourcesFolder}${plainPath(path)}`, bytes: Buffer.from(text) })),
  ]);
}

/** Without what leads out of the folder the command was called in. */
const plainPath = (path: string): string => path.replace(/^(\.{0,2}\/)+/, "");

/** `bundle` with a signature by the private key `pem` (PKCS #8, Ed25519), in place of an earlier one. */
export async function signBundle(bundle: Uint8Array, pem: string, key_id: string): Promise<Uint8Array> {
  const files = unpack(bundle)?.filter(({ name }) => name !== signaturesName);
  if (files === undefined) throw new Error("the file is no bundle");
  const token = await new SignJWT({ files: files.map(digestEntry) })
    .setProtectedHeader({ alg: algorithm, kid: key_id, typ: "JWT" })
    .sign(await importPKCS8(pem, algorithm));
  return pack([...files, { name: signaturesName, bytes: Buffer.from(JSON.stringify({ signatures: [token] })) }]);
}

/**
 * Opens a bundle that one of `keys` has signed: the one that the signature names, else the only one there is. Never throws for
 * what is in the bundle; rejects for a key that is none.
 */
export async function openBundle(bundle: Uint8Array, keys: BundleKeys): Promise<OpenedBundle> {
  const imported = await Promise.all(
    [...keys].map(async ([name, pem]) => ({ name, key: await importSPKI(pem, algorithm) })),
  );
  try {
    return await openSigned(bundle, imported);
  } catch {
    return failed("it holds JSON that is nested too deeply"); // Reading it overflows the stack; nothing else throws.
  }
}

async function openSigned(bundle: Uint8Array, signers: readonly Signer[]): Promise<OpenedBundle> {
  const all = unpack(bundle);
  if (all === null) return failed("it is no bundle: a tar.gz of plain files");
  const signatures = all.find(({ name }) => name === signaturesName);
  if (signatures === undefined) return failed("it is not signed");
  const token = tokenIn(signatures);
  const signer = token === null ? null : signerOf(token, signers);
  if (token === null || signer === null) return failed("its signature is by no key that may sign");
  const files = all.filter(({ name }) => name !== signaturesName);
  const signed = await signedEntries(token, signer.key);
  if (signed === null) return failed("its signature is not by this key");
  const wrong = firstDifference(files, signed);
  return wrong === null ? readContents(files, signer.name) : failed(wrong);
}

interface Signer {
  readonly name: string;
  readonly key: CryptoKey;
}

function signerOf(token: string, signers: readonly Signer[]): Signer | null {
  const [only, second] = signers;
  const wanted = keyNameOf(token);
  const named = signers.find(({ name }) => name === wanted);
  return named ?? (second === undefined ? (only ?? null) : null);
}

/** The name that a signature gives of its key: a hint, nothing more. */
function keyNameOf(token: string): string | null {
  try {
    return decodeProtectedHeader(token).kid ?? null;
  } catch {
    return null;
  }
}

function readContents(files: readonly ArchivedFile[], key: string): OpenedBundle {
  const manifest = parse(files.find(({ name }) => name === manifestName)?.bytes) as BundleManifest | null;
  const archived = files.find(({ name }) => name === moduleName);
  if (archived === undefined || manifest === null || !isRevision(manifest.revision))
    return failed("it has no manifest with a revision, or no module");
  const module = new Uint8Array(archived.bytes);
  const loaded = loadPolicy(module);
  if (!loaded.ok) return failed(`its module cannot be used: ${loaded.failure.message}`);
  if (loaded.policy.digest !== manifest.metadata?.policy_digest)
    return failed("its module is not the policy that its manifest names");
  const vectors = parse(files.find(({ name }) => name === vectorsName)?.bytes);
  const wrong = failedVector(loaded.policy, vectors);
  if (wrong !== null) return failed(wrong);
  return {
    ok: true,
    manifest,
    key,
    vectors_count: Array.isArray(vectors) ? vectors.length : 0,
    provenance: parse(files.find(({ name }) => name === provenanceName)?.bytes),
    module,
    sources: files
      .filter(({ name }) => name.startsWith(sourcesFolder))
      .map(({ name, bytes }) => ({ path: name.slice(sourcesFolder.length), bytes })),
    files,
  };
}

const isRevision = (revision: unknown): boolean =>
  typeof revision === "string" && revision.length <= revisionDigits_max && /^\d+$/.test(revision);

interface SignedEntry {
  readonly name: string;
  readonly hash: string;
  readonly algorithm: string;
}

/** The one signature; null where there is none, or where it would be a choice. */
function tokenIn(file: ArchivedFile): string | null {
  const value = parse(file.bytes) as { readonly signatures?: unknown } | null;
  const [token, second] = Array.isArray(value?.signatures) ? value.signatures : [];
  return typeof token === "string" && second === undefined ? token : null;
}

async function signedEntries(token: string, key: CryptoKey): Promise<readonly SignedEntry[] | null> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [algorithm] });
    return Array.isArray(payload.files) && payload.files.every(isEntry) ? payload.files : null;
  } catch {
    return null;
  }
}

const isEntry = (value: unknown): value is SignedEntry =>
  typeof value === "object" && value !== null && "name" in value && "hash" in value;

/** What is wrong with the files by the signed list; null when they are exactly these. */
function firstDifference(files: readonly ArchivedFile[], signed: readonly SignedEntry[]): string | null {
  const wanted = new Map(signed.map((entry) => [entry.name, entry]));
  const stray = files.find((file) => wanted.get(file.name)?.hash !== digestEntry(file).hash);
  if (stray !== undefined) return `${stray.name} is not as it was signed`;
  return signed.length === files.length ? null : "a file that was signed is missing";
}

/** OPA signs what a JSON file says, not how it is written; of any other file its bytes. */
function digestEntry({ name, bytes }: ArchivedFile): SignedEntry {
  const isStructured = name === manifestName || /(^|\/)data\.json$/.test(name);
  const digested = isStructured ? Buffer.from(canonical(parse(bytes))) : bytes;
  return { name, hash: createHash("sha256").update(digested).digest("hex"), algorithm: "SHA-256" };
}

/** JSON with sorted names and no white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(",")}}`;
}

function pack(files: readonly ArchivedFile[]): Uint8Array {
  const archive = writeTar(files);
  if (archive === null) throw new Error("a file's name does not fit an archive");
  return gzipSync(archive, { level: 9 });
}

function unpack(bundle: Uint8Array): readonly ArchivedFile[] | null {
  try {
    return readTar(gunzipSync(bundle, { maxOutputLength: bundleSize_max }));
  } catch {
    return null;
  }
}

function parse(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

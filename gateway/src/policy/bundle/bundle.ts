/**
 * Bundles: a policy as it travels, in the layout of the Open Policy Agent.
 *
 * In: a compiled policy, its sources, and a revision. Out: one `tar.gz` with `.manifest`, `policy.wasm` and `sources/`, the
 * same for the same input; signed, it also has `.signatures.json`, a JWS over the digests of all other files. Reading checks
 * everything before anything is believed: the archive, the signature, that every file is signed and no signed one is missing,
 * and that the module is the policy the manifest names. Absent: transport, and which revisions came before.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { loadPolicy } from "@hpl/runtime";
import { type CryptoKey, importPKCS8, importSPKI, jwtVerify, SignJWT } from "jose";
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
  | { readonly ok: true; readonly manifest: BundleManifest; readonly files: readonly ArchivedFile[] }
  | { readonly ok: false; readonly reason: string };

/** Bytes of a bundle's files together: what a hostile one may unfold to. */
export const bundleSize_max = 64 * 1024 * 1024;

const manifestName = ".manifest";
const signaturesName = ".signatures.json";
const moduleName = "policy.wasm";
const algorithm = "EdDSA";

const failed = (reason: string): OpenedBundle => ({ ok: false, reason });

/** Packs `module` with its sources. Throws for a module that is none, and for names that fit no archive. */
export function buildBundle(
  module: Uint8Array<ArrayBuffer>,
  sources: readonly { readonly path: string; readonly text: string }[],
  revision: number,
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
    ...sources.map(({ path, text }) => ({ name: `sources/${plainPath(path)}`, bytes: Buffer.from(text) })),
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

/** Opens a bundle that the public key `pem` (SPKI, Ed25519) has signed. Never throws for what is in the bundle. */
export async function openBundle(bundle: Uint8Array, pem: string): Promise<OpenedBundle> {
  const key = await importSPKI(pem, algorithm);
  const all = unpack(bundle);
  if (all === null) return failed("it is no bundle: a tar.gz of plain files");
  const signatures = all.find(({ name }) => name === signaturesName);
  if (signatures === undefined) return failed("it is not signed");
  const files = all.filter(({ name }) => name !== signaturesName);
  const signed = await signedEntries(signatures, key);
  if (signed === null) return failed("its signature is not by this key");
  const wrong = firstDifference(files, signed);
  return wrong === null ? readContents(files) : failed(wrong);
}

function readContents(files: readonly ArchivedFile[]): OpenedBundle {
  const manifest = parse(files.find(({ name }) => name === manifestName)?.bytes) as BundleManifest | null;
  const module = files.find(({ name }) => name === moduleName);
  if (module === undefined || !/^\d{1,15}$/.test(manifest?.revision ?? "") || manifest === null)
    return failed("it has no manifest with a revision, or no module");
  const loaded = loadPolicy(new Uint8Array(module.bytes));
  if (!loaded.ok) return failed(`its module cannot be used: ${loaded.failure.message}`);
  const isNamed = loaded.policy.digest === manifest.metadata?.policy_digest;
  return isNamed ? { ok: true, manifest, files } : failed("its module is not the policy that its manifest names");
}

interface SignedEntry {
  readonly name: string;
  readonly hash: string;
  readonly algorithm: string;
}

async function signedEntries(file: ArchivedFile, key: CryptoKey): Promise<readonly SignedEntry[] | null> {
  const value = parse(file.bytes) as { readonly signatures?: unknown } | null;
  const [token, second] = Array.isArray(value?.signatures) ? value.signatures : [];
  if (typeof token !== "string" || second !== undefined) return null;
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [algorithm] });
    return Array.isArray(payload.files) ? payload.files : null;
  } catch {
    return null;
  }
}

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

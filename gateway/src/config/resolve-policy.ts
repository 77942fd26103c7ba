/** Where the policy comes from, with the keys that may sign it and the secrets that fetching it takes. */
import { createPublicKey } from "node:crypto";
import { isSafeUrl } from "../identity/oidc.js";
import type { BundleKeys } from "../policy/bundle/bundle.js";
import type { BundleConfig, GatewayConfig } from "./generated.js";
import type { FieldPath } from "./resolve-config.js";
import { pathIn, readSecret } from "./secret.js";

/** Runs a step for the field at `path`; null when it failed, which is noted. */
type Attempt = <T>(path: FieldPath, read: () => T) => T | null;

export type PolicySettings =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "bundle"; readonly place: BundlePlace; readonly poll_ms: number; readonly signers: BundleKeys };

export type BundlePlace =
  | { readonly kind: "url"; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "file"; readonly path: string };

/** A server is asked as often as a policy's author will wait; a look at a file costs microseconds. */
const pollDefault_s = { url: 30, file: 1 } as const;

export function resolvePolicy({ policy }: GatewayConfig, folder: string, attempt: Attempt): PolicySettings | null {
  if (typeof policy === "string") return { kind: "path", path: pathIn(folder, policy) };
  const { bundle } = policy;
  const path = ["policy", "bundle"];
  const place = placeOf(bundle, folder, path, attempt);
  const signers = Object.entries(bundle.keys).flatMap(([name, secret]) => {
    const pem = attempt([...path, "keys", name], () => publicKey(readSecret(secret, folder)));
    return pem === null ? [] : [[name, pem] as const];
  });
  if (place === null) return null;
  const { poll_s = pollDefault_s[place.kind] } = bundle;
  return { kind: "bundle", place, poll_ms: poll_s * 1000, signers: new Map(signers) };
}

function placeOf(bundle: BundleConfig, folder: string, path: FieldPath, attempt: Attempt): BundlePlace | null {
  if ("file" in bundle) return { kind: "file", path: pathIn(folder, bundle.file) };
  const url = attempt([...path, "url"], () => bundleUrl(bundle.url));
  const headers = Object.entries(bundle.headers ?? {}).flatMap(([name, secret]) => {
    const value = attempt([...path, "headers", name], () => readSecret(secret, folder));
    return value === null ? [] : [[name, value] as const];
  });
  return url === null ? null : { kind: "url", url, headers: Object.fromEntries(headers) };
}

/** Bundles are signed, but who can answer for the server can keep a gateway on an old one. */
function bundleUrl(url: string): string {
  if (!isSafeUrl(url)) throw new Error("must be on https, or on this machine");
  const { username, password } = new URL(url);
  if (username !== "" || password !== "")
    throw new Error("a bundle's URL may not hold a user or password: use `headers`");
  return url;
}

/** A private key would do to check with, but has no place on a gateway. */
function publicKey(pem: string): string {
  if (pem.includes("PRIVATE KEY")) throw new Error("the key is a private one: give the public key");
  if (!isEd25519(pem)) throw new Error("the key is no public key of Ed25519, SPKI in PEM");
  return pem;
}

function isEd25519(pem: string): boolean {
  try {
    return pem.includes("BEGIN PUBLIC KEY") && createPublicKey(pem).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}

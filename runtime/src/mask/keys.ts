/**
 * Keys of the transforms that need one.
 *
 * In: the keys that the host has, by the name a policy calls them. Out: for each purpose a key of its own, by HKDF-SHA-256
 * (RFC 5869) with no salt and the info `hpl/mask/1/` and the purpose, so that what one transform shows says nothing about
 * another. The same key on two columns gives equal values equal stand-ins, and so they can be joined; two keys keep them apart.
 * Absent: where keys come from, and their rotation: another key is another name.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** By name. Each of 32 random bytes. */
export type MaskKeys = ReadonlyMap<string, Uint8Array>;

export const noKeys: MaskKeys = new Map();

/** The least bytes of a key: what HMAC-SHA-256 and AES-256 are as strong as. */
export const maskKeyBytes_min = 32;

/** 32 bytes. */
export const keyFor = (key: Uint8Array, purpose: string): Uint8Array =>
  hkdf(sha256, key, undefined, new TextEncoder().encode(`hpl/mask/1/${purpose}`), 32);

/** The transforms that take a key, or one of them for each element. */
const keyed = /^(?:elements\()?(?:hmac|surrogate|ff1|date_shift)\(key: "([^"]*)"/;

/** The name of the key that `transform` needs, as a decision names it; null when it needs none. */
export const keyNameOf = (transform: string): string | null => keyed.exec(transform)?.[1] ?? null;

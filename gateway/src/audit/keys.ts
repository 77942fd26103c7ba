/**
 * The gateway's own keys, made at the first start: one signs checkpoints, one turns statements into digests nobody can guess.
 *
 * In: the state folder. Out: keys from `keys/` in it, readable by the gateway's user alone. A key that is gone is not made anew
 * where it was used: another key could not speak for the log. Absent: rotation, hardware keys.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./replace-file.js";

export interface GatewayKeys {
  /** Ed25519. */
  readonly signing: KeyObject;
  /** 32 bytes for HMAC-SHA-256. */
  readonly digests: Uint8Array;
}

/** Reads the keys, and makes them where `mayMake`. Rejects for keys that are missing or unusable. */
export async function openKeys(state: string, mayMake: boolean): Promise<GatewayKeys> {
  const folder = join(state, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pem = await keyFile(join(folder, "audit-log.pem"), mayMake, () =>
    Buffer.from(generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" })),
  );
  const digests = await keyFile(join(folder, "digests.key"), mayMake, () => randomBytes(32));
  if (digests.length !== 32) throw new Error(`${join(folder, "digests.key")} is not a key of 32 bytes`);
  const signing = createPrivateKey(pem);
  if (signing.asymmetricKeyType !== "ed25519") throw new Error(`${join(folder, "audit-log.pem")} is no Ed25519 key`);
  return { signing, digests };
}

async function keyFile(path: string, mayMake: boolean, make: () => Buffer): Promise<Buffer> {
  if (existsSync(path)) return readFileSync(path);
  if (!mayMake) throw new Error(`the key ${path} is gone: put it back, or move the audit log away to begin a new one`);
  const key = make();
  await replaceFile(path, key);
  return key;
}

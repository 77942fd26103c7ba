/** Keys of transforms, as text in the configuration: 32 bytes or more, as hex digits or base64. */
import { type MaskKeys, maskKeyBytes_min } from "@hpl/runtime";
import type { GatewayConfig } from "./generated.js";
import type { FieldPath } from "./resolve-config.js";
import { readSecret } from "./secret.js";

/** Runs a step for the field at `path`; null when it failed, which is noted. */
type Attempt = <T>(path: FieldPath, read: () => T) => T | null;

export function resolveMaskKeys({ keys = {} }: GatewayConfig, folder: string, attempt: Attempt): MaskKeys {
  const found = Object.entries(keys).flatMap(([name, secret]) => {
    const key = attempt(["keys", name], () => keyBytes(readSecret(secret, folder)));
    return key === null ? [] : [[name, key] as const];
  });
  return new Map(found);
}

/** Throws what does not quote the text. A passphrase is refused: whoever sees stand-ins could guess it. */
export function keyBytes(text: string): Uint8Array {
  const bytes = /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : base64Bytes(text);
  if (bytes === null || bytes.length < maskKeyBytes_min)
    throw new Error(
      `the key is not ${maskKeyBytes_min} bytes or more, as hex digits or base64 (\`openssl rand -hex ${maskKeyBytes_min}\` makes one)`,
    );
  if (new Set(bytes).size < differentBytes_min) throw new Error("the key repeats a few bytes: it is not random");
  return Uint8Array.from(bytes);
}

/** Of 32 random bytes, so few different ones come less than once in 10^20 times. */
const differentBytes_min = 12;

function base64Bytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is no base64: only a text that comes back the same was all of it.
  return bytes.toString("base64") === text ? bytes : null;
}

import { sha256 } from "@noble/hashes/sha2.js";

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bitcoin's base58check: the last four bytes are the first four of a double SHA-256 over the others. */
export function isBase58Check(text: string): boolean {
  const bytes = base58Bytes(text);
  if (bytes === null || bytes.length < 5) return false;
  const sum = sha256(sha256(bytes.subarray(0, -4)));
  return bytes.subarray(-4).every((byte, i) => byte === sum[i]);
}

function base58Bytes(text: string): Uint8Array | null {
  const bytes: number[] = [];
  for (const character of text) {
    let carry = base58.indexOf(character);
    if (carry < 0) return null;
    for (const [i, byte] of bytes.entries()) {
      carry += byte * 58;
      bytes[i] = carry & 0xff;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff);
  }
  const zeros = text.length - text.replace(/^1+/, "").length;
  return Uint8Array.from([...Array.from({ length: zeros }, () => 0), ...bytes.reverse()]);
}

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** BIP 173, and BIP 350 for newer addresses: one case, and the sum over prefix and data. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const end = lower.lastIndexOf("1");
  const values = [...lower.slice(end + 1)].map((character) => bech32Alphabet.indexOf(character));
  if (end < 1 || values.length < 6 || values.includes(-1)) return false;
  const prefix = [...lower.slice(0, end)].map((character) => character.charCodeAt(0));
  const sum = polymod([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...values]);
  return sum === 1 || sum === 0x2bc830a3;
}

const polymod = (values: readonly number[]): number =>
  values.reduce((sum, value) => {
    const top = sum >>> 25;
    const shifted = ((sum & 0x1ffffff) << 5) ^ value;
    return generators.reduce((rest, generator, i) => rest ^ ((top >> i) & 1 ? generator : 0), shifted);
  }, 1);

/**
 * Stand-ins that only a key can make: equal values have equal ones, and nothing else shows, not even the length.
 *
 * In: a cell and a key. Out: `hmac`, the first 128 bits of HMAC-SHA-256 over the value, as hex digits or bytes; `surrogate`, a
 * value of the type that can stand where the value stood, and in a text says which key made it. What is signed is the value
 * itself, whatever its format and its type's width (`\0` and the value behind its kind), so that a text and a varchar can be
 * joined. Whoever has the key can try out values: a key is worth what it hides. Absent: the way back.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { binaryBytes, byteaCell } from "./bytea.js";
import type { Cell } from "./mask-cell.js";
import { decimalText, encodeDecimal } from "./numbers.js";
import { isTextType } from "./postgres-types.js";
import { uuidBytes, uuidCell } from "./uuid.js";

const [bytea, bpchar, uuid, int8, numeric] = [17, 1042, 2950, 20, 1700];

export const hasHmac = (type_oid: number): boolean => isTextType(type_oid) || type_oid === bytea;

/** The digest of `cell` as 32 hex digits, or as 16 bytes; null when the cell is not of its type's form. */
export function hmacCell(cell: Cell, key: Uint8Array): Uint8Array | null {
  const digest = digestOf(cell, key)?.subarray(0, 16);
  if (digest === undefined) return null;
  return cell.type_oid === bytea ? byteaCell(digest, cell.format) : utf8.encode(hexOf(digest));
}

export const hasSurrogate = (type_oid: number): boolean =>
  isTextType(type_oid) || type_oid === uuid || type_oid === int8 || type_oid === numeric;

/**
 * A text: the key's name, a colon, 26 characters (128 bits in base 32). A uuid: one of version 8 (RFC 9562), 122 bits. A number:
 * a whole one of 63 bits, of which among some billions two may be equal; narrower types have no room. Null when the cell is not
 * of its type's form.
 */
export function surrogateCell(cell: Cell, key: Uint8Array, name: string): Uint8Array | null {
  const digest = digestOf(cell, key);
  if (digest === null) return null;
  if (cell.type_oid === uuid) return surrogateUuid(digest, cell.format);
  if (!isTextType(cell.type_oid))
    return encodeDecimal(bigEndian(digest.subarray(0, 8)) >> 1n, cell.type_oid, cell.format);
  return utf8.encode(`${name}:${base32(digest.subarray(0, 16))}`);
}

const utf8 = new TextEncoder();
const latin1 = new TextDecoder("latin1");

function digestOf(cell: Cell, key: Uint8Array): Uint8Array | null {
  const signed = signedBytes(cell);
  return signed === null ? null : hmac(sha256, key, signed);
}

/** What is signed: the same for equal values. */
function signedBytes({ type_oid, format, bytes }: Cell): Uint8Array | null {
  if (type_oid === bytea) return behind("bytes", binaryBytes(bytes, format));
  if (type_oid === uuid) return behind("uuid", format === 1 ? sized(bytes, 16) : uuidBytes(latin1.decode(bytes)));
  if (!isTextType(type_oid)) return behind("number", plainNumber(format === 1 ? decimalText(type_oid, bytes) : bytes));
  return behind("text", type_oid === bpchar ? withoutPadding(bytes) : bytes);
}

function behind(kind: string, value: Uint8Array | null): Uint8Array | null {
  if (value === null) return null;
  const signed = new Uint8Array(kind.length + 1 + value.length);
  signed.set(utf8.encode(kind));
  signed.set(value, kind.length + 1);
  return signed;
}

const sized = (bytes: Uint8Array, size: number): Uint8Array | null => (bytes.length === size ? bytes : null);

/** Blanks at the end of a `char(n)` are no part of the value. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x20) end--;
  return bytes.subarray(0, end);
}

/** `1.50` and `1.5` are equal, and so are `0` and `-0`. Null for NaN, infinity and what is no number. O(digits). */
function plainNumber(bytes: Uint8Array | null): Uint8Array | null {
  const text = bytes === null ? "" : latin1.decode(bytes);
  const [matched, sign = "", digits = "", decimals = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (matched === undefined) return null;
  let end = decimals.length;
  while (end > 0 && decimals[end - 1] === "0") end--;
  const whole = digits.replace(/^0+(?=\d)/, "");
  const plain = end === 0 ? whole : `${whole}.${decimals.slice(0, end)}`;
  return utf8.encode(plain === "0" ? plain : sign + plain);
}

function surrogateUuid(digest: Uint8Array, format: 0 | 1): Uint8Array {
  const bytes = digest.slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80; // version 8
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant 10
  return uuidCell(bytes, format);
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const bigEndian = (bytes: Uint8Array): bigint => BigInt(`0x${hexOf(bytes)}`);

/** RFC 4648 section 6 in small letters, without padding. */
function base32(bytes: Uint8Array): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  const count = Math.ceil((bytes.length * 8) / 5);
  const bits = bigEndian(bytes) << BigInt(count * 5 - bytes.length * 8);
  return Array.from({ length: count }, (_, i) => alphabet[Number((bits >> BigInt((count - 1 - i) * 5)) & 31n)]).join(
    "",
  );
}

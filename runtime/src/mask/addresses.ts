/**
 * Addresses of which only the network shows: the first bits stay, the others become zero. For `inet` and `cidr` in both formats
 * (network.c, network_send: family, bits, is_cidr, size, address), and for text that is an address.
 */
import type { Cell } from "./mask-cell.js";
import { isTextType, standInFor } from "./postgres-types.js";

const [inet, cidr] = [869, 650];
const [family4, family6] = [2, 3];

export interface AddressBits {
  readonly v4: number;
  readonly v6: number;
}

export const isAddressType = (type_oid: number): boolean =>
  type_oid === inet || type_oid === cidr || isTextType(type_oid);

/** `cell` with the first bits of its address and no more; of a text that is no address, nothing. Null for a malformed one. */
export function networkCell({ type_oid, format, bytes }: Cell, bits: AddressBits): Uint8Array | null {
  if (isTextType(type_oid)) return networkText(bytes, false, bits) ?? standInFor(type_oid, format);
  return format === 1 ? networkBytes(bytes, bits) : networkText(bytes, type_oid === cidr, bits);
}

function networkBytes(bytes: Uint8Array, { v4, v6 }: AddressBits): Uint8Array | null {
  const [family = 0, prefix = 0, isCidr = 0, size = 0] = bytes;
  const isWhole = (family === family4 && size === 4) || (family === family6 && size === 16);
  if (!isWhole || bytes.length !== 4 + size) return null;
  const kept = size === 4 ? v4 : v6;
  return Uint8Array.of(
    family,
    isCidr === 1 ? Math.min(prefix, kept) : prefix,
    isCidr,
    size,
    ...cut(bytes.subarray(4), kept),
  );
}

const cut = (address: Uint8Array, bits: number): Uint8Array =>
  address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))));

function networkText(bytes: Uint8Array, isCidr: boolean, { v4, v6 }: AddressBits): Uint8Array | null {
  const [host = "", prefix, ...more] = new TextDecoder().decode(bytes).split("/");
  const address = addressOf(host);
  if (address === null || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? "0")) return null;
  const kept = address.length === 4 ? v4 : v6;
  const shown = isCidr ? Math.min(Number(prefix ?? address.length * 8), kept) : prefix;
  return new TextEncoder().encode(`${textOf(cut(address, kept))}${shown === undefined ? "" : `/${shown}`}`);
}

function addressOf(text: string): Uint8Array | null {
  if (!text.includes(":")) return quadOf(text);
  const [head = "", tail, ...more] = text.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  if (before === null || after === null || more.length > 0) return null;
  const missing_count = 16 - before.length - after.length;
  if (tail === undefined ? missing_count !== 0 : missing_count < 2) return null;
  return Uint8Array.from([...before, ...Array.from({ length: missing_count }, () => 0), ...after]);
}

function quadOf(text: string): Uint8Array | null {
  const parts = text.split(".");
  const isWhole = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isWhole ? Uint8Array.from(parts, Number) : null;
}

/** Bytes of groups of two bytes; the last may be written as an IPv4 address. */
function groupsOf(text: string): readonly number[] | null {
  const bytes: number[] = [];
  for (const group of text === "" ? [] : text.split(":")) {
    const quad = group.includes(".") ? quadOf(group) : null;
    if (quad !== null) bytes.push(...quad);
    else if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    else bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
  }
  return bytes;
}

/** As the server writes it: the longest run of zero groups, of two at least, is left out (RFC 5952). */
function textOf(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((address[i * 2] ?? 0) << 8) | (address[i * 2 + 1] ?? 0)).toString(16),
  );
  const written = groups.join(":");
  const [longest] = [...written.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return written;
  const behind = written.slice(longest.index + longest[0].length);
  return `${written.slice(0, longest.index)}:${behind === "" ? ":" : behind}`;
}

/** Values of type `bytea`: as text `\x` and two hex digits a byte (`bytea_output` hex, the default), in binary themselves. */

/** The bytes that a cell stands for; null when it is text of another form. */
export function binaryBytes(cell: Uint8Array, format: 0 | 1): Uint8Array | null {
  if (format === 1) return cell;
  const text = new TextDecoder("latin1").decode(cell);
  if (!/^\\x(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from({ length: (text.length - 2) / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 + i * 2, 4 + i * 2), 16),
  );
}

export function byteaCell(bytes: Uint8Array, format: 0 | 1): Uint8Array {
  if (format === 1) return bytes;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return new TextEncoder().encode(`\\x${digits}`);
}

/** Values of type `uuid`: 16 bytes; as text in small letters with hyphens, as the server writes them. */

const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The bytes that `text` stands for; null when it is no uuid. */
export function uuidBytes(text: string): Uint8Array | null {
  if (!form.test(text)) return null;
  const digits = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

export function uuidCell(bytes: Uint8Array, format: 0 | 1): Uint8Array {
  if (format === 1) return bytes;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return new TextEncoder().encode(digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
}

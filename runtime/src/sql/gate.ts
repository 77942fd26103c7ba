/**
 * The gate before the parser: what we refuse to read at all, because the server would not read it as we do, or at a
 * cost.
 */
import { limits } from "./limits.js";

/** Why a text is not read, or its UTF-8 bytes. */
export type Passage =
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "passed"; readonly bytes: Uint8Array };

const encoder = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;

export function passGate(text: string): Passage {
  // A UTF-16 code unit takes at least one byte: no need to encode what is certainly too long.
  if (text.length > limits.text_bytes) return { kind: "refused", reason: "too_large" };
  // The parser stops at NUL, the wire protocol at NUL as well, but they need not stop at the same place.
  if (text.includes("\0")) return { kind: "refused", reason: "nul_byte" };
  if (loneSurrogate.test(text)) return { kind: "refused", reason: "not_unicode" };
  const bytes = encoder.encode(text);
  return bytes.length > limits.text_bytes ? { kind: "refused", reason: "too_large" } : { kind: "passed", bytes };
}

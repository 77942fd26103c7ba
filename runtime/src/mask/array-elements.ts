/**
 * Arrays, element by element; how many there are, and which are NULL, stays and shows.
 *
 * In: a cell of an array type, in either format (arrayfuncs.c: array_out, array_send), and what becomes of one element. Out: an
 * array of the same shape. Null for a cell that is not of its type's form.
 */

import { textOf } from "./plain-text.js";
import type { CellFormat } from "./postgres-types.js";

/** What becomes of one element, which is never NULL; null is SQL NULL. */
export type ElementMask = (bytes: Uint8Array) => Uint8Array | null;

/** Dimensions of an array at most (MAXDIM). */
const dimensions_max = 6;

export function maskElements(bytes: Uint8Array, format: CellFormat, mask: ElementMask): Uint8Array | null {
  return format === 0 ? inText(bytes, mask) : inBinary(bytes, mask);
}

/**
 * Dimensions, whether there are NULLs, the element type; size and first index of each dimension; then the elements behind their
 * sizes.
 */
function inBinary(bytes: Uint8Array, mask: ElementMask): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions = bytes.length < 12 ? -1 : view.getInt32(0);
  const head = 12 + dimensions * 8;
  if (dimensions < 0 || dimensions > dimensions_max || head > bytes.length) return null;
  const pieces: (Uint8Array | null)[] = [];
  let at = head;
  while (at < bytes.length) {
    const size = at + 4 > bytes.length ? -2 : view.getInt32(at);
    const end = at + 4 + Math.max(0, size);
    if (size < -1 || end > bytes.length) return null;
    pieces.push(size === -1 ? null : mask(bytes.subarray(at + 4, end)));
    at = end;
  }
  return pieces.length === countOf(view, dimensions) ? written(bytes.subarray(0, head), pieces) : null;
}

function countOf(view: DataView, dimensions: number): number {
  let count = dimensions === 0 ? 0 : 1;
  for (let i = 0; i < dimensions; i++) count *= view.getInt32(12 + i * 8);
  return count;
}

function written(head: Uint8Array, pieces: readonly (Uint8Array | null)[]): Uint8Array {
  const size = pieces.reduce((sum, piece) => sum + 4 + (piece?.length ?? 0), head.length);
  const result = new Uint8Array(size);
  const view = new DataView(result.buffer);
  result.set(head);
  view.setInt32(4, pieces.includes(null) ? 1 : 0);
  let at = head.length;
  for (const piece of pieces) {
    view.setInt32(at, piece?.length ?? -1);
    if (piece !== null) result.set(piece, at + 4);
    at += 4 + (piece?.length ?? 0);
  }
  return result;
}

/** Bounds, brackets, commas, quoted elements, plain ones. */
const bounds = /^(?:\[-?\d+:-?\d+\])+=/;
const token = /[{},]|"(?:[^"\\]|\\.)*"|[^{},"\\\t\n\v\f\r ]+/sy;

function inText(bytes: Uint8Array, mask: ElementMask): Uint8Array | null {
  const text = textOf(bytes);
  if (text === null) return null;
  const [prefix = ""] = bounds.exec(text) ?? [];
  const pieces: string[] = [];
  let depth = 0;
  let at = prefix.length;
  while (at < text.length) {
    token.lastIndex = at;
    const [found] = token.exec(text) ?? [];
    if (found === undefined || (depth === 0 && (at > prefix.length || found !== "{"))) return null;
    if (found === "{") depth++;
    if (found === "}") depth--;
    pieces.push("{},".includes(found) ? found : maskedText(found, mask));
    at += found.length;
  }
  return depth === 0 && pieces.length > 0 ? new TextEncoder().encode(prefix + pieces.join("")) : null;
}

function maskedText(element: string, mask: ElementMask): string {
  if (/^null$/i.test(element)) return element;
  const plain = element.startsWith('"') ? element.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : element;
  const masked = mask(new TextEncoder().encode(plain));
  // Quotes are always right, and NULL is the one word that must not have them.
  return masked === null ? "NULL" : `"${new TextDecoder().decode(masked).replaceAll(/["\\]/g, "\\$&")}"`;
}

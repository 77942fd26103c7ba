/**
 * Composite values of which only some fields remain; the others become NULL.
 *
 * In: a cell of a composite type, in either format (rowtypes.c: record_out, record_send), and positions that count from 1. Out: a
 * value with as many fields. The server says the type of a cell and not what a type is: of any type of a user's own, a value that
 * is not of this form gives null.
 */
import type { Cell } from "./mask-cell.js";
import { textOf } from "./plain-text.js";

const [record, firstUserType] = [2249, 16_384];

export const mayBeComposite = (type_oid: number): boolean => type_oid === record || type_oid >= firstUserType;

export function keepFields({ format, bytes }: Cell, kept: ReadonlySet<number>): Uint8Array | null {
  return format === 0 ? inText(bytes, kept) : inBinary(bytes, kept);
}

/** The number of fields, then for each the type, the size (-1 for NULL), and the value. */
function inBinary(bytes: Uint8Array, kept: ReadonlySet<number>): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) return null;
  const count = view.getInt32(0);
  const result = new Uint8Array(bytes.length);
  const written = new DataView(result.buffer);
  result.set(bytes.subarray(0, 4));
  let [at, to] = [4, 4];
  for (let field = 1; field <= count; field++) {
    if (at + 8 > bytes.length) return null;
    const size = view.getInt32(at + 4);
    const end = at + 8 + Math.max(0, size);
    if (size < -1 || end > bytes.length) return null;
    const isKept = kept.has(field);
    const piece = bytes.subarray(at, isKept ? end : at + 4);
    result.set(piece, to);
    to += piece.length;
    if (!isKept) written.setInt32(to, -1);
    if (!isKept) to += 4;
    at = end;
  }
  return count >= 0 && at === bytes.length ? result.subarray(0, to) : null;
}

/** A field is quoted, with quotes inside doubled and backslashes too, or has nothing that needs quotes; empty is NULL. */
const field = /(?:"(?:[^"\\]|\\.)*"|[^"\\(),\t\n\v\f\r ])*/sy;

function inText(bytes: Uint8Array, kept: ReadonlySet<number>): Uint8Array | null {
  const text = textOf(bytes);
  if (text === null || !text.startsWith("(")) return null;
  const fields: string[] = [];
  for (let at = 1; at <= text.length; at++) {
    field.lastIndex = at;
    const [found = ""] = field.exec(text) ?? [];
    fields.push(kept.has(fields.length + 1) ? found : "");
    at += found.length;
    if (text[at] === ")" && at === text.length - 1) return new TextEncoder().encode(`(${fields.join(",")})`);
    if (text[at] !== ",") return null;
  }
  return null;
}

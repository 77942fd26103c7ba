/**
 * The same value for all cells of a column, given as text: read as a value of the column's type, as PostgreSQL would read it in
 * its plainest form. Null where the text is no such value, or the type has no form here: the caller hides all.
 */
import { encodeDecimal } from "./numbers.js";
import { type CellFormat, isTextType } from "./postgres-types.js";
import { uuidBytes, uuidCell } from "./uuid.js";

const [bool, date, json, jsonb, float4, float8, uuid] = [16, 1082, 114, 3802, 700, 701, 2950];
const days2000_ms = Date.UTC(2000, 0, 1);

export function fixedCell(text: string, type_oid: number, format: CellFormat): Uint8Array | null {
  if (isTextType(type_oid)) return utf8.encode(text);
  switch (type_oid) {
    case bool:
      return boolCell(text, format);
    case json:
    case jsonb:
      return documentCell(text, type_oid, format);
    case date:
      return dateCell(text, format);
    case uuid:
      return uuidOf(text, format);
    case float4:
    case float8:
      return floatCell(text, type_oid, format);
    default:
      return /^-?\d{1,100}$/.test(text) ? encodeDecimal(BigInt(text), type_oid, format) : null;
  }
}

const utf8 = new TextEncoder();

function boolCell(text: string, format: CellFormat): Uint8Array | null {
  if (text !== "true" && text !== "false") return null;
  return format === 1 ? Uint8Array.of(text === "true" ? 1 : 0) : utf8.encode(text.slice(0, 1));
}

/** A document, or any other text as a document that is a text. */
function documentCell(text: string, type_oid: number, format: CellFormat): Uint8Array {
  const document = utf8.encode(isDocument(text) ? text : JSON.stringify(text));
  return type_oid === jsonb && format === 1 ? Uint8Array.of(1, ...document) : document;
}

function isDocument(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function dateCell(text: string, format: CellFormat): Uint8Array | null {
  const time_ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const isDay = !Number.isNaN(time_ms) && new Date(time_ms).toISOString().startsWith(text) && !text.startsWith("0000");
  if (!isDay) return null;
  if (format === 0) return utf8.encode(text);
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, (time_ms - days2000_ms) / 86_400_000);
  return new Uint8Array(view.buffer);
}

function uuidOf(text: string, format: CellFormat): Uint8Array | null {
  const bytes = uuidBytes(text);
  return bytes === null ? null : uuidCell(bytes, format);
}

function floatCell(text: string, type_oid: number, format: CellFormat): Uint8Array | null {
  const value = /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : null;
  if (value === null || format === 0) return value === null ? null : utf8.encode(text);
  const view = new DataView(new ArrayBuffer(type_oid === float4 ? 4 : 8));
  if (type_oid === float4) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return new Uint8Array(view.buffer);
}

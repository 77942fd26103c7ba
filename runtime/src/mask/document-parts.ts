/**
 * Documents of which only named parts remain.
 *
 * In: a `json` or `jsonb` cell, and paths. Out: the document with nothing in it but what stands at these paths, as it was
 * written: numbers keep their digits, names their order. All else is gone, names too, because they can be values
 * (`{"ann@corp.io": 1}`). Elements of an array in which nothing remains are left out; a document in which nothing remains is
 * `null`. Null for a cell that is no document. Recursion goes as deep as the paths, never as deep as the document.
 */
import type { Cell } from "./mask-cell.js";

const [json, jsonb] = [114, 3802];

export const isDocumentType = (type_oid: number): boolean => type_oid === json || type_oid === jsonb;

/** What remains at a place and below it. */
export interface KeptParts {
  isWhole: boolean;
  readonly members: Map<string, KeptParts>;
  elements: KeptParts | null;
}

const nothing = (): KeptParts => ({ isWhole: false, members: new Map(), elements: null });

/** Of paths such as `$.items[*].sku`. */
export function keptParts(paths: readonly string[]): KeptParts {
  const root = nothing();
  for (const path of paths) {
    let place = root;
    for (const [, name] of path.slice(1).matchAll(/\.([A-Za-z0-9_]+)|\[\*\]/g)) place = below(place, name);
    place.isWhole = true;
  }
  return root;
}

/** The place of a member, or of all elements. */
function below(place: KeptParts, name: string | undefined): KeptParts {
  const known = name === undefined ? place.elements : place.members.get(name);
  const found = known ?? nothing();
  if (name === undefined) place.elements = found;
  else place.members.set(name, found);
  return found;
}

export function keepParts({ type_oid, format, bytes }: Cell, kept: KeptParts): Uint8Array | null {
  const hasVersion = type_oid === jsonb && format === 1;
  if (hasVersion && bytes[0] !== 1) return null;
  const text = documentText(hasVersion ? bytes.subarray(1) : bytes);
  if (text === null) return null;
  const reader: Reader = { text, at: skipBlank(text, 0) };
  const document = new TextEncoder().encode(partsOf(reader, kept) ?? "null");
  return hasVersion ? Uint8Array.of(1, ...document) : document;
}

/** Only what `JSON.parse` takes is walked, and so the walk need not look for mistakes. */
function documentText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

/** Reads one value: what remains of it, null when nothing does. */
function partsOf(reader: Reader, kept: KeptParts): string | null {
  const { text, at: start } = reader;
  const isObject = text[start] === "{" && kept.members.size > 0;
  const isArray = text[start] === "[" && kept.elements !== null;
  if (kept.isWhole || !(isObject || isArray)) {
    skipValue(reader);
    return kept.isWhole ? text.slice(start, reader.at) : null;
  }
  const remaining: string[] = [];
  next(reader);
  while (!"]}".includes(text[reader.at] ?? "}")) {
    const part = isObject ? memberOf(reader, kept) : partsOf(reader, kept.elements ?? nothing());
    if (part !== null) remaining.push(part);
    reader.at = skipBlank(text, reader.at);
    if (text[reader.at] === ",") next(reader);
  }
  next(reader);
  if (remaining.length === 0) return null;
  return isObject ? `{${remaining.join(", ")}}` : `[${remaining.join(", ")}]`;
}

function memberOf(reader: Reader, kept: KeptParts): string | null {
  const start = reader.at;
  skipValue(reader);
  const name = reader.text.slice(start, reader.at);
  reader.at = skipBlank(reader.text, reader.at);
  next(reader); // the colon
  const part = partsOf(reader, kept.members.get(String(JSON.parse(name))) ?? nothing());
  return part === null ? null : `${name}: ${part}`;
}

/** Past one character, and blanks behind it. */
function next(reader: Reader): void {
  reader.at = skipBlank(reader.text, reader.at + 1);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? "x")) at++;
  return at;
}

const token = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s"[\]{},:]+/y;

/** Past one value, however deep it is. */
function skipValue(reader: Reader): void {
  const { text } = reader;
  let depth = 0;
  do {
    token.lastIndex = reader.at;
    const [found = ""] = token.exec(text) ?? [];
    if (found === "[" || found === "{") depth++;
    if (found === "]" || found === "}") depth--;
    reader.at += Math.max(1, found.length);
  } while (depth > 0 && reader.at < text.length);
}

/**
 * Literals of JavaScript, as far as command documents need them: objects, lists, texts, numbers, and the constructors that
 * stand for one value. Everything else (a name, a call, an operator) is not read.
 */

/** What cannot be read; an exception, because it can be met at any depth. Never leaves `readLiterals`. */
class NotLiteral extends Error {}

/** A value inside more others than this is not read. MongoDB itself stops at 100. */
export const LITERAL_DEPTH_MAX = 100;

interface Reader {
  readonly text: string;
  at: number;
}

/** The literals of `text` between commas; null when there is anything else in it. */
export function readLiterals(text: string): readonly unknown[] | null {
  const reader = { text, at: 0 };
  try {
    const values: unknown[] = [];
    for (skip(reader); reader.at < text.length; skip(reader)) {
      values.push(readValue(reader, 0));
      skip(reader);
      if (reader.at < text.length) expect(reader, ",");
    }
    return values;
  } catch (error) {
    if (error instanceof NotLiteral) return null;
    throw error;
  }
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? "")) reader.at++;
}

function expect(reader: Reader, sign: string): void {
  skip(reader);
  if (reader.text[reader.at] !== sign) throw new NotLiteral();
  reader.at++;
}

/** Whether `sign` comes next; it is taken then. */
function takes(reader: Reader, sign: string): boolean {
  skip(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at++;
  return true;
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > LITERAL_DEPTH_MAX) throw new NotLiteral();
  skip(reader);
  const sign = reader.text[reader.at] ?? "";
  if (sign === "{") return readObject(reader, depth);
  if (sign === "[") return readList(reader, depth);
  if (sign === '"' || sign === "'") return readText(reader);
  if (sign === "/") return match(reader, /\/(?:[^/\\\n]|\\.)+\/[a-z]*/y, () => ({ $regularExpression: {} }));
  if (/[\d.+-]/.test(sign)) return match(reader, /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y, Number);
  return readWord(reader);
}

function match<T>(reader: Reader, pattern: RegExp, make: (text: string) => T): T {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found === null) throw new NotLiteral();
  reader.at += found[0].length;
  return make(found[0]);
}

const words = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", null],
]);

const constructors =
  /^(?:ObjectId|ISODate|Date|UUID|NumberLong|NumberInt|NumberDecimal|Long|Int32|Decimal128|Timestamp|MinKey|MaxKey)$/;

/** `true`, `ObjectId("..")`, `new Date(0)`: one value, whichever it is. */
function readWord(reader: Reader): unknown {
  const isNew = /^new\s/.test(reader.text.slice(reader.at, reader.at + 4));
  if (isNew) reader.at += 4;
  skip(reader);
  const word = match(reader, /[A-Za-z_$][\w$]*/y, String);
  if (!isNew && words.has(word)) return words.get(word);
  if (!constructors.test(word)) throw new NotLiteral();
  expect(reader, "(");
  while (!takes(reader, ")")) {
    readValue(reader, LITERAL_DEPTH_MAX);
    takes(reader, ",");
  }
  return { $oid: word };
}

function readText(reader: Reader): string {
  const written = match(reader, /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y, String);
  return written.slice(1, -1).replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const letter = escapes.get(code);
    if (letter === undefined) throw new NotLiteral();
    return letter;
  });
}

/** Escapes that every reader takes alike; another one is not worth a second reading. */
const escapes: ReadonlyMap<string, string> = new Map([
  ...['"', "'", "\\", "/"].map((sign) => [sign, sign] as const),
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
]);

function readList(reader: Reader, depth: number): readonly unknown[] {
  const items: unknown[] = [];
  expect(reader, "[");
  while (!takes(reader, "]")) {
    items.push(readValue(reader, depth + 1));
    if (takes(reader, "]")) break;
    expect(reader, ",");
  }
  return items;
}

function readObject(reader: Reader, depth: number): unknown {
  const entries: [string, unknown][] = [];
  expect(reader, "{");
  while (!takes(reader, "}")) {
    skip(reader);
    const isQuoted = /["']/.test(reader.text[reader.at] ?? "");
    const name = isQuoted ? readText(reader) : match(reader, /[A-Za-z_$][\w$]*/y, String);
    expect(reader, ":");
    // JavaScript sets the prototype by this name, and nobody writes it by accident.
    if (name === "__proto__") throw new NotLiteral();
    entries.push([name, readValue(reader, depth + 1)]);
    if (takes(reader, "}")) break;
    expect(reader, ",");
  }
  return Object.fromEntries(entries);
}

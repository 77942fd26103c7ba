/**
 * Numbers in disguise: FF1 (NIST SP 800-38G) turns a number, or the digits of a text, into another of the same form, each value
 * into another one, under AES-256.
 *
 * In: a cell and a key. Out: a text with the same separators and as many digits; a whole number of the same sign, anywhere in
 * its type's range, so that its size does not show. Fewer values than a million could be tried out one by one (revision 1
 * asks for at least that many): a text with so few digits is hidden whole, and so is one with letters that are no digits, which
 * would show. The tweak says what kind of value it is. Absent: FF3 (broken), check digits.
 */
import { FF1 } from "@noble/ciphers/ff1.js";
import type { Cell } from "./mask-cell.js";
import { decimalText, encodeDecimal } from "./numbers.js";
import { textOf } from "./plain-text.js";
import { isTextType, standInFor } from "./postgres-types.js";

const [int4, int8, numeric] = [23, 20, 1700];

/** The smallest domain, by SP 800-38G revision 1, section 5.2. */
const domain_min = 1_000_000;
/** The most digits of a text: the cost grows with their square. */
const digits_max = 64;

export const hasDigits = (type_oid: number): boolean =>
  isTextType(type_oid) || type_oid === int4 || type_oid === int8 || type_oid === numeric;

/** `cell` with other digits to the base `radix`; null when it is not of its type's form. */
export function ff1Cell(cell: Cell, key: Uint8Array, radix: 10 | 36): Uint8Array | null {
  const { type_oid, format, bytes } = cell;
  if (isTextType(type_oid)) return inText(bytes, key, radix);
  const text = format === 0 ? bytes : decimalText(type_oid, bytes);
  const number = text === null ? "" : new TextDecoder().decode(text);
  if (!/^-?\d+(?:\.\d+)?$/.test(number)) return null;
  // Longer ones have no room in any of the types.
  const [, whole] = /^(-?\d{1,19})(?:\.0*)?$/.exec(number) ?? [];
  const other = whole === undefined ? null : permuted(BigInt(whole), type_oid, key);
  return other === null ? standInFor(type_oid, format) : encodeDecimal(other, type_oid, format);
}

/** How numbers of a type are written for FF1: in so many digits to a base, which is all of them and no more. */
const widths: ReadonlyMap<number, { readonly radix: number; readonly digits: number }> = new Map([
  [int4, { radix: 2, digits: 31 }],
  [int8, { radix: 2, digits: 63 }],
  [numeric, { radix: 10, digits: 18 }],
]);

/** Null for a number of more digits. -1 is to the negative numbers what 0 is to the others. */
function permuted(number: bigint, type_oid: number, key: Uint8Array): bigint | null {
  const width = widths.get(type_oid);
  const size = number < 0n ? -1n - number : number;
  const digits = size.toString(width?.radix ?? 10).padStart(width?.digits ?? 0, "0");
  if (width === undefined || digits.length > width.digits) return null;
  const other = FF1(width.radix, key, tweaks.number).encrypt(Array.from(digits, Number));
  const found = other.reduce((value, digit) => value * BigInt(width.radix) + BigInt(digit), 0n);
  return number < 0n ? -1n - found : found;
}

const tweaks = { number: new TextEncoder().encode("number"), text: new TextEncoder().encode("text") } as const;

const HIDDEN = new TextEncoder().encode("***");

/** Characters between digits that say nothing of the value. */
const separators: ReadonlySet<string> = new Set(" -./()+");

function inText(bytes: Uint8Array, key: Uint8Array, radix: 10 | 36): Uint8Array | null {
  const text = textOf(bytes);
  if (text === null) return null;
  const isLarge = radix === 36 && /[A-Z]/.test(text);
  if (isLarge && /[a-z]/.test(text)) return HIDDEN;
  const characters = [...(isLarge ? text.toLowerCase() : text)];
  const isDigit = (character: string): boolean =>
    /^[0-9]$/.test(character) || (radix === 36 && /^[a-z]$/.test(character));
  const digits = characters.filter(isDigit).map((digit) => Number.parseInt(digit, radix));
  const isPlain = characters.every((character) => isDigit(character) || separators.has(character));
  if (!isPlain || digits.length > digits_max || radix ** digits.length < domain_min) return HIDDEN;
  const others = FF1(radix, key, tweaks.text).encrypt(digits);
  let next = 0;
  const disguised = characters.map((character) =>
    isDigit(character) ? (others[next++] ?? 0).toString(radix) : character,
  );
  return new TextEncoder().encode(isLarge ? disguised.join("").toUpperCase() : disguised.join(""));
}

// JSON to tape (RFC 8259), and nothing but JSON: the whole text is looked at, and one mistake anywhere refuses all of it.
// Beyond the RFC a document is refused whose meaning depends on who reads it: a name twice in one object, half a surrogate
// pair, bytes that are not UTF-8, and nesting deeper than DEPTH_MAX. Behind the document only white space and zero bytes may
// stand; some hosts count the zero that ends a C string. Cost: O(bytes), and O(n log n) for an object with n names.
import * as opa from "../../src/abi/opa-layout";
import { allocate, heapTop, setHeapTop } from "./heap";
import {
  append, close, firstOf, IS_FALSE, IS_LIST, IS_NULL, IS_NUMBER, IS_OBJECT, IS_STRING, IS_TRUE, nextOf, startTape, textOf,
  valueOf,
} from "./tape";
import { isSameText, sortTexts } from "./text";
import { sizeOfCharacter } from "./utf8";
import { bytesEqual, specialBytes } from "./words";

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const COMMA: i32 = 0x2c;
const COLON: i32 = 0x3a;
const MINUS: i32 = 0x2d;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;

/** Names of an object that are compared pair by pair; more are sorted. */
const PAIRS_MAX: i32 = 16;

let at: i32 = 0;
let end: i32 = 0;
/** Next free byte for decoded strings. */
let decoded: i32 = 0;
/** Whether scanning stopped for want of memory. */
let ranOut: bool = false;

export function scanRanOut(): bool {
  return ranOut;
}

/** Puts the `size` bytes at `text` on a tape at the top of the heap, and never over the text. Returns its first entry, or 0. */
export function scan(text: i32, size: i32): i32 {
  at = text;
  end = text + size;
  ranOut = false;
  if (heapTop() < end) setHeapTop(end);
  if (!reserveDecoded(text, size) || !startTape()) return failFull();
  skipSpace();
  const tape = heapTop();
  if (!scanValue(0)) return 0;
  while (at < end && (isSpace(load<u8>(at)) || load<u8>(at) == 0)) at++;
  return at == end ? tape : 0;
}

/** A string without escapes stays where it is. The others, decoded, take no more room than the text. */
function reserveDecoded(text: i32, size: i32): bool {
  decoded = 0;
  let i = text;
  while (i + 8 <= end && bytesEqual(load<u64>(i), BACKSLASH) == 0) i += 8;
  while (i < end && load<u8>(i) != BACKSLASH) i++;
  if (i < end) decoded = allocate(size);
  return i == end || decoded != 0;
}

function failFull(): i32 {
  ranOut = true;
  return 0;
}

function isSpace(byte: i32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

function skipSpace(): void {
  while (at < end && isSpace(load<u8>(at))) at++;
}

/** The byte at hand, or -1 at the end. */
function peek(): i32 {
  return at < end ? load<u8>(at) : -1;
}

function takes(byte: i32): bool {
  if (peek() != byte) return false;
  at++;
  return true;
}

/** Reads one value that lies in `depth` others. */
function scanValue(depth: i32): bool {
  const byte = peek();
  if (byte == QUOTE) return scanString();
  if (byte == 0x7b) return scanContainer(IS_OBJECT, 0x7d, depth + 1);
  if (byte == 0x5b) return scanContainer(IS_LIST, 0x5d, depth + 1);
  if (byte == MINUS || isDigit(byte)) return scanNumber();
  if (byte == 0x74) return scanWord(0x65757274, 4, IS_TRUE);
  if (byte == 0x66) return scanWord(0x736c6166, 5, IS_FALSE);
  if (byte == 0x6e) return scanWord(0x6c6c756e, 4, IS_NULL);
  return false;
}

/** `true`, `false` or `null`: `start` is its first four bytes, and the fifth can only be the `e` of `false`. */
function scanWord(start: i32, size: i32, kind: i32): bool {
  if (end - at < size || load<i32>(at) != start || (size == 5 && load<u8>(at + 4) != 0x65)) return false;
  at += size;
  return push(kind, at, 0);
}

function push(kind: i32, address: i32, size: i32): bool {
  if (append(kind, address, size) == 0) ranOut = true;
  return !ranOut;
}

function scanContainer(kind: i32, bracket: i32, depth: i32): bool {
  if (depth > opa.DEPTH_MAX) return false;
  const entry = heapTop();
  if (!push(kind, at, 0)) return false;
  at++;
  skipSpace();
  let count = 0;
  if (!takes(bracket)) {
    do {
      skipSpace();
      if (kind == IS_OBJECT && !scanKey()) return false;
      if (!scanValue(depth)) return false;
      count++;
      skipSpace();
    } while (takes(COMMA));
    if (!takes(bracket)) return false;
  }
  close(entry, count, heapTop());
  return kind == IS_LIST || count < 2 || hasDistinctNames(entry, count);
}

function scanKey(): bool {
  if (peek() != QUOTE || !scanString()) return false;
  skipSpace();
  if (!takes(COLON)) return false;
  skipSpace();
  return true;
}

function hasDistinctNames(object: i32, count: i32): bool {
  if (count > PAIRS_MAX) return hasDistinctNamesSorted(object, count);
  const last = nextOf(object);
  for (let a = firstOf(object); a < last; a = nextOf(valueOf(a))) {
    for (let b = nextOf(valueOf(a)); b < last; b = nextOf(valueOf(b))) {
      if (isSameText(textOf(a), textOf(b))) return false;
    }
  }
  return true;
}

/** The same in O(n log n), with a list of the names behind the tape for as long as it takes. */
function hasDistinctNamesSorted(object: i32, count: i32): bool {
  const before = heapTop();
  const list = allocate(count * 8);
  if (list == 0) return failFull() != 0;
  let key = firstOf(object);
  for (let i = 0; i < count; i++, key = nextOf(valueOf(key))) store<i32>(list + i * 4, textOf(key));
  const sorted = sortTexts(list, count, list + count * 4);
  let isDistinct = true;
  for (let i = 1; i < count; i++) {
    if (isSameText(load<i32>(sorted + (i - 1) * 4), load<i32>(sorted + i * 4))) isDistinct = false;
  }
  setHeapTop(before);
  return isDistinct;
}

function scanString(): bool {
  const start = at + 1;
  let here = skipPlain(start);
  while (here < end) {
    const byte: i32 = load<u8>(here);
    if (byte == QUOTE) {
      at = here + 1;
      return push(IS_STRING, start, here - start);
    }
    at = here;
    if (byte == BACKSLASH) return scanEscaped(start);
    if (!takesCharacter(byte)) return false;
    here = skipPlain(at);
  }
  return false;
}

/** The first byte from `from` on that is not ASCII as it stands in a string, or the end. */
function skipPlain(from: i32): i32 {
  let here = from;
  while (here + 8 <= end) {
    const found = specialBytes(load<u64>(here));
    if (found != 0) return here + <i32>(ctz(found) >> 3);
    here += 8;
  }
  while (here < end && isPlain(load<u8>(here))) here++;
  return here;
}

function isPlain(byte: i32): bool {
  return byte >= 0x20 && byte < 0x80 && byte != QUOTE && byte != BACKSLASH;
}

/** Goes over one character that stands as it is; `byte` is its first. */
function takesCharacter(byte: i32): bool {
  if (byte < 0x20) return false;
  const size = byte < 0x80 ? 1 : sizeOfCharacter(at, end);
  at += size;
  return size > 0;
}

/** The rest of a string that began at `start` and has a backslash at hand. */
function scanEscaped(start: i32): bool {
  const text = decoded;
  memory.copy(decoded, start, at - start);
  decoded += at - start;
  while (at < end) {
    const byte: i32 = load<u8>(at);
    if (byte == QUOTE) {
      at++;
      return push(IS_STRING, text, decoded - text);
    }
    if (byte == BACKSLASH) {
      if (!takesEscape()) return false;
      continue;
    }
    const before = at;
    if (!takesCharacter(byte)) return false;
    memory.copy(decoded, before, at - before);
    decoded += at - before;
  }
  return false;
}

function takesEscape(): bool {
  if (end - at < 2) return false;
  const letter: i32 = load<u8>(at + 1);
  if (letter == 0x75) return takesUnicodeEscape();
  const byte = unescaped(letter);
  if (byte < 0) return false;
  at += 2;
  store<u8>(decoded++, byte);
  return true;
}

/** The byte that a backslash and `letter` stand for, or -1. */
function unescaped(letter: i32): i32 {
  if (letter == QUOTE || letter == BACKSLASH || letter == 0x2f) return letter;
  if (letter == 0x62) return 0x08;
  if (letter == 0x66) return 0x0c;
  if (letter == 0x6e) return 0x0a;
  if (letter == 0x72) return 0x0d;
  return letter == 0x74 ? 0x09 : -1;
}

/** `\uXXXX`, or two of them that make a pair. */
function takesUnicodeEscape(): bool {
  const unit = codeUnit(at);
  if (unit < 0) return false;
  at += 6;
  if (unit < 0xd800 || unit > 0xdfff) return putCharacter(unit);
  const low = unit < 0xdc00 ? codeUnit(at) : -1;
  if (low < 0xdc00 || low > 0xdfff) return false;
  at += 6;
  return putCharacter(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
}

/** The number behind `\u` at `address`, or -1. */
function codeUnit(address: i32): i32 {
  if (end - address < 6 || load<u8>(address) != BACKSLASH || load<u8>(address + 1) != 0x75) return -1;
  let unit = 0;
  for (let i = 2; i < 6; i++) {
    const byte: i32 = load<u8>(address + i);
    const lower = byte | 0x20;
    if (isDigit(byte)) unit = (unit << 4) | (byte - ZERO);
    else if (lower >= 0x61 && lower <= 0x66) unit = (unit << 4) | (lower - 0x57);
    else return -1;
  }
  return unit;
}

function putCharacter(code: i32): bool {
  if (code < 0x80) store<u8>(decoded++, code);
  else {
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const mark = more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
    store<u8>(decoded++, mark | (code >> (6 * more)));
    for (let left = more - 1; left >= 0; left--) store<u8>(decoded++, 0x80 | ((code >> (6 * left)) & 0x3f));
  }
  return true;
}

function isDigit(byte: i32): bool {
  return byte >= ZERO && byte <= 0x39;
}

function takesDigits(): bool {
  const start = at;
  while (isDigit(peek())) at++;
  return at > start;
}

function scanNumber(): bool {
  const start = at;
  takes(MINUS);
  if (!takes(ZERO) && !takesDigits()) return false;
  if (takes(POINT) && !takesDigits()) return false;
  if ((peek() | 0x20) == 0x65) {
    at++;
    if (!takes(MINUS)) takes(0x2b);
    if (!takesDigits()) return false;
  }
  return push(IS_NUMBER, start, at - start);
}

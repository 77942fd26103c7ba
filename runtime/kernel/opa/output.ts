// Text being written at the top of the heap. Pieces that the compiler wrote are copied; what comes from the input is escaped
// on the way (RFC 8259 section 7), so that whatever it holds stays inside its string.
import * as opa from "../../src/abi/opa-layout";
import { extend, heapTop, word } from "./heap";
import { bytesOf, sizeOf } from "./text";

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const LETTER_U: i32 = 0x75;
const DIGIT_ZERO: i32 = 0x30;

/** Set when something did not fit: what was written must not be used. */
let isFull: bool = false;

export function isOutputFull(): bool {
  return isFull;
}
/** Starts to write. Returns where. */
export function startOutput(): i32 {
  isFull = false;
  return heapTop();
}

/** Pieces below this are copied here: a call of `memory.copy` costs as much as some dozen words. */
const LARGE: i32 = 256;

function put(address: i32, size: i32): void {
  const start = extend(size);
  if (start == 0) isFull = true;
  else if (size >= LARGE) memory.copy(start, address, size);
  else copyWords(start, address, size);
}

function copyWords(to: i32, from: i32, size: i32): void {
  let at = 0;
  for (; at + 8 <= size; at += 8) store<u64>(to + at, load<u64>(from + at));
  for (; at < size; at++) store<u8>(to + at, load<u8>(from + at));
}

export function putByte(byte: i32): void {
  const start = extend(1);
  if (start == 0) isFull = true;
  else store<u8>(start, byte);
}

/** Writes the text at `text` as it is. */
export function putText(text: i32): void {
  put(bytesOf(text), sizeOf(text));
}

export function putBytes(address: i32, size: i32): void {
  put(address, size);
}

/** Writes one of the pieces that decisions are put together from. */
export function putPiece(index: i32): void {
  putText(word(opa.OPA_PIECES) + index * opa.TEXT_WORDS * 4);
}

/** Writes `text` so that it can stand in a JSON string. */
export function putEscaped(text: i32): void {
  const end = bytesOf(text) + sizeOf(text);
  let plain = bytesOf(text);
  for (let at = plain; at < end; at++) {
    const byte: i32 = load<u8>(at);
    if (byte >= 0x20 && byte != QUOTE && byte != BACKSLASH) continue;
    put(plain, at - plain);
    putEscape(byte);
    plain = at + 1;
  }
  put(plain, end - plain);
}

function putEscape(byte: i32): void {
  putByte(BACKSLASH);
  if (byte >= 0x20) return putByte(byte);
  putByte(LETTER_U);
  putByte(DIGIT_ZERO);
  putByte(DIGIT_ZERO);
  putByte(DIGIT_ZERO + (byte >> 4));
  const low = byte & 15;
  putByte(low < 10 ? DIGIT_ZERO + low : 0x57 + low);
}

/** Writes a JSON string of `text`. */
export function putString(text: i32): void {
  putByte(QUOTE);
  putEscaped(text);
  putByte(QUOTE);
}

/** Writes `value`, which is not negative, in decimal. */
export function putInteger(value: i64): void {
  let unit: i64 = 1;
  while (value / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) putByte(DIGIT_ZERO + <i32>((value / unit) % 10));
}

/** Writes a comma unless `isFirst`. */
export function putComma(isFirst: bool): void {
  if (!isFirst) putByte(0x2c);
}

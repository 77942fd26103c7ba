// Whole numbers. Facts and zone offsets are integers that a float64 holds exactly, however they are written: `1e3` is one.
import { bytesOf, sizeOf } from "./text";

const SAFE_MAX: i64 = 9_007_199_254_740_991;
/** An exponent beyond this is as good as any other: no text has as many digits. */
const EXPONENT_MAX: i64 = 1_000_000_000_000;

/** What `readInteger` found. */
let value: i64 = 0;

export function integer(): i64 {
  return value;
}

/** Reads the JSON number `text`; false when it is no integer from -(2^53 - 1) to 2^53 - 1. O(text). */
export function readInteger(text: i32): bool {
  let at = bytesOf(text);
  const end = at + sizeOf(text);
  const isNegative = load<u8>(at) == 0x2d;
  if (isNegative) at++;
  let mantissa: i64 = 0;
  let exponent: i64 = 0; // Of ten.
  let waiting: i64 = 0; // Digits not in the mantissa yet: zeros that may be the last ones.
  let isFraction = false;
  for (; at < end; at++) {
    const byte: i32 = load<u8>(at);
    if (byte == 0x2e) isFraction = true;
    else if ((byte | 0x20) == 0x65) break;
    else {
      if (isFraction) exponent--;
      waiting++;
      if (byte == 0x30) continue;
      mantissa = shifted(mantissa, waiting);
      if (mantissa >= 0) mantissa += byte - 0x30;
      if (mantissa < 0 || mantissa > SAFE_MAX) return false;
      waiting = 0;
    }
  }
  if (mantissa == 0) {
    value = 0;
    return true;
  }
  exponent += waiting + (at < end ? readExponent(at + 1, end) : 0);
  if (exponent < 0) return false;
  mantissa = shifted(mantissa, exponent);
  if (mantissa < 0) return false;
  value = isNegative ? -mantissa : mantissa;
  return true;
}

/** `mantissa` times ten to the power of `digits`, or -1 when that is too large. */
function shifted(mantissa: i64, digits: i64): i64 {
  if (mantissa == 0) return 0;
  let result = mantissa;
  for (let i: i64 = 0; i < digits; i++) {
    result *= 10;
    if (result > SAFE_MAX) return -1;
  }
  return result;
}

function readExponent(start: i32, end: i32): i64 {
  let at = start;
  const isNegative = load<u8>(at) == 0x2d;
  if (isNegative || load<u8>(at) == 0x2b) at++;
  let exponent: i64 = 0;
  for (; at < end && exponent < EXPONENT_MAX; at++) exponent = exponent * 10 + load<u8>(at) - 0x30;
  return isNegative ? -exponent : exponent;
}

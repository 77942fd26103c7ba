// Addresses of the internet: text to bytes, and whether they lie in a range. IPv4 is four decimal numbers without leading
// zeros; IPv6 is RFC 4291 section 2.2 (`::` once, IPv4 at the end), without a zone. IPv4 in IPv6 (`::ffff:0:0/96`) is IPv4, so
// that nobody changes sides by writing an address differently. Cost: O(text), and a text of more than TEXT_MAX bytes is none.
import * as abi from "../src/abi/layout";
import { sameBytes } from "./bytes";

const DOT: i32 = 0x2e;
const COLON: i32 = 0x3a;
const DIGIT_ZERO: i32 = 0x30;
/** Size of `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const TEXT_MAX: i32 = 45;
const GROUPS: i32 = 8;

function byteAt(at: i32): i32 {
  return load<u8>(at);
}

/** Reads the IPv4 address between `text` and `end` into 4 bytes at `target`; false when it is none. */
function readQuad(text: i32, end: i32, target: i32): bool {
  let at = text;
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (at >= end || byteAt(at) != DOT) return false;
      at++;
    }
    const start = at;
    let value = 0;
    while (at < end && at - start < 3) {
      const digit = byteAt(at) - DIGIT_ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    const hasLeadingZero = at - start > 1 && byteAt(start) == DIGIT_ZERO;
    if (at == start || value > 255 || hasLeadingZero) return false;
    store<u8>(target + part, value);
  }
  return at == end;
}

/** Value of a hexadecimal digit, or -1. */
function hexadecimal(byte: i32): i32 {
  if (byte >= DIGIT_ZERO && byte <= 0x39) return byte - DIGIT_ZERO;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Reads the IPv6 address between `text` and `end` into 16 bytes at `target`; false when it is none. */
function readGroups(text: i32, end: i32, target: i32): bool {
  let at = text;
  let count = 0; // Groups read so far.
  let gap = -1; // Number of groups before the `::`.
  if (byteAt(at) == COLON) {
    if (at + 1 >= end || byteAt(at + 1) != COLON) return false;
    at += 2;
    gap = 0;
  }
  while (at < end) {
    if (count == GROUPS) return false;
    const start = at;
    let value = 0;
    while (at < end && at - start < 4) {
      const digit = hexadecimal(byteAt(at));
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    if (at == start) return false;
    if (at < end && byteAt(at) == DOT) {
      if (count > GROUPS - 2 || !readQuad(start, end, target + count * 2)) return false;
      count += 2;
      break;
    }
    store<u8>(target + count * 2, value >> 8);
    store<u8>(target + count * 2 + 1, value & 0xff);
    count++;
    if (at == end) break;
    if (byteAt(at) != COLON) return false;
    at++;
    if (at == end) return false;
    if (byteAt(at) == COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0) return count == GROUPS;
  if (count == GROUPS) return false;
  fillGap(target, gap * 2, (count - gap) * 2, count * 2);
  return true;
}

/** Moves the `moved` bytes that were read behind the gap to the end of the address; what lies between is zero. */
function fillGap(target: i32, gap: i32, moved: i32, read: i32): void {
  for (let i = 1; i <= moved; i++) store<u8>(target + 16 - i, byteAt(target + read - i));
  for (let i = gap; i < 16 - moved; i++) store<u8>(target + i, 0);
}

/** Whether the 16 bytes at `address` are IPv4 in IPv6. */
function isMapped(address: i32): bool {
  for (let i = 0; i < 10; i++) if (byteAt(address + i) != 0) return false;
  return byteAt(address + 10) == 0xff && byteAt(address + 11) == 0xff;
}

/** Reads `text` into up to 16 bytes at `target`. Returns the size of the address: 4, 16, or 0 when it is none. */
export function readAddress(text: i32, size: i32, target: i32): i32 {
  if (size == 0 || size > TEXT_MAX) return 0;
  const end = text + size;
  let at = text;
  while (at < end && byteAt(at) != COLON) at++;
  if (at == end) return readQuad(text, end, target) ? 4 : 0;
  if (!readGroups(text, end, target)) return 0;
  if (!isMapped(target)) return 16;
  for (let i = 0; i < 4; i++) store<u8>(target + i, byteAt(target + 12 + i));
  return 4;
}

/** Whether the address of `size` bytes at `address` lies in the range at `range`. One of the other size never does. */
export function isInRange(address: i32, size: i32, range: i32): bool {
  if (load<i32>(range + abi.CIDR_SIZE) != size) return false;
  const prefix = load<i32>(range + abi.CIDR_PREFIX);
  const whole = prefix >> 3;
  const first = range + abi.CIDR_ADDRESS;
  if (!sameBytes(address, first, whole)) return false;
  const rest = prefix & 7;
  return rest == 0 || (byteAt(address + whole) ^ byteAt(first + whole)) >> (8 - rest) == 0;
}

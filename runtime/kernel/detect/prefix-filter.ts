// Starts by the first bytes of a match: sixteen starts at a step, each byte looked up by its two halves in eight buckets at once
// (the idea is Teddy's, of Hyperscan). Buckets that want nothing before a match are closed where something stands there.
import * as abi from "../../src/abi/detect-layout";
import { run } from "./automaton";
import { hasRoom } from "./hits";

/** Buckets that may match at each of the 16 starts from `at`, by the byte `offset` bytes on. */
@inline
function open(table: i32, offset: i32, at: i32): v128 {
  const bytes = v128.load(at + offset);
  const low = i8x16.swizzle(v128.load(table + offset * 32), v128.and(bytes, i8x16.splat(0x0f)));
  const high = i8x16.swizzle(v128.load(table + offset * 32 + 16), i8x16.shr_u(bytes, 4));
  return v128.and(low, high);
}

/** Buckets that are closed at each of the 16 starts from `at`, by the byte before it. */
@inline
function closed(at: i32, digitBuckets: v128, wordBuckets: v128): v128 {
  const before = v128.load(at - 1);
  // Unsigned differences: a byte lies in a range when its distance from the first is less than the range's size.
  const isDigit = i8x16.lt_u(i8x16.sub(before, i8x16.splat(0x30)), i8x16.splat(10));
  const folded = v128.or(before, i8x16.splat(0x20));
  const isLetter = i8x16.lt_u(i8x16.sub(folded, i8x16.splat(0x61)), i8x16.splat(26));
  return v128.or(v128.and(isDigit, v128.or(digitBuckets, wordBuckets)), v128.and(isLetter, wordBuckets));
}

export function prefixScan(control: i32, machine: i32, from: i32, to: i32): i32 {
  const tables = load<i32>(control + abi.CONTROL_TABLES * 4);
  const table = tables + load<i32>(machine + abi.MACHINE_FILTER * 4);
  const digitBuckets = i8x16.splat(load<i8>(table + abi.PREFIX_LEFT_DIGIT));
  const wordBuckets = i8x16.splat(load<i8>(table + abi.PREFIX_LEFT_WORD));
  const classes = tables + load<i32>(machine + abi.MACHINE_CLASSES * 4);
  const shift = load<i32>(machine + abi.MACHINE_CLASSES_SHIFT * 4);
  const next = tables + load<i32>(machine + abi.MACHINE_NEXT * 4);
  const accepting = load<i32>(machine + abi.MACHINE_FIRST_ACCEPTING * 4);
  const end = load<i32>(control + abi.CONTROL_END * 4);
  const first = load<i32>(machine + abi.MACHINE_START * 4);
  for (let at = from; at < to; at += 16) {
    const opened = v128.and(v128.and(open(table, 0, at), open(table, 1, at)), v128.and(open(table, 2, at), open(table, 3, at)));
    const left = v128.andnot(opened, closed(at, digitBuckets, wordBuckets));
    if (!v128.any_true(left)) continue;
    if (!hasRoom(control, 16)) return at;
    // Starts behind `to` belong to the next window.
    let starts = ~i8x16.bitmask(i8x16.eq(left, i8x16.splat(0))) & (to - at < 16 ? (1 << (to - at)) - 1 : 0xffff);
    for (; starts != 0; starts &= starts - 1) {
      run(control, tables, machine, classes, shift, next, accepting, first, end, at + ctz(starts));
    }
  }
  return to;
}

// Starts by a byte that every match holds, `@` for instance: from each one back over the bytes that may stand before it.
import * as abi from "../../src/abi/detect-layout";
import { followAt, runAt } from "./automaton";
import { hasRoom } from "./hits";

/** Address of the first `byte` from `at` on and before `end`, or `end`. */
function find(byte: v128, at: i32, end: i32): i32 {
  for (; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), byte));
    if (found != 0) return min(end, at + ctz(found));
  }
  return end;
}

export function pivotScan(control: i32, machine: i32, from: i32, to: i32): i32 {
  const walk = load<i32>(control + abi.CONTROL_TABLES * 4) + load<i32>(machine + abi.MACHINE_FILTER * 4);
  const pivot = i8x16.splat(<i8>load<i32>(machine + abi.MACHINE_PIVOT * 4));
  const walk_max = load<i32>(machine + abi.MACHINE_WALK_MAX * 4);
  const follows = load<i32>(machine + abi.MACHINE_FOLLOWS * 4) != 0;
  // The first pivot of a match that starts before `to` lies at most `walk_max` bytes behind it.
  const end = min(load<i32>(control + abi.CONTROL_END * 4), to + walk_max);
  for (let at = find(pivot, from, end); at < end; at = find(pivot, at + 1, end)) {
    const earliest = max(from, at - walk_max);
    let start = at;
    while (start > earliest && load<u8>(walk + load<u8>(start - 1)) != 0) start--;
    for (; start <= at && start < to; start++) {
      if (!hasRoom(control, 1)) return start;
      if (follows) followAt(control, machine, start);
      else runAt(control, machine, start);
    }
  }
  return to;
}

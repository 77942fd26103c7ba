// What a scan has found: a list that the host empties, and for each output where its last hit stands in it.
import * as abi from "../../src/abi/detect-layout";

/** Whether there is room for what so many starts may give. */
export function hasRoom(control: i32, starts_count: i32): bool {
  const tables = load<i32>(control + abi.CONTROL_TABLES * 4);
  const free = load<i32>(control + abi.CONTROL_HITS_MAX * 4) - load<i32>(control + abi.CONTROL_HITS_COUNT * 4);
  return free >= starts_count * load<i32>(tables + abi.DETECT_HEADER_OUTPUTS_COUNT * 4);
}

/** Makes the hit of this start longer, or adds one. Ends of one start come in ascending order, and so do starts. */
export function record(control: i32, output: i32, isChecked: bool, start: i32, end: i32): void {
  const delta = load<i32>(control + abi.CONTROL_DELTA * 4);
  const state = load<i32>(control + abi.CONTROL_STATE * 4) + output * abi.STATE_WORDS * 4;
  if (load<i32>(state + abi.STATE_START * 4) == start + delta) {
    store<i32>(load<i32>(state + abi.STATE_HIT * 4) + abi.HIT_END * 4, end + delta);
  } else {
    if (!isChecked && end + delta <= load<i32>(state + abi.STATE_END * 4)) return;
    const count = load<i32>(control + abi.CONTROL_HITS_COUNT * 4);
    const hit = load<i32>(control + abi.CONTROL_HITS * 4) + count * abi.HIT_WORDS * 4;
    store<i32>(hit + abi.HIT_START * 4, start + delta);
    store<i32>(hit + abi.HIT_END * 4, end + delta);
    store<i32>(hit + abi.HIT_OUTPUT * 4, output);
    store<i32>(control + abi.CONTROL_HITS_COUNT * 4, count + 1);
    store<i32>(state + abi.STATE_START * 4, start + delta);
    store<i32>(state + abi.STATE_HIT * 4, hit);
  }
  store<i32>(state + abi.STATE_END * 4, end + delta);
}

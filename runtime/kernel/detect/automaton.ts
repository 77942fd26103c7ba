// One run of a machine's automaton from one start, and what becomes of the ends it accepts.
import * as abi from "../../src/abi/detect-layout";
import { record } from "./hits";

const LEFT = abi.OUTPUT_LEFT_DIGIT | abi.OUTPUT_LEFT_WORD;
const RIGHT = abi.OUTPUT_RIGHT_DIGIT | abi.OUTPUT_RIGHT_WORD;

/** Runs from `start` until the automaton is dead, the window ends, or a match is as long as it may be. */
export function runAt(control: i32, machine: i32, start: i32): void {
  const tables = load<i32>(control + abi.CONTROL_TABLES * 4);
  const classes = tables + load<i32>(machine + abi.MACHINE_CLASSES * 4);
  const shift = load<i32>(machine + abi.MACHINE_CLASSES_SHIFT * 4);
  const next = tables + load<i32>(machine + abi.MACHINE_NEXT * 4);
  const accepting = load<i32>(machine + abi.MACHINE_FIRST_ACCEPTING * 4);
  const end = load<i32>(control + abi.CONTROL_END * 4);
  const state = load<i32>(machine + abi.MACHINE_START * 4);
  run(control, tables, machine, classes, shift, next, accepting, state, end, start);
}

/** `runAt` with what does not depend on the start in hand: a filter that tries many starts reads it once. */
@inline
export function run(
  control: i32,
  tables: i32,
  machine: i32,
  classes: i32,
  shift: i32,
  next: i32,
  accepting: i32,
  first: i32,
  window_end: i32,
  start: i32,
): void {
  const end = min(window_end, start + abi.MATCH_BYTES_MAX);
  let state = first;
  for (let at = start; at < end; ) {
    state = load<u16>(next + (((state << shift) | <i32>load<u8>(classes + load<u8>(at))) << 1));
    if (state == 0) return;
    at++;
    if (state >= accepting) accept(control, tables, machine, state - accepting, start, at);
  }
}

/**
 * As `runAt`, for starts in ascending order. The run before, of an earlier start, left its states behind: where this one comes
 * to the same state at the same byte, it goes on from where that one ended. Many starts in one word cost one run.
 */
export function followAt(control: i32, machine: i32, start: i32): void {
  const tables = load<i32>(control + abi.CONTROL_TABLES * 4);
  const classes = tables + load<i32>(machine + abi.MACHINE_CLASSES * 4);
  const shift = load<i32>(machine + abi.MACHINE_CLASSES_SHIFT * 4);
  const next = tables + load<i32>(machine + abi.MACHINE_NEXT * 4);
  const accepting = load<i32>(machine + abi.MACHINE_FIRST_ACCEPTING * 4);
  const end = min(load<i32>(control + abi.CONTROL_END * 4), start + abi.MATCH_BYTES_MAX);
  const trace = load<i32>(control + abi.CONTROL_TRACE * 4);
  const traced = load<i32>(control + abi.CONTROL_TRACED * 4);
  let state = load<i32>(machine + abi.MACHINE_START * 4);
  let at = start;
  while (at < end && state != 0) {
    state = load<u16>(next + (((state << shift) | <i32>load<u8>(classes + load<u8>(at))) << 1));
    at++;
    if (at <= traced && load<u16>(trace + at * 2) == state) {
      at = traced;
      state = load<u16>(trace + at * 2);
    } else {
      store<u16>(trace + at * 2, state);
      if (state >= accepting) accept(control, tables, machine, state - accepting, start, at);
    }
  }
  store<i32>(control + abi.CONTROL_TRACED * 4, at);
}

/** The outputs of an accepting state match from `start` to `end`. */
function accept(control: i32, tables: i32, machine: i32, state: i32, start: i32, end: i32): void {
  const lists = tables + load<i32>(machine + abi.MACHINE_LISTS * 4);
  const list = lists + <i32>load<u16>(lists + state * 2) * 2;
  const outputs = tables + load<i32>(tables + abi.DETECT_HEADER_OUTPUTS * 4);
  const count = <i32>load<u16>(list);
  for (let i = 1; i <= count; i++) {
    const output = <i32>load<u16>(list + i * 2);
    const flags = load<i32>(outputs + (output * abi.OUTPUT_WORDS + abi.OUTPUT_FLAGS) * 4);
    if ((flags & LEFT) != 0 && touches(load<u8>(start - 1), (flags & abi.OUTPUT_LEFT_WORD) != 0)) continue;
    if ((flags & RIGHT) != 0 && touches(load<u8>(end), (flags & abi.OUTPUT_RIGHT_WORD) != 0)) continue;
    record(control, output, (flags & abi.OUTPUT_CHECKED) != 0, start, end);
  }
}

/** Whether `byte` is a digit or, where `isWord`, a letter, of ASCII. */
function touches(byte: i32, isWord: bool): bool {
  const isDigit = <u32>(byte - 0x30) < 10;
  return isDigit || (isWord && <u32>((byte | 0x20) - 0x61) < 26);
}

// The scanning kernel: bytes of a text in, starts and ends of what detectors' patterns match out.
//
// In: the tables of `hpl.detect`, a window of the text in memory, and the starts that are to be tried. Out: hits. For every start
// and output, the longest match; an output without checks leaves out what lies inside its last hit. Shape: a filter finds
// starts, sixteen bytes at a step; the automaton runs from each, one step a byte, and every start counts, so that a long false
// match never hides a true one. Absent: checks and context, which the host does on hits; any memory of its own.
import * as abi from "../../src/abi/detect-layout";
import { pivotScan } from "./pivot-filter";
import { prefixScan } from "./prefix-filter";

export function hpl_detect_version(): i32 {
  return abi.DETECT_VERSION;
}

/**
 * Tries the starts from address `from` to before `to` with the machine of index `machine`. Returns the start to go on with: `to`,
 * or an earlier one when the hits need room. The window holds 16 readable bytes before `from` and 32 behind its end.
 */
export function hpl_detect_scan(control: i32, machine: i32, from: i32, to: i32): i32 {
  const tables = load<i32>(control + abi.CONTROL_TABLES * 4);
  const machines = tables + load<i32>(tables + abi.DETECT_HEADER_MACHINES * 4);
  const entry = machines + machine * abi.MACHINE_WORDS * 4;
  store<i32>(control + abi.CONTROL_TRACED * 4, 0);
  return load<i32>(entry + abi.MACHINE_FILTER_KIND * 4) == abi.FILTER_PREFIX
    ? prefixScan(control, entry, from, to)
    : pivotScan(control, entry, from, to);
}

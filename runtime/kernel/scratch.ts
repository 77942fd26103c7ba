// Where things stand in scratch during one decision: the result first, as src/abi/layout.ts says, then what is forgotten
// after it. Sizes follow from the header and the number of columns, so that a host can work them out as well.
import * as abi from "../src/abi/layout";
import { MACHINE_SIZE } from "./condition";
import { header, LABEL_SET_SIZE } from "./labels";

export function align(address: i32): i32 {
  return (address + 7) & ~7;
}

export function resultAddress(): i32 {
  return header(abi.HEADER_SCRATCH);
}
export function moduleTruths(): i32 {
  return resultAddress() + abi.RESULT_TRUTHS;
}
export function ruleTruths(): i32 {
  return moduleTruths() + header(abi.HEADER_MODULES_COUNT);
}
export function exceptionTruths(): i32 {
  return ruleTruths() + header(abi.HEADER_RULES_COUNT);
}
/** Indices of the rules that are not definitely false. */
export function touchedRules(): i32 {
  return align(exceptionTruths() + header(abi.HEADER_EXCEPTIONS_COUNT));
}
/** Rules that all items so far made true, or nearly, and for each rule the stamp of the last one that did. */
export function candidates(): i32 {
  return touchedRules() + header(abi.HEADER_RULES_COUNT) * 4;
}
export function lastItems(): i32 {
  return candidates() + header(abi.HEADER_RULES_COUNT) * 4;
}
/** A stamp and a class for each variable. It stays where it is, whatever the number of columns. */
export function knownClasses(): i32 {
  return align(lastItems() + header(abi.HEADER_RULES_COUNT) * 4);
}
export function machine(): i32 {
  return knownClasses() + header(abi.HEADER_VARIABLES_COUNT) * 8;
}
export function columnResults(): i32 {
  return align(machine() + MACHINE_SIZE);
}
/** Label sets of the columns. */
export function columnSets(columns_count: i32): i32 {
  return columnResults() + columns_count * abi.COLUMN_WORDS * 4;
}
/** The label set of the columns of conditions, one set to work with, and the items of the three lists of labels. */
export function predicateSet(columns_count: i32): i32 {
  return columnSets(columns_count) + columns_count * LABEL_SET_SIZE;
}
/** Size of it all, in bytes. */
export function scratchSize(columns_count: i32): i32 {
  const labels = 2 * LABEL_SET_SIZE + 3 * abi.LABELS_MAX * abi.CELL_SIZE;
  return predicateSet(columns_count) + labels - resultAddress();
}

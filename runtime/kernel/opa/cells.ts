// Where facts go: cells on the heap, and an account of how large they are. The account follows engine/fact-writer.ts, so that
// both targets find the same requests too large; memory itself is taken for cells alone, since texts stay in the input.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { allocate, word } from "./heap";
import { sizeOf } from "./text";

/** Bytes taken so far, and whether that is more than there are. Nothing is written from then on. */
let used: i32 = 0;
let isFull: bool = false;

export function usedBytes(): i32 {
  return used;
}
export function areCellsFull(): bool {
  return isFull;
}
/** Starts to count at `bytes`. */
export function setUsedBytes(bytes: i32, full: bool): void {
  used = bytes;
  isFull = full;
}

function take(bytes: i32): void {
  used += bytes;
  if (<u32>used > <u32>(word(opa.OPA_FACTS_SIZE) - abi.FACTS_HEAP)) isFull = true;
}

export function writeCell(cell: i32, tag: i32, extra: i32, payload: i32): void {
  if (isFull) return;
  store<i32>(cell, tag);
  store<i32>(cell + abi.CELL_EXTRA, extra);
  store<i32>(cell + abi.CELL_PAYLOAD, payload);
}

export function writeNumber(cell: i32, value: f64): void {
  if (isFull) return;
  store<i32>(cell, abi.TAG_NUMBER);
  store<i32>(cell + abi.CELL_EXTRA, 0);
  store<f64>(cell + abi.CELL_PAYLOAD, value);
}

/** Text that is too long to be the name of anything is unknown. */
export function writeText(cell: i32, text: i32): void {
  const size = sizeOf(text);
  if (size > opa.FACT_TEXT_MAX) return writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
  take(size);
  writeCell(cell, abi.TAG_STRING, size, load<i32>(text));
}

/** Address of `count` fresh cells; what is written there once all is full goes nowhere. */
export function reserveCells(count: i32): i32 {
  used = (used + 7) & ~7;
  take(count * abi.CELL_SIZE);
  if (isFull) return 0;
  const cells = allocate(count * abi.CELL_SIZE);
  if (cells == 0) isFull = true;
  return cells;
}

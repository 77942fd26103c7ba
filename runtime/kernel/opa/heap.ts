// The heap: one bump pointer over memory that the host owns and may grow at any time. So the size is asked anew before memory
// is grown, and nothing here outlives a call but the pointer, which the host sets back as it likes. Whatever does not fit
// says so by address 0 and leaves everything as it was.
import * as opa from "../../src/abi/opa-layout";

const PAGE_SIZE: i64 = 65_536;
/** Hosts read addresses as signed 32-bit integers. */
const ADDRESS_MAX: i64 = 0x7fff_0000;

/** First free byte, or any address below the heap when nothing is on it. */
let top: i32 = 0;
/** Memory reached up to here when somebody last asked. It never shrinks, so this saves asking again. */
let reached: i32 = 0;

/** The word `index` of the header. */
export function word(index: i32): i32 {
  return load<i32>(opa.OPA_ADDRESS + index * 4);
}

/** First free byte: never one of the tables, whatever the host says. */
export function heapTop(): i32 {
  return max(top, word(opa.OPA_HEAP_BASE));
}

/** Forgets everything from `address` on. An address that no memory reaches stays one. */
export function setHeapTop(address: i32): void {
  top = address < 0 ? i32.MAX_VALUE : address;
}

/** Whether memory reaches up to `end`, after growing it if need be. */
function reaches(end: i64): bool {
  if (end <= <i64>reached) return true;
  if (end > ADDRESS_MAX) return false;
  const missing = end - <i64>memory.size() * PAGE_SIZE;
  if (missing > 0 && memory.grow(<i32>((missing + PAGE_SIZE - 1) / PAGE_SIZE)) < 0) return false;
  reached = <i32>min(<i64>memory.size() * PAGE_SIZE, ADDRESS_MAX);
  return true;
}

/** Whether `size` bytes at `address` lie in memory. */
export function isInMemory(address: i32, size: i32): bool {
  return address >= 0 && size >= 0 && <i64>address + <i64>size <= <i64>memory.size() * PAGE_SIZE;
}

/** Address of `size` fresh bytes right behind what is there, or 0. */
export function extend(size: i32): i32 {
  const start = heapTop();
  if (size < 0 || !reaches(<i64>start + <i64>size)) return 0;
  top = start + size;
  return start;
}

/** Address of `size` fresh bytes at a multiple of 8, or 0. */
export function allocate(size: i32): i32 {
  const before = heapTop();
  const padding = -before & 7;
  if (before > i32.MAX_VALUE - 8 || extend(padding) == 0) return 0;
  const address = extend(size);
  if (address == 0) top = before;
  return address;
}

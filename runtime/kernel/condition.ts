// Conditions: three-valued programs over the facts of one action. No recursion; stack and frames have a fixed size that
// the compiler keeps (STACK_MAX, QUANTIFIER_DEPTH_MAX). Cost: one step an instruction, times the items of a quantified list.
import * as abi from "../src/abi/layout";
import { isInRange, readAddress } from "./address";
import { matchesRegex } from "./automaton";
import { sameBytes } from "./bytes";
import { matchesGlob } from "./glob";

/** Addresses of the machine's own memory, set once for each decision by `setMachine`. */
let stack: i32 = 0;
let frames: i32 = 0;
let roots: i32 = 0;
/** Two cells that stand for a value that is not there, and one nobody knows. */
let absentCell: i32 = 0;
let unknownCell: i32 = 0;
/** 16 bytes for the address that is being looked at. */
let addressBytes: i32 = 0;

/** Bytes of scratch the machine needs. */
export const MACHINE_SIZE: i32 =
  abi.STACK_MAX * 4 + (abi.QUANTIFIER_DEPTH_MAX + 1) * abi.FRAME_SIZE + 2 * abi.CELL_SIZE + 16;

export function setMachine(scratch: i32, rootCells: i32): void {
  absentCell = scratch;
  unknownCell = scratch + abi.CELL_SIZE;
  store<i32>(absentCell, abi.TAG_ABSENT);
  store<i32>(unknownCell, abi.TAG_UNKNOWN);
  addressBytes = scratch + 2 * abi.CELL_SIZE;
  stack = addressBytes + 16;
  frames = stack + abi.STACK_MAX * 4;
  roots = rootCells;
}

export function tagOf(cell: i32): i32 {
  return load<i32>(cell);
}
export function extraOf(cell: i32): i32 {
  return load<i32>(cell + abi.CELL_EXTRA);
}
export function addressOf(cell: i32): i32 {
  return load<i32>(cell + abi.CELL_PAYLOAD);
}
export function itemsCount(list: i32): i32 {
  return extraOf(list) & ~abi.LIST_IS_OPEN;
}
export function isOpen(list: i32): bool {
  return (extraOf(list) & abi.LIST_IS_OPEN) != 0;
}

function valueOfKey(map: i32, key: i32, size: i32): i32 {
  const count = extraOf(map) & ~abi.MAP_IS_OPEN;
  let entry = addressOf(map);
  for (let i = 0; i < count; i++, entry += 2 * abi.CELL_SIZE) {
    if (tagOf(entry) == abi.TAG_STRING && extraOf(entry) == size && sameBytes(addressOf(entry), key, size)) {
      return entry + abi.CELL_SIZE;
    }
  }
  return (extraOf(map) & abi.MAP_IS_OPEN) != 0 ? unknownCell : absentCell;
}

/** The item that the rules of a group are asked for stands in the frame around all others. */
export function setItem(item: i32): void {
  store<i32>(frames + 4, item);
}
export function unknownItem(): i32 {
  return unknownCell;
}

/** The cell at `path`, outside of every quantifier. */
export function resolveFact(path: i32): i32 {
  return resolve(path, 1);
}

/** The cell at `path`. `depth` is the number of open frames. */
function resolve(path: i32, depth: i32): i32 {
  const root = load<i32>(path + abi.PATH_ROOT);
  let cell = root >= 0 ? roots + root * abi.CELL_SIZE : load<i32>(frames + (depth + root) * abi.FRAME_SIZE + 4);
  let steps = load<i32>(path + abi.PATH_STEPS_COUNT);
  for (let step = path + abi.PATH_STEPS; steps > 0; steps--, step += 8) {
    const tag = tagOf(cell);
    const size = load<i32>(step + 4);
    if (tag == abi.TAG_ABSENT) return absentCell;
    if (tag == abi.TAG_RECORD && size < 0) cell = addressOf(cell) + load<i32>(step) * abi.CELL_SIZE;
    else if (tag == abi.TAG_MAP && size >= 0) cell = valueOfKey(cell, load<i32>(step), size);
    else return unknownCell;
  }
  return cell;
}

function truth(value: bool): i32 {
  return value ? abi.TRUE : abi.FALSE;
}

/** Whether two known scalar cells hold the same value. Different types never do. */
export function isSame(a: i32, b: i32): bool {
  const tag = tagOf(a);
  if (tag != tagOf(b)) return false;
  if (tag == abi.TAG_STRING) return extraOf(a) == extraOf(b) && sameBytes(addressOf(a), addressOf(b), extraOf(a));
  if (tag == abi.TAG_NUMBER) return load<f64>(a + abi.CELL_PAYLOAD) == load<f64>(b + abi.CELL_PAYLOAD);
  return extraOf(a) == extraOf(b);
}

function isOrdered(comparison: i32, a: f64, b: f64): bool {
  if (comparison == abi.COMPARE_LT) return a < b;
  if (comparison == abi.COMPARE_LE) return a <= b;
  if (comparison == abi.COMPARE_GT) return a > b;
  return a >= b;
}

/** Absent makes `!=` true and every other comparison false; else unknown makes it unknown. */
function compare(comparison: i32, a: i32, b: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (tagA == abi.TAG_ABSENT || tagB == abi.TAG_ABSENT) return truth(comparison == abi.COMPARE_NE);
  if (tagA == abi.TAG_UNKNOWN || tagB == abi.TAG_UNKNOWN) return abi.UNKNOWN;
  if (comparison == abi.COMPARE_EQ) return truth(isSame(a, b));
  if (comparison == abi.COMPARE_NE) return truth(!isSame(a, b));
  if (tagA != abi.TAG_NUMBER || tagB != abi.TAG_NUMBER) return abi.UNKNOWN;
  return truth(isOrdered(comparison, load<f64>(a + abi.CELL_PAYLOAD), load<f64>(b + abi.CELL_PAYLOAD)));
}

function isOneOf(cell: i32, count: i32, values: i32): bool {
  for (let i = 0; i < count; i++) if (isSame(cell, values + i * abi.CELL_SIZE)) return true;
  return false;
}

function isIn(cell: i32, count: i32, values: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(cell) == abi.TAG_UNKNOWN) return abi.UNKNOWN;
  return truth(isOneOf(cell, count, values));
}

function isLike(cell: i32, count: i32, globs: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(cell) != abi.TAG_STRING) return abi.UNKNOWN;
  for (let i = 0; i < count; i++) {
    if (matchesGlob(globs + i * abi.GLOB_WORDS * 4, addressOf(cell), extraOf(cell))) return abi.TRUE;
  }
  return abi.FALSE;
}

function isMatch(cell: i32, count: i32, automata: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(cell) != abi.TAG_STRING) return abi.UNKNOWN;
  for (let i = 0; i < count; i++) {
    if (matchesRegex(automata + i * abi.REGEX_WORDS * 4, addressOf(cell), extraOf(cell))) return abi.TRUE;
  }
  return abi.FALSE;
}

/** A text that is no address is unknown. */
function isInCidr(cell: i32, count: i32, ranges: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(cell) != abi.TAG_STRING) return abi.UNKNOWN;
  const size = readAddress(addressOf(cell), extraOf(cell), addressBytes);
  if (size == 0) return abi.UNKNOWN;
  for (let i = 0; i < count; i++) {
    if (isInRange(addressBytes, size, ranges + i * abi.CIDR_WORDS * 4)) return abi.TRUE;
  }
  return abi.FALSE;
}

/** Whether `list`, which is a list, holds `value`. */
function holds(list: i32, value: i32): i32 {
  let result = isOpen(list) ? abi.UNKNOWN : abi.FALSE;
  let item = addressOf(list);
  for (let left = itemsCount(list); left > 0; left--, item += abi.CELL_SIZE) {
    if (tagOf(item) == abi.TAG_UNKNOWN) result = abi.UNKNOWN;
    else if (isSame(item, value)) return abi.TRUE;
  }
  return result;
}

/** An absent list is empty. */
function has(list: i32, count: i32, values: i32, all: bool): i32 {
  if (tagOf(list) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(list) != abi.TAG_LIST) return abi.UNKNOWN;
  let result = all ? abi.TRUE : abi.FALSE;
  for (let i = 0; i < count; i++) {
    const held = holds(list, values + i * abi.CELL_SIZE);
    result = all ? min(result, held) : max(result, held);
  }
  return result;
}

/** Not empty, and every item is one of `values`. */
function only(list: i32, count: i32, values: i32): i32 {
  if (tagOf(list) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(list) != abi.TAG_LIST) return abi.UNKNOWN;
  const items = itemsCount(list);
  if (items == 0) return isOpen(list) ? abi.UNKNOWN : abi.FALSE;
  let result = isOpen(list) ? abi.UNKNOWN : abi.TRUE;
  for (let i = 0; i < items; i++) {
    const item = addressOf(list) + i * abi.CELL_SIZE;
    if (tagOf(item) == abi.TAG_UNKNOWN) result = min(result, abi.UNKNOWN);
    else if (!isOneOf(item, count, values)) return abi.FALSE;
  }
  return result;
}

function isTrue(cell: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  return tagOf(cell) == abi.TAG_BOOL ? truth(extraOf(cell) != 0) : abi.UNKNOWN;
}

function isPresent(cell: i32): i32 {
  if (tagOf(cell) == abi.TAG_ABSENT) return abi.FALSE;
  return tagOf(cell) == abi.TAG_UNKNOWN ? abi.UNKNOWN : abi.TRUE;
}

/** What a quantifier says of a list without looking at its items, or -1 when it must look. */
function verdictOfList(list: i32): i32 {
  if (tagOf(list) == abi.TAG_ABSENT) return abi.FALSE;
  if (tagOf(list) != abi.TAG_LIST) return abi.UNKNOWN;
  if (itemsCount(list) == 0) return isOpen(list) ? abi.UNKNOWN : abi.FALSE;
  return -1;
}

function openFrame(frame: i32, quantifier: i32, list: i32): void {
  store<i32>(frame, quantifier);
  store<i32>(frame + 4, addressOf(list));
  store<i32>(frame + 8, itemsCount(list));
  store<i32>(frame + 12, quantifier == abi.QUANTIFIER_ALL ? abi.TRUE : abi.FALSE);
  store<i32>(frame + 16, isOpen(list) ? 1 : 0);
}

/** Joins the body's value into the frame; says whether another item is left. */
function nextItem(frame: i32, value: i32): bool {
  const joined = load<i32>(frame + 12);
  const isAll = load<i32>(frame) == abi.QUANTIFIER_ALL;
  store<i32>(frame + 12, isAll ? min(joined, value) : max(joined, value));
  store<i32>(frame + 4, load<i32>(frame + 4) + abi.CELL_SIZE);
  const left = load<i32>(frame + 8) - 1;
  store<i32>(frame + 8, left);
  return left > 0;
}

/** The quantifier's value: an open list may hold another item, which nobody knows. */
function valueOfFrame(frame: i32): i32 {
  const joined = load<i32>(frame + 12);
  if (load<i32>(frame + 16) == 0) return joined;
  return load<i32>(frame) == abi.QUANTIFIER_ALL ? min(joined, abi.UNKNOWN) : max(joined, abi.UNKNOWN);
}

/** The value of the atom at `code`, whose operands follow it. */
function atom(operation: i32, code: i32, depth: i32): i32 {
  const first = load<i32>(code + 4);
  if (operation == abi.OP_IS_TRUE) return isTrue(resolve(first, depth));
  if (operation == abi.OP_IS_PRESENT) return isPresent(resolve(first, depth));
  const second = load<i32>(code + 8);
  const third = load<i32>(code + 12);
  if (operation == abi.OP_COMPARE) return compare(first, resolve(second, depth), third);
  if (operation == abi.OP_COMPARE_FACTS) return compare(first, resolve(second, depth), resolve(third, depth));
  const cell = resolve(first, depth);
  if (operation == abi.OP_IN) return isIn(cell, second, third);
  if (operation == abi.OP_LIKE) return isLike(cell, second, third);
  if (operation == abi.OP_HAS_ANY) return has(cell, second, third, false);
  if (operation == abi.OP_HAS_ALL) return has(cell, second, third, true);
  if (operation == abi.OP_ONLY) return only(cell, second, third);
  return operation == abi.OP_MATCHES ? isMatch(cell, second, third) : isInCidr(cell, second, third);
}

function sizeOfAtom(operation: i32): i32 {
  return operation == abi.OP_IS_TRUE || operation == abi.OP_IS_PRESENT ? 8 : 16;
}

/** Runs the program at `code` and returns its truth. */
export function evaluate(code: i32): i32 {
  let top = stack - 4;
  let depth = 1;
  while (true) {
    const operation = load<i32>(code);
    if (operation == abi.OP_END) return load<i32>(top);
    if (operation == abi.OP_CONSTANT) {
      top += 4;
      store<i32>(top, load<i32>(code + 4));
      code += 8;
    } else if (operation == abi.OP_NOT) {
      store<i32>(top, abi.TRUE - load<i32>(top));
      code += 4;
    } else if (operation == abi.OP_AND || operation == abi.OP_OR) {
      const right = load<i32>(top);
      top -= 4;
      const left = load<i32>(top);
      store<i32>(top, operation == abi.OP_AND ? min(left, right) : max(left, right));
      code += 4;
    } else if (operation == abi.OP_JUMP_IF_FALSE || operation == abi.OP_JUMP_IF_TRUE) {
      const decided = operation == abi.OP_JUMP_IF_FALSE ? abi.FALSE : abi.TRUE;
      code = load<i32>(top) == decided ? load<i32>(code + 4) : code + 8;
    } else if (operation == abi.OP_EACH) {
      const list = resolve(load<i32>(code + 8), depth);
      const known = verdictOfList(list);
      if (known >= 0) {
        top += 4;
        store<i32>(top, known);
        code = load<i32>(code + 12);
      } else {
        openFrame(frames + depth * abi.FRAME_SIZE, load<i32>(code + 4), list);
        depth++;
        code += 16;
      }
    } else if (operation == abi.OP_NEXT) {
      const frame = frames + (depth - 1) * abi.FRAME_SIZE;
      if (nextItem(frame, load<i32>(top))) {
        top -= 4;
        code = load<i32>(code + 4);
      } else {
        store<i32>(top, valueOfFrame(frame));
        depth--;
        code += 8;
      }
    } else {
      top += 4;
      store<i32>(top, atom(operation, code, depth));
      code += sizeOfAtom(operation);
    }
  }
}

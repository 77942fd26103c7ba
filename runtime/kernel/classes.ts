// Classes: which of the values that no rule tells apart a fact has. Bytes in, a small number out; nothing is kept of a text,
// so no text can make anything grow. A variable is asked once for as long as what it reads stays the same: its class stands
// in scratch beside the stamp of the time it was worked out. Cost of a look-up: one hash, or one binary search, of the text.
import * as abi from "../src/abi/layout";
import { sameBytes } from "./bytes";
import { addressOf, evaluate, extraOf, isSame, resolveFact, setItem, tagOf, unknownItem } from "./condition";
import { header } from "./labels";
import { knownClasses } from "./scratch";

/** Stamps of what is at hand. Zero is that of nothing. */
let lastStamp: i32 = 0;
let contextStamp: i32 = 0;
let actionStamp: i32 = 0;
let itemStamp: i32 = 0;
/** The common facts that `contextStamp` is for. */
let epoch: i32 = 0;
let familyIndex: i32 = 0;
/** ITEM_LISTED, ITEM_BEYOND or ITEM_NONE. */
let itemKind: i32 = 0;

/** Fewer stamps than these are left after the last action that starts on them: an action has no more items. */
const STAMPS_MAX: i32 = i32.MAX_VALUE - (1 << 24);

/** Forgets what was known of the action before, and of the common facts when they are others. */
export function openAction(facts: i32): void {
  familyIndex = ctz(load<i32>(facts + abi.FACTS_FAMILY));
  if (lastStamp > STAMPS_MAX) {
    memory.fill(knownClasses(), 0, header(abi.HEADER_VARIABLES_COUNT) * 8);
    lastStamp = 0;
    contextStamp = 0;
  }
  if (contextStamp == 0 || load<i32>(facts + abi.FACTS_EPOCH) != epoch) {
    epoch = load<i32>(facts + abi.FACTS_EPOCH);
    contextStamp = ++lastStamp;
  }
  actionStamp = ++lastStamp;
}

/** From here on, what is asked of items is asked of the one at `item`. Returns the stamp, one more than that of the one before. */
export function openItem(item: i32): i32 {
  itemKind = abi.ITEM_LISTED;
  setItem(item);
  return (itemStamp = ++lastStamp);
}

/** The same for what may stand beyond the items, or for there being none. */
export function openNoItem(kind: i32): i32 {
  itemKind = kind;
  setItem(unknownItem());
  return (itemStamp = ++lastStamp);
}

/** The class of the variable with number `index`. */
export function classOf(index: i32): i32 {
  const variable = header(abi.HEADER_VARIABLES) + index * abi.VARIABLE_WORDS * 4;
  const known = knownClasses() + index * 8;
  const reach = load<i32>(variable + abi.VARIABLE_REACH * 4);
  const stamp = reach == abi.REACH_CONTEXT ? contextStamp : reach == abi.REACH_ACTION ? actionStamp : itemStamp;
  if (load<i32>(known) == stamp) return load<i32>(known + 4);
  const found = classify(variable);
  store<i32>(known, stamp);
  store<i32>(known + 4, found);
  return found;
}

function classify(variable: i32): i32 {
  const kind = load<i32>(variable + abi.VARIABLE_KIND * 4);
  if (kind == abi.VARIABLE_FAMILY) return familyIndex;
  if (kind == abi.VARIABLE_ITEM) return itemKind;
  const table = load<i32>(variable + abi.VARIABLE_TABLE * 4);
  if (kind == abi.VARIABLE_TEST) return evaluate(table);
  const cell = resolveFact(load<i32>(variable + abi.VARIABLE_PATH * 4));
  const tag = tagOf(cell);
  if (tag == abi.TAG_UNKNOWN) return abi.CLASS_UNKNOWN;
  if (tag == abi.TAG_ABSENT) return abi.CLASS_ABSENT;
  const count = load<i32>(variable + abi.VARIABLE_COUNT * 4);
  if (kind == abi.VARIABLE_CONSTANTS) return classOfConstant(cell, table, count);
  if (kind == abi.VARIABLE_ORDER) return classOfNumber(cell, table, count);
  if (kind == abi.VARIABLE_INFIX) return classOfInfix(cell, table, count, load<i32>(variable + abi.VARIABLE_GRAM_SIZE * 4));
  return classOfEnd(cell, table, count, kind == abi.VARIABLE_SUFFIX);
}

function hashOfBytes(start: i32, size: i32): u32 {
  let hash: u32 = abi.HASH_START;
  for (let i = 0; i < size; i++) hash = (hash ^ load<u8>(start + i)) * abi.HASH_FACTOR;
  return hash;
}

function hashOf(cell: i32): u32 {
  if (tagOf(cell) == abi.TAG_STRING) return hashOfBytes(addressOf(cell), extraOf(cell));
  return (<u32>abi.HASH_START ^ extraOf(cell)) * abi.HASH_FACTOR;
}

/** At least one slot is empty, so that the search ends. */
function classOfConstant(cell: i32, slots: i32, count: i32): i32 {
  let at: i32 = hashOf(cell);
  while (true) {
    const slot = slots + (at & (count - 1)) * abi.SLOT_WORDS * 4;
    const constant = load<i32>(slot);
    if (constant == 0) return abi.CLASS_OTHER;
    if (isSame(cell, constant)) return load<i32>(slot + abi.SLOT_CLASS * 4);
    at++;
  }
}

/** A value that is no number is none that can be told: comparing it is unknown. */
function classOfNumber(cell: i32, bounds: i32, count: i32): i32 {
  if (tagOf(cell) != abi.TAG_NUMBER) return abi.CLASS_UNKNOWN;
  const value = load<f64>(cell + abi.CELL_PAYLOAD);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(bounds + middle * 8) < value) low = middle + 1;
    else high = middle;
  }
  const isBound = low < count && load<f64>(bounds + low * 8) == value;
  return abi.CLASS_OWN + 2 * low + (isBound ? 1 : 0);
}

/** The byte at `index` from the end at which texts are compared. */
function byteAt(text: i32, size: i32, index: i32, isFromEnd: bool): i32 {
  return load<u8>(isFromEnd ? text + size - 1 - index : text + index);
}

/** Negative when the text at `a` stands before that at `b`; a text stands before those that go on after it. */
function order(a: i32, sizeOfA: i32, b: i32, sizeOfB: i32, isFromEnd: bool): i32 {
  const shorter = min(sizeOfA, sizeOfB);
  for (let i = 0; i < shorter; i++) {
    const difference = byteAt(a, sizeOfA, i, isFromEnd) - byteAt(b, sizeOfB, i, isFromEnd);
    if (difference != 0) return difference;
  }
  return sizeOfA - sizeOfB;
}

function isAtEnd(entry: i32, text: i32, size: i32, isFromEnd: bool): bool {
  const own = load<i32>(entry + abi.AFFIX_SIZE * 4);
  if (own > size) return false;
  const end = isFromEnd ? text + size - own : text;
  return order(load<i32>(entry + abi.AFFIX_TEXT * 4), own, end, own, false) == 0;
}

/**
 * The longest entry that the text begins (ends) with: the last one that stands not behind the text begins with it, so it is
 * that one or one of those it begins with itself.
 */
function classOfEnd(cell: i32, entries: i32, count: i32, isFromEnd: bool): i32 {
  if (tagOf(cell) != abi.TAG_STRING) return abi.CLASS_UNKNOWN;
  const text = addressOf(cell);
  const size = extraOf(cell);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries + middle * abi.AFFIX_WORDS * 4;
    const own = load<i32>(entry + abi.AFFIX_SIZE * 4);
    if (order(load<i32>(entry + abi.AFFIX_TEXT * 4), own, text, size, isFromEnd) <= 0) low = middle + 1;
    else high = middle;
  }
  let at = low - 1;
  while (at >= 0) {
    const entry = entries + at * abi.AFFIX_WORDS * 4;
    if (isAtEnd(entry, text, size, isFromEnd)) return load<i32>(entry + abi.AFFIX_CLASS * 4);
    at = load<i32>(entry + abi.AFFIX_PARENT * 4);
  }
  return abi.CLASS_OTHER;
}

/** The entry that the text holds. O(text x entries with the same hash). */
function classOfInfix(cell: i32, slots: i32, count: i32, gramSize: i32): i32 {
  if (tagOf(cell) != abi.TAG_STRING) return abi.CLASS_UNKNOWN;
  const text = addressOf(cell);
  const end = text + extraOf(cell);
  let found = abi.CLASS_OTHER;
  for (let gram = text; gram + gramSize <= end; gram++) {
    let at: i32 = hashOfBytes(gram, gramSize);
    while (true) {
      const slot = slots + (at & (count - 1)) * abi.INFIX_WORDS * 4;
      const own = load<i32>(slot + abi.INFIX_TEXT * 4);
      if (own == 0) break;
      const size = load<i32>(slot + abi.INFIX_SIZE * 4);
      const start = gram - load<i32>(slot + abi.INFIX_OFFSET * 4);
      const isHeld = start >= text && start + size <= end && sameBytes(start, own, size);
      const held = load<i32>(slot + abi.INFIX_CLASS * 4);
      if (isHeld && found != held) {
        if (found != abi.CLASS_OTHER) return severalOf(slots, count);
        found = held;
      }
      at++;
    }
  }
  return found;
}

/** The class behind those of all entries stands behind the slots. */
function severalOf(slots: i32, count: i32): i32 {
  return load<i32>(slots + count * abi.INFIX_WORDS * 4);
}

// The tape: the input as a list of entries in the order of the text, so that a reader finds any part of it without looking at
// the text again. An entry is 16 bytes: kind, then a text (address, size), then the address of the entry behind it and all
// that belongs to it. A list is followed by its items; an object by a string for each name and then the value. For both, the
// size says how many. A string's text is decoded; a number's is as it was written.
import { allocate, extend } from "./heap";
import { isSameText } from "./text";

const ENTRY_SIZE: i32 = 16;

export const IS_NULL: i32 = 0;
export const IS_FALSE: i32 = 1;
export const IS_TRUE: i32 = 2;
export const IS_NUMBER: i32 = 3;
export const IS_STRING: i32 = 4;
export const IS_LIST: i32 = 5;
export const IS_OBJECT: i32 = 6;

/** Starts a tape at the top of the heap; false when there is no room. */
export function startTape(): bool {
  return allocate(0) != 0;
}

/** Appends an entry that ends with itself. Returns its address, or 0. */
export function append(kind: i32, address: i32, size: i32): i32 {
  const entry = extend(ENTRY_SIZE);
  if (entry == 0) return 0;
  store<i32>(entry, kind);
  store<i32>(entry + 4, address);
  store<i32>(entry + 8, size);
  store<i32>(entry + 12, entry + ENTRY_SIZE);
  return entry;
}

/** Says how many items or fields the list or object at `entry` has, and that it ends at `end`. */
export function close(entry: i32, count: i32, end: i32): void {
  store<i32>(entry + 8, count);
  store<i32>(entry + 12, end);
}

export function kindOf(entry: i32): i32 {
  return load<i32>(entry);
}
/** The text of a string or number. */
export function textOf(entry: i32): i32 {
  return entry + 4;
}
export function countOf(entry: i32): i32 {
  return load<i32>(entry + 8);
}
export function nextOf(entry: i32): i32 {
  return load<i32>(entry + 12);
}
/** The first item of a list, or the first name of an object. */
export function firstOf(entry: i32): i32 {
  return entry + ENTRY_SIZE;
}
/** The value of the name at `key`. */
export function valueOf(key: i32): i32 {
  return key + ENTRY_SIZE;
}

/** The value that the object at `object` has under `name`, or 0. O(fields). */
export function fieldOf(object: i32, name: i32): i32 {
  const end = nextOf(object);
  for (let key = firstOf(object); key < end; key = nextOf(valueOf(key))) {
    if (isSameText(textOf(key), name)) return valueOf(key);
  }
  return 0;
}

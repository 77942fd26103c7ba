// Labels: which of the policy's labels each column carries. A label set is a bit set of LABEL_SET_WORDS words.
import * as abi from "../src/abi/layout";
import { addressOf, extraOf, isOpen, itemsCount, tagOf } from "./condition";
import { matchesGlob } from "./glob";

export const LABEL_SET_SIZE: i32 = abi.LABEL_SET_WORDS * 4;

export function header(word: i32): i32 {
  return load<i32>(abi.TABLES_ADDRESS + word * 4);
}

export function clearSet(set: i32): void {
  memory.fill(set, 0, LABEL_SET_SIZE);
}

export function addSet(set: i32, other: i32): void {
  for (let i = 0; i < LABEL_SET_SIZE; i += 4) store<i32>(set + i, load<i32>(set + i) | load<i32>(other + i));
}

export function hasLabel(set: i32, label: i32): bool {
  return ((load<i32>(set + (label >> 5) * 4) >> (label & 31)) & 1) != 0;
}

/** Adds to `set` the labels of the column `name`, a string cell holding `schema.table.column`. */
function addLabelsOf(set: i32, name: i32): void {
  const count = header(abi.HEADER_LABELS_COUNT);
  let label = header(abi.HEADER_LABELS);
  for (let i = 0; i < count; i++, label += abi.LABEL_WORDS * 4) {
    const globs = load<i32>(label + abi.LABEL_GLOBS * 4);
    for (let g = load<i32>(label + abi.LABEL_GLOBS_COUNT * 4) - 1; g >= 0; g--) {
      if (!matchesGlob(globs + g * abi.GLOB_WORDS * 4, addressOf(name), extraOf(name))) continue;
      const word = set + (i >> 5) * 4;
      store<i32>(word, load<i32>(word) | (1 << (i & 31)));
      break;
    }
  }
}

/** Adds the labels of all of `names`, a list cell; says whether there may be more. */
export function addLabelsOfAll(set: i32, names: i32): bool {
  if (tagOf(names) == abi.TAG_ABSENT) return false;
  if (tagOf(names) != abi.TAG_LIST) return true;
  let more = isOpen(names);
  let name = addressOf(names);
  for (let left = itemsCount(names); left > 0; left--, name += abi.CELL_SIZE) {
    if (tagOf(name) == abi.TAG_STRING) addLabelsOf(set, name);
    else more = true;
  }
  return more;
}

/** Writes `set` as a list of label paths into `cell`, its items at `items`; returns the address behind them. */
export function writeLabels(set: i32, open: bool, cell: i32, items: i32): i32 {
  const count = header(abi.HEADER_LABELS_COUNT);
  let label = header(abi.HEADER_LABELS);
  let item = items;
  for (let i = 0; i < count; i++, label += abi.LABEL_WORDS * 4) {
    if (!hasLabel(set, i)) continue;
    store<i32>(item, abi.TAG_STRING);
    store<i32>(item + abi.CELL_EXTRA, load<i32>(label + abi.LABEL_PATH_SIZE * 4));
    store<i32>(item + abi.CELL_PAYLOAD, load<i32>(label + abi.LABEL_PATH * 4));
    item += abi.CELL_SIZE;
  }
  store<i32>(cell, abi.TAG_LIST);
  store<i32>(cell + abi.CELL_EXTRA, (item - items) / abi.CELL_SIZE | (open ? abi.LIST_IS_OPEN : 0));
  store<i32>(cell + abi.CELL_PAYLOAD, items);
  return item;
}

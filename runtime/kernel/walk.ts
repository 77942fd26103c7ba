// Diagrams: from node to node by the class of the variable each asks for. The rules of a group are walked in parallel as long
// as one question tells many of them apart, then one by one. No recursion: every step goes to a variable behind.
import * as abi from "../src/abi/layout";
import { classOf, openItem, openNoItem } from "./classes";
import { addressOf, isOpen, itemsCount, resolveFact, tagOf } from "./condition";
import { header } from "./labels";
import { candidates, lastItems, resultAddress, ruleTruths, touchedRules } from "./scratch";

/** Where `node` leads for `kind`. */
function childOf(node: i32, kind: i32): i32 {
  const count = load<i32>(node + abi.NODE_COUNT);
  const cases = node + abi.NODE_CASES;
  if ((count & abi.NODE_IS_DENSE) != 0) {
    return kind < (count & ~abi.NODE_IS_DENSE) ? load<i32>(cases + kind * 4) : load<i32>(node + abi.NODE_OTHER);
  }
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i32>(cases + middle * 8) < kind) low = middle + 1;
    else high = middle;
  }
  const isListed = low < count && load<i32>(cases + low * 8) == kind;
  return load<i32>(isListed ? cases + low * 8 + 4 : node + abi.NODE_OTHER);
}

/** The truth at the end of the diagram that starts at `node`. */
export function walk(node: i32): i32 {
  while (node > abi.TRUE) node = childOf(node, classOf(load<i32>(node + abi.NODE_VARIABLE)));
  return node;
}

/** The leaf at which the rules of the diagram at `root` are walked one by one. */
function leafOf(root: i32): i32 {
  let node = root;
  while (load<i32>(node) != abi.NODE_IS_LEAF) node = childOf(node, classOf(load<i32>(node + abi.NODE_VARIABLE)));
  return node;
}

function listRule(rule: i32): void {
  const count = load<i32>(resultAddress() + abi.RESULT_TOUCHED_COUNT);
  store<i32>(touchedRules() + count * 4, rule);
  store<i32>(resultAddress() + abi.RESULT_TOUCHED_COUNT, count + 1);
}

/** All diagrams of the group for the rules that any item makes true. */
function walkAny(group: i32): void {
  const roots = load<i32>(group + abi.GROUP_ANY * 4);
  for (let i = load<i32>(group + abi.GROUP_ANY_COUNT * 4) - 1; i >= 0; i--) walkOneAny(load<i32>(roots + i * 4));
}

/** Of several items, the one that makes a rule truest counts. */
function walkOneAny(root: i32): void {
  const leaf = leafOf(root);
  let thread = leaf + abi.LEAF_THREADS;
  for (let left = load<i32>(leaf + abi.LEAF_COUNT); left > 0; left--, thread += 8) {
    const truth = walk(load<i32>(thread + 4));
    const known = ruleTruths() + load<i32>(thread);
    const before: i32 = load<u8>(known);
    if (truth <= before) continue;
    store<u8>(known, truth);
    if (before == abi.FALSE) listRule(load<i32>(thread));
  }
}

let candidatesCount: i32 = 0;

/** All diagrams of the group for the rules that every item must make true. `stamp` is that of the item. */
function walkEvery(group: i32, stamp: i32, isFirst: bool): void {
  const roots = load<i32>(group + abi.GROUP_EVERY * 4);
  for (let i = load<i32>(group + abi.GROUP_EVERY_COUNT * 4) - 1; i >= 0; i--) {
    walkOneEvery(load<i32>(roots + i * 4), stamp, isFirst);
  }
}

/** Of several items, the one that makes a rule least true counts; what one makes false is out. */
function walkOneEvery(root: i32, stamp: i32, isFirst: bool): void {
  const leaf = leafOf(root);
  let thread = leaf + abi.LEAF_THREADS;
  for (let left = load<i32>(leaf + abi.LEAF_COUNT); left > 0; left--, thread += 8) {
    const rule = load<i32>(thread);
    const last = lastItems() + rule * 4;
    if (!isFirst && load<i32>(last) != stamp - 1) continue;
    const truth = walk(load<i32>(thread + 4));
    if (truth == abi.FALSE) continue;
    store<i32>(last, stamp);
    const known = ruleTruths() + rule;
    store<u8>(known, isFirst ? truth : min(truth, <i32>load<u8>(known)));
    if (isFirst) store<i32>(candidates() + candidatesCount++ * 4, rule);
  }
}

/** Keeps those of the candidates that the last item left in. */
function closeEvery(stamp: i32): void {
  for (let i = 0; i < candidatesCount; i++) {
    const rule = load<i32>(candidates() + i * 4);
    if (load<i32>(lastItems() + rule * 4) == stamp) listRule(rule);
    else store<u8>(ruleTruths() + rule, abi.FALSE);
  }
  candidatesCount = 0;
}

/** Asks for each item of the list in `cell`, then for what may stand beyond them, or for there being none. */
function walkItems(cell: i32, group: i32): void {
  const isEmpty = tagOf(cell) == abi.TAG_ABSENT;
  const isList = tagOf(cell) == abi.TAG_LIST;
  const count = isList ? itemsCount(cell) : 0;
  let stamp = 0;
  for (let i = 0; i < count; i++) {
    stamp = openItem(addressOf(cell) + i * abi.CELL_SIZE);
    walkAny(group);
    walkEvery(group, stamp, i == 0);
  }
  const isClosed = isEmpty || (isList && !isOpen(cell));
  if (!isClosed || count == 0) {
    stamp = openNoItem(isClosed ? abi.ITEM_NONE : abi.ITEM_BEYOND);
    if (!isClosed) walkAny(group);
    walkEvery(group, stamp, count == 0);
  }
  closeEvery(stamp);
}

/** Finds the truth of every rule, without its exceptions: those that are not definitely false are listed. */
export function walkRules(): void {
  let group = header(abi.HEADER_GROUPS);
  for (let left = header(abi.HEADER_GROUPS_COUNT); left > 0; left--, group += abi.GROUP_WORDS * 4) {
    const list = load<i32>(group + abi.GROUP_LIST * 4);
    if (list == 0) walkAny(group);
    else walkItems(resolveFact(list), group);
  }
}

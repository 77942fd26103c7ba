// Why the facts are not certain: the reasons of all actions, sorted, each once. Lists of addresses of texts, on the heap.
import * as opa from "../../src/abi/opa-layout";
import { factNamed, isActionOpaque, openAction, reasonOfOpaque } from "./action";
import { allocate, extend } from "./heap";
import { joinedRefusals } from "./marks";
import { refusalAt } from "./message";
import { listOf, reasonOfUnknown } from "./read-fact";
import { countOf, firstOf, IS_STRING, kindOf, nextOf, textOf } from "./tape";
import { isSameText, sortTexts } from "./text";

/** The list that was put together last. */
let list: i32 = 0;
let count: i32 = 0;
let hasRoom: bool = true;

export function reasonsList(): i32 {
  return list;
}
export function reasonsCount(): i32 {
  return count;
}

/** Puts together the reasons of all actions in the list at `actions`; false when they do not fit. */
export function gatherReasons(actions: i32): bool {
  start();
  let action = firstOf(actions);
  for (let left = countOf(actions); left > 0; left--, action = nextOf(action)) {
    openAction(action);
    if (isActionOpaque()) add(reasonOfOpaque());
    else addReasonsOf(factNamed(opa.NAME_REASONS));
  }
  return sortOnce();
}

/** Adds the names of the refusals to the list at hand; false when they do not fit. */
export function addRefusals(): bool {
  const before = list;
  const before_count = count;
  start();
  for (let i = 0; i < before_count; i++) add(load<i32>(before + i * 4));
  for (let i = 0; i < opa.REFUSALS_COUNT; i++) {
    if (((joinedRefusals() >> i) & 1) != 0) add(refusalAt(i) + opa.REFUSAL_NAME);
  }
  return sortOnce();
}

function start(): void {
  list = allocate(0);
  count = 0;
  hasRoom = list != 0;
}

function add(text: i32): void {
  const place = extend(4);
  if (place == 0) hasRoom = false;
  else {
    store<i32>(place, text);
    count++;
  }
}

function addReasonsOf(fact: i32): void {
  if (fact == 0) return;
  const items = listOf(fact);
  if (items == 0) {
    if (reasonOfUnknown(fact) != 0) add(reasonOfUnknown(fact));
    return;
  }
  let item = firstOf(items);
  for (let left = countOf(items); left > 0; left--, item = nextOf(item)) {
    if (kindOf(item) == IS_STRING) add(textOf(item));
    else if (reasonOfUnknown(item) != 0) add(reasonOfUnknown(item));
  }
}

function sortOnce(): bool {
  const spare = allocate(count * 4);
  if (!hasRoom || spare == 0) return false;
  list = sortTexts(list, count, spare);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const text = load<i32>(list + i * 4);
    if (kept > 0 && isSameText(load<i32>(list + (kept - 1) * 4), text)) continue;
    store<i32>(list + kept * 4, text);
    kept++;
  }
  count = kept;
  return true;
}

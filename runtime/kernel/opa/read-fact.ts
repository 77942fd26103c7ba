// One fact from the tape into a cell, by its schema: what facts/check-shape.ts and engine/fact-writer.ts do, in one pass. What
// does not have the shape of the schema is refused, and named; what nobody knows (`{"?":".."}`) is unknown. A list may be
// `{"items":[..],"open":true}`. Recursion is as deep as schemas are. Cost: O(fact), names times fields for a record.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { areCellsFull, reserveCells, setUsedBytes, usedBytes, writeCell, writeNumber, writeText } from "./cells";
import { word } from "./heap";
import { integer, readInteger } from "./number";
import {
  countOf, firstOf, IS_FALSE, IS_LIST, IS_NUMBER, IS_OBJECT, IS_STRING, IS_TRUE, kindOf, nextOf, textOf, valueOf,
} from "./tape";
import { indexOfText, isSameText } from "./text";

/** The entry that is not as its schema says: a value, or the name of a field that must not be there. */
let wrong: i32 = 0;

export function wrongEntry(): i32 {
  return wrong;
}

/** Names `entry` as the one that is wrong. */
export function refuse(entry: i32): bool {
  wrong = entry;
  return false;
}

/** A name that the reader itself knows. */
export function nameOf(name: i32): i32 {
  return word(opa.OPA_NAMES) + name * opa.TEXT_WORDS * 4;
}

/** The reason in `{"?":"reason"}`, a text, or 0 when `entry` is not that. */
export function reasonOfUnknown(entry: i32): i32 {
  if (kindOf(entry) != IS_OBJECT || countOf(entry) != 1) return 0;
  const key = firstOf(entry);
  const isUnknown = isSameText(textOf(key), nameOf(opa.NAME_UNKNOWN)) && kindOf(valueOf(key)) == IS_STRING;
  return isUnknown ? textOf(valueOf(key)) : 0;
}

/** The list in `{"items":[..],"open":true}`, or 0 when `entry` is not that. */
function itemsOfOpenList(entry: i32): i32 {
  if (kindOf(entry) != IS_OBJECT || countOf(entry) != 2) return 0;
  const first = firstOf(entry);
  const second = nextOf(valueOf(first));
  const isItemsFirst = isSameText(textOf(first), nameOf(opa.NAME_ITEMS));
  const items = isItemsFirst ? first : second;
  const open = isItemsFirst ? second : first;
  const isOpenList =
    isSameText(textOf(items), nameOf(opa.NAME_ITEMS)) &&
    isSameText(textOf(open), nameOf(opa.NAME_OPEN)) &&
    kindOf(valueOf(items)) == IS_LIST &&
    kindOf(valueOf(open)) == IS_TRUE;
  return isOpenList ? valueOf(items) : 0;
}

/** The items of a list, open or not, as a list entry; 0 when `entry` is neither. */
export function listOf(entry: i32): i32 {
  return kindOf(entry) == IS_LIST ? entry : itemsOfOpenList(entry);
}

/** Writes the fact at `entry`, read by `node`, into `cell`; false, and refused, when it does not have the node's shape. */
export function readFact(entry: i32, cell: i32, node: i32): bool {
  if (reasonOfUnknown(entry) != 0) {
    writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
    return true;
  }
  const kind = load<i32>(node + opa.NODE_KIND);
  if (kind == opa.NODE_IS_LIST) return readList(entry, cell, load<i32>(node + opa.NODE_FIRST));
  if (kind == opa.NODE_IS_RECORD) return readRecord(entry, cell, node);
  if (kind == opa.NODE_IS_MAP) return readMap(entry, cell, node);
  return readScalar(entry, cell, node, kind) || refuse(entry);
}

function readScalar(entry: i32, cell: i32, node: i32, kind: i32): bool {
  const given = kindOf(entry);
  if (kind == opa.NODE_IS_BOOL) {
    writeCell(cell, abi.TAG_BOOL, given == IS_TRUE ? 1 : 0, 0);
    return given == IS_TRUE || given == IS_FALSE;
  }
  if (kind == opa.NODE_IS_INTEGER) {
    if (given != IS_NUMBER || !readInteger(textOf(entry))) return false;
    writeNumber(cell, <f64>integer());
    return true;
  }
  if (given != IS_STRING) return false;
  writeText(cell, textOf(entry));
  return kind == opa.NODE_IS_TEXT || isMember(textOf(entry), node);
}

function isMember(text: i32, choice: i32): bool {
  const members = load<i32>(choice + opa.NODE_SECOND);
  return indexOfText(text, load<i32>(choice + opa.NODE_FIRST), members, opa.TEXT_WORDS * 4) >= 0;
}

function readList(entry: i32, cell: i32, node: i32): bool {
  const list = listOf(entry);
  if (list == 0) return refuse(entry);
  const count = countOf(list);
  const cells = reserveCells(count);
  writeCell(cell, abi.TAG_LIST, list == entry ? count : count | abi.LIST_IS_OPEN, cells);
  let item = firstOf(list);
  for (let i = 0; i < count; i++, item = nextOf(item)) {
    if (!readFact(item, cells + i * abi.CELL_SIZE, node)) return false;
  }
  return true;
}

/** One cell a field, in schema order. A missing field is unknown when its schema requires it, else absent. */
function readRecord(entry: i32, cell: i32, node: i32): bool {
  if (kindOf(entry) != IS_OBJECT) return refuse(entry);
  const count = load<i32>(node + opa.NODE_FIRST);
  const fields = load<i32>(node + opa.NODE_SECOND);
  const cells = reserveCells(count);
  writeCell(cell, abi.TAG_RECORD, 0, cells);
  for (let i = 0; i < count; i++) {
    const isRequired = (flagsOf(fields, i) & opa.FIELD_IS_REQUIRED) != 0;
    writeCell(cells + i * abi.CELL_SIZE, isRequired ? abi.TAG_UNKNOWN : abi.TAG_ABSENT, 0, 0);
  }
  const end = nextOf(entry);
  for (let key = firstOf(entry); key < end; key = nextOf(valueOf(key))) {
    const slot = indexOfText(textOf(key), count, fields, opa.FIELD_WORDS * 4);
    if (slot < 0 || (flagsOf(fields, slot) & opa.FIELD_IS_DERIVED) != 0) return refuse(key);
    if (!readField(valueOf(key), cells + slot * abi.CELL_SIZE, fields, slot)) return false;
  }
  return true;
}

/** What no rule reads must have its shape all the same, and takes no room. */
function readField(entry: i32, cell: i32, fields: i32, slot: i32): bool {
  const node = load<i32>(fields + slot * opa.FIELD_WORDS * 4 + opa.FIELD_NODE);
  if ((flagsOf(fields, slot) & opa.FIELD_IS_UNREAD) == 0) return readFact(entry, cell, node);
  const used = usedBytes();
  const isFull = areCellsFull();
  const isShaped = readFact(entry, cell, node);
  setUsedBytes(used, isFull);
  writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
  return isShaped;
}

function flagsOf(fields: i32, slot: i32): i32 {
  return load<i32>(fields + slot * opa.FIELD_WORDS * 4 + opa.FIELD_FLAGS);
}

/** Key and value cells, alternating. `?` is no key: it belongs to what is unknown, and was not understood as that. */
function readMap(entry: i32, cell: i32, node: i32): bool {
  if (kindOf(entry) != IS_OBJECT) return refuse(entry);
  const count = countOf(entry);
  const open = load<i32>(node + opa.NODE_SECOND) != 0 ? abi.MAP_IS_OPEN : 0;
  let cells = reserveCells(count * 2);
  writeCell(cell, abi.TAG_MAP, count | open, cells);
  const end = nextOf(entry);
  for (let key = firstOf(entry); key < end; key = nextOf(valueOf(key)), cells += 2 * abi.CELL_SIZE) {
    if (isSameText(textOf(key), nameOf(opa.NAME_UNKNOWN))) return refuse(key);
    writeText(cells, textOf(key));
    if (!readFact(valueOf(key), cells + abi.CELL_SIZE, load<i32>(node + opa.NODE_FIRST))) return false;
  }
  return true;
}

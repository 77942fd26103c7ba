// The facts that all actions of a request share: principal, session, connection, now, and the minute of the week. A part
// that is missing is empty, so that all it requires is unknown. Attributes are held to their declarations and the week is
// worked out as facts/attributes.ts and engine/week.ts do it.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { sameBytes } from "../bytes";
import { addressOf, extraOf, tagOf } from "../condition";
import { areCellsFull, reserveCells, writeCell, writeNumber, writeText } from "./cells";
import { word } from "./heap";
import { integer, readInteger } from "./number";
import { nameOf, readFact, refuse } from "./read-fact";
import { fieldOf, firstOf, IS_NUMBER, IS_OBJECT, kindOf, nextOf, textOf, valueOf } from "./tape";
import { bytesOf, sizeOf } from "./text";

const MS_PER_MINUTE: i64 = 60_000;
const MINUTES_PER_WEEK: i64 = 10_080;
/** 1970-01-01 was a Thursday; weeks start on Monday. */
const EPOCH_MIN: i64 = 4_320;

/** Lays the common facts of `request`, an object, into the root cells at `roots`; false, and refused, when one is ill-typed. */
export function readContext(request: i32, roots: i32): bool {
  for (let i = abi.ROOT_PRINCIPAL; i <= abi.ROOT_NOW; i++) {
    if (!readRoot(request, word(opa.OPA_ROOTS) + i * opa.ROOT_WORDS * 4, roots + i * abi.CELL_SIZE)) return false;
  }
  const zones = fieldOf(request, nameOf(opa.NAME_ZONES));
  if (zones != 0 && !areZones(zones)) return false;
  if (areCellsFull()) return true;
  const count = word(opa.OPA_ATTRIBUTES_COUNT);
  for (let i = 0; i < count; i++) declare(word(opa.OPA_ATTRIBUTES) + i * opa.ATTRIBUTE_WORDS * 4, roots);
  writeWeek(roots + abi.ROOT_NOW * abi.CELL_SIZE, zones, roots + abi.ROOT_WEEK * abi.CELL_SIZE);
  return true;
}

function readRoot(request: i32, root: i32, cell: i32): bool {
  const node = load<i32>(root + opa.ROOT_NODE);
  const entry = fieldOf(request, root);
  if (entry != 0) return readFact(entry, cell, node);
  if (load<i32>(node + opa.NODE_KIND) == opa.NODE_IS_RECORD) writeEmptyRecord(cell, node);
  else writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
  return true;
}

function writeEmptyRecord(cell: i32, node: i32): void {
  const count = load<i32>(node + opa.NODE_FIRST);
  const cells = reserveCells(count);
  writeCell(cell, abi.TAG_RECORD, 0, cells);
  for (let i = 0; i < count; i++) {
    const flags = load<i32>(load<i32>(node + opa.NODE_SECOND) + i * opa.FIELD_WORDS * 4 + opa.FIELD_FLAGS);
    const tag = (flags & opa.FIELD_IS_REQUIRED) != 0 ? abi.TAG_UNKNOWN : abi.TAG_ABSENT;
    writeCell(cells + i * abi.CELL_SIZE, tag, 0, 0);
  }
}

/** Whether `zones` is an object of offsets in minutes. */
function areZones(zones: i32): bool {
  if (kindOf(zones) != IS_OBJECT) return refuse(zones);
  const end = nextOf(zones);
  for (let key = firstOf(zones); key < end; key = nextOf(valueOf(key))) {
    const offset = valueOf(key);
    if (kindOf(offset) != IS_NUMBER || !readInteger(textOf(offset))) return refuse(offset);
    if (integer() > opa.ZONE_OFFSET_MAX || integer() < -opa.ZONE_OFFSET_MAX) return refuse(offset);
  }
  return true;
}

/** A record of numbers: the minute of the week in UTC, then in each of the policy's zones; unknown where it cannot be told. */
function writeWeek(now: i32, zones: i32, cell: i32): void {
  const count = word(opa.OPA_ZONES_COUNT) + 1;
  const cells = reserveCells(count);
  writeCell(cell, abi.TAG_RECORD, 0, cells);
  for (let i = 0; i < count; i++) {
    const minute = cells + i * abi.CELL_SIZE;
    const name = word(opa.OPA_ZONES) + (i - 1) * opa.TEXT_WORDS * 4;
    const offset = i == 0 || zones == 0 ? 0 : fieldOf(zones, name);
    if (cells == 0 || tagOf(now) != abi.TAG_NUMBER || (i > 0 && offset == 0)) {
      writeCell(minute, abi.TAG_UNKNOWN, 0, 0);
      continue;
    }
    if (i > 0) readInteger(textOf(offset));
    writeNumber(minute, <f64>minuteOfWeek(<i64>load<f64>(now + abi.CELL_PAYLOAD), i == 0 ? 0 : integer()));
  }
}

function minuteOfWeek(now_ms: i64, offset_min: i64): i64 {
  const remainder = now_ms % MS_PER_MINUTE;
  const minutes = (now_ms - remainder) / MS_PER_MINUTE - (remainder < 0 ? 1 : 0);
  const minute = (minutes + offset_min + EPOCH_MIN) % MINUTES_PER_WEEK;
  return minute < 0 ? minute + MINUTES_PER_WEEK : minute;
}

/** Holds one attribute to its declaration: a text that is no member is unknown, and so is a required one that is missing. */
function declare(attribute: i32, roots: i32): void {
  const root = roots + load<i32>(attribute + opa.ATTRIBUTE_ROOT) * abi.CELL_SIZE;
  if (tagOf(root) != abi.TAG_RECORD || areCellsFull()) return;
  const field = addressOf(root) + load<i32>(attribute + opa.ATTRIBUTE_SLOT) * abi.CELL_SIZE;
  const key = attribute + opa.ATTRIBUTE_KEY;
  if (load<i32>(key + 4) < 0) return declareValue(attribute, field);
  const isOptional = load<i32>(attribute + opa.ATTRIBUTE_IS_OPTIONAL) != 0;
  if (tagOf(field) != abi.TAG_MAP && tagOf(field) != abi.TAG_ABSENT) return;
  const value = tagOf(field) == abi.TAG_MAP ? valueOfKey(field, key) : 0;
  if (value != 0) declareValue(attribute, value);
  else if (!isOptional) addUnknown(field, key);
}

function declareValue(attribute: i32, cell: i32): void {
  const count = load<i32>(attribute + opa.ATTRIBUTE_MEMBERS_COUNT);
  if (tagOf(cell) != abi.TAG_STRING || count < 0) return;
  const members = load<i32>(attribute + opa.ATTRIBUTE_MEMBERS);
  for (let i = 0; i < count; i++) if (holdsText(cell, members + i * opa.TEXT_WORDS * 4)) return;
  writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
}

/** Whether the cell of a string holds `text`. */
function holdsText(cell: i32, text: i32): bool {
  return extraOf(cell) == sizeOf(text) && sameBytes(addressOf(cell), bytesOf(text), sizeOf(text));
}

/** The cell under `key`, a text, in the map at `map`; 0 when there is none. */
function valueOfKey(map: i32, key: i32): i32 {
  const count = extraOf(map) & ~abi.MAP_IS_OPEN;
  let entry = addressOf(map);
  for (let i = 0; i < count; i++, entry += 2 * abi.CELL_SIZE) {
    if (tagOf(entry) == abi.TAG_STRING && holdsText(entry, key)) return entry + abi.CELL_SIZE;
  }
  return 0;
}

/** Gives the map in `field`, which may not be there, one more key, whose value is unknown. */
function addUnknown(field: i32, key: i32): void {
  const count = tagOf(field) == abi.TAG_MAP ? extraOf(field) & ~abi.MAP_IS_OPEN : 0;
  const open = tagOf(field) == abi.TAG_MAP ? extraOf(field) & abi.MAP_IS_OPEN : 0;
  const cells = reserveCells((count + 1) * 2);
  if (cells == 0) return;
  const added = cells + count * 2 * abi.CELL_SIZE;
  memory.copy(cells, addressOf(field), count * 2 * abi.CELL_SIZE);
  writeText(added, key);
  writeCell(added + abi.CELL_SIZE, abi.TAG_UNKNOWN, 0, 0);
  writeCell(field, abi.TAG_MAP, (count + 1) | open, cells);
}

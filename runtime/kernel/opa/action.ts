// One action of the request: an object with one family, and under it the facts, or a source text. A text is opaque, because
// no grammar is in the module; so is an action of a family that has no facts. The rest is read by the family's schema.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { writeCell } from "./cells";
import { word } from "./heap";
import { listOf, nameOf, readFact, reasonOfUnknown, refuse } from "./read-fact";
import { countOf, fieldOf, firstOf, IS_OBJECT, IS_STRING, IS_TRUE, kindOf, nextOf, textOf, valueOf } from "./tape";
import { indexOfText } from "./text";

/** What the action at hand is: its entry in the table of families, its facts (0 when opaque), why it is opaque (a text). */
let family: i32 = 0;
let facts: i32 = 0;
let opaqueReason: i32 = 0;
/** The request that it is one of. */
let request: i32 = 0;

export function familyBit(): i32 {
  return 1 << ((family - word(opa.OPA_FAMILIES)) / (opa.FAMILY_WORDS * 4));
}
export function isActionOpaque(): bool {
  return facts == 0;
}
export function reasonOfOpaque(): i32 {
  return opaqueReason;
}

/** From here on, actions are those of `entry`. */
export function setRequest(entry: i32): void {
  request = entry;
}

/** Finds out what the action at `entry` is; false, and refused, when it is none. */
export function openAction(entry: i32): bool {
  if (kindOf(entry) != IS_OBJECT || countOf(entry) != 1) return refuse(entry);
  const key = firstOf(entry);
  const index = indexOfText(textOf(key), word(opa.OPA_FAMILIES_COUNT), word(opa.OPA_FAMILIES), opa.FAMILY_WORDS * 4);
  if (index < 0) return refuse(key);
  family = word(opa.OPA_FAMILIES) + index * opa.FAMILY_WORDS * 4;
  facts = 0;
  opaqueReason = family + opa.FAMILY_REASON;
  const value = valueOf(key);
  const source = load<i32>(family + opa.FAMILY_SOURCE);
  if (source == opa.SOURCE_IS_ACTION && kindOf(value) == IS_STRING) return true;
  if (load<i32>(family + opa.FAMILY_NODE) == 0) return true;
  if (kindOf(value) != IS_OBJECT) return refuse(value);
  if (source == opa.SOURCE_IS_FIELD && fieldOf(value, nameOf(opa.NAME_TEXT)) != 0) return openSource(value);
  facts = value;
  return true;
}

/** A source text, with what it needs beside it. Only the dialect tells one reason from another. */
function openSource(source: i32): bool {
  const count = load<i32>(family + opa.FAMILY_SOURCE_FIELDS_COUNT);
  const fields = load<i32>(family + opa.FAMILY_SOURCE_FIELDS);
  const end = nextOf(source);
  for (let key = firstOf(source); key < end; key = nextOf(valueOf(key))) {
    if (indexOfText(textOf(key), count, fields, opa.TEXT_WORDS * 4) < 0) return refuse(key);
  }
  const text = fieldOf(source, nameOf(opa.NAME_TEXT));
  if (kindOf(text) != IS_STRING) return refuse(text);
  if (load<i32>(family + opa.FAMILY_DIALECTS_COUNT) == 0) return true;
  const dialect = fieldOf(source, nameOf(opa.NAME_DIALECT));
  const index = dialect == 0 ? max(0, dialectAt(kindOfConnection())) : dialectAt(dialect);
  if (index < 0) return refuse(dialect);
  opaqueReason = load<i32>(family + opa.FAMILY_DIALECTS) + index * DIALECT_SIZE + opa.TEXT_WORDS * 4;
  return true;
}

/** Bytes of one dialect: its name, then a reason. */
const DIALECT_SIZE: i32 = 2 * opa.TEXT_WORDS * 4;

/** Which dialect the text at `entry` names; -1 for none. */
function dialectAt(entry: i32): i32 {
  if (entry == 0 || kindOf(entry) != IS_STRING) return -1;
  const count = load<i32>(family + opa.FAMILY_DIALECTS_COUNT);
  return indexOfText(textOf(entry), count, load<i32>(family + opa.FAMILY_DIALECTS), DIALECT_SIZE);
}

/** The kind of the connection that the request names, or 0. */
function kindOfConnection(): i32 {
  const connection = fieldOf(request, nameOf(opa.NAME_CONNECTION));
  return connection == 0 || kindOf(connection) != IS_OBJECT ? 0 : fieldOf(connection, nameOf(opa.NAME_KIND));
}

/** Lays the facts of the open action into the facts area at `area`; false, and refused, when they are ill-typed. */
export function layAction(area: i32): bool {
  store<i32>(area + abi.FACTS_FAMILY, familyBit());
  store<i32>(area + abi.FACTS_OPAQUE, facts == 0 ? 1 : 0);
  store<i32>(area + abi.FACTS_COMPLETE, isActionComplete() ? abi.TRUE : abi.FALSE);
  const cell = area + abi.FACTS_ROOTS + abi.ROOT_ACTION * abi.CELL_SIZE;
  if (facts != 0) return readFact(facts, cell, load<i32>(family + opa.FAMILY_NODE));
  writeCell(cell, abi.TAG_UNKNOWN, 0, 0);
  return true;
}

/** Whether the open action's facts say that they are all there. */
export function isActionComplete(): bool {
  const complete = factNamed(opa.NAME_COMPLETE);
  return complete != 0 && kindOf(complete) == IS_TRUE;
}

/** The fact `name` of the open action as it came, or 0. */
export function factNamed(name: i32): i32 {
  return facts == 0 || reasonOfUnknown(facts) != 0 ? 0 : fieldOf(facts, nameOf(name));
}

/** The items of the fact `name`, a list, or 0 when nothing is listed. */
export function itemsNamed(name: i32): i32 {
  const fact = factNamed(name);
  return fact == 0 ? 0 : listOf(fact);
}

// The obligations of one action, as text: masks, then the approval, then the limit, then what is to be looked for, each behind
// a comma. What engine/obligations.ts makes, from the result that `hpl_decide` has just left and the action as it came.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { header } from "../labels";
import { itemsNamed } from "./action";
import { allocate, word } from "./heap";
import { isDefaultUsed, resultAddress, truthOfRule } from "./marks";
import { putByte, putComma, putEscaped, putInteger, putPiece, putString, putText } from "./output";
import { listOf, nameOf } from "./read-fact";
import { countOf, fieldOf, firstOf, IS_OBJECT, IS_STRING, kindOf, nextOf, textOf } from "./tape";

/** The greatest count of each group, while one approval is put together. */
let counts: i32 = 0;

/** Makes room for what obligations are put together in; false when there is none. */
export function openObligations(): bool {
  counts = allocate(word(opa.OPA_GROUPS_COUNT) * 4);
  return counts != 0;
}

/** Writes what the last result obliges to. `action` is the number of the action, `family` its bit. */
export function putObligations(action: i32, family: i32): void {
  putMasks(action);
  if (load<i32>(resultAddress() + abi.RESULT_VERDICT) == abi.VERDICT_APPROVE) putApproval(action, family);
  putLimit(action);
  putDetects(action);
}

/** Writes the start of an obligation, up to the number of its action. */
function open(start: i32, action: i32): void {
  putByte(0x2c);
  putPiece(start);
  putInteger(action);
}

function dutyOf(rule: i32): i32 {
  return word(opa.OPA_DUTIES) + rule * opa.DUTY_WORDS * 4;
}

function isCounted(rule: i32): bool {
  return (truthOfRule(rule) & abi.RULE_COUNTED) != 0;
}

function putMasks(action: i32): void {
  const count = load<i32>(resultAddress() + abi.RESULT_COLUMNS_COUNT);
  if (count == 0) return;
  let result = load<i32>(resultAddress() + abi.RESULT_COLUMNS);
  const columns = itemsNamed(opa.NAME_COLUMNS);
  let column = columns == 0 ? 0 : firstOf(columns);
  for (let i = 0; i < count; i++, result += abi.COLUMN_WORDS * 4) {
    if (load<i32>(result + abi.COLUMN_TRANSFORM * 4) > abi.TRANSFORM_CLEAR) putMask(action, i, column, result);
    if (column != 0) column = nextOf(column);
  }
}

function putMask(action: i32, index: i32, column: i32, result: i32): void {
  open(opa.PIECE_MASK, action);
  putPiece(opa.PIECE_MASK_INDEX);
  putInteger(index);
  putPiece(opa.PIECE_MASK_NAME);
  const name = fieldOfColumn(column, opa.NAME_NAME);
  if (name != 0 && kindOf(name) == IS_STRING) putEscaped(textOf(name));
  else putPiece(opa.PIECE_UNKNOWN_NAME);
  putPiece(opa.PIECE_MASK_SOURCE);
  putKnownTexts(fieldOfColumn(column, opa.NAME_SOURCES));
  putPiece(opa.PIECE_MASK_TRANSFORM);
  const transform = load<i32>(result + abi.COLUMN_TRANSFORM * 4);
  putText(word(opa.OPA_TRANSFORMS) + transform * opa.TEXT_WORDS * 4);
  putPiece(opa.PIECE_MASK_RULE);
  putText(dutyOf(load<i32>(result + abi.COLUMN_RULE * 4)) + opa.DUTY_ID);
  putPiece(opa.PIECE_END);
}

function fieldOfColumn(column: i32, name: i32): i32 {
  return column == 0 || kindOf(column) != IS_OBJECT ? 0 : fieldOf(column, nameOf(name));
}

/** The strings of a list, and nothing of what else it may hold. */
function putKnownTexts(entry: i32): void {
  const list = entry == 0 ? 0 : listOf(entry);
  if (list == 0) return;
  let isFirst = true;
  let item = firstOf(list);
  for (let left = countOf(list); left > 0; left--, item = nextOf(item)) {
    if (kindOf(item) != IS_STRING) continue;
    putComma(isFirst);
    putString(textOf(item));
    isFirst = false;
  }
}

/** All approvals the action needs: the greatest count a group, the shortest time. */
function putApproval(action: i32, family: i32): void {
  const groups_count = word(opa.OPA_GROUPS_COUNT);
  memory.fill(counts, 0, groups_count * 4);
  const within_s = uniteApprovals(family);
  open(opa.PIECE_APPROVAL, action);
  putPiece(opa.PIECE_APPROVAL_ALL);
  let isFirst = true;
  for (let i = 0; i < groups_count; i++) {
    const count = load<i32>(counts + i * 4);
    if (count == 0) continue;
    putComma(isFirst);
    putText(word(opa.OPA_GROUPS) + i * opa.TEXT_WORDS * 4);
    putInteger(count);
    putByte(0x7d);
    isFirst = false;
  }
  putPiece(opa.PIECE_APPROVAL_WITHIN);
  putInteger(within_s);
  putPiece(opa.PIECE_APPROVAL_BINDING);
}

/** Unites the approvals of rules and defaults in `counts`; returns the shortest time, in seconds. */
function uniteApprovals(family: i32): i32 {
  let within_s = i32.MAX_VALUE;
  const rules = header(abi.HEADER_RULES_COUNT);
  for (let rule = 0; rule < rules; rule++) {
    if (!isCounted(rule)) continue;
    const asks = (truthOfRule(rule) & abi.RULE_ASKED) != 0;
    within_s = uniteApproval(load<i32>(dutyOf(rule) + (asks ? opa.DUTY_APPROVAL_ON_UNKNOWN : opa.DUTY_APPROVAL)), within_s);
  }
  const modules = header(abi.HEADER_MODULES_COUNT);
  for (let i = 0; i < modules; i++) {
    if (isDefaultUsed(i, family)) within_s = uniteApproval(load<i32>(word(opa.OPA_DEFAULT_APPROVALS) + i * 4), within_s);
  }
  return within_s;
}

function uniteApproval(approval: i32, within_s: i32): i32 {
  if (approval == 0) return within_s;
  let group = approval + opa.APPROVAL_GROUPS;
  for (let left = load<i32>(approval + opa.APPROVAL_COUNT); left > 0; left--, group += 8) {
    const count = counts + load<i32>(group) * 4;
    store<i32>(count, max(load<i32>(count), load<i32>(group + 4)));
  }
  return min(within_s, load<i32>(approval + opa.APPROVAL_WITHIN));
}

/** At most one: the least of each amount that any rule limits. */
function putLimit(action: i32): void {
  let rows: i64 = -1;
  let time_ms: i64 = -1;
  let bytes: i64 = -1;
  const rules = header(abi.HEADER_RULES_COUNT);
  for (let rule = 0; rule < rules; rule++) {
    const limit = load<i32>(dutyOf(rule) + opa.DUTY_LIMIT);
    if (limit == 0 || !isCounted(rule)) continue;
    rows = lesser(rows, load<i64>(limit + opa.LIMIT_ROWS));
    time_ms = lesser(time_ms, load<i64>(limit + opa.LIMIT_TIME));
    bytes = lesser(bytes, load<i64>(limit + opa.LIMIT_BYTES));
  }
  if (rows < 0 && time_ms < 0 && bytes < 0) return;
  open(opa.PIECE_LIMIT, action);
  putAmount(opa.PIECE_LIMIT_ROWS, rows);
  putAmount(opa.PIECE_LIMIT_TIME, time_ms);
  putAmount(opa.PIECE_LIMIT_BYTES, bytes);
  putByte(0x7d);
}

/** The lesser of two amounts, -1 being none. */
function lesser(a: i64, b: i64): i64 {
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

function putAmount(name: i32, amount: i64): void {
  if (amount < 0) return;
  putPiece(name);
  putInteger(amount);
}

function putDetects(action: i32): void {
  const rules = header(abi.HEADER_RULES_COUNT);
  for (let rule = 0; rule < rules; rule++) {
    const detect = dutyOf(rule) + opa.DUTY_DETECT;
    if (load<i32>(detect) == 0 || !isCounted(rule)) continue;
    open(opa.PIECE_DETECT, action);
    putText(detect);
  }
}

// The decision as JSON (spec/decision.schema.json), at the end of the heap.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { heapTop, word } from "./heap";
import { isAllComplete, joinedRefusals, joinedVerdict, MARK_MUST, markOfEntry } from "./marks";
import { entryAt, putFixAndCode, putMessage, refusalAt, setReasons } from "./message";
import {
  isOutputFull, putByte, putBytes, putComma, putEscaped, putInteger, putPiece, putString, putText, startOutput,
} from "./output";
import { addRefusals, gatherReasons, reasonsCount, reasonsList } from "./reasons";
import { firstOf, IS_OBJECT, kindOf, nextOf, textOf, valueOf } from "./tape";

let start: i32 = 0;

/** Where the decision that was written last begins, and its size in bytes. */
export function decisionStart(): i32 {
  return start;
}
export function decisionSize(): i32 {
  return heapTop() - start;
}

/** Writes the decision on `actions`; their obligations are `size` bytes at `obligations`, each behind a comma. */
export function writeDecision(actions: i32, obligations: i32, size: i32): bool {
  if (!gatherReasons(actions)) return false;
  setReasons(reasonsList(), reasonsCount());
  if (joinedRefusals() != 0 && !addRefusals()) return false;
  start = startOutput();
  putPiece(opa.PIECE_VERDICT + joinedVerdict());
  putEntries();
  putPiece(opa.PIECE_OBLIGATIONS);
  if (joinedVerdict() != abi.VERDICT_BLOCK && size > 0) putBytes(obligations + 1, size - 1);
  putPiece(isAllComplete() ? opa.PIECE_COMPLETE : opa.PIECE_INCOMPLETE);
  for (let i = 0; i < reasonsCount(); i++) {
    putComma(i == 0);
    putString(load<i32>(reasonsList() + i * 4));
  }
  putMessage();
  return !isOutputFull();
}

/** Rules, exceptions and defaults that took part. */
function putEntries(): void {
  const count = word(opa.OPA_ENTRIES_COUNT);
  let isFirst = true;
  for (let i = 0; i < count; i++) {
    const mark = markOfEntry(entryAt(i));
    if (mark == 0) continue;
    putComma(isFirst);
    putText(entryAt(i) + opa.ENTRY_HEAD);
    putPiece(mark == MARK_MUST ? opa.PIECE_MUST : opa.PIECE_MAY);
    putText(entryAt(i) + opa.ENTRY_TAIL);
    isFirst = false;
  }
}

/** Writes the decision on what is no request at all. */
export function writeRefusal(refusal: i32): bool {
  startRefusal(refusalAt(refusal));
  putFixAndCode(refusalAt(refusal));
  return endRefusal();
}

/** Writes the decision on a request whose entry `wrong` is not as the schemas say; 0 when the actions are missing. */
export function writeIllTyped(request: i32, wrong: i32): bool {
  const refusal = refusalAt(opa.REFUSAL_ILL_TYPED);
  startRefusal(refusal);
  putPiece(opa.PIECE_FIELD_OPEN);
  if (wrong == 0) putText(word(opa.OPA_NAMES) + opa.NAME_ACTIONS * opa.TEXT_WORDS * 4);
  else if (wrong == request) putPiece(opa.PIECE_INPUT);
  else putPath(request, wrong);
  putPiece(opa.PIECE_FIELD_CLOSE);
  putFixAndCode(refusal);
  return endRefusal();
}

function startRefusal(refusal: i32): void {
  start = startOutput();
  putPiece(opa.PIECE_VERDICT + abi.VERDICT_BLOCK);
  putPiece(opa.PIECE_OBLIGATIONS);
  putPiece(opa.PIECE_INCOMPLETE);
  putString(refusal + opa.REFUSAL_NAME);
  putPiece(opa.PIECE_MESSAGE);
  putText(refusal + opa.REFUSAL_MESSAGE);
}

function endRefusal(): bool {
  putPiece(opa.PIECE_END);
  return !isOutputFull();
}

/** Writes the way from `from` down to the entry `wrong`: names with points, `[0]` for items. O(entries before it). */
function putPath(from: i32, wrong: i32): void {
  let at = from;
  while (at != wrong) at = kindOf(at) == IS_OBJECT ? stepIntoObject(at, wrong, at == from) : stepIntoList(at, wrong);
}

/** Writes the name in `object` under which `wrong` lies, or which it is; returns where to go on. */
function stepIntoObject(object: i32, wrong: i32, isFirst: bool): i32 {
  let key = firstOf(object);
  while (nextOf(valueOf(key)) <= wrong) key = nextOf(valueOf(key));
  if (!isFirst) putByte(0x2e);
  putEscaped(textOf(key));
  return key == wrong ? wrong : valueOf(key);
}

function stepIntoList(list: i32, wrong: i32): i32 {
  let item = firstOf(list);
  let index: i64 = 0;
  while (nextOf(item) <= wrong) {
    item = nextOf(item);
    index++;
  }
  putByte(0x5b);
  putInteger(index);
  putByte(0x5d);
  return item;
}

// The sentence for a person, the next step and the code: what messageOf of src/abi/message.ts says, from texts that the
// compiler has written. The pieces of the sentence go straight into the decision.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { word } from "./heap";
import { isAllComplete, joinedRefusals, joinedVerdict, MARK_MUST, markOfEntry } from "./marks";
import { putByte, putBytes, putEscaped, putPiece, putText } from "./output";
import { bytesOf, sizeOf } from "./text";

/** Reasons of the facts, which a message may have to repeat: addresses of texts, sorted, each once. */
let reasons: i32 = 0;
let reasons_count: i32 = 0;

export function setReasons(list: i32, count: i32): void {
  reasons = list;
  reasons_count = count;
}

export function entryAt(index: i32): i32 {
  return word(opa.OPA_ENTRIES) + index * opa.ENTRY_WORDS * 4;
}

export function refusalAt(refusal: i32): i32 {
  return word(opa.OPA_REFUSALS) + refusal * opa.REFUSAL_WORDS * 4;
}

function isDefault(entry: i32): bool {
  return load<i32>(entry + opa.ENTRY_SOURCE) == opa.SOURCE_DEFAULT;
}

function isAdvisory(entry: i32): bool {
  return (load<i32>(entry + opa.ENTRY_FLAGS) & opa.ENTRY_IS_ADVISORY) != 0;
}

/**
 * The entry that decided, or 0: of those with the decision's verdict, one that certainly took part before one that may have,
 * a rule before a default.
 */
function decidingEntry(): i32 {
  const count = word(opa.OPA_ENTRIES_COUNT);
  let uncertain = 0;
  let fallback = 0;
  for (let i = 0; i < count; i++) {
    const entry = entryAt(i);
    if (load<i32>(entry + opa.ENTRY_EFFECT) != joinedVerdict() || isAdvisory(entry)) continue;
    const mark = markOfEntry(entry);
    if (mark == 0) continue;
    if (isDefault(entry)) {
      if (fallback == 0) fallback = entry;
    } else {
      if (mark == MARK_MUST) return entry;
      if (uncertain == 0) uncertain = entry;
    }
  }
  return uncertain != 0 ? uncertain : fallback;
}

/** The first refusal there is, or -1. */
function firstRefusal(): i32 {
  for (let i = 0; i < opa.REFUSALS_COUNT; i++) if (((joinedRefusals() >> i) & 1) != 0) return i;
  return -1;
}

/** Writes message, fix and code, from behind the reasons up to the end of the decision. */
export function putMessage(): void {
  putPiece(opa.PIECE_MESSAGE);
  const entry = decidingEntry();
  const isOwn = entry != 0 && !isDefault(entry);
  const isCertain = isOwn && markOfEntry(entry) == MARK_MUST;
  const refusal = joinedVerdict() == abi.VERDICT_BLOCK && !isCertain ? firstRefusal() : -1;
  if (refusal >= 0) putRefusal(refusalAt(refusal));
  else if (isOwn) putRule(entry, isCertain);
  else putDefault(entry);
  putPiece(opa.PIECE_END);
}

function putRule(entry: i32, isCertain: bool): void {
  const message = entry + opa.ENTRY_MESSAGE;
  const isDoubted = !isCertain && hasDoubt();
  const last = bytesOf(message) + sizeOf(message) - 1;
  // The author's sentence goes on.
  const isCut = isDoubted && sizeOf(message) > 0 && load<u8>(last) == 0x2e;
  putBytes(bytesOf(message), isCut ? sizeOf(message) - 1 : sizeOf(message));
  if (isDoubted) putDoubt();
  putNotes();
  if (joinedVerdict() == abi.VERDICT_ALLOW || load<i32>(entry + opa.ENTRY_FIX) == 0) return;
  putPiece(opa.PIECE_FIX);
  putText(entry + opa.ENTRY_FIX);
}

function putRefusal(refusal: i32): void {
  putText(refusal + opa.REFUSAL_MESSAGE);
  putDoubt();
  putFixAndCode(refusal);
}

export function putFixAndCode(refusal: i32): void {
  putPiece(opa.PIECE_FIX);
  putText(refusal + opa.REFUSAL_FIX);
  putPiece(opa.PIECE_CODE);
  putText(refusal + opa.REFUSAL_CODE);
}

function putDefault(entry: i32): void {
  putPiece(opa.PIECE_DEFAULT + joinedVerdict());
  if (entry != 0) {
    putPiece(opa.PIECE_OPEN);
    putNamed(entry);
    putPiece(opa.PIECE_CLOSE);
  }
  if (joinedVerdict() != abi.VERDICT_ALLOW) putDoubt();
  putNotes();
}

/** `id` in backticks. */
function putNamed(entry: i32): void {
  putByte(0x60);
  putText(entry + opa.ENTRY_ID);
  putByte(0x60);
}

/** Why the facts are not certain. */
function hasDoubt(): bool {
  return !isAllComplete() && reasons_count != 0;
}

function putDoubt(): void {
  if (!hasDoubt()) return;
  putPiece(opa.PIECE_NOT_UNDERSTOOD);
  for (let i = 0; i < reasons_count; i++) {
    if (i > 0) putPiece(opa.PIECE_LIST_COMMA);
    putEscaped(load<i32>(reasons + i * 4));
  }
  putPiece(opa.PIECE_CLOSE);
}

/** To which exceptions something that may run owes it, and which rules limit what comes back. */
function putNotes(): void {
  if (joinedVerdict() == abi.VERDICT_BLOCK) return;
  const hasExceptions = isNamed(opa.SHOWN_EXCEPTION);
  const hasLimits = isNamed(opa.SHOWN_LIMIT);
  if (!hasExceptions && !hasLimits) return;
  putPiece(opa.PIECE_OPEN);
  if (hasExceptions) {
    putPiece(opa.PIECE_BY_EXCEPTION);
    putAllNamed(opa.SHOWN_EXCEPTION);
  }
  if (hasExceptions && hasLimits) putPiece(opa.PIECE_NOTE_COMMA);
  if (hasLimits) {
    putPiece(opa.PIECE_LIMITED_BY);
    putAllNamed(opa.SHOWN_LIMIT);
  }
  putPiece(opa.PIECE_CLOSE);
}

function isListed(entry: i32, effect: i32): bool {
  return load<i32>(entry + opa.ENTRY_EFFECT) == effect && !isAdvisory(entry) && markOfEntry(entry) != 0;
}

function isNamed(effect: i32): bool {
  const count = word(opa.OPA_ENTRIES_COUNT);
  for (let i = 0; i < count; i++) if (isListed(entryAt(i), effect)) return true;
  return false;
}

function putAllNamed(effect: i32): void {
  const count = word(opa.OPA_ENTRIES_COUNT);
  let isFirst = true;
  for (let i = 0; i < count; i++) {
    if (!isListed(entryAt(i), effect)) continue;
    if (!isFirst) putPiece(opa.PIECE_LIST_COMMA);
    putNamed(entryAt(i));
    isFirst = false;
  }
}

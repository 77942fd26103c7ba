// From the bytes of a request to the text of a decision. The request goes onto the tape, its common facts into cells once,
// its actions one after the other; each is decided by the kernel of every module, `hpl_decide`, and what the actions come to
// is joined as engine/policy.ts joins it. Heap, from low to high: decoded strings, tape, facts area, marks, common facts,
// obligations so far, and then, for one action at a time, its facts, the kernel's scratch and its obligations.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { hpl_decide } from "../index";
import { scratchSize } from "../scratch";
import { familyBit, isActionComplete, itemsNamed, layAction, openAction, setRequest } from "./action";
import { areCellsFull, setUsedBytes, usedBytes } from "./cells";
import { readContext } from "./context";
import { allocate, heapTop, setHeapTop, word } from "./heap";
import { clearMarks, joinCompleteness, joinedVerdict, joinRefusal, joinResult } from "./marks";
import { openObligations, putObligations } from "./obligations";
import { isOutputFull, startOutput } from "./output";
import { nameOf, refuse, wrongEntry } from "./read-fact";
import { scan, scanRanOut } from "./scan";
import { countOf, fieldOf, firstOf, IS_LIST, IS_OBJECT, kindOf, nextOf, textOf, valueOf } from "./tape";
import { indexOfText, isSameText } from "./text";
import { writeDecision, writeIllTyped, writeRefusal } from "./write-decision";

/** The request at hand: its facts area, the list of its actions, and the obligations written so far. */
let area: i32 = 0;
let actions: i32 = 0;
let obligations: i32 = 0;
let obligationsSize: i32 = 0;
let ranOut: bool = false;

/** Decides on the `size` bytes at `text`. Returns whether the decision stands at the end of the heap, written whole. */
export function decideText(text: i32, size: i32): bool {
  ranOut = false;
  if (size <= 0) return writeRefusal(opa.REFUSAL_NO_INPUT);
  const request = scan(text, size);
  if (request == 0) return writeRefusal(scanRanOut() ? opa.REFUSAL_TOO_LARGE : opa.REFUSAL_MALFORMED);
  const isTyped = decideRequest(request);
  if (ranOut) return false;
  return isTyped ? writeDecision(actions, obligations, obligationsSize) : writeIllTyped(request, wrongEntry());
}

/** Decides on all actions; false, and refused, when the request is ill-typed. */
function decideRequest(request: i32): bool {
  if (!findActions(request)) return false;
  setRequest(request);
  area = allocate(abi.FACTS_HEAP);
  if (area == 0 || !clearMarks() || !openObligations()) return fail();
  memory.fill(area, 0, abi.FACTS_HEAP);
  setUsedBytes(0, false);
  if (!readContext(request, area + abi.FACTS_ROOTS)) return false;
  const contextBytes = usedBytes();
  const isContextFull = areCellsFull();
  obligations = heapTop();
  obligationsSize = 0;
  if (countOf(actions) == 0) {
    joinRefusal(opa.REFUSAL_EMPTY);
    joinCompleteness(false);
  }
  let action = firstOf(actions);
  for (let i = 0; i < countOf(actions); i++, action = nextOf(action)) {
    setHeapTop(obligations + obligationsSize);
    setUsedBytes(contextBytes, isContextFull);
    if (!openAction(action) || !layAction(area)) return false;
    joinCompleteness(isActionComplete());
    if (!decideAction()) joinRefusal(opa.REFUSAL_TOO_LARGE);
    else if (!joinAction(i)) return fail();
  }
  setHeapTop(obligations + obligationsSize);
  return true;
}

function fail(): bool {
  ranOut = true;
  return false;
}

/** Finds the list of actions; every other field must be a common root or `zones`. */
function findActions(request: i32): bool {
  if (kindOf(request) != IS_OBJECT) return refuse(request);
  const end = nextOf(request);
  for (let key = firstOf(request); key < end; key = nextOf(valueOf(key))) {
    const name = textOf(key);
    const isKnown =
      isSameText(name, nameOf(opa.NAME_ACTIONS)) ||
      isSameText(name, nameOf(opa.NAME_ZONES)) ||
      indexOfText(name, abi.ROOT_NOW + 1, word(opa.OPA_ROOTS), opa.ROOT_WORDS * 4) >= 0;
    if (!isKnown) return refuse(key);
  }
  actions = fieldOf(request, nameOf(opa.NAME_ACTIONS));
  return (actions != 0 && kindOf(actions) == IS_LIST) || refuse(actions);
}

/** Decides the action that has been laid; false when its facts do not fit. */
function decideAction(): bool {
  if (areCellsFull()) return false;
  const columns = itemsNamed(opa.NAME_COLUMNS);
  const size = scratchSize(columns == 0 ? 0 : countOf(columns)) + 8;
  const scratch = allocate(size);
  if (scratch == 0) return false;
  memory.fill(scratch, 0, size);
  setHeader(abi.HEADER_FACTS, area);
  setHeader(abi.HEADER_SCRATCH, scratch);
  setHeader(abi.HEADER_SCRATCH_SIZE, min(size, word(opa.OPA_SCRATCH_SIZE)));
  return hpl_decide() >= 0;
}

function setHeader(index: i32, value: i32): void {
  store<i32>(abi.TABLES_ADDRESS + index * 4, value);
}

/** Joins what the kernel has just decided on action `index`; false when its obligations do not fit. */
function joinAction(index: i32): bool {
  joinResult(familyBit());
  if (joinedVerdict() == abi.VERDICT_BLOCK) return true;
  const start = startOutput();
  putObligations(index, familyBit());
  if (isOutputFull()) return false;
  const size = heapTop() - start;
  memory.copy(obligations + obligationsSize, start, size);
  obligationsSize += size;
  return true;
}

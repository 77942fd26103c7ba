// What the actions decided so far have come to: the verdict, the refusals, and for every rule, exception and default whether
// it took part, surely or not. One byte each, on the heap; what a decision lists is read off them at the end.
import * as abi from "../../src/abi/layout";
import * as opa from "../../src/abi/opa-layout";
import { header } from "../labels";
import { allocate } from "./heap";

const MARK_MAY: i32 = 1;
export const MARK_MUST: i32 = 2;
/** The same for a block that asked for approval instead. */
const ASKED_SHIFT: i32 = 2;

let marks: i32 = 0;
let verdict: i32 = 0;
let refusals: i32 = 0;
let isComplete: bool = true;

export function joinedVerdict(): i32 {
  return verdict;
}
export function joinedRefusals(): i32 {
  return refusals;
}
export function isAllComplete(): bool {
  return isComplete;
}

function marksCount(): i32 {
  return header(abi.HEADER_MODULES_COUNT) + header(abi.HEADER_RULES_COUNT) + header(abi.HEADER_EXCEPTIONS_COUNT);
}

/** Nothing decided yet. False when there is no room. */
export function clearMarks(): bool {
  verdict = abi.VERDICT_ALLOW;
  refusals = 0;
  isComplete = true;
  marks = allocate(marksCount());
  if (marks != 0) memory.fill(marks, 0, marksCount());
  return marks != 0;
}

export function joinRefusal(refusal: i32): void {
  refusals |= 1 << refusal;
  verdict = abi.VERDICT_BLOCK;
}

export function joinCompleteness(complete: bool): void {
  isComplete = isComplete && complete;
}

/** Address of the last result of `hpl_decide`. */
export function resultAddress(): i32 {
  return header(abi.HEADER_SCRATCH);
}

/** The byte of module, rule or exception `index` in the last result: they follow each other there as in the marks. */
function truthAt(index: i32): i32 {
  return load<u8>(resultAddress() + abi.RESULT_TRUTHS + index);
}

function scopeOf(module: i32): i32 {
  return truthAt(module);
}
/** Truth and flags of a rule in the last result. */
export function truthOfRule(rule: i32): i32 {
  return truthAt(header(abi.HEADER_MODULES_COUNT) + rule);
}

/** Verdict of the defaults that the last result rests on, or -1 when it rests on none. */
function verdictOfDefaults(): i32 {
  const flags = load<i32>(resultAddress() + abi.RESULT_FLAGS);
  return (flags & (abi.FLAG_UNGOVERNED | abi.FLAG_OPAQUE)) != 0 ? -1 : load<i32>(resultAddress() + abi.RESULT_BASE);
}

/** Whether the last result, on an action of `family`, rests on the default of `module`. */
export function isDefaultUsed(module: i32, family: i32): bool {
  const words = header(abi.HEADER_MODULES) + module * abi.MODULE_WORDS * 4;
  const applies = (load<i32>(words + abi.MODULE_FAMILIES * 4) & family) != 0 && scopeOf(module) != abi.FALSE;
  const base = verdictOfDefaults();
  return applies && base >= 0 && load<i32>(words + abi.MODULE_DEFAULT * 4) == base + 1;
}

/** Joins the last result, on an action of `family`. */
export function joinResult(family: i32): void {
  verdict = max(verdict, load<i32>(resultAddress() + abi.RESULT_VERDICT));
  joinFlags(load<i32>(resultAddress() + abi.RESULT_FLAGS));
  const modules = header(abi.HEADER_MODULES_COUNT);
  for (let i = 0; i < modules; i++) if (isDefaultUsed(i, family)) mark(i, markOf(scopeOf(i)));
  const end = marksCount();
  for (let i = modules; i < end; i++) {
    const truth = truthAt(i);
    if ((truth & abi.RULE_COUNTED) == 0) continue;
    const certainty = markOf(truth & abi.TRUTH_BITS);
    mark(i, (truth & abi.RULE_ASKED) != 0 ? certainty << ASKED_SHIFT : certainty);
  }
}

function joinFlags(flags: i32): void {
  if ((flags & abi.FLAG_OPAQUE) != 0) refusals |= 1 << opa.REFUSAL_OPAQUE;
  if ((flags & abi.FLAG_UNGOVERNED) != 0) refusals |= 1 << opa.REFUSAL_UNGOVERNED;
  if ((flags & abi.FLAG_MASKED_PREDICATE) != 0) refusals |= 1 << opa.REFUSAL_MASKED_PREDICATE;
  if ((flags & abi.FLAG_LINEAGE_LOST) != 0) refusals |= 1 << opa.REFUSAL_LINEAGE_LOST;
}

function markOf(truth: i32): i32 {
  return truth == abi.TRUE ? MARK_MUST : MARK_MAY;
}

function mark(index: i32, bits: i32): void {
  store<u8>(marks + index, load<u8>(marks + index) | bits);
}

/** How the entry of a decision's list took part: MARK_MUST if any action made it so, else MARK_MAY, or 0 when in none. */
export function markOfEntry(entry: i32): i32 {
  const source = load<i32>(entry + opa.ENTRY_SOURCE);
  const modules = header(abi.HEADER_MODULES_COUNT);
  let index = load<i32>(entry + opa.ENTRY_INDEX);
  if (source != opa.SOURCE_DEFAULT) index += modules;
  if (source == opa.SOURCE_EXCEPTION) index += header(abi.HEADER_RULES_COUNT);
  const all: i32 = load<u8>(marks + index);
  const own = source == opa.SOURCE_ASKING_RULE ? all >> ASKED_SHIFT : all & (MARK_MAY | MARK_MUST);
  return (own & MARK_MUST) != 0 ? MARK_MUST : own;
}

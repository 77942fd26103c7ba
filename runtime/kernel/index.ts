// The kernel: the code of every policy module. The tables at TABLES_ADDRESS are the policy; the host lays the facts of one
// action into the facts area and calls `hpl_decide`; the answer stands at the start of scratch (layout: src/abi/layout.ts).
// No imports but memory, no growth, no recursion. From one call to the next it keeps the classes of the common facts, for as
// long as their epoch is the same. Cost of a call: each variable that is asked once, for items once an item; one node for each
// question; every label glob once a column.
import * as abi from "../src/abi/layout";
import { openAction } from "./classes";
import { addressOf, extraOf, isOpen, itemsCount, setMachine, tagOf } from "./condition";
import { addLabelsOfAll, addSet, clearSet, header, LABEL_SET_SIZE, writeLabels } from "./labels";
import { applyMask, labelColumns } from "./masks";
import * as scratch from "./scratch";
import { walk, walkRules } from "./walk";

/** The action at hand. */
let family: i32 = 0;
let isOpaque: bool = false;
let isComplete: bool = false;
/** Base of the action that this one is part of; -1 when it is part of none. */
let parentBase: i32 = -1;
let isLineageLost: bool = false;
let columnsCount: i32 = 0;

export function hpl_abi(): i32 {
  return abi.ABI_VERSION;
}

function slotCell(word: i32): i32 {
  const action = header(abi.HEADER_FACTS) + abi.FACTS_ROOTS + abi.ROOT_ACTION * abi.CELL_SIZE;
  return addressOf(action) + header(word) * abi.CELL_SIZE;
}

function raise(flags: i32): void {
  const address = scratch.resultAddress() + abi.RESULT_FLAGS;
  store<i32>(address, load<i32>(address) | flags);
}

function hasSqlFacts(): bool {
  return family == header(abi.HEADER_SQL_FAMILY) && !isOpaque;
}

/** Clears what the last decision left. False when this action's columns do not fit: then nothing may be decided but block. */
function layOut(): bool {
  const facts = header(abi.HEADER_FACTS);
  family = load<i32>(facts + abi.FACTS_FAMILY);
  isOpaque = (load<i32>(facts + abi.FACTS_OPAQUE) & 1) != 0;
  parentBase = (load<i32>(facts + abi.FACTS_OPAQUE) >> abi.FACTS_PARENT_SHIFT) - 1;
  isComplete = load<i32>(facts + abi.FACTS_COMPLETE) == abi.TRUE;
  const columns = hasSqlFacts() ? slotCell(abi.HEADER_SLOT_COLUMNS) : 0;
  columnsCount = columns != 0 && tagOf(columns) == abi.TAG_LIST ? itemsCount(columns) : 0;
  if (scratch.scratchSize(columnsCount) > header(abi.HEADER_SCRATCH_SIZE)) return false;
  const result = scratch.resultAddress();
  clearTruths(result);
  store<i32>(result + abi.RESULT_FLAGS, 0);
  store<i32>(result + abi.RESULT_COLUMNS_COUNT, columnsCount);
  store<i32>(result + abi.RESULT_TOUCHED, scratch.touchedRules());
  const columnResults = scratch.columnResults();
  store<i32>(result + abi.RESULT_COLUMNS, columnResults);
  for (let i = 0; i < columnsCount; i++) store<i32>(columnResults + i * abi.COLUMN_WORDS * 4, abi.TRANSFORM_NONE);
  setMachine(scratch.machine(), facts + abi.FACTS_ROOTS);
  openAction(facts);
  return true;
}

/** All truths of rules and exceptions are false but those of the rules that were touched. */
function clearTruths(result: i32): void {
  const touched = scratch.touchedRules();
  for (let i = load<i32>(result + abi.RESULT_TOUCHED_COUNT) - 1; i >= 0; i--) {
    const rule = load<i32>(touched + i * 4);
    store<u8>(scratch.ruleTruths() + rule, abi.FALSE);
    const first = scratch.exceptionTruths() + ruleWord(rule, abi.RULE_EXCEPTIONS);
    for (let e = ruleWord(rule, abi.RULE_EXCEPTIONS_COUNT) - 1; e >= 0; e--) store<u8>(first + e, abi.FALSE);
  }
  store<i32>(result + abi.RESULT_TOUCHED_COUNT, 0);
}

/** Works out the label facts of a SQL action, and whether its lineage is certain. */
function labelAction(): void {
  isLineageLost = true;
  const predicateSet = scratch.predicateSet(columnsCount);
  const columnSets = scratch.columnSets(columnsCount);
  clearSet(predicateSet);
  if (!hasSqlFacts()) return;
  const columns = slotCell(abi.HEADER_SLOT_COLUMNS);
  const complete = slotCell(abi.HEADER_SLOT_COLUMNS_COMPLETE);
  const moreOutput = labelColumns(columns, columnSets) || tagOf(columns) != abi.TAG_LIST || isOpen(columns);
  const morePredicates = addLabelsOfAll(predicateSet, slotCell(abi.HEADER_SLOT_PREDICATE_COLUMNS));
  const isCertain = tagOf(complete) == abi.TAG_BOOL && extraOf(complete) != 0;
  isLineageLost = moreOutput || morePredicates || !isCertain;
  const all = predicateSet + LABEL_SET_SIZE;
  clearSet(all);
  for (let i = columnsCount - 1; i >= 0; i--) addSet(all, columnSets + i * LABEL_SET_SIZE);
  let items = all + LABEL_SET_SIZE;
  items = writeLabels(all, moreOutput || !isCertain, slotCell(abi.HEADER_SLOT_OUTPUT_LABELS), items);
  items = writeLabels(predicateSet, morePredicates || !isCertain, slotCell(abi.HEADER_SLOT_PREDICATE_LABELS), items);
  addSet(all, predicateSet);
  writeLabels(all, isLineageLost, slotCell(abi.HEADER_SLOT_LABELS), items);
}

function moduleWord(module: i32, word: i32): i32 {
  return load<i32>(header(abi.HEADER_MODULES) + (module * abi.MODULE_WORDS + word) * 4);
}

function ruleWord(rule: i32, word: i32): i32 {
  return load<i32>(header(abi.HEADER_RULES) + (rule * abi.RULE_WORDS + word) * 4);
}

function scopeOf(module: i32): i32 {
  return load<u8>(scratch.moduleTruths() + module);
}

/** A module governs an action's family when it names it and has a default. */
function isGoverning(module: i32): bool {
  return moduleWord(module, abi.MODULE_DEFAULT) != 0 && (moduleWord(module, abi.MODULE_FAMILIES) & family) != 0;
}

function walkScopes(): void {
  const count = header(abi.HEADER_MODULES_COUNT);
  for (let i = 0; i < count; i++) store<u8>(scratch.moduleTruths() + i, walk(moduleWord(i, abi.MODULE_SCOPE)));
}

/** The greatest truth of the rule's exceptions. Each that is true is marked as one that took part. */
function truthOfExceptions(rule: i32): i32 {
  const first = ruleWord(rule, abi.RULE_EXCEPTIONS);
  const end = first + ruleWord(rule, abi.RULE_EXCEPTIONS_COUNT);
  let greatest = abi.FALSE;
  for (let i = first; i < end; i++) {
    const truth = walk(load<i32>(header(abi.HEADER_EXCEPTIONS) + (i * abi.EXCEPTION_WORDS + abi.EXCEPTION_DIAGRAM) * 4));
    store<u8>(scratch.exceptionTruths() + i, truth == abi.TRUE ? truth | abi.RULE_COUNTED : truth);
    greatest = max(greatest, truth);
  }
  return greatest;
}

function countsAsAllow(rule: i32, truth: i32): bool {
  if (truth != abi.TRUE || !isGoverning(ruleWord(rule, abi.RULE_MODULE))) return false;
  if ((ruleWord(rule, abi.RULE_FLAGS) & abi.RULE_EVEN_IF_INCOMPLETE) != 0) return true;
  return isComplete && !isOpaque;
}

/** The verdict a rule that fires demands. Limits and detectors demand none: they come back to the host as counted rules. */
function demandOf(effect: i32, asksInstead: bool): i32 {
  if (effect == abi.EFFECT_BLOCK) return asksInstead ? abi.VERDICT_APPROVE : abi.VERDICT_BLOCK;
  return effect == abi.EFFECT_APPROVE ? abi.VERDICT_APPROVE : abi.VERDICT_ALLOW;
}

/**
 * Applies one rule whose condition, `own`, is not definitely false. Returns the verdict it demands, or -1 when it allows, and
 * VERDICT_ALLOW when it has no say. What it does when it does not know, it does for its own condition alone.
 */
function applyRule(rule: i32, own: i32): i32 {
  const truth = min(own, abi.TRUE - truthOfExceptions(rule));
  store<u8>(scratch.ruleTruths() + rule, truth);
  if (truth == abi.FALSE) return abi.VERDICT_ALLOW;
  const flags = ruleWord(rule, abi.RULE_FLAGS);
  const effect = ruleWord(rule, abi.RULE_EFFECT);
  const isUnknown = own == abi.UNKNOWN;
  if (isUnknown && (flags & abi.RULE_IGNORES_UNKNOWN) != 0) return abi.VERDICT_ALLOW;
  if (effect == abi.EFFECT_ALLOW && !countsAsAllow(rule, truth)) return abi.VERDICT_ALLOW;
  if (effect == abi.EFFECT_MASK && !maskAction(rule)) return abi.VERDICT_ALLOW;
  const asksInstead = isUnknown && (flags & abi.RULE_ASKS_ON_UNKNOWN) != 0;
  const marks = asksInstead ? abi.RULE_COUNTED | abi.RULE_ASKED : abi.RULE_COUNTED;
  store<u8>(scratch.ruleTruths() + rule, truth | marks);
  if (effect == abi.EFFECT_ALLOW) return -1;
  return (flags & abi.RULE_IS_ADVISORY) != 0 ? abi.VERDICT_ALLOW : demandOf(effect, asksInstead);
}

function maskAction(rule: i32): bool {
  if ((ruleWord(rule, abi.RULE_FLAGS) & abi.RULE_IS_ADVISORY) != 0) return false;
  const columns = hasSqlFacts() ? slotCell(abi.HEADER_SLOT_COLUMNS) : header(abi.HEADER_FACTS) + abi.FACTS_ROOTS;
  const mask = ruleWord(rule, abi.RULE_MASK);
  const sets = scratch.columnSets(columnsCount);
  const predicates = scratch.predicateSet(columnsCount);
  const flags = applyMask(rule, mask, columns, sets, predicates, isLineageLost, scratch.columnResults());
  raise(flags & 0xff);
  return flags != 0;
}

/**
 * The strictest default among the governing modules that are not definitely out of scope; block when none is in it. Where all
 * are out, an action that is part of another takes the base of that one.
 */
function verdictOfDefaults(): i32 {
  const count = header(abi.HEADER_MODULES_COUNT);
  let strictest = -1;
  let isGoverned = false;
  for (let i = 0; i < count; i++) {
    if (!isGoverning(i) || scopeOf(i) == abi.FALSE) continue;
    if (scopeOf(i) == abi.TRUE) isGoverned = true;
    strictest = max(strictest, moduleWord(i, abi.MODULE_DEFAULT) - 1);
  }
  if (isGoverned) return strictest;
  if (strictest < 0 && parentBase >= 0) return parentBase;
  raise(abi.FLAG_UNGOVERNED);
  return abi.VERDICT_BLOCK;
}

/** Decides the action in the facts area. Returns the verdict; -1 when its facts do not fit, which the host must block. */
export function hpl_decide(): i32 {
  if (!layOut()) return -1;
  labelAction();
  walkScopes();
  walkRules();
  const result = scratch.resultAddress();
  let verdict = abi.VERDICT_ALLOW;
  let isAllowed = false;
  const touched = scratch.touchedRules();
  const count = load<i32>(result + abi.RESULT_TOUCHED_COUNT);
  for (let i = 0; i < count; i++) {
    const rule = load<i32>(touched + i * 4);
    const demanded = applyRule(rule, load<u8>(scratch.ruleTruths() + rule));
    if (demanded < 0) isAllowed = true;
    else verdict = max(verdict, demanded);
  }
  let base = isAllowed ? abi.VERDICT_ALLOW : verdictOfDefaults();
  if (isOpaque && !isAllowed) {
    base = abi.VERDICT_BLOCK;
    raise(abi.FLAG_OPAQUE);
  }
  const refused = load<i32>(result + abi.RESULT_FLAGS) & (abi.FLAG_MASKED_PREDICATE | abi.FLAG_LINEAGE_LOST);
  verdict = max(verdict, refused != 0 ? abi.VERDICT_BLOCK : base);
  store<i32>(result + abi.RESULT_VERDICT, verdict);
  store<i32>(result + abi.RESULT_BASE, isAllowed ? -1 : base);
  return verdict;
}

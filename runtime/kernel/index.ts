// The kernel: the code of every policy module. The tables at TABLES_ADDRESS are the policy; the host lays the facts of one
// action into the facts area and calls `hpl_decide`; the answer stands at the start of scratch (layout: src/abi/layout.ts).
// No imports but memory, no growth, no recursion, no state kept from one call to the next. Cost of a call: every program of
// a matching rule and of its exceptions once, every label glob once a column.
import * as abi from "../src/abi/layout";
import { evaluate, isOpen, itemsCount, MACHINE_SIZE, setMachine, tagOf, addressOf, extraOf } from "./condition";
import { addLabelsOfAll, addSet, clearSet, header, LABEL_SET_SIZE, writeLabels } from "./labels";
import { applyMask, labelColumns } from "./masks";

/** Where things stand in scratch during one call. */
let result: i32 = 0;
let moduleTruths: i32 = 0;
let ruleTruths: i32 = 0;
let exceptionTruths: i32 = 0;
/** Truth of the last rule without its exceptions: what it does when it does not know, it does for its own sake alone. */
let ownTruth: i32 = 0;
let columnResults: i32 = 0;
let columnSets: i32 = 0;
let predicateSet: i32 = 0;
let family: i32 = 0;
let isOpaque: bool = false;
let isComplete: bool = false;
let isLineageLost: bool = false;

export function hpl_abi(): i32 {
  return abi.ABI_VERSION;
}

function slotCell(word: i32): i32 {
  const action = header(abi.HEADER_FACTS) + abi.FACTS_ROOTS + abi.ROOT_ACTION * abi.CELL_SIZE;
  return addressOf(action) + header(word) * abi.CELL_SIZE;
}

function align(address: i32): i32 {
  return (address + 7) & ~7;
}

function hasSqlFacts(): bool {
  return family == header(abi.HEADER_SQL_FAMILY) && !isOpaque;
}

/** Lays out scratch; false when this action's columns do not fit, and then nothing may be decided but block. */
function layOut(): bool {
  const facts = header(abi.HEADER_FACTS);
  family = load<i32>(facts + abi.FACTS_FAMILY);
  isOpaque = load<i32>(facts + abi.FACTS_OPAQUE) != 0;
  isComplete = load<i32>(facts + abi.FACTS_COMPLETE) == abi.TRUE;
  result = header(abi.HEADER_SCRATCH);
  moduleTruths = result + abi.RESULT_TRUTHS;
  ruleTruths = moduleTruths + header(abi.HEADER_MODULES_COUNT);
  exceptionTruths = ruleTruths + header(abi.HEADER_RULES_COUNT);
  const exceptions = header(abi.HEADER_EXCEPTIONS_COUNT);
  columnResults = align(exceptionTruths + exceptions);
  const columns = hasSqlFacts() ? slotCell(abi.HEADER_SLOT_COLUMNS) : 0;
  const count = columns != 0 && tagOf(columns) == abi.TAG_LIST ? itemsCount(columns) : 0;
  store<i32>(result + abi.RESULT_FLAGS, 0);
  store<i32>(result + abi.RESULT_COLUMNS_COUNT, count);
  columnSets = columnResults + count * abi.COLUMN_WORDS * 4;
  predicateSet = columnSets + count * LABEL_SET_SIZE;
  const machine = align(predicateSet + 2 * LABEL_SET_SIZE + 3 * abi.LABELS_MAX * abi.CELL_SIZE);
  if (machine + MACHINE_SIZE > result + header(abi.HEADER_SCRATCH_SIZE)) return false;
  for (let i = 0; i < count; i++) store<i32>(columnResults + i * abi.COLUMN_WORDS * 4, abi.TRANSFORM_NONE);
  // Those of a rule that is not looked at took no part.
  if (exceptions > 0) memory.fill(exceptionTruths, 0, exceptions);
  setMachine(machine, facts + abi.FACTS_ROOTS);
  return true;
}

/** Works out the label facts of a SQL action, and whether its lineage is certain. */
function labelAction(): void {
  isLineageLost = true;
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
  for (let i = load<i32>(result + abi.RESULT_COLUMNS_COUNT) - 1; i >= 0; i--) addSet(all, columnSets + i * LABEL_SET_SIZE);
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
  return load<u8>(moduleTruths + module);
}

/** A module governs an action's family when it names it and has a default. */
function isGoverning(module: i32): bool {
  return moduleWord(module, abi.MODULE_DEFAULT) != 0 && (moduleWord(module, abi.MODULE_FAMILIES) & family) != 0;
}

function evaluateScopes(): void {
  const count = header(abi.HEADER_MODULES_COUNT);
  for (let i = 0; i < count; i++) store<u8>(moduleTruths + i, evaluate(moduleWord(i, abi.MODULE_SCOPE)));
}

/** A condition and the scope of its module together. */
function truthIn(module: i32, condition: i32): i32 {
  const scope = scopeOf(module);
  return scope == abi.FALSE ? abi.FALSE : min(scope, evaluate(condition));
}

/** The rule's condition, its module's scope, and none of its exceptions; false for another family. */
function truthOfRule(rule: i32): i32 {
  ownTruth = abi.FALSE;
  if ((ruleWord(rule, abi.RULE_FAMILIES) & family) == 0) return abi.FALSE;
  ownTruth = truthIn(ruleWord(rule, abi.RULE_MODULE), ruleWord(rule, abi.RULE_CONDITION));
  if (ownTruth == abi.FALSE || ruleWord(rule, abi.RULE_EXCEPTIONS_COUNT) == 0) return ownTruth;
  return min(ownTruth, abi.TRUE - truthOfExceptions(rule));
}

/** The greatest truth of the rule's exceptions. Each that is true is marked as one that took part. */
function truthOfExceptions(rule: i32): i32 {
  const first = ruleWord(rule, abi.RULE_EXCEPTIONS);
  const end = first + ruleWord(rule, abi.RULE_EXCEPTIONS_COUNT);
  let greatest = abi.FALSE;
  for (let i = first; i < end; i++) {
    const exception = header(abi.HEADER_EXCEPTIONS) + i * abi.EXCEPTION_WORDS * 4;
    const module = load<i32>(exception + abi.EXCEPTION_MODULE * 4);
    const truth = truthIn(module, load<i32>(exception + abi.EXCEPTION_CONDITION * 4));
    store<u8>(exceptionTruths + i, truth == abi.TRUE ? truth | abi.RULE_COUNTED : truth);
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

/** Applies one rule; returns the verdict it demands, or -1 when it allows, and VERDICT_ALLOW when it has no say. */
function applyRule(rule: i32): i32 {
  const truth = truthOfRule(rule);
  store<u8>(ruleTruths + rule, truth);
  if (truth == abi.FALSE) return abi.VERDICT_ALLOW;
  const flags = ruleWord(rule, abi.RULE_FLAGS);
  const effect = ruleWord(rule, abi.RULE_EFFECT);
  const isUnknown = ownTruth == abi.UNKNOWN;
  if (isUnknown && (flags & abi.RULE_IGNORES_UNKNOWN) != 0) return abi.VERDICT_ALLOW;
  if (effect == abi.EFFECT_ALLOW && !countsAsAllow(rule, truth)) return abi.VERDICT_ALLOW;
  if (effect == abi.EFFECT_MASK && !maskAction(rule)) return abi.VERDICT_ALLOW;
  const asksInstead = isUnknown && (flags & abi.RULE_ASKS_ON_UNKNOWN) != 0;
  store<u8>(ruleTruths + rule, truth | (asksInstead ? abi.RULE_COUNTED | abi.RULE_ASKED : abi.RULE_COUNTED));
  if (effect == abi.EFFECT_ALLOW) return -1;
  return (flags & abi.RULE_IS_ADVISORY) != 0 ? abi.VERDICT_ALLOW : demandOf(effect, asksInstead);
}

function maskAction(rule: i32): bool {
  if ((ruleWord(rule, abi.RULE_FLAGS) & abi.RULE_IS_ADVISORY) != 0) return false;
  const columns = hasSqlFacts() ? slotCell(abi.HEADER_SLOT_COLUMNS) : header(abi.HEADER_FACTS) + abi.FACTS_ROOTS;
  const mask = ruleWord(rule, abi.RULE_MASK);
  const flags = applyMask(rule, mask, columns, columnSets, predicateSet, isLineageLost, columnResults);
  store<i32>(result + abi.RESULT_FLAGS, load<i32>(result + abi.RESULT_FLAGS) | (flags & 0xff));
  return flags != 0;
}

/** The strictest default among the governing modules that are not definitely out of scope; block when none is in it. */
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
  store<i32>(result + abi.RESULT_FLAGS, load<i32>(result + abi.RESULT_FLAGS) | abi.FLAG_UNGOVERNED);
  return abi.VERDICT_BLOCK;
}

/** Decides the action in the facts area. Returns the verdict; -1 when its facts do not fit, which the host must block. */
export function hpl_decide(): i32 {
  if (!layOut()) return -1;
  labelAction();
  evaluateScopes();
  let verdict = abi.VERDICT_ALLOW;
  let isAllowed = false;
  const count = header(abi.HEADER_RULES_COUNT);
  for (let rule = 0; rule < count; rule++) {
    const demanded = applyRule(rule);
    if (demanded < 0) isAllowed = true;
    else verdict = max(verdict, demanded);
  }
  let base = isAllowed ? abi.VERDICT_ALLOW : verdictOfDefaults();
  if (isOpaque && !isAllowed) {
    base = abi.VERDICT_BLOCK;
    store<i32>(result + abi.RESULT_FLAGS, load<i32>(result + abi.RESULT_FLAGS) | abi.FLAG_OPAQUE);
  }
  const refused = load<i32>(result + abi.RESULT_FLAGS) & (abi.FLAG_MASKED_PREDICATE | abi.FLAG_LINEAGE_LOST);
  verdict = max(verdict, refused != 0 ? abi.VERDICT_BLOCK : base);
  store<i32>(result + abi.RESULT_VERDICT, verdict);
  store<i32>(result + abi.RESULT_BASE, isAllowed ? -1 : base);
  return verdict;
}

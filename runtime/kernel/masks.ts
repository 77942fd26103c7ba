// Masks: for each output column the strongest transform any mask rule asks for, and the refusals that go with masks.
import * as abi from "../src/abi/layout";
import { addressOf, extraOf, itemsCount, tagOf } from "./condition";
import { addLabelsOfAll, clearSet, hasLabel, header, LABEL_SET_SIZE } from "./labels";
import { walk } from "./walk";

/** 0 clear, 1 any other, 2 redact, 3 null. */
function strength(transform: i32): i32 {
  if (transform == abi.TRANSFORM_CLEAR) return 0;
  if (transform == abi.TRANSFORM_REDACT) return 2;
  return transform == abi.TRANSFORM_NULL ? 3 : 1;
}

/** Two transforms on one value: the stronger; two different ones of middle strength redact. */
function stronger(a: i32, b: i32): i32 {
  if (a == abi.TRANSFORM_NONE || a == b) return b;
  if (strength(a) == strength(b)) return abi.TRANSFORM_REDACT;
  return strength(a) > strength(b) ? a : b;
}

/**
 * What `mask` does to a value labelled `label`: of its own transform and those of its tiers that are definitely true, the
 * weakest; two different ones of middle strength redact.
 */
function transformOf(mask: i32, label: i32): i32 {
  let weakest = load<i32>(mask + abi.MASK_TRANSFORM * 4);
  let isTied = false;
  let tier = load<i32>(mask + abi.MASK_TIERS * 4);
  for (let left = load<i32>(mask + abi.MASK_TIERS_COUNT * 4); left > 0; left--, tier += abi.TIER_WORDS * 4) {
    const labels = load<i32>(tier + abi.TIER_LABELS * 4);
    if (labels != 0 && !hasLabel(labels, label)) continue;
    if (walk(load<i32>(tier + abi.TIER_DIAGRAM * 4)) != abi.TRUE) continue;
    const transform = load<i32>(tier + abi.TIER_TRANSFORM * 4);
    if (strength(transform) == strength(weakest)) {
      if (transform != weakest) isTied = true;
    } else if (strength(transform) < strength(weakest)) {
      weakest = transform;
      isTied = false;
    }
  }
  return isTied ? abi.TRANSFORM_REDACT : weakest;
}

/** The strongest transform `mask` asks for on a value with `labels`, or TRANSFORM_NONE. */
function transformOfSet(mask: i32, labels: i32): i32 {
  const count = header(abi.HEADER_LABELS_COUNT);
  const own = load<i32>(mask + abi.MASK_LABELS * 4);
  let chosen = abi.TRANSFORM_NONE;
  for (let label = 0; label < count; label++) {
    if (hasLabel(labels, label) && hasLabel(own, label)) chosen = stronger(chosen, transformOf(mask, label));
  }
  return chosen;
}

function hidesAnything(mask: i32): bool {
  const own = load<i32>(mask + abi.MASK_LABELS * 4);
  return transformOfSet(mask, own) > abi.TRANSFORM_CLEAR;
}

/** A derived value keeps nothing of a transform that was meant for the column as it is. */
function onDerived(transform: i32, column: i32): i32 {
  if (strength(transform) != 1) return transform;
  const exact = addressOf(column) + header(abi.HEADER_SLOT_COLUMN_EXACT) * abi.CELL_SIZE;
  return tagOf(exact) == abi.TAG_BOOL && extraOf(exact) != 0 ? transform : abi.TRANSFORM_REDACT;
}

/**
 * Joins one mask rule into the columns' results, in any order of rules. A column is attributed to the first rule of the policy
 * that asks for the greatest strength any single rule asks for. Says whether it touched a column.
 */
function maskColumns(rule: i32, mask: i32, columns: i32, sets: i32, results: i32): bool {
  let touched = false;
  const count = itemsCount(columns);
  for (let i = 0; i < count; i++) {
    const wanted = transformOfSet(mask, sets + i * LABEL_SET_SIZE);
    if (wanted == abi.TRANSFORM_NONE) continue;
    touched = true;
    const transform = onDerived(wanted, addressOf(columns) + i * abi.CELL_SIZE);
    const result = results + i * abi.COLUMN_WORDS * 4;
    const before = load<i32>(result + abi.COLUMN_TRANSFORM * 4);
    const strongest = before == abi.TRANSFORM_NONE ? -1 : load<i32>(result + abi.COLUMN_STRENGTH * 4);
    const isFirst = strength(transform) == strongest && rule < load<i32>(result + abi.COLUMN_RULE * 4);
    if (strength(transform) > strongest || isFirst) {
      store<i32>(result + abi.COLUMN_RULE * 4, rule);
      store<i32>(result + abi.COLUMN_STRENGTH * 4, strength(transform));
    }
    store<i32>(result + abi.COLUMN_TRANSFORM * 4, stronger(before, transform));
  }
  return touched;
}

/** Label sets of the output columns, one after the other at `sets`; a set of an unreadable column stays empty. */
export function labelColumns(columns: i32, sets: i32): bool {
  if (tagOf(columns) != abi.TAG_LIST) return true;
  let more = false;
  const count = itemsCount(columns);
  for (let i = 0; i < count; i++) {
    const set = sets + i * LABEL_SET_SIZE;
    clearSet(set);
    const column = addressOf(columns) + i * abi.CELL_SIZE;
    if (tagOf(column) != abi.TAG_RECORD) more = true;
    else if (addLabelsOfAll(set, addressOf(column) + header(abi.HEADER_SLOT_COLUMN_SOURCES) * abi.CELL_SIZE)) more = true;
  }
  return more;
}

/**
 * Applies the mask rule `rule`, whose condition is not definitely false. Returns the flags it raises, and RULE_COUNTED << 8
 * when it changed or refused anything. `isLineageLost`: columns or influence are not certain.
 */
export function applyMask(rule: i32, mask: i32, columns: i32, sets: i32, predicates: i32, isLineageLost: bool, results: i32): i32 {
  let flags = 0;
  if (tagOf(columns) == abi.TAG_LIST && maskColumns(rule, mask, columns, sets, results)) flags |= abi.RULE_COUNTED << 8;
  const mayCompare = load<i32>(mask + abi.MASK_ALLOWS_PREDICATES * 4) != 0;
  if (!mayCompare && transformOfSet(mask, predicates) > abi.TRANSFORM_CLEAR) flags |= abi.FLAG_MASKED_PREDICATE;
  if (isLineageLost && hidesAnything(mask)) flags |= abi.FLAG_LINEAGE_LOST;
  return flags == 0 ? 0 : flags | (abi.RULE_COUNTED << 8);
}

import type { CheckedRule } from "../../3-check/checked.js";
import { type NodeId, TOO_LARGE, variablesBelow } from "../../4-lower/diagram/store.js";
import { shadowedRule } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { not } from "../verdicts.js";
import { coverOf } from "./cover.js";
import type { Study } from "./study.js";

/** Pairs of rules that are compared. */
const PAIRS_MAX = 50_000;
/** What more rules ask makes no neighbours of them. */
const NEIGHBOURS_MAX = 16;

/** A rule that changes nothing, and the ids of those that fire, one or another, wherever it does. */
export interface Shadow {
  readonly rule: CheckedRule;
  readonly by: readonly string[];
}

interface Compared {
  readonly rule: CheckedRule;
  readonly root: NodeId;
  /** What its condition asks, ascending. */
  readonly asked: ReadonlySet<number>;
  readonly last: number;
}

/**
 * Rules of `group` that another one of it, or an irreducible set of them, makes superfluous. Of known facts, and only what is
 * certain. O(rules + pairs that ask alike).
 */
export function findShadows(study: Study, group: readonly CheckedRule[]): readonly Shadow[] {
  const rules = group.map((rule) => comparedOf(study, rule)).filter(({ root }) => root !== TOO_LARGE);
  const byLast = grouped(rules, ({ last }) => [last]);
  let pairs_count = 0;
  const byOne = new Map<CheckedRule, Shadow>();
  for (const each of rules) {
    // Only a rule that asks nothing else can fire wherever this one does, but for chance.
    const alike = [...each.asked].flatMap((variable) => byLast.get(variable) ?? []);
    const by = alike.find((other) => {
      if (other === each || !isComparable(each.rule, other.rule) || pairs_count >= PAIRS_MAX) return false;
      if (![...other.asked].every((variable) => each.asked.has(variable))) return false;
      pairs_count++;
      return isSuperfluous(study, each, other);
    });
    if (by !== undefined) byOne.set(each.rule, { rule: each.rule, by: [by.rule.id] });
  }
  const bySet = findShadowingSets(study, rules, byOne);
  return rules.flatMap(({ rule }) => byOne.get(rule) ?? bySet.get(rule) ?? []);
}

function comparedOf(study: Study, rule: CheckedRule): Compared {
  const root = study.diagramOf(study.firingOf(rule));
  const asked = new Set(variablesBelow(study.store, root));
  return { rule, root, asked, last: Math.max(...asked) };
}

function grouped(
  rules: readonly Compared[],
  keysOf: (rule: Compared) => readonly number[],
): ReadonlyMap<number, readonly Compared[]> {
  const groups = new Map<number, Compared[]>();
  for (const each of rules) {
    for (const key of keysOf(each)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [each]);
      else group.push(each);
    }
  }
  return groups;
}

/** Of two that fire on the very same, the later one is superfluous. */
function isSuperfluous(study: Study, narrow: Compared, wide: Compared): boolean {
  const [inner, outer] = [study.firingOf(narrow.rule), study.firingOf(wide.rule)];
  const isInside = study.searchFor(narrow.rule, [inner, not(outer)]).kind === "none";
  const isSame = isInside && study.searchFor(narrow.rule, [outer, not(inner)]).kind === "none";
  return isInside && (!isSame || narrow.rule.id > wide.rule.id);
}

/**
 * A set can only shadow what it covers piece by piece: its members share a test with the rule, and one of them fires on any
 * request that the rule fires on. Members are no rules that are superfluous themselves, so of a ring of rules one stays.
 */
function findShadowingSets(
  study: Study,
  rules: readonly Compared[],
  known: ReadonlyMap<CheckedRule, Shadow>,
): ReadonlyMap<CheckedRule, Shadow> {
  const found = new Map<CheckedRule, Shadow>();
  const byVariable = grouped(rules, ({ asked }) => [...asked]);
  for (const each of rules) {
    if (known.has(each.rule)) continue;
    const { rule } = each;
    const others = neighboursOf(each, byVariable).filter(
      (other) => isComparable(rule, other) && !known.has(other) && !found.has(other),
    );
    if (others.length < 2) continue;
    const by = coverOf(study, rule, [study.firingOf(rule)], others);
    if (by !== null) found.set(rule, { rule, by: by.map(({ id }) => id).toSorted() });
  }
  return found;
}

/** Those that ask what few rules ask, as `each` does: what everybody asks (the scope of a module) makes no neighbours. */
function neighboursOf(each: Compared, byVariable: ReadonlyMap<number, readonly Compared[]>): readonly CheckedRule[] {
  const near = [...each.asked]
    .map((variable) => byVariable.get(variable) ?? [])
    .filter(({ length }) => length <= NEIGHBOURS_MAX);
  return [...new Set(near.flat())].filter((other) => other !== each).map(({ rule }) => rule);
}

/**
 * What a rule must have in common with one that it may shadow, for a start; null where nothing shadows it. Only blocks and
 * plain allows: of approvals, masks and limits, two say more than one.
 */
export function shadowGroupOf({ effect, level, onUnknown, module }: CheckedRule): string | null {
  if (level === "advisory" || onUnknown !== "restrict") return null;
  if (effect.kind === "block") return "block";
  return effect.kind === "allow" ? `allow ${module} ${effect.evenIfIncomplete}` : null;
}

function isComparable(a: CheckedRule, b: CheckedRule): boolean {
  const group = shadowGroupOf(a);
  if (group === null || group !== shadowGroupOf(b)) return false;
  if (!a.families.every((family) => b.families.includes(family))) return false;
  // An exception to the wider rule, tomorrow's too, would not touch a hard one.
  return a.level !== "hard" || b.level === "hard";
}

export const reportShadow = ({ rule, by }: Shadow): Diagnostic => ({
  ...shadowedRule(rule.span, { rule: shortId(rule), by }),
  rule: rule.id,
});

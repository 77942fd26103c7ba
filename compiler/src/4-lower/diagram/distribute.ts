import type { CheckedRule, Condition, FactPath } from "../../3-check/checked.js";
import { lowerPath, type Place } from "../lower-condition.js";
import type { TruthValue } from "../lowered.js";
import { allOf, anyOf, atom, type Formula, formulaOf, insideList, itemPath, membership, not } from "./formula.js";
import type { Placed } from "./variables.js";

/**
 * A rule that wants something of any item, or of every item, of a list can be asked once for each item instead, all its other
 * conditions included: the greatest truth of any item, or the least of every, is the truth of the rule, because `and`
 * distributes over greatest and least in Kleene's logic too. Then what it wants of an item is asked of classes, like all else,
 * and many rules on many names cost no more than one.
 */
interface Demand {
  /** Equal for two that join the items of the same list in the same way. */
  readonly key: string;
  readonly list: FactPath;
  readonly join: ItemJoin;
  /** What is wanted of an item. */
  readonly want: Want;
  /** What a list without any item comes to. Said by nobody when any item is wanted: then nothing is asked of none. */
  readonly ofNone: TruthValue;
}

/** How the truths of a rule for each item make its truth. */
export type ItemJoin = "any" | "every";

interface Want {
  readonly isNegated: boolean;
  readonly body: Condition | { readonly kind: "OneOf"; readonly values: readonly (string | number | boolean)[] };
}

/** From so many different demands on the items of one list on, rules are asked for each of its items. */
const demands_min = 4;

/** Number of different demands on the items of each list, by key of the demand. */
export type DemandCounts = ReadonlyMap<string, number>;

export function countDemands(rules: readonly CheckedRule[], place: Place): DemandCounts {
  const wants = new Map<string, Set<string>>();
  for (const { condition } of rules) {
    for (const { key, want } of demandsOf(condition, place).flatMap((demand) => demand ?? [])) {
      const known = wants.get(key) ?? new Set();
      wants.set(key, known.add(JSON.stringify(want, withoutSpans)));
    }
  }
  return new Map([...wants].map(([key, { size }]) => [key, size]));
}

const withoutSpans = (key: string, value: unknown): unknown => (key === "span" ? undefined : value);

/** A condition, and the list for each item of which it is asked; null for none. */
export interface Distributed extends Placed {
  readonly items: { readonly list: FactPath; readonly join: ItemJoin } | null;
}

/** `condition`, asked for each item of the list of which most different things are wanted; as it is where few are. */
export function distribute(condition: Condition, counts: DemandCounts, place: Place): Distributed {
  const demands = demandsOf(condition, place);
  const weights = demands.map((demand) => (demand === null ? 0 : (counts.get(demand.key) ?? 0)));
  const at = weights.indexOf(Math.max(...weights));
  const chosen = demands[at];
  if (!chosen || (weights[at] ?? 0) < demands_min)
    return { formula: formulaOf(condition, place), list: "", items: null };
  const rest = conjunctsOf(condition).filter((_, i) => i !== at);
  const formula = allOf([...rest.map((each) => formulaOf(each, place)), itemFormula(chosen, place)]);
  return { formula, list: keyOf(chosen.list, place), items: { list: chosen.list, join: chosen.join } };
}

/** What may stand beyond the items that are listed satisfies nothing for sure, and fails nothing. */
function itemFormula({ want, list, ofNone }: Demand, place: Place): Formula {
  const { body, isNegated } = want;
  const own = body.kind === "OneOf" ? membership(itemPath, body.values) : formulaOf(body, insideList(list, place));
  const isItem = atom({ kind: "item", is: "item" });
  const isNone = atom({ kind: "item", is: "none" });
  return anyOf([
    allOf([isItem, isNegated ? not(own) : own]),
    allOf([isNone, { kind: "constant", truth: ofNone }]),
    allOf([not(isItem), not(isNone), { kind: "constant", truth: "unknown" }]),
  ]);
}

const conjunctsOf = (condition: Condition): readonly Condition[] =>
  condition.kind === "And" ? condition.operands.flatMap(conjunctsOf) : [condition];

/** By conjunct of `condition`: what it demands of the items of a list; null for what is no such demand. */
const demandsOf = (condition: Condition, place: Place): readonly (Demand | null)[] =>
  conjunctsOf(condition).map((each) => demandOf(each, place));

function demandOf(condition: Condition, place: Place): Demand | null {
  const demand = (list: FactPath, join: ItemJoin, want: Want, ofNone: TruthValue = "false"): Demand => ({
    key: `${join} ${keyOf(list, place)}`,
    list,
    join,
    want,
    ofNone,
  });
  const isOpposite = condition.kind === "Not";
  const asked = isOpposite ? condition.operand : condition;
  const anyOrNone = (list: FactPath, body: Want["body"], isNone: boolean): Demand =>
    isNone ? demand(list, "every", { body, isNegated: true }, "true") : demand(list, "any", { body, isNegated: false });
  if (asked.kind === "Quantified" && asked.quantifier !== "all")
    return anyOrNone(asked.list, asked.body, (asked.quantifier === "no") !== isOpposite);
  if (asked.kind === "Has" && asked.quantifier === "any")
    return anyOrNone(asked.list, { kind: "OneOf", values: asked.values }, isOpposite);
  if (isOpposite) return null;
  if (asked.kind === "Quantified") return demand(asked.list, "every", { body: asked.body, isNegated: false });
  if (asked.kind !== "Only") return null;
  return demand(asked.list, "every", { body: { kind: "OneOf", values: asked.values }, isNegated: false });
}

const keyOf = (list: FactPath, place: Place): string => {
  const { root, steps } = lowerPath(list, place).path;
  return `${root} ${JSON.stringify(steps)}`;
};

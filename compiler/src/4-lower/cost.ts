/**
 * The worst case of a decision, known before there is a request.
 *
 * In: a lowered policy. Out: how many steps deciding one action can take, in all and for each rule, as a polynomial of the
 * number of items in the lists of the action's facts. Nothing of this is measured.
 *
 * The kernel asks each question of a diagram once, however many rules want to know, so it does less: the bound is that of the
 * conditions as they are written, those of rules that are asked for each item of a list once an item more.
 *
 * A step is one instruction of a condition, one comparison of a fact with one constant (a value, a glob, a regular
 * expression or a range of addresses), one label looked at for a mask, or one rule, exception or module looked at. A step over
 * a text costs as much as the text is long, which is at most 4,096 bytes; over a glob with several `*` at most its square.
 * Jumps that leave out the rest of an `and` or `or` are taken never, and items are those of all lists together: so the bound
 * is an upper one, seldom reached. Absent: the cost of laying facts and of building the decision, which is the host's.
 */
import { type Family, families } from "@hpl/runtime/facts";
import { unreachable } from "../diagnostics/unreachable.js";
import type { Instruction, LoweredMask, LoweredPath, LoweredPolicy, LoweredRule, Program } from "./lowered.js";

/** Steps by power of the number of list items: `[fixed, a list item, a pair of items, ..]`. */
export type Steps = readonly number[];

export interface PolicyCost {
  /** Of each family that a module names: all steps of one action. */
  readonly families: readonly { readonly family: Family; readonly steps: Steps }[];
  /** Of each module, its scope. */
  readonly modules: readonly { readonly name: string; readonly steps: Steps }[];
  /** Of each rule, its condition, its exceptions, and its mask. In the order of the policy. */
  readonly rules: readonly {
    readonly id: string;
    readonly effect: LoweredRule["effect"];
    readonly steps: Steps;
  }[];
  /** To find the labels of columns: of a SQL action only. */
  readonly labels: Steps;
}

/** O(instructions). */
export function costOfPolicy(policy: LoweredPolicy): PolicyCost {
  const modules = policy.modules.map(({ name, scope }) => ({ name, steps: plus([1], costOfProgram(scope)) }));
  const exceptions = costOfExceptions(policy);
  const rules = policy.rules.map((rule, i) => {
    const own = costOfProgram(rule.condition);
    const asked = policy.plan.isPerItem[i] === true ? plus(own, shift(own, 1)) : own;
    const steps = plus([1], asked, exceptions.get(i) ?? [], costOfMask(rule.mask, policy));
    return { id: rule.id, effect: rule.effect, steps };
  });
  const labels = costOfLabels(policy);
  const named = policy.modules.reduce((bits, module) => bits | module.families, 0);
  const ofFamily = (family: Family, bit: number): Steps =>
    plus(
      ...modules.map(({ steps }) => steps),
      // A rule of another family is looked at, and left alone.
      ...policy.rules.map((rule, i) => ((rule.families & bit) === 0 ? [1] : (rules[i]?.steps ?? []))),
      family === "sql" ? labels : [],
    );
  const inForce = families.map((family, i) => ({ family, bit: 1 << i })).filter(({ bit }) => (named & bit) !== 0);
  return {
    families: inForce.map(({ family, bit }) => ({ family, steps: ofFamily(family, bit) })),
    modules,
    rules,
    labels,
  };
}

/** The number of steps when the lists hold `items_count` items in all; null when it is larger than a number can tell. */
export function stepsAt(steps: Steps, items_count: number): number | null {
  const total = steps.reduceRight((sum, coefficient) => sum * items_count + coefficient, 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** By index of the rule they excuse. */
function costOfExceptions({ exceptions }: LoweredPolicy): ReadonlyMap<number, Steps> {
  const costs = new Map<number, Steps>();
  for (const { rule, condition } of exceptions)
    costs.set(rule, plus(costs.get(rule) ?? [], [1], costOfProgram(condition)));
  return costs;
}

/** Every glob of every label, for each name of a column. */
function costOfLabels({ labels }: LoweredPolicy): Steps {
  const globs_count = labels.reduce((sum, { globs }) => sum + globs.length, 0);
  return labels.length === 0 ? [] : [0, 1 + globs_count];
}

/** For each output column, the columns of conditions, and lost lineage: each label, and each tier for each label it masks. */
function costOfMask(mask: LoweredMask | null, { labels }: LoweredPolicy): Steps {
  if (mask === null) return [];
  const tiers = plus(...mask.tiers.map(({ condition }) => plus([1], costOfProgram(condition))));
  const ofSet = plus([labels.length], times(plus([1], tiers), mask.labels.length));
  return plus(times(ofSet, 2), shift(ofSet, 1));
}

function costOfProgram(program: Program): Steps {
  let steps: Steps = [];
  // Powers of this place and of those around the enclosing quantifiers, innermost last.
  const powers = [0];
  for (const instruction of program) {
    const power = powers.at(-1) ?? 0;
    const ofItems = "path" in instruction ? powerOfItems(instruction.path, power) : power;
    steps = plus(steps, shift(costOfInstruction(instruction), power), shift(costOfItem(instruction), ofItems));
    if (instruction.op === "each") powers.push(ofItems);
    if (instruction.op === "next") powers.pop();
  }
  return steps;
}

/** What an instruction costs where it stands, without what it does for each item of a list. */
function costOfInstruction(instruction: Instruction): Steps {
  switch (instruction.op) {
    case "in":
      return [1 + instruction.values.length];
    case "like":
      return [1 + instruction.globs.length];
    case "matches":
      return [1 + instruction.automata.length];
    case "in_cidr":
      return [1 + instruction.ranges.length];
    case "constant":
    case "not":
    case "and":
    case "or":
    case "jump_if_false":
    case "jump_if_true":
    case "is_true":
    case "is_present":
    case "compare":
    case "compare_facts":
    case "has_any":
    case "has_all":
    case "only":
    case "each":
    case "next":
      return [1];
    default:
      return unreachable(instruction);
  }
}

/** Comparisons of each item of the list that a test of lists reads. */
function costOfItem(instruction: Instruction): Steps {
  if (instruction.op !== "has_any" && instruction.op !== "has_all" && instruction.op !== "only") return [];
  return [instruction.values.length];
}

/**
 * The power at which the items of the list at `path` count. A list in the item of the innermost quantifier does not multiply
 * with it: an item stands in one list, so that such lists together hold no more items than there are.
 */
const powerOfItems = ({ root }: LoweredPath, power: number): number => (root === -1 ? power : power + 1);

const plus = (...all: readonly Steps[]): Steps =>
  Array.from({ length: Math.max(0, ...all.map((steps) => steps.length)) }, (_, i) =>
    all.reduce((sum, steps) => sum + (steps[i] ?? 0), 0),
  );
const times = (steps: Steps, factor: number): Steps => steps.map((coefficient) => coefficient * factor);
/** Times the number of items to the power of `by`. */
const shift = (steps: Steps, by: number): Steps => (steps.length === 0 ? [] : [...Array(by).fill(0), ...steps]);

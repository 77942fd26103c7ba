import { isMap, schemaOfRoot, schemaOfStep } from "@hpl/runtime/facts";
import type { Condition, FactPath } from "../3-check/checked.js";
import type { DiagramStore, NodeId } from "../4-lower/diagram/store.js";
import { FALSE, TOO_LARGE, TRUE, UNKNOWN } from "../4-lower/diagram/store.js";

/** A test that is not made of others: what a diagram asks. */
export interface Atom {
  readonly key: string;
  readonly condition: Condition;
  /** The facts it reads, by key. Those of items are read with their list. */
  readonly facts: readonly string[];
}

/** The atoms of all conditions that are built with it, numbered in the order in which they are met. */
export interface AtomTable {
  readonly atoms: readonly Atom[];
  /** Paths by their keys. */
  readonly facts: ReadonlyMap<string, FactPath>;
  /** The diagram of `condition` over atoms: their truth values are the classes. */
  diagramOf(condition: Condition): NodeId;
}

/**
 * Tests side by side in one `and` or `or`. Each stands below the one before it in the diagram, which is walked by recursion, and
 * the values that tell them apart are tried against all of them. Who has more names writes them as a set, which is one test.
 */
const TESTS_MAX = 400;

const isTest = ({ kind }: Condition): boolean => kind !== "And" && kind !== "Or";

/** Equal for paths to the same fact. */
export const keyOfFact = ({ root, steps }: FactPath): string =>
  [typeof root === "string" ? root : `item ${root.item}`, ...steps].join(".");

export function openAtoms(store: DiagramStore): AtomTable {
  const atoms: Atom[] = [];
  const numbers = new Map<string, number>();
  const facts = new Map<string, FactPath>();
  const numberOf = (condition: Condition): number => {
    const key = JSON.stringify(condition, withoutSpans);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const read = factsIn(condition);
    for (const path of read) facts.set(keyOfFact(path), path);
    numbers.set(key, atoms.length);
    return atoms.push({ key, condition, facts: [...new Set(read.map(keyOfFact))] }) - 1;
  };
  // Searches ask for the same rules and clauses over and over, in other company.
  const made = new Map<Condition, NodeId>();
  const diagramOf = (condition: Condition): NodeId => {
    const known = made.get(condition);
    if (known !== undefined) return known;
    const id = make(condition);
    if (id !== TOO_LARGE) made.set(condition, id);
    return id;
  };
  const make = (condition: Condition): NodeId => {
    if ("operands" in condition && condition.operands.filter(isTest).length > TESTS_MAX) return TOO_LARGE;
    switch (condition.kind) {
      case "Constant":
        return condition.value ? TRUE : FALSE;
      case "Not":
        return store.not(diagramOf(condition.operand));
      case "And":
        return condition.operands.map(diagramOf).reduceRight((joined, each) => store.and(each, joined), TRUE);
      case "Or":
        return condition.operands.map(diagramOf).reduceRight((joined, each) => store.or(each, joined), FALSE);
      default:
        return store.node(numberOf(condition), [FALSE, FALSE, UNKNOWN, UNKNOWN], TRUE);
    }
  };
  return { atoms, facts, diagramOf: (condition) => withinStack(() => diagramOf(condition)) };
}

/**
 * Diagrams are made by recursion, a few calls deep for each test that stands below another: thousands of tests in one condition
 * end the stack before they fill the store. What was made until then is whole.
 */
function withinStack(make: () => NodeId): NodeId {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return TOO_LARGE;
    throw error;
  }
}

const withoutSpans = (key: string, value: unknown): unknown =>
  key === "span" || key === "automaton" ? undefined : value;

/** Paths to the facts that `condition` reads, outside of items. */
export function factsIn(condition: Condition): readonly FactPath[] {
  const own = (...paths: readonly FactPath[]): readonly FactPath[] =>
    paths.filter(({ root }) => typeof root === "string").map(shortened);
  switch (condition.kind) {
    case "Constant":
      return [];
    case "Not":
      return factsIn(condition.operand);
    case "And":
    case "Or":
      return condition.operands.flatMap(factsIn);
    case "CompareFacts":
      return own(condition.left, condition.right);
    case "InWindow":
      return [{ root: "now", steps: [] }];
    case "Has":
    case "Only":
      return own(condition.list);
    case "Quantified":
      return [...own(condition.list), ...factsIn(condition.body)];
    default:
      return own(condition.path);
  }
}

/** A path into a record that stands in the facts as one value ends at it. Keys of maps are facts of their own. */
function shortened({ root, steps }: FactPath): FactPath {
  let schema = typeof root === "string" ? schemaOfRoot(root) : null;
  for (const [i, step] of steps.entries()) {
    if (schema === null || (schema.type !== "object" && !isMap(schema))) return { root, steps: steps.slice(0, i) };
    schema = schemaOfStep(schema, step);
  }
  return { root, steps };
}

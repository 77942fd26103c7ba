import { CLASS_ABSENT, CLASS_OTHER, CLASS_OWN, CLASS_UNKNOWN, ITEM_LISTED, ITEM_NONE } from "@hpl/runtime/abi";
import type { Comparison } from "../../3-check/checked.js";
import { unreachable } from "../../diagnostics/unreachable.js";
import { holds } from "../comparison.js";
import type { Atom, Formula } from "./formula.js";
import type { PartKind } from "./lookups.js";
import { type DiagramStore, FALSE, type NodeId, TRUE, UNKNOWN } from "./store.js";
import { type Placed, questionsOf, type Variable, type Variables } from "./variables.js";

const leaves = { false: FALSE, unknown: UNKNOWN, true: TRUE } as const;

/** The diagram of a condition, or TOO_LARGE. Its size can be exponential in that of the condition: the store has a budget. */
export function buildDiagram(store: DiagramStore, variables: Variables, { formula, list }: Placed): NodeId {
  const build = (of: Formula): NodeId => {
    switch (of.kind) {
      case "constant":
        return leaves[of.truth];
      case "not":
        return store.not(build(of.operand));
      case "and":
        return joinAll(store, "and", of.operands.map(build));
      case "or":
        return joinAll(store, "or", of.operands.map(build));
      case "atom":
        return buildAtom(store, variables, of.atom, list);
      default:
        return unreachable(of);
    }
  };
  return build(formula);
}

/** From the bottom of the order upwards: then each operand goes on top of what is there, instead of through all of it. */
function joinAll(store: DiagramStore, operation: "and" | "or", ids: readonly NodeId[]): NodeId {
  const upwards = ids.toSorted((a, b) => store.variableOf(b) - store.variableOf(a) || a - b);
  return upwards.reduce((joined, id) => store[operation](joined, id), operation === "and" ? TRUE : FALSE);
}

/** An atom is one node, or one for each step of looking a glob up. */
function buildAtom(store: DiagramStore, variables: Variables, of: Atom, list: string): NodeId {
  const nodes = questionsOf(of, list, variables.lookups).map((question, step) => {
    const index = variables.indexOf(question, list);
    const variable = variables.all[index];
    if (variable === undefined) throw new Error("HPL9001: an atom without a variable");
    const { cases, other } = branchesOf(of, variable, step, variables, list);
    return store.node(index, cases, other);
  });
  return joinAll(store, "and", nodes);
}

interface Branches {
  readonly cases: readonly number[];
  readonly other: NodeId;
}

/** Where the classes of `variable` lead for the atom. */
function branchesOf(of: Atom, variable: Variable, step: number, variables: Variables, list: string): Branches {
  switch (variable.kind) {
    case "family":
      return { cases: indices(of.kind === "family" ? of.families : 0).flatMap((i) => [i, TRUE]), other: FALSE };
    case "item":
      return { cases: [of.kind === "item" && of.is === "none" ? ITEM_NONE : ITEM_LISTED, TRUE], other: FALSE };
    case "test":
      return { cases: [FALSE, FALSE, UNKNOWN, UNKNOWN], other: TRUE };
    case "constants":
      if (of.kind === "present") return onFact([], TRUE);
      return onFact(of.kind === "equals" ? of.values.map((value) => variable.values.indexOf(value)) : []);
    case "order":
      return onFact(
        of.kind === "number" ? intervalsOf(of.comparison, variable.bounds.indexOf(of.value), variable) : [],
      );
    case "prefix":
    case "suffix":
    case "infix": {
      const asked = of.kind === "like" ? variables.lookups.stepsOf(of, list)[step] : undefined;
      if (asked === undefined || asked.kind === "test") throw new Error("HPL9001: a glob is not looked up");
      return onFact(indicesWith(variable, asked.part));
    }
    default:
      return unreachable(variable);
  }
}

/** True for the variable's own classes in `own`, `other` for its rest; false for what is absent. */
function onFact(own: readonly number[], other: NodeId = FALSE): Branches {
  const sorted = [...new Set(own)].toSorted((a, b) => a - b);
  return {
    cases: [
      CLASS_UNKNOWN,
      UNKNOWN,
      CLASS_ABSENT,
      FALSE,
      CLASS_OTHER,
      other,
      ...sorted.flatMap((i) => [CLASS_OWN + i, TRUE]),
    ],
    other,
  };
}

const indices = (bits: number): readonly number[] =>
  Array.from({ length: 32 }, (_, i) => i).filter((i) => (bits >> i) & 1);

/**
 * Classes of texts that begin with `part`, end with it, or may hold it. A text whose longest beginning is one that itself begins
 * with `part` does; one that holds several parts may.
 */
function indicesWith({ kind, texts }: Variable & { kind: PartKind }, part: string): readonly number[] {
  if (kind === "infix") return [texts.indexOf(part), texts.length];
  return texts.flatMap((text, i) => ((kind === "prefix" ? text.startsWith(part) : text.endsWith(part)) ? [i] : []));
}

/** The intervals of the scale on which a comparison with its `at`-th number holds: even ones lie between two numbers. */
function intervalsOf(comparison: Comparison, at: number, { bounds }: Variable & { kind: "order" }): readonly number[] {
  const number = 2 * at + 1;
  return Array.from({ length: 2 * bounds.length + 1 }, (_, i) => i).filter((i) => holds(comparison, i, number));
}

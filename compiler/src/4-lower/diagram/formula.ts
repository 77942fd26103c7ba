import { commonRoots, type FactSchema, families } from "@hpl/runtime/facts";
import type { Comparison, Condition, FactPath, Glob } from "../../3-check/checked.js";
import { lowerCondition, lowerPath, type Place } from "../lower-condition.js";
import type { LoweredPath, Program, TruthValue } from "../lowered.js";

/**
 * What of the facts an atom reads: the parts that a session or an action shares, or one item of the list that a rule is asked
 * for item by item. A value is worked out once for each.
 */
export type Reach = "context" | "action" | "item";

/** A test of one fact, or of several that no class can stand for. */
export type Atom =
  | { readonly kind: "family"; readonly families: number }
  /** Whether there is an item, or none in the whole list; neither for what may stand beyond the end of an open list. */
  | { readonly kind: "item"; readonly is: "item" | "none" }
  | { readonly kind: "equals"; readonly path: LoweredPath; readonly values: readonly (string | boolean)[] }
  | { readonly kind: "present"; readonly path: LoweredPath }
  | {
      readonly kind: "number";
      readonly path: LoweredPath;
      readonly comparison: Comparison;
      readonly value: number;
    }
  | { readonly kind: "like"; readonly path: LoweredPath; readonly glob: Glob }
  | { readonly kind: "test"; readonly program: Program; readonly reach: Reach };

/** A condition over atoms. Kleene's connectives, nothing simplified. */
export type Formula =
  | { readonly kind: "constant"; readonly truth: TruthValue }
  | { readonly kind: "not"; readonly operand: Formula }
  | { readonly kind: "and" | "or"; readonly operands: readonly Formula[] }
  | { readonly kind: "atom"; readonly atom: Atom };

export const always: Formula = { kind: "constant", truth: "true" };
export const atom = (of: Atom): Formula => ({ kind: "atom", atom: of });
export const allOf = (operands: readonly Formula[]): Formula => ({ kind: "and", operands });
export const anyOf = (operands: readonly Formula[]): Formula => ({ kind: "or", operands });
export const not = (operand: Formula): Formula => ({ kind: "not", operand });

/** True for the families in the bit set. */
export const inFamilies = (bits: number): Formula =>
  bits === (1 << families.length) - 1 ? always : atom({ kind: "family", families: bits });

/** `condition` over atoms; its meaning is the same, unknowns included. O(nodes). */
export function formulaOf(condition: Condition, place: Place): Formula {
  switch (condition.kind) {
    case "Constant":
      return { kind: "constant", truth: condition.value ? "true" : "false" };
    case "Not":
      return not(formulaOf(condition.operand, place));
    case "And":
      return allOf(condition.operands.map((operand) => formulaOf(operand, place)));
    case "Or":
      return anyOf(condition.operands.map((operand) => formulaOf(operand, place)));
    case "IsTrue":
      return atom({ kind: "equals", path: lowerPath(condition.path, place).path, values: [true] });
    case "IsPresent":
      return atom({ kind: "present", path: lowerPath(condition.path, place).path });
    case "Compare":
      return comparison(condition, lowerPath(condition.path, place).path);
    case "In":
      return membership(lowerPath(condition.path, place).path, condition.values);
    case "Like": {
      const { path } = lowerPath(condition.path, place);
      return anyOf(condition.globs.map((glob) => likeness(path, glob)));
    }
    default:
      return testOf(lowerCondition(condition, place));
  }
}

/** `!=` is the opposite of `==`, of what is absent and of what is unknown too. */
function comparison({ operator, value }: Condition & { kind: "Compare" }, path: LoweredPath): Formula {
  if (operator === "!=") return not(membership(path, [value]));
  if (typeof value === "number") return atom({ kind: "number", path, comparison: operator, value });
  if (operator === "==") return membership(path, [value]);
  throw new Error("HPL9001: only numbers are ordered");
}

/** Equal to one of `values`. */
export function membership(path: LoweredPath, values: readonly (string | number | boolean)[]): Formula {
  const others = values.filter((value) => typeof value !== "number");
  const numbers = values.filter((value) => typeof value === "number");
  const equals = others.length === 0 ? [] : [atom({ kind: "equals", path, values: others })];
  const each = numbers.map((value) => atom({ kind: "number", path, comparison: "==", value }));
  return anyOf([...equals, ...each]);
}

/** A glob without a star is a name. */
function likeness(path: LoweredPath, glob: Glob): Formula {
  const plain = plainText(glob.text);
  return plain === null ? atom({ kind: "like", path, glob }) : atom({ kind: "equals", path, values: [plain] });
}

/** The one text that a glob without a star matches; null when it has one. */
function plainText(glob: string): string | null {
  return /^(?:[^*\\]|\\.)*$/su.test(glob) ? glob.replace(/\\(.)/gsu, "$1") : null;
}

/** A condition as one test, whatever it reads. */
export const testOf = (program: Program): Formula => atom({ kind: "test", program, reach: reachOf(program) });

function reachOf(program: Program): Reach {
  let depth = 0;
  let reach: Reach = "context";
  for (const instruction of program) {
    for (const path of pathsOf(instruction)) {
      if (path.root < -depth) return "item";
      if (reachOfPath(path) === "action") reach = "action";
    }
    if (instruction.op === "each") depth++;
    if (instruction.op === "next") depth--;
  }
  return reach;
}

function pathsOf(instruction: Program[number]): readonly LoweredPath[] {
  if (instruction.op === "compare_facts") return [instruction.left, instruction.right];
  return "path" in instruction ? [instruction.path] : [];
}

/** The item of the list that a rule is asked for stands behind root -1. */
export function reachOfPath({ root }: LoweredPath): Reach {
  if (root < 0) return "item";
  return root === commonRoots.length ? "action" : "context";
}

/** The item that the innermost quantifier is about, itself. */
export const itemPath: LoweredPath = { root: -1, steps: [] };

/** Where a condition stands that reads one item of `list`. */
export function insideList(list: FactPath, place: Place): Place {
  const schema: FactSchema = lowerPath(list, place).schema.items ?? {};
  return { ...place, items: [schema, ...place.items] };
}

/** All atoms of `formula`, in order. */
export function atomsOf(formula: Formula): readonly Atom[] {
  if (formula.kind === "atom") return [formula.atom];
  if (formula.kind === "not") return atomsOf(formula.operand);
  return formula.kind === "constant" ? [] : formula.operands.flatMap(atomsOf);
}

import { COMPARE_EQ, COMPARE_GE, COMPARE_GT, COMPARE_LE, COMPARE_LT, COMPARE_NE, ROOT_ACTION } from "@hpl/runtime/abi";
import { commonRoots, type FactSchema, isMap, schemaOfRoot, schemaOfStep, slotOf } from "@hpl/runtime/facts";
import type { Comparison, Condition, FactPath } from "../3-check/checked.js";
import { unreachable } from "../diagnostics/unreachable.js";
import { lowerWindows, type Zones } from "./lower-window.js";
import type { Instruction, LoweredPath, Program } from "./lowered.js";

/** The kernel's number of each comparison. */
export const comparisons: Readonly<Record<Comparison, number>> = {
  "==": COMPARE_EQ,
  "!=": COMPARE_NE,
  "<": COMPARE_LT,
  "<=": COMPARE_LE,
  ">": COMPARE_GT,
  ">=": COMPARE_GE,
};

/** What paths and windows in a condition are read by. */
export interface Place {
  /** Schemas of the items of the enclosing quantifiers, innermost first. */
  readonly items: readonly FactSchema[];
  readonly zones: Zones;
}

/** The program for `condition`. O(nodes). */
export function lowerCondition(condition: Condition, place: Place): Program {
  const program: Instruction[] = [];
  lowerInto(program, condition, place);
  return program;
}

function lowerInto(program: Instruction[], condition: Condition, place: Place): void {
  const lower = (path: FactPath): LoweredPath => lowerPath(path, place).path;
  switch (condition.kind) {
    case "Constant":
      program.push({ op: "constant", value: condition.value });
      return;
    case "Not":
      lowerInto(program, condition.operand, place);
      program.push({ op: "not" });
      return;
    case "And":
    case "Or":
      lowerConnective(program, condition, place);
      return;
    case "IsTrue":
      program.push({ op: "is_true", path: lower(condition.path) });
      return;
    case "IsPresent":
      program.push({ op: "is_present", path: lower(condition.path) });
      return;
    case "Compare":
      program.push({
        op: "compare",
        comparison: comparisons[condition.operator],
        path: lower(condition.path),
        value: condition.value,
      });
      return;
    case "CompareFacts":
      program.push({
        op: "compare_facts",
        comparison: comparisons[condition.operator],
        left: lower(condition.left),
        right: lower(condition.right),
      });
      return;
    case "In":
      program.push({ op: "in", path: lower(condition.path), values: condition.values });
      return;
    case "Like":
      program.push({ op: "like", path: lower(condition.path), globs: condition.globs });
      return;
    case "Matches": {
      const automata = condition.patterns.map(({ automaton }) => automaton);
      program.push({ op: "matches", path: lower(condition.path), automata });
      return;
    }
    case "InCidr":
      program.push({ op: "in_cidr", path: lower(condition.path), ranges: condition.ranges });
      return;
    case "InWindow":
      program.push(...lowerWindows(condition.windows, place.zones));
      return;
    case "Has": {
      const op = condition.quantifier === "any" ? "has_any" : "has_all";
      program.push({ op, path: lower(condition.list), values: condition.values });
      return;
    }
    case "Only":
      program.push({ op: "only", path: lower(condition.list), values: condition.values });
      return;
    case "Quantified":
      lowerQuantified(program, condition, place);
      return;
    default:
      unreachable(condition);
  }
}

/** Each operand but the first is skipped when the value is decided: `a; jump; b; and; jump; c; and`. */
function lowerConnective(program: Instruction[], condition: Condition & { kind: "And" | "Or" }, place: Place): void {
  const isAnd = condition.kind === "And";
  const jumps: number[] = [];
  if (condition.operands.length === 0) program.push({ op: "constant", value: isAnd });
  condition.operands.forEach((operand, i) => {
    if (i > 0) jumps.push(program.push({ op: "not" }) - 1); // A placeholder for the jump, whose target is not known yet.
    lowerInto(program, operand, place);
    if (i > 0) program.push({ op: isAnd ? "and" : "or" });
  });
  for (const jump of jumps) program[jump] = { op: isAnd ? "jump_if_false" : "jump_if_true", to: program.length };
}

/** `each(list, end); body; next(body)`. `no` is the opposite of `any`. */
function lowerQuantified(program: Instruction[], condition: Condition & { kind: "Quantified" }, place: Place): void {
  const list = lowerPath(condition.list, place);
  const quantifier = condition.quantifier === "all" ? "all" : "any";
  const each = program.push({ op: "not" }) - 1;
  lowerInto(program, condition.body, { ...place, items: [list.schema.items ?? {}, ...place.items] });
  program.push({ op: "next", to: each + 1 });
  program[each] = { op: "each", quantifier, path: list.path, to: program.length };
  if (condition.quantifier === "no") program.push({ op: "not" });
}

/** Slots and keys in place of the names of `path`, and the schema of what stands there. */
export function lowerPath(
  path: FactPath,
  { items }: Place,
): { readonly path: LoweredPath; readonly schema: FactSchema } {
  const { root } = path;
  let schema = typeof root === "string" ? schemaOfRoot(root) : (items[root.item] ?? null);
  const steps: (number | string)[] = [];
  for (const step of path.steps) {
    if (schema === null) break;
    steps.push(isMap(schema) ? step : slotOf(schema, step));
    schema = schemaOfStep(schema, step);
  }
  if (schema === null || steps.includes(-1)) throw new Error(`HPL9001: no such fact: ${JSON.stringify(path)}`);
  return { path: { root: typeof root === "string" ? numberOfRoot(root) : -1 - root.item, steps }, schema };
}

function numberOfRoot(root: string): number {
  const index = (commonRoots as readonly string[]).indexOf(root);
  return index < 0 ? ROOT_ACTION : index;
}

import type { Comparison, Condition, Constant, Glob } from "../3-check/checked.js";
import { unreachable } from "../diagnostics/unreachable.js";
import { inCidr } from "./address.js";
import { readFact, type Scope, type Value } from "./read-fact.js";
import { matchesOneOf } from "./regex.js";
import { and, not, or, type Truth, truthOf } from "./truth.js";
import { inWindow } from "./window.js";

/** The truth of `condition` over the facts in `scope`, by the definitions of DESIGN section 2 and nothing cleverer. */
export function evaluate(condition: Condition, scope: Scope): Truth {
  switch (condition.kind) {
    case "Constant":
      return truthOf(condition.value);
    case "Not":
      return not(evaluate(condition.operand, scope));
    case "And":
      return and(...condition.operands.map((operand) => evaluate(operand, scope)));
    case "Or":
      return or(...condition.operands.map((operand) => evaluate(operand, scope)));
    case "IsTrue":
      return ofScalar(readFact(condition.path, scope), (value) => value === true);
    case "IsPresent": {
      const { kind } = readFact(condition.path, scope);
      return kind === "unknown" ? "unknown" : truthOf(kind !== "absent");
    }
    case "Compare":
      return compare(condition.operator, readFact(condition.path, scope), { kind: "scalar", value: condition.value });
    case "CompareFacts":
      return compare(condition.operator, readFact(condition.left, scope), readFact(condition.right, scope));
    case "In":
      return ofScalar(readFact(condition.path, scope), (value) => condition.values.includes(value));
    case "Like":
      return ofScalar(readFact(condition.path, scope), (value) => matchesAny(condition.globs, String(value)));
    case "Matches":
      return ofScalar(readFact(condition.path, scope), (value) => matchesOneOf(condition.patterns, String(value)));
    case "InCidr":
      return inCidr(readFact(condition.path, scope), condition.ranges);
    case "InWindow":
      return or(...condition.windows.map((window) => inWindow(window, scope)));
    case "Has":
      return has(condition.quantifier, readFact(condition.list, scope), condition.values);
    case "Only":
      return only(readFact(condition.list, scope), condition.values);
    case "Quantified":
      return quantified(condition, scope);
    default:
      return unreachable(condition);
  }
}

/** A test of one value: absent fails it. */
function ofScalar(value: Value, test: (scalar: Constant) => boolean): Truth {
  if (value.kind === "absent") return "false";
  return value.kind === "scalar" ? truthOf(test(value.value)) : "unknown";
}

function compare(operator: Comparison, left: Value, right: Value): Truth {
  if (left.kind === "absent" || right.kind === "absent") return truthOf(operator === "!=");
  if (left.kind !== "scalar" || right.kind !== "scalar") return "unknown";
  return truthOf(holds(operator, left.value, right.value));
}

function holds(operator: Comparison, left: Constant, right: Constant): boolean {
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      return unreachable(operator);
  }
}

/** Items and whether there may be more; null when nothing is known of the list. An absent list is empty. */
function listed(list: Value): { readonly items: readonly Value[]; readonly open: boolean } | null {
  if (list.kind === "absent") return { items: [], open: false };
  return list.kind === "list" ? list : null;
}

function has(quantifier: "any" | "all", list: Value, values: readonly Constant[]): Truth {
  const known = listed(list);
  if (known === null) return "unknown";
  const each = values.map((value) => {
    const items = known.items.map((item) => compare("==", item, { kind: "scalar", value }));
    return or(...items, known.open ? "unknown" : "false");
  });
  return quantifier === "any" ? or(...each) : and(...each);
}

function only(list: Value, values: readonly Constant[]): Truth {
  const known = listed(list);
  if (known === null) return "unknown";
  const each = known.items.map((item) => ofScalar(item, (value) => values.includes(value)));
  const rest: Truth = known.open ? "unknown" : truthOf(known.items.length > 0);
  return and(...each, rest);
}

function quantified(condition: Condition & { kind: "Quantified" }, scope: Scope): Truth {
  const known = listed(readFact(condition.list, scope));
  if (known === null) return "unknown";
  const each = known.items.map((item) => evaluate(condition.body, { ...scope, items: [item, ...scope.items] }));
  const rest: Truth = known.open ? "unknown" : "false";
  if (condition.quantifier === "any") return or(...each, rest);
  if (condition.quantifier === "no") return not(or(...each, rest));
  return and(...each, known.open ? "unknown" : truthOf(known.items.length > 0));
}

/** Whether one of `globs` matches the whole of `text`. */
export const matchesAny = (globs: readonly Glob[], text: string): boolean =>
  globs.some((glob) => expressionOf(glob).test(text));

const expressions = new WeakMap<Glob, RegExp>();

/** Analysis asks one glob of many texts. */
function expressionOf(glob: Glob): RegExp {
  const known = expressions.get(glob) ?? new RegExp(`^(?:${patternOf(glob)})$`, "su");
  expressions.set(glob, known);
  return known;
}

/** The glob as a regular expression: escapes first, then `**`, then `*`. */
function patternOf({ text, separator }: Glob): string {
  const run = separator === null ? ".*" : `[^${escapeRegExp(separator)}]*`;
  return text.replace(/\\(.)|\*\*|\*|./gsu, (piece, escaped: string | undefined) => {
    if (escaped !== undefined) return escapeRegExp(escaped);
    if (piece === "**") return ".*";
    return piece === "*" ? run : escapeRegExp(piece);
  });
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");

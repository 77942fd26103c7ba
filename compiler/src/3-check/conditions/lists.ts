import type { Expr, ExprOf } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import type { Span } from "../../source/source-file.js";
import type { Condition, FactPath } from "../checked.js";
import { constantsOf, distinct, setConstantsOf } from "../operands/constants.js";
import { type FactOperand, namedOperandOf } from "../operands/operand.js";
import { brokenCondition, type Place } from "../site.js";
import { isComparable, notAFact, requirePresence, wrongFor } from "./comparison.js";
import { setOperand } from "./membership.js";

/** Tests of lists: `xs has a`, `xs has any {..}`, `xs has all {..}`, `xs only {..}`. */

export function checkHas(expr: ExprOf<"Has">, place: Place): Condition {
  const list = listOperand(expr.left, "has", expr.span, place);
  if (list === null) return brokenCondition(expr.span, place);
  const { type, fact } = list;
  const set = expr.quantifier === "one" ? null : setOperand(expr.right, fact.text, place);
  if (expr.quantifier !== "one" && set === null) return brokenCondition(expr.span, place);
  const single = set === null ? constantsOf(expr.right, type, fact.text, place) : null;
  const values = set === null ? single && [single] : setConstantsOf(set, type, fact.text, place);
  if (values === null) return brokenCondition(expr.span, place);
  return hasCondition(fact.path, expr.quantifier, values, expr.span);
}

/** `has all` asks for one of each member: a label stands for its whole subtree, any of which will do. */
function hasCondition(
  list: FactPath,
  quantifier: "one" | "any" | "all",
  values: readonly (readonly (string | number | boolean)[])[],
  span: Span,
): Condition {
  const isPlain = values.every((alternatives) => alternatives.length === 1);
  if (quantifier !== "all") return { kind: "Has", quantifier: "any", list, values: distinct(values), span };
  if (isPlain) return { kind: "Has", quantifier: "all", list, values: distinct(values), span };
  const operands = values.map((found): Condition => ({ kind: "Has", quantifier: "any", list, values: found, span }));
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: "And", operands, span };
}

export function checkOnly(expr: ExprOf<"Only">, place: Place): Condition {
  const list = listOperand(expr.left, "only", expr.span, place);
  const set = list && setOperand(expr.right, list.fact.text, place);
  const values = set && setConstantsOf(set, list.type, list.fact.text, place);
  if (!values) return brokenCondition(expr.span, place);
  return { kind: "Only", list: list.fact.path, values: distinct(values), span: expr.span };
}

interface ListOperand {
  readonly fact: FactOperand;
  /** Of its items. */
  readonly type: FactType;
}

function listOperand(expr: Expr, operator: string, span: Span, place: Place): ListOperand | null {
  const fact = namedOperandOf(expr, place);
  if (fact?.kind === "Broken") return null;
  if (fact?.kind !== "Fact") {
    notAFact(expr, fact, operator, place, span);
    return null;
  }
  requirePresence(fact, place);
  if (fact.type.kind === "List" && isComparable(fact.type.item)) return { fact, type: fact.type.item };
  const hint =
    fact.type.kind === "List"
      ? `write \`any x in ${fact.text} where (x.field == ..)\``
      : `write \`${fact.text} == ..\` or \`${fact.text} in {..}\``;
  wrongFor(operator, fact, span, place, hint);
  return null;
}

import type { CompareOperator, Expr, ExprOf } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import { missingPresence, notACondition, typeMismatch, wrongOperator } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Condition } from "../checked.js";
import { addressTest } from "../operands/addresses.js";
import { follow } from "../operands/bindings.js";
import { constantsOf, isSameType } from "../operands/constants.js";
import { describeOperand, describeType } from "../operands/describe.js";
import { type FactOperand, namedOperandOf, type Operand } from "../operands/operand.js";
import { brokenCondition, flipped, type Place, report, textOf } from "../site.js";

/** Comparisons of a fact with a constant, or with another fact of its type, and what every kind of test has in common. */

/** Reports a fact that is read although it may be absent (HPL3006). */
export function requirePresence(fact: FactOperand, place: Place): void {
  if (fact.mayBeAbsent === null) return;
  report(place.site, missingPresence(fact.span, { path: fact.mayBeAbsent, restricts: place.site.restricts }));
}

export function checkCompare(expr: ExprOf<"Compare">, place: Place): Condition {
  const left = namedOperandOf(expr.left, place);
  if (left?.kind === "Broken") return brokenCondition(expr.span, place);
  if (left?.kind === "Fact") return compareFact(left, expr.operator, expr.right, expr.span, place);
  const right = namedOperandOf(expr.right, place);
  if (right?.kind === "Broken") return brokenCondition(expr.span, place);
  if (right?.kind === "Fact") return compareFact(right, flipped[expr.operator], expr.left, expr.span, place);
  return notAFact(expr.left, left, expr.operator, place, expr.span);
}

function compareFact(fact: FactOperand, operator: CompareOperator, other: Expr, span: Span, place: Place): Condition {
  requirePresence(fact, place);
  const { type, path } = fact;
  if (!isComparable(type)) return wrongFor(operator, fact, span, place);
  if (operator !== "==" && operator !== "!=" && !hasOrder(type))
    return wrongFor(operator, fact, span, place, "only numbers, sizes and times have an order");
  const followed = follow(other, place);
  const name = followed.kind === "written" && followed.expr.kind === "Name" ? followed.expr : null;
  const isMember = type.kind === "Enum" && name?.path.words.length === 1;
  const right = isMember || type.kind === "Label" ? null : namedOperandOf(other, place);
  if (right?.kind === "Fact") return compareFacts(fact, operator, right, span, place);
  const values = constantsOf(other, type, fact.text, place);
  const [value] = values ?? [];
  if (values === null || value === undefined) return brokenCondition(span, place);
  const isIn: Condition | null =
    type.kind === "Label" ? { kind: "In", path, values, span } : addressTest(fact, values, span, place);
  if (isIn === null) return { kind: "Compare", operator, path, value, span };
  return operator === "==" ? isIn : { kind: "Not", operand: isIn, span };
}

/** Whether a fact of `type` is one value. */
export const isComparable = (type: FactType): boolean =>
  type.kind !== "List" && type.kind !== "Map" && type.kind !== "Record";

const hasOrder = ({ kind }: FactType): boolean =>
  kind === "Number" || kind === "Time" || kind === "Duration" || kind === "Bytes";

function compareFacts(
  left: FactOperand,
  operator: CompareOperator,
  right: FactOperand,
  span: Span,
  place: Place,
): Condition {
  requirePresence(right, place);
  if (isSameType(left.type, right.type) || (left.type.kind === "Enum" && right.type.kind === "Enum"))
    return { kind: "CompareFacts", operator, left: left.path, right: right.path, span };
  const [expected, found] = [describeType(left.type), describeType(right.type)];
  report(place.site, typeMismatch(right.span, { expected, found, subject: left.text }));
  return brokenCondition(span, place);
}

/** Reports an operator that does not fit the type of `fact`. */
export function wrongFor(
  operator: string,
  fact: FactOperand,
  span: Span,
  place: Place,
  hint: string | null = null,
): Condition {
  const found = describeType(fact.type);
  report(place.site, wrongOperator(span, { operator, subject: fact.text, found, hint }));
  return brokenCondition(span, place);
}

/** The left side of a test has to be a fact. */
export function notAFact(expr: Expr, operand: Operand | null, operator: string, place: Place, span: Span): Condition {
  const text = textOf(place.site, expr.span);
  const found = operand === null ? "a condition" : describeOperand(operand);
  const isCondition = operand === null || operand.kind === "Condition";
  if (isCondition)
    report(place.site, wrongOperator(span, { operator, subject: text, found, hint: "use it, or `not` and it, alone" }));
  else
    report(
      place.site,
      notACondition(span, { text: textOf(place.site, span), found: "two constants", hint: "compare a fact" }),
    );
  return brokenCondition(span, place);
}

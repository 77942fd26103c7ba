import type { CompareOperator, Expr, ExprOf } from "../1-parse/ast.js";
import type { FactType } from "../2-resolve/fact-types.js";
import {
  missingPresence,
  notACondition,
  notInThisVersion,
  typeMismatch,
  wrongOperator,
} from "../diagnostics/catalog.js";
import type { Span } from "../source/source-file.js";
import type { Condition, FactPath } from "./checked.js";
import { constantsOf, describeOperand, describeType, distinct, isRightSize, setConstantsOf } from "./constants.js";
import { globsOf, separatorOf } from "./globs.js";
import { type FactOperand, namedOperandOf, type Operand } from "./operand.js";
import { brokenCondition, flipped, type Place, report, textOf } from "./site.js";

/** Comparisons and tests of sets: each gives one condition over one fact, or two of one type. */

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
  if (operator !== "==" && operator !== "!=" && type.kind !== "Number")
    return wrongFor(operator, fact, span, place, "only numbers have an order");
  const isMember = type.kind === "Enum" && other.kind === "Name" && other.path.words.length === 1;
  const right = isMember || type.kind === "Label" ? null : namedOperandOf(other, place);
  if (right?.kind === "Fact") return compareFacts(fact, operator, right, span, place);
  const values = constantsOf(other, type, fact.text, place);
  const [value] = values ?? [];
  if (values === null || value === undefined) return brokenCondition(span, place);
  if (type.kind !== "Label") return { kind: "Compare", operator, path, value, span };
  const isIn: Condition = { kind: "In", path, values, span };
  return operator === "==" ? isIn : { kind: "Not", operand: isIn, span };
}

const isComparable = (type: FactType): boolean =>
  type.kind !== "List" && type.kind !== "Map" && type.kind !== "Record" && type.kind !== "Time";

function compareFacts(
  left: FactOperand,
  operator: CompareOperator,
  right: FactOperand,
  span: Span,
  place: Place,
): Condition {
  requirePresence(right, place);
  if (left.type.kind === right.type.kind)
    return { kind: "CompareFacts", operator, left: left.path, right: right.path, span };
  const [expected, found] = [describeType(left.type), describeType(right.type)];
  report(place.site, typeMismatch(right.span, { expected, found, subject: left.text }));
  return brokenCondition(span, place);
}

export function checkIn(expr: ExprOf<"In">, place: Place): Condition {
  const left = namedOperandOf(expr.left, place);
  if (left?.kind === "Fact" && isPrincipal(left)) return membership(left, expr.right, expr.span, place);
  if (left?.kind === "Broken") return brokenCondition(expr.span, place);
  if (left?.kind !== "Fact") return notAFact(expr.left, left, "in", place, expr.span);
  if (left.type.kind === "Time") return later("now", expr.span, place);
  requirePresence(left, place);
  const plural = `write \`${left.text} has any ..\` for a list`;
  if (!isComparable(left.type))
    return wrongFor("in", left, expr.span, place, left.type.kind === "List" ? plural : null);
  const set = setOperand(expr.right, left.text, place);
  const values = set && setConstantsOf(set, left.type, left.text, place);
  return values
    ? { kind: "In", path: left.path, values: distinct(values), span: expr.span }
    : brokenCondition(expr.span, place);
}

const isPrincipal = (fact: FactOperand): boolean => fact.path.root === "principal" && fact.path.steps.length === 0;

const groupType: FactType = { kind: "Group" };
const groupsPath: FactPath = { root: "principal", steps: ["groups"] };

/** `principal in people.dba`, `principal in {people.dba, people.sre}`: the principal's own groups have one of them. */
function membership(principal: FactOperand, right: Expr, span: Span, place: Place): Condition {
  const group = namedOperandOf(right, place);
  if (group?.kind === "Broken") return brokenCondition(span, place);
  const values =
    group?.kind === "Set"
      ? setConstantsOf(group, groupType, principal.text, place)
      : constantsOf(right, groupType, principal.text, place)?.map((constant) => [constant]);
  if (!values) return brokenCondition(span, place);
  return { kind: "Has", quantifier: "any", list: groupsPath, values: distinct(values), span };
}

export function checkLike(expr: ExprOf<"Like">, place: Place): Condition {
  const left = namedOperandOf(expr.left, place);
  if (left?.kind === "Broken") return brokenCondition(expr.span, place);
  if (left?.kind !== "Fact") return notAFact(expr.left, left, "like", place, expr.span);
  requirePresence(left, place);
  const quantified = `write \`any x in ${left.text} where (x like ..)\``;
  if (left.type.kind !== "Text")
    return wrongFor("like", left, expr.span, place, left.type.kind === "List" ? quantified : null);
  const separator = separatorOf(left.type.format);
  const outputs = patternsOf(expr.right, place).map(({ text, span }) => globsOf(text, separator, span));
  for (const diagnostic of outputs.flatMap((output) => output.diagnostics)) report(place.site, diagnostic);
  return { kind: "Like", path: left.path, globs: outputs.flatMap((output) => output.globs), span: expr.span };
}

interface Pattern {
  readonly text: string;
  readonly span: Span;
}

/** The texts on the right of `like`: one, or those of a set. What is not text is reported and left out. */
function patternsOf(expr: Expr, place: Place): readonly Pattern[] {
  const operand = namedOperandOf(expr, place);
  if (operand?.kind !== "Set") return patternOf(operand, expr.span, place);
  if (!isRightSize(operand, place)) return [];
  const inside = { ...place, module: operand.module };
  return operand.members.flatMap((member) => patternOf(namedOperandOf(member, inside), member.span, place));
}

function patternOf(operand: Operand | null, span: Span, place: Place): readonly Pattern[] {
  if (operand?.kind === "Broken") return [];
  if (operand?.kind === "Constant" && typeof operand.value === "string") return [{ text: operand.value, span }];
  const found = operand === null ? "a condition" : describeOperand(operand);
  report(place.site, typeMismatch(span, { expected: "`like` takes text", found, subject: null }));
  return [];
}

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

function setOperand(expr: Expr, subject: string, place: Place): Extract<Operand, { kind: "Set" }> | null {
  const operand = namedOperandOf(expr, place);
  if (operand?.kind === "Set") return operand;
  if (operand?.kind === "Broken") return null;
  const isGroup = operand?.kind === "Group";
  const hint = isGroup ? `write \`principal in ${textOf(place.site, expr.span)}\` for membership` : "write `{..}`";
  const found = operand === null ? "a condition" : describeOperand(operand);
  report(
    place.site,
    typeMismatch(expr.span, { expected: `\`${subject}\` is tested with a set`, found, subject: null, hint }),
  );
  return null;
}

function wrongFor(
  operator: string,
  fact: FactOperand,
  span: Span,
  place: Place,
  hint: string | null = null,
): Condition {
  if (fact.type.kind === "Time") return later("now", span, place);
  const found = describeType(fact.type);
  report(place.site, wrongOperator(span, { operator, subject: fact.text, found, hint }));
  return brokenCondition(span, place);
}

function later(what: string, span: Span, place: Place): Condition {
  report(place.site, notInThisVersion(span, { what, instead: null }));
  return brokenCondition(span, place);
}

/** The left side of a test has to be a fact. */
function notAFact(expr: Expr, operand: Operand | null, operator: string, place: Place, span: Span): Condition {
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

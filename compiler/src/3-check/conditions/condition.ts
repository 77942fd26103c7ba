import type { Expr, ExprOf } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import {
  duplicateName,
  notACondition,
  reservedName,
  valueAfterConnective,
  wrongOperator,
} from "../../diagnostics/catalog.js";
import { unreachable } from "../../diagnostics/unreachable.js";
import type { Condition } from "../checked.js";
import { describeOperand, describeType } from "../operands/describe.js";
import { namedOperandOf, type Operand } from "../operands/operand.js";
import { brokenCondition, deeper, type Place, report, textOf } from "../site.js";
import { checkCompare, requirePresence } from "./comparison.js";
import { checkHas, checkOnly } from "./lists.js";
import { checkIn } from "./membership.js";
import { checkLike, checkMatches } from "./patterns.js";
import { insideQuantifier, presentWhenFalse, presentWhenTrue } from "./presence.js";

/**
 * The condition that `expr` is at `place`, with every name written out. Reports what is wrong and then gives a constant, so
 * that checking goes on. O(nodes), with the `let`s of the policy checked once.
 */
export function checkCondition(expr: Expr, place: Place): Condition {
  const inside = deeper(place, expr.span);
  if (inside === null) return brokenCondition(expr.span, place);
  switch (expr.kind) {
    case "And":
    case "Or":
      return checkConnective(expr, inside);
    case "Not":
      return negation(checkCondition(expr.operand, inside), expr.span);
    case "Quantified":
      return checkQuantified(expr, inside);
    case "Name":
    case "Bool":
    case "Text":
    case "Number":
    case "Measure":
    case "Instant":
    case "Set":
    case "Cidr":
    case "Granted":
    case "Call":
    case "Broken":
      return checkAlone(expr, inside);
    default:
      place.site.tests++;
      return checkTest(expr, inside);
  }
}

function checkTest(
  expr: ExprOf<"Compare" | "In" | "Like" | "Matches" | "Has" | "Only" | "Presence">,
  place: Place,
): Condition {
  switch (expr.kind) {
    case "Compare":
      return checkCompare(expr, place);
    case "In":
      return checkIn(expr, place);
    case "Like":
      return checkLike(expr, place);
    case "Matches":
      return checkMatches(expr, place);
    case "Has":
      return checkHas(expr, place);
    case "Only":
      return checkOnly(expr, place);
    case "Presence":
      return checkPresence(expr, place);
    default:
      return unreachable(expr);
  }
}

/** `not condition`; two negations are none. */
export function negation(condition: Condition, span: Condition["span"]): Condition {
  return condition.kind === "Not" ? condition.operand : { kind: "Not", operand: condition, span };
}

/** `and` and `or`: each operand may rely on what the ones before it settled about presence. */
function checkConnective(expr: ExprOf<"And" | "Or">, place: Place): Condition {
  const operands: Condition[] = [];
  let { present } = place;
  expr.operands.forEach((operand, i) => {
    const previous = expr.operands[i - 1];
    if (previous !== undefined && reportStrayValue(operand, previous, expr, place)) return;
    const condition = checkCondition(operand, { ...place, present });
    present = [...present, ...(expr.kind === "And" ? presentWhenTrue(condition) : presentWhenFalse(condition))];
    operands.push(condition);
  });
  return { kind: expr.kind, operands, span: expr.span };
}

/** `x == a or b`, `p in g or h`: the author meant a second comparison. True when reported. */
function reportStrayValue(operand: Expr, previous: Expr, expr: ExprOf<"And" | "Or">, place: Place): boolean {
  if (
    previous.kind !== "Compare" &&
    previous.kind !== "In" &&
    previous.kind !== "Like" &&
    previous.kind !== "Matches" &&
    previous.kind !== "Has"
  )
    return false;
  if (!isPlainValue(operand, place)) return false;
  const written = ({ span }: Expr) => textOf(place.site, span);
  const connective = expr.kind === "And" ? "and" : "or";
  const head = written(previous).slice(0, previous.right.span.start - previous.span.start);
  const isEither = previous.kind === "Compare" && previous.operator === "==" && connective === "or";
  const rewritten = isEither
    ? `${written(previous.left)} in {${written(previous.right)}, ${written(operand)}}`
    : `${written(previous)} ${connective} ${head}${written(operand)}`;
  report(place.site, valueAfterConnective(operand.span, { text: written(operand), connective, rewritten }));
  return true;
}

/** Whether `expr` is a value by its looks: a literal, a group, a word that names nothing, a `let` of a literal. */
function isPlainValue(expr: Expr, place: Place): boolean {
  if (isLiteral(expr)) return true;
  if (expr.kind !== "Name") return false;
  const [head, second] = expr.path.words.map((word) => word.text);
  if (head === undefined || head === "always" || place.site.checker.roots.has(head)) return false;
  if (place.variables.some((variable) => variable.name === head) || place.bindings.has(head)) return false;
  const first = place.module.scope.get(head);
  if (first === undefined) return second === undefined;
  const inner =
    first.kind === "Module" ? place.site.checker.policy.modules[first.module]?.scope.get(second ?? "") : first;
  return inner?.kind === "Group" || inner?.kind === "Window" || (inner?.kind === "Let" && isLiteral(inner.item.value));
}

const literals: ReadonlySet<Expr["kind"]> = new Set(["Text", "Number", "Measure", "Instant", "Set", "Cidr"]);
const isLiteral = ({ kind }: Expr): boolean => literals.has(kind);

function checkAlone(expr: Expr, place: Place): Condition {
  const operand = namedOperandOf(expr, place);
  if (operand === null || operand.kind === "Broken") return brokenCondition(expr.span, place);
  if (operand.kind === "Condition") return withSpan(operand.condition, expr.span);
  place.site.tests++;
  if (operand.kind === "Constant" && typeof operand.value === "boolean")
    return { kind: "Constant", value: operand.value, span: expr.span };
  if (operand.kind === "Fact" && operand.type.kind === "Bool") {
    requirePresence(operand, place);
    return { kind: "IsTrue", path: operand.path, span: expr.span };
  }
  const hint = aloneHint(operand.kind, textOf(place.site, expr.span));
  report(
    place.site,
    notACondition(expr.span, { found: describeOperand(operand), text: textOf(place.site, expr.span), hint }),
  );
  return brokenCondition(expr.span, place);
}

function aloneHint(kind: Operand["kind"], text: string): string | null {
  if (kind === "Group") return `write \`principal in ${text}\``;
  if (kind === "Window") return `write \`now in ${text}\``;
  return kind === "Grant" ? `write \`granted ${text}\`` : null;
}

/** A `let` stands where its name does: that is the place to point at. */
const withSpan = (condition: Condition, span: Condition["span"]): Condition => ({ ...condition, span });

function checkPresence(expr: ExprOf<"Presence">, place: Place): Condition {
  const fact = namedOperandOf(expr.operand, place);
  if (fact === null || fact.kind === "Broken") return brokenCondition(expr.span, place);
  if (fact.kind !== "Fact" || fact.type.kind === "Record") {
    const subject = textOf(place.site, expr.operand.span);
    const found = describeOperand(fact);
    report(
      place.site,
      wrongOperator(expr.span, { operator: "is", subject, found, hint: "only single facts can be absent" }),
    );
    return brokenCondition(expr.span, place);
  }
  const present: Condition = { kind: "IsPresent", path: fact.path, span: expr.span };
  return expr.present ? present : { kind: "Not", operand: present, span: expr.span };
}

function checkQuantified(expr: ExprOf<"Quantified">, place: Place): Condition {
  const { quantifier, variable, span } = expr;
  const list = namedOperandOf(expr.list, place);
  const type = list?.kind === "Fact" && list.type.kind === "List" ? list.type.item : null;
  if (list === null || list.kind === "Broken") return brokenCondition(span, place);
  if (list.kind !== "Fact" || type === null) {
    const subject = textOf(place.site, expr.list.span);
    const found = list.kind === "Fact" ? describeType(list.type) : describeOperand(list);
    report(place.site, wrongOperator(span, { operator: quantifier, subject, found, hint: "it goes through a list" }));
    return brokenCondition(span, place);
  }
  requirePresence(list, place);
  reportShadowing(variable, place);
  place.site.tests++;
  const body = checkCondition(expr.body, inside(place, variable.text, type));
  return { kind: "Quantified", quantifier, list: list.path, body, span };
}

const inside = (place: Place, name: string, type: FactType): Place => ({
  ...place,
  variables: [...place.variables, { name, type }],
  present: insideQuantifier(place.present),
});

/** A variable with the name of something else would silently change what the body reads. */
function reportShadowing({ text: name, span }: ExprOf<"Quantified">["variable"], place: Place): void {
  if (place.site.checker.roots.has(name) || name === "always" || name === "counter")
    report(place.site, reservedName(span, { name }));
  else if (
    place.module.scope.has(name) ||
    place.bindings.has(name) ||
    place.variables.some((found) => found.name === name)
  )
    report(place.site, duplicateName(span, { name }));
}

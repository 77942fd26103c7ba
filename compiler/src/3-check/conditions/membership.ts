import type { Expr, ExprOf } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import { typeMismatch, wrongOperator } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Condition, FactPath, Window } from "../checked.js";
import { addressTest } from "../operands/addresses.js";
import { constantsOf, distinct, isRightSize, setConstantsOf } from "../operands/constants.js";
import { describeOperand } from "../operands/describe.js";
import { type FactOperand, memberOperand, namedOperandOf, type Operand, type SetOperand } from "../operands/operand.js";
import { brokenCondition, type Place, report, textOf } from "../site.js";
import { isComparable, notAFact, requirePresence, wrongFor } from "./comparison.js";

/** `x in ..`: a set, addresses, windows of time; and for `principal`, groups. */
export function checkIn(expr: ExprOf<"In">, place: Place): Condition {
  const left = namedOperandOf(expr.left, place);
  if (left?.kind === "Broken") return brokenCondition(expr.span, place);
  if (left?.kind !== "Fact") return notAFact(expr.left, left, "in", place, expr.span);
  if (isPrincipal(left)) return membership(left, expr.right, expr.span, place);
  requirePresence(left, place);
  const plural = `write \`${left.text} has any ..\` for a list`;
  if (!isComparable(left.type))
    return wrongFor("in", left, expr.span, place, left.type.kind === "List" ? plural : null);
  const right = namedOperandOf(expr.right, place);
  if (left.type.kind === "Time") return inWindow(left, right, expr, place);
  if (right?.kind === "Cidr") return inCidr(left, right, expr.span, place);
  const set = asSet(right, expr.right, left.text, place);
  const values = set && setConstantsOf(set, left.type, left.text, place);
  if (!values) return brokenCondition(expr.span, place);
  const isAddress = addressTest(left, distinct(values), expr.span, place);
  return isAddress ?? { kind: "In", path: left.path, values: distinct(values), span: expr.span };
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

function inCidr(
  fact: FactOperand,
  { ranges }: Extract<Operand, { readonly kind: "Cidr" }>,
  span: Span,
  place: Place,
): Condition {
  if (fact.type.kind === "Text" && fact.type.format === "ip") return { kind: "InCidr", path: fact.path, ranges, span };
  const found = "no address";
  const hint = "`cidr` is for addresses, such as `session.ip`; in a `define`, write `address: session.ip`";
  report(place.site, wrongOperator(span, { operator: "in cidr", subject: fact.text, found, hint }));
  return brokenCondition(span, place);
}

/** `now in freeze`, `now in {freeze, office_hours}`. */
function inWindow(fact: FactOperand, right: Operand | null, expr: ExprOf<"In">, place: Place): Condition {
  const { span } = expr;
  const windows = windowsOf(right, expr.right.span, place);
  if (windows === null) return brokenCondition(span, place);
  if (fact.path.root !== "now") {
    const found = "a point in time, and not `now`";
    report(
      place.site,
      wrongOperator(span, { operator: "in", subject: fact.text, found, hint: "windows are about `now`" }),
    );
    return brokenCondition(span, place);
  }
  for (const window of windows)
    if (window.kind === "weekly" && window.zone !== "UTC") place.site.checker.zones.add(window.zone);
  return { kind: "InWindow", windows, span };
}

/** The windows of an operand or of the members of a set; null, and reported, when something else is among them. */
function windowsOf(operand: Operand | null, span: Span, place: Place): readonly Window[] | null {
  if (operand?.kind === "Broken") return null;
  if (operand?.kind === "Window") return [operand.window];
  if (operand?.kind === "Set") {
    if (!isRightSize(operand, place)) return null;
    const members = operand.members.map((member) => windowsOf(memberOperand(member), member.span, place));
    return members.includes(null) ? null : members.flatMap((windows) => windows ?? []);
  }
  const found = operand === null ? "a condition" : describeOperand(operand);
  const hint = "declare one: `window freeze = 2026-12-20T00:00Z to 2027-01-02T00:00Z`";
  report(place.site, typeMismatch(span, { expected: "`now` lies in a window", found, subject: null, hint }));
  return null;
}

/** The set that `expr` is; null, and reported, when it is something else. */
export function setOperand(expr: Expr, subject: string, place: Place): SetOperand | null {
  return asSet(namedOperandOf(expr, place), expr, subject, place);
}

function asSet(operand: Operand | null, expr: Expr, subject: string, place: Place): SetOperand | null {
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

import type { Expr, ExprOf } from "../../1-parse/ast.js";
import { literalRegex, typeMismatch } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Condition, Regex } from "../checked.js";
import { blamedSpan } from "../operands/bindings.js";
import { isRightSize } from "../operands/constants.js";
import { describeOperand } from "../operands/describe.js";
import { globsOf, separatorOf } from "../operands/globs.js";
import { type FactOperand, memberOperand, namedOperandOf, type Operand } from "../operands/operand.js";
import { compileRegex } from "../regex/compile-regex.js";
import { brokenCondition, type Place, report } from "../site.js";
import { notAFact, requirePresence, wrongFor } from "./comparison.js";

/** `x like "..*"` and `x matches "..+"`: patterns of either sort, over one text. */
export function checkLike(expr: ExprOf<"Like">, place: Place): Condition {
  const left = textFact(expr, "like", place);
  if (left === null) return brokenCondition(expr.span, place);
  const separator = separatorOf(left.type.format);
  const outputs = patternsOf(expr.right, "like", place).map(({ text, span }) => globsOf(text, separator, span));
  for (const diagnostic of outputs.flatMap((output) => output.diagnostics)) report(place.site, diagnostic);
  return { kind: "Like", path: left.path, globs: outputs.flatMap((output) => output.globs), span: expr.span };
}

export function checkMatches(expr: ExprOf<"Matches">, place: Place): Condition {
  const left = textFact(expr, "matches", place);
  if (left === null) return brokenCondition(expr.span, place);
  const patterns = patternsOf(expr.right, "matches", place).flatMap(
    (pattern) => regexOf(pattern, left.text, place) ?? [],
  );
  return { kind: "Matches", path: left.path, patterns, span: expr.span };
}

/** A pattern without any sign of its own means nothing but itself: its author took `matches` for a search. */
function regexOf({ text, span }: Pattern, subject: string, place: Place): Regex | null {
  const output = compileRegex(text, span, place.site.checker.regexes);
  if (output.kind === "problem") report(place.site, output.diagnostic);
  else if (output.isPlain) report(place.site, literalRegex(span, { pattern: text.slice(0, 64), subject }));
  return output.kind === "regex" ? output.regex : null;
}

type TextFact = FactOperand & { readonly type: Extract<FactOperand["type"], { readonly kind: "Text" }> };

/** The text on the left of a pattern; null, and reported, when it is none. */
function textFact(
  { left, span }: ExprOf<"Like" | "Matches">,
  operator: "like" | "matches",
  place: Place,
): TextFact | null {
  const fact = namedOperandOf(left, place);
  if (fact?.kind === "Broken") return null;
  if (fact?.kind !== "Fact") {
    notAFact(left, fact, operator, place, span);
    return null;
  }
  requirePresence(fact, place);
  const { type } = fact;
  if (type.kind === "Text") return { ...fact, type };
  const quantified = `write \`any x in ${fact.text} where (x ${operator} ..)\``;
  wrongFor(operator, fact, span, place, type.kind === "List" ? quantified : null);
  return null;
}

interface Pattern {
  readonly text: string;
  readonly span: Span;
}

/** The texts on the right: one, or those of a set. What is not text is reported and left out. */
function patternsOf(expr: Expr, operator: string, place: Place): readonly Pattern[] {
  const operand = namedOperandOf(expr, place);
  if (operand?.kind !== "Set") return patternOf(operand, operator, blamedSpan(expr, place), place);
  if (!isRightSize(operand, place)) return [];
  return operand.members.flatMap((member) => patternOf(memberOperand(member), operator, member.span, place));
}

function patternOf(operand: Operand | null, operator: string, span: Span, place: Place): readonly Pattern[] {
  if (operand?.kind === "Broken") return [];
  if (operand?.kind === "Constant" && typeof operand.value === "string") return [{ text: operand.value, span }];
  if (operand?.kind === "Fact" && operand.isSample && operand.type.kind === "Text") return [];
  const found = operand === null ? "a condition" : describeOperand(operand);
  report(place.site, typeMismatch(span, { expected: `\`${operator}\` takes text`, found, subject: null }));
  return [];
}

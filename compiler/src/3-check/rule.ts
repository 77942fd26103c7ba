import type { BodyLine, Expr, RuleItem } from "../1-parse/ast.js";
import type { ResolvedModule } from "../2-resolve/resolve.js";
import { advisoryAllow, conditionTooLarge, incompleteRestriction } from "../diagnostics/catalog.js";
import { limits } from "../source/limits.js";
import type { Span } from "../source/source-file.js";
import { approvalOf } from "./approval.js";
import type { CheckedEffect, CheckedExample, CheckedRule, Condition, FactPath } from "./checked.js";
import { checkCondition, negation } from "./condition.js";
import { reportKnowledge, ruleFamilies } from "./families.js";
import { exampleOf } from "./fixture.js";
import { maskOf } from "./mask.js";
import { presentWhenFalse, presentWhenTrue } from "./presence.js";
import { type Checker, newSite, type Place, placeIn, report } from "./site.js";

export interface RuleOutput {
  /** One rule; two for `allow .. after approval`. */
  readonly rules: readonly CheckedRule[];
  readonly examples: readonly CheckedExample[];
}

/** Checks one rule of `module`, which is `moduleIndex` among the modules of the result. */
export function checkRule(item: RuleItem, module: ResolvedModule, moduleIndex: number, checker: Checker): RuleOutput {
  const id = `${module.name}/${item.id.value}`;
  const place = placeIn(newSite(checker, module, id, item.rule.kind !== "allow"));
  const condition = conditionOf(item, place);
  const effects = effectsOf(item, place);
  reportSize(item.head, place);
  reportLevel(item, place);
  reportKnowledge(item, place);
  const families = ruleFamilies(item, place);
  const common = { id, module: moduleIndex, families, level: item.level, condition, span: item.head };
  return {
    rules: effects.map((effect) => ({ ...common, effect, ...textsOf(item.body) })),
    examples: item.body.flatMap((line) => (line.kind === "example" ? (exampleOf(line, id, place) ?? []) : [])),
  };
}

/** `when A unless B` is `A and not B`. What `unless x is absent` says about presence holds in `when` too. */
function conditionOf(item: RuleItem, place: Place): Condition {
  const present = item.unless.flatMap(absenceGuards).flatMap((expr) => presentWhenFalse(checkQuietly(expr, place)));
  const when = item.when === null ? null : checkCondition(item.when, { ...place, present });
  const operands = when === null ? [] : [when];
  let known: readonly FactPath[] = when === null ? [] : presentWhenTrue(when);
  for (const unless of item.unless) {
    const excuse = checkCondition(unless, { ...place, present: known });
    known = [...known, ...presentWhenFalse(excuse)];
    operands.push(negation(excuse, excuse.span));
  }
  const [first] = operands;
  if (first === undefined) return { kind: "Constant", value: true, span: item.head };
  return operands.length === 1 ? first : { kind: "And", operands, span: spanOf(operands) };
}

/** The parts of an `unless` that say `x is absent`: all it takes to know about presence. */
function absenceGuards(expr: Expr): readonly Expr[] {
  if (expr.kind === "Or") return expr.operands.flatMap(absenceGuards);
  return expr.kind === "Presence" && !expr.present ? [expr] : [];
}

/**
 * The condition of a presence test that is checked, and reported, again in its own place. By INVARIANT of phase 3 every `let`
 * has been checked before the first rule, so that nothing said here for the first time is lost.
 */
function checkQuietly(expr: Expr, place: Place): Condition {
  const checker = { ...place.site.checker, diagnostics: [] };
  return checkCondition(expr, { ...place, site: { ...place.site, checker, reads: [], tests: 0 } });
}

function spanOf(operands: readonly Condition[]): Span {
  const spans = operands.map((operand) => operand.span);
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  return { file: spans[0]?.file ?? 0, start, end };
}

function effectsOf({ rule, body }: RuleItem, place: Place): readonly CheckedEffect[] {
  switch (rule.kind) {
    case "allow": {
      const evenIfIncomplete = body.some((line) => line.kind === "even if incomplete");
      const allow: CheckedEffect = { kind: "allow", evenIfIncomplete };
      if (rule.after === null) return [allow];
      return [allow, { kind: "approve", approval: approvalOf(rule.after, place) }];
    }
    case "block":
      return [{ kind: "block" }];
    case "approve":
      return [{ kind: "approve", approval: approvalOf(rule.approvers, place) }];
    case "mask":
      return [{ kind: "mask", mask: maskOf(rule, place) }];
  }
}

function textsOf(body: readonly BodyLine[]): Pick<CheckedRule, "why" | "fix" | "controls"> {
  const textOf = (kind: "why" | "fix"): string | null => {
    const line = body.find((found) => found.kind === kind);
    return line !== undefined && "text" in line ? line.text.value : null;
  };
  const controls = body.flatMap((line) => (line.kind === "control" ? [line.id] : []));
  return { why: textOf("why"), fix: textOf("fix"), controls: [...new Set(controls)] };
}

function reportSize(span: Span, { site }: Place): void {
  if (site.tests > limits.condition_tests_max) report(site, conditionTooLarge(span, {}));
}

function reportLevel(item: RuleItem, { site }: Place): void {
  const rule = item.id.value;
  if (item.rule.kind === "allow" && item.level === "advisory") report(site, advisoryAllow(item.head, { rule }));
  const line = item.body.find((found) => found.kind === "even if incomplete");
  if (line !== undefined && item.rule.kind !== "allow") report(site, incompleteRestriction(line.span, { rule }));
}

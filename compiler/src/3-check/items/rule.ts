import type { BodyLine, ExceptionItem, Expr, ProofItem, RuleItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { conditionTooLarge } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import type { CheckedExample, CheckedRule, CheckedUnless, Condition, FactPath } from "../checked.js";
import { checkCondition, negation } from "../conditions/condition.js";
import { presentWhenFalse, presentWhenTrue } from "../conditions/presence.js";
import { exampleOf } from "../examples/subjects.js";
import { type Checker, newSite, type Place, placeIn, report } from "../site.js";
import { type EffectBeforeNumbers, effectsOf, reportLevel, settingsOf } from "./effects.js";
import { reportKnowledge, ruleFamilies } from "./families.js";

export interface RuleOutput {
  /** One rule; two for `allow .. after approval`. */
  readonly rules: readonly RuleBeforeNumbers[];
  readonly examples: readonly CheckedExample[];
}

/** A rule before the detectors of the policy have their numbers. */
export type RuleBeforeNumbers = Omit<CheckedRule, "effect"> & { readonly effect: EffectBeforeNumbers };

/** Checks one rule of `module`, which is `moduleIndex` among the modules of the result. */
export function checkRule(item: RuleItem, module: ResolvedModule, moduleIndex: number, checker: Checker): RuleOutput {
  const id = `${module.name}/${item.id.value}`;
  const place = placeIn(newSite(checker, module, id, item.rule.kind !== "allow"));
  const { condition, unless } = clausesOf(item, place);
  const effects = effectsOf(item, place);
  reportSize(item.head, place);
  reportLevel(item, place);
  reportKnowledge(item, place);
  const families = ruleFamilies(item, place);
  const own = unless.length === 0 ? { condition } : { condition, unless };
  const common = { id, module: moduleIndex, families, level: item.level, ...own, span: item.head };
  const said = { ...textsOf(item.body), ...settingsOf(item, place) };
  return {
    rules: effects.map((effect) => ({ ...common, effect, ...said })),
    examples: item.body.flatMap((line) => (line.kind === "example" ? (exampleOf(line, id, place) ?? []) : [])),
  };
}

export const conditionOf = (item: RuleItem | ExceptionItem | ProofItem, place: Place): Condition =>
  clausesOf(item, place).condition;

/** `when A unless B` is `A and not B`. What `unless x is absent` says about presence holds in `when` too. */
function clausesOf(
  item: RuleItem | ExceptionItem | ProofItem,
  place: Place,
): Required<Pick<CheckedRule, "condition" | "unless">> {
  const present = item.unless.flatMap(absenceGuards).flatMap((expr) => presentWhenFalse(checkQuietly(expr, place)));
  const when = item.when === null ? null : checkCondition(item.when, { ...place, present });
  const operands = when === null ? [] : [when];
  const written: CheckedUnless[] = [];
  let known: readonly FactPath[] = when === null ? [] : presentWhenTrue(when);
  for (const unless of item.unless) {
    const excuse = checkCondition(unless, { ...place, present: known });
    known = [...known, ...presentWhenFalse(excuse)];
    const operand = negation(excuse, excuse.span);
    operands.push(operand);
    written.push({ operand, span: unless.span });
  }
  const [first = { kind: "Constant", value: true, span: item.span } as const] = operands;
  const condition: Condition = operands.length > 1 ? { kind: "And", operands, span: spanOf(operands) } : first;
  return { condition, unless: written };
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

function textsOf(body: readonly BodyLine[]): Pick<CheckedRule, "why" | "fix" | "controls"> {
  const textOf = (kind: "why" | "fix"): string | null => {
    const line = body.find((found) => found.kind === kind);
    return line !== undefined && "text" in line ? line.text.value : null;
  };
  const controls = body.flatMap((line) => (line.kind === "control" ? [line.id] : []));
  return { why: textOf("why"), fix: textOf("fix"), controls: [...new Set(controls)] };
}

/** Reports a condition that is too large (HPL6008). */
export function reportSize(span: Span, { site }: Place): void {
  if (site.tests > limits.condition_tests_max) report(site, conditionTooLarge(span, {}));
}

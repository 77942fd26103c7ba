import type { CheckedPolicy, CheckedRule, Condition } from "../../3-check/checked.js";
import type { Span } from "../../source/source-file.js";
import { conditionOf, invariants } from "../invariants.js";
import { conditionOfRule } from "../verdicts.js";

/** One of the conditions that must all hold for a rule to fire, and what a reader knows it by. */
export interface Clause {
  readonly condition: Condition;
  /** As the author wrote it, or why it holds of every action. */
  readonly text: string;
}

/** A clause in a message is no longer than this. */
const text_max = 120;

/** The clauses of `rule` in the order of the source: its module's `for`, `when` split at `and`, each `unless`; then what every action keeps to. */
export function clausesOf(policy: CheckedPolicy, rule: CheckedRule): readonly Clause[] {
  const module = policy.modules[rule.module];
  const textAt = (span: Span): string => clip(sourceText(policy, span));
  const scope = module === undefined ? [] : conjuncts(module.scope);
  const excused = new Map(rule.unless?.map(({ operand, span }) => [operand, span]));
  const own = (excused.has(rule.condition) ? [rule.condition] : conjuncts(rule.condition, excused)).map(
    (condition): Clause => {
      const excuse = excused.get(condition);
      return { condition, text: excuse === undefined ? textAt(condition.span) : `unless ${textAt(excuse)}` };
    },
  );
  return [
    ...scope.map((condition) => ({ condition, text: `for ${textAt(condition.span)}` })),
    ...own,
    ...invariants
      .filter(({ family }) => rule.families[0] === family)
      .map((each) => ({ condition: conditionOf(each), text: each.why })),
    ...exceptionsOf(policy, rule),
  ];
}

/** What exceptions leave of a rule is one clause: none of them has a place in the rule. */
function exceptionsOf(policy: CheckedPolicy, rule: CheckedRule): readonly Clause[] {
  if (!policy.exceptions.some((each) => each.rule === rule.id)) return [];
  return [{ condition: conditionOfRule(policy, rule), text: "its exceptions" }];
}

/** The operands of `condition` and of the conjunctions in it; a key of `whole` stays as it is. */
export function conjuncts(
  condition: Condition,
  whole: ReadonlyMap<Condition, unknown> = new Map(),
): readonly Condition[] {
  if (condition.kind !== "And" || whole.has(condition)) return [condition];
  return condition.operands.flatMap((operand) => conjuncts(operand, whole));
}

/** What stands at `span`, on one line. */
export const sourceText = ({ sources }: CheckedPolicy, { file, start, end }: Span): string =>
  (sources[file]?.text.slice(start, end) ?? "").replaceAll(/\s+/g, " ").trim();

const clip = (text: string): string => (text.length > text_max ? `${text.slice(0, text_max - 2)}..` : text);

import type { CheckedPolicy, CheckedRule, Condition } from "../3-check/checked.js";
import type { Span } from "../source/source-file.js";
import { changesAt, operandsOf, replaceIn } from "./change-conditions.js";

/** A policy with one small mistake in it. */
export interface Mutant {
  /** `module/rule`, or the module's name when its default or its scope was changed. */
  readonly rule: string;
  /** Where the change was made. */
  readonly span: Span;
  /** What was changed, in words. */
  readonly change: string;
  /** Builds the policy: there are many mutants, and each is wanted once. */
  readonly policy: () => CheckedPolicy;
}

/**
 * All mutants of `policy`: rules and their parts removed, defaults swapped, and each condition changed at one place. Only what
 * stands in the first `files_count` sources is changed; of a `let` that several rules use, all uses at once, as in the text.
 * In the order of the sources. O(size of the policy).
 */
export function mutantsOf(policy: CheckedPolicy, files_count: number): readonly Mutant[] {
  const found = [
    ...defaultMutants(policy),
    ...ruleMutants(policy),
    ...exceptionMutants(policy),
    ...conditionMutants(policy),
  ];
  return found
    .filter(({ span }) => span.file < files_count)
    .toSorted((a, b) => a.span.file - b.span.file || a.span.start - b.span.start);
}

function defaultMutants(policy: CheckedPolicy): readonly Mutant[] {
  return policy.modules.flatMap((module, i): readonly Mutant[] => {
    const { default: base } = module;
    if (base === null) return [];
    const verdict = base.verdict === "allow" ? "block" : "allow";
    const changed = { ...module, default: { verdict, span: base.span } as const };
    const change = `\`default ${nameOf[base.verdict]}\` became \`default ${verdict}\``;
    return [
      {
        rule: module.name,
        span: base.span,
        change,
        policy: () => ({ ...policy, modules: policy.modules.with(i, changed) }),
      },
    ];
  });
}

const nameOf = { allow: "allow", approve: "require approval", block: "block" } as const;

function ruleMutants(policy: CheckedPolicy): readonly Mutant[] {
  return policy.rules.flatMap((rule, i) => [
    mutantOfRule(policy, rule, `${whatIs(policy, rule)} was removed`, () => policy.rules.toSpliced(i, 1)),
    ...changedEffects(rule).map(([change, effect]) =>
      mutantOfRule(policy, rule, change, () => policy.rules.with(i, { ...rule, effect })),
    ),
  ]);
}

const mutantOfRule = (
  policy: CheckedPolicy,
  { id, span }: CheckedRule,
  change: string,
  rules: () => readonly CheckedRule[],
): Mutant => ({ rule: id, span, change, policy: () => ({ ...policy, rules: rules() }) });

/** An `allow .. after approval` is two rules of one id. */
function whatIs({ rules }: CheckedPolicy, { id, effect }: CheckedRule): string {
  const isPair = rules.filter((other) => other.id === id).length > 1;
  if (!isPair) return "the rule";
  return effect.kind === "approve" ? "`after approval`" : "the grant";
}

type ChangedEffect = readonly [change: string, effect: CheckedRule["effect"]];

function changedEffects({ effect }: CheckedRule): readonly ChangedEffect[] {
  if (effect.kind === "allow")
    return effect.evenIfIncomplete
      ? [["`even if incomplete` was removed", { ...effect, evenIfIncomplete: false }]]
      : [];
  if (effect.kind === "approve") {
    const { approval } = effect;
    return approval.all.flatMap(({ group, count }, i): readonly ChangedEffect[] =>
      count === 1
        ? []
        : [
            [
              `${count} of \`${group}\` became ${count - 1}`,
              { ...effect, approval: { ...approval, all: approval.all.with(i, { group, count: count - 1 }) } },
            ],
          ],
    );
  }
  if (effect.kind !== "mask") return [];
  const { mask } = effect;
  return mask.tiers.map(
    (tier, i): ChangedEffect => [
      `\`but ${tier.transform.kind}\` was removed`,
      { ...effect, mask: { ...mask, tiers: mask.tiers.toSpliced(i, 1) } },
    ],
  );
}

const exceptionMutants = (policy: CheckedPolicy): readonly Mutant[] =>
  policy.exceptions.map(({ id, span }, i) => ({
    rule: id,
    span,
    change: "the exception was removed",
    policy: () => ({ ...policy, exceptions: policy.exceptions.toSpliced(i, 1) }),
  }));

/** Every condition of the policy, and whose it is. */
function ownConditions({ modules, rules, exceptions }: CheckedPolicy): readonly (readonly [string, Condition])[] {
  return [
    ...modules.map(({ name, scope }) => [name, scope] as const),
    ...rules.flatMap(({ id, condition, effect }) => [
      [id, condition] as const,
      ...(effect.kind === "mask" ? effect.mask.tiers.map((tier) => [id, tier.condition] as const) : []),
    ]),
    ...exceptions.map(({ id, condition }) => [id, condition] as const),
  ];
}

function conditionMutants(policy: CheckedPolicy): readonly Mutant[] {
  const found = new Map<string, Mutant>();
  const add = (rule: string, node: Condition, change: string, changed: Condition): void => {
    const key = `${keyOf(node)} ${change}`;
    if (found.has(key)) return;
    const replace = (other: Condition) => (keyOf(other) === keyOf(node) ? changed : null);
    found.set(key, { rule, span: node.span, change, policy: () => mapConditions(policy, replace) });
  };
  for (const [rule, condition] of ownConditions(policy)) {
    if (condition.kind !== "Constant") add(rule, condition, "the condition became `always`", always(condition, true));
    visit(policy, condition, (node) => {
      for (const { text, changed } of changesAt(node)) add(rule, node, text, changed);
      if (node.kind !== "And" && node.kind !== "Or") return;
      for (const operand of node.operands)
        add(rule, operand, `${clauseText(policy, operand)} was removed`, always(operand, node.kind === "And"));
    });
  }
  return [...found.values()];
}

/** A clause that is true changes nothing of an `and`, one that is false nothing of an `or`. */
const always = ({ span }: Condition, value: boolean): Condition => ({ kind: "Constant", value, span });

/** Nodes that stand at one place of the text are one: those of a `let`, wherever it is used. */
const keyOf = ({ kind, span }: Condition): string => `${kind} ${span.file}:${span.start}:${span.end}`;

/** Enters `condition` and what is below it, but not a `let` of another file: that has tests of its own, and here it is one name. */
function visit(policy: CheckedPolicy, condition: Condition, enter: (condition: Condition) => void): void {
  if (/^[\w.]+$/.test(textAt(policy, condition.span))) return;
  enter(condition);
  for (const operand of operandsOf(condition)) visit(policy, operand, enter);
}

const textAt = ({ sources }: CheckedPolicy, { file, start, end }: Span): string =>
  sources[file]?.text.slice(start, end) ?? "";

/** An excuse is the clause that the text introduces by `unless`. */
function clauseText({ sources }: CheckedPolicy, { kind, span }: Condition): string {
  const before = sources[span.file]?.text.slice(Math.max(0, span.start - 40), span.start) ?? "";
  return kind === "Not" && /\bunless[\s(]*$/.test(before) ? "`unless`" : "the clause";
}

/** Items without the condition stay the same objects: so it shows which rules a mutant touches. */
function mapConditions(policy: CheckedPolicy, replace: (condition: Condition) => Condition | null): CheckedPolicy {
  const map = (condition: Condition): Condition => replaceIn(condition, replace);
  return {
    ...policy,
    modules: policy.modules.map((module) => {
      const scope = map(module.scope);
      return scope === module.scope ? module : { ...module, scope };
    }),
    rules: policy.rules.map((rule) => {
      const [condition, effect] = [map(rule.condition), mapEffect(rule.effect, map)];
      return condition === rule.condition && effect === rule.effect ? rule : { ...rule, condition, effect };
    }),
    exceptions: policy.exceptions.map((exception) => {
      const condition = map(exception.condition);
      return condition === exception.condition ? exception : { ...exception, condition };
    }),
  };
}

function mapEffect(effect: CheckedRule["effect"], map: (condition: Condition) => Condition): CheckedRule["effect"] {
  if (effect.kind !== "mask") return effect;
  const tiers = effect.mask.tiers.map((tier) => ({ ...tier, condition: map(tier.condition) }));
  const isSame = tiers.every(({ condition }, i) => condition === effect.mask.tiers[i]?.condition);
  return isSame ? effect : { ...effect, mask: { ...effect.mask, tiers } };
}

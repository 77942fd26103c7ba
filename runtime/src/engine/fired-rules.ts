/**
 * What a decision says of each rule, exception and default that took part: made once, and shown again whenever it does.
 * A decision on new facts is mostly words, and nearly always the same ones. They are frozen, because many decisions share them.
 */
import type { FiredRule, RuleEffect, SourceSpan } from "../abi/decision.js";
import { type ModuleMetaRule, type PackedSpan, unpackSpan } from "../abi/meta.js";
import type { LoadedModule } from "./load.js";
import type { CountedRule } from "./read-result.js";

/** What the author wrote for a rule. */
export type RuleText = Pick<ModuleMetaRule, "why" | "fix">;

export interface FiredRules {
  rule(counted: CountedRule): FiredRule;
  exception(index: number): FiredRule;
  /** The default of the module `index`; `must` when its scope is definitely true. */
  default(index: number, must: boolean): FiredRule;
  /** Of one of these, which need not be a rule. */
  textOf(fired: FiredRule): RuleText;
}

const noText: RuleText = { why: null, fix: null };

export function openFiredRules({ meta, map }: LoadedModule): FiredRules {
  const rules: FiredRule[] = [];
  const exceptions: FiredRule[] = [];
  const defaults: FiredRule[] = [];
  const texts = new Map<FiredRule, RuleText>();
  const spanOf = (packed: PackedSpan | undefined): SourceSpan => {
    const span = packed === undefined ? null : unpackSpan(map, packed);
    if (span === null) throw new Error("HPL9001: the source map lacks a place");
    return span;
  };
  const makeRule = ({ rule: index, must, asks }: CountedRule): FiredRule => {
    const rule = known(meta.rules[index]);
    const advisory = rule.level === "advisory" ? { advisory: true as const } : {};
    const effect = asks ? "approve" : rule.effect;
    const span = spanOf(map.rules[index]);
    const fired: FiredRule = { id: rule.id, effect, certainty: certaintyOf(must), ...advisory, span };
    texts.set(fired, rule);
    return fired;
  };
  const makeException = (index: number): FiredRule => {
    const { id } = known(meta.exceptions[index]);
    return { id, effect: "exception", certainty: "must", span: spanOf(map.exceptions[index]) };
  };
  const makeDefault = (index: number, must: boolean): FiredRule => {
    const { name, default: verdict } = known(meta.modules[index]);
    const effect: RuleEffect = known(verdict ?? undefined);
    return { id: `${name}/default`, effect, certainty: certaintyOf(must), span: spanOf(map.modules[index]) };
  };
  return {
    rule: (counted) => (rules[slotOf(counted)] ??= Object.freeze(makeRule(counted))),
    exception: (index) => (exceptions[index] ??= Object.freeze(makeException(index))),
    default: (index, must) => (defaults[index * 2 + (must ? 1 : 0)] ??= Object.freeze(makeDefault(index, must))),
    textOf: (fired) => texts.get(fired) ?? noText,
  };
}

/** A rule has four entries: it fired certainly or perhaps, and it demands what it says or asks people instead. */
const slotOf = ({ rule, must, asks }: CountedRule): number => rule * 4 + (must ? 2 : 0) + (asks ? 1 : 0);

const certaintyOf = (must: boolean): FiredRule["certainty"] => (must ? "must" : "may");

function known<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("HPL9001: the kernel named what the module does not have");
  return part;
}

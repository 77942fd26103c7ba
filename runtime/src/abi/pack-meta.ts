import type { ModuleMeta, ModuleMetaRule } from "./meta.js";

/** What most rules are, so that a module need not say it of each. */
const commonRule = {
  level: "soft",
  approval: null,
  why: null,
  fix: null,
  controls: [],
  on_unknown: "restrict",
  limit: null,
  detect: null,
  audit: null,
} as const satisfies Omit<ModuleMetaRule, "id" | "effect" | "families">;

/** `ModuleMeta` as it stands in a module: of a rule, only what is not common. */
export interface PackedMeta extends Omit<ModuleMeta, "rules"> {
  readonly rules: readonly PackedRule[];
}
type PackedRule = Pick<ModuleMetaRule, "id" | "effect" | "families"> & Partial<ModuleMetaRule>;

export const packMeta = (meta: ModuleMeta): PackedMeta => ({ ...meta, rules: meta.rules.map(packRule) });

export const unpackMeta = (packed: PackedMeta): ModuleMeta => ({ ...packed, rules: packed.rules.map(unpackRule) });

/** Field by field: a module has thousands of rules, and spreading two objects into a third takes ten times as long. */
const unpackRule = (rule: PackedRule): ModuleMetaRule => ({
  id: rule.id,
  effect: rule.effect,
  families: rule.families,
  level: rule.level ?? commonRule.level,
  approval: rule.approval ?? null,
  why: rule.why ?? null,
  fix: rule.fix ?? null,
  controls: rule.controls ?? commonRule.controls,
  on_unknown: rule.on_unknown ?? commonRule.on_unknown,
  limit: rule.limit ?? null,
  detect: rule.detect ?? null,
  audit: rule.audit ?? null,
});

function packRule(rule: ModuleMetaRule): PackedRule {
  const { id, effect, families } = rule;
  const own = Object.entries(rule).filter(([name, value]) => !isCommon(name, value));
  return { ...Object.fromEntries(own), id, effect, families };
}

function isCommon(name: string, value: unknown): boolean {
  if (!Object.hasOwn(commonRule, name)) return false;
  return JSON.stringify(value) === JSON.stringify(commonRule[name as keyof typeof commonRule]);
}

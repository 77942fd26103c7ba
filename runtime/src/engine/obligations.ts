/**
 * The obligations of one action: masks, then the approval, then the limit, then what is to be looked for in its output.
 *
 * In: which rules fired, by the kernel. Out: what the enforcer must do. Obligations of several rules unite: approvals conjoin,
 * limits take the minimum, detectors add up; the kernel has united the masks.
 */
import type { DetectObligation, LimitObligation, MaskObligation, Obligation } from "../abi/decision.js";
import { FALSE } from "../abi/layout.js";
import type { ModuleMetaApproval, ModuleMetaRule } from "../abi/meta.js";
import type { Action } from "../facts/action.js";
import { isUnknown, itemsOf } from "../facts/fact.js";
import type { LoadedModule } from "./load.js";
import type { KernelResult } from "./read-result.js";

export function obligationsOf(
  module: LoadedModule,
  result: KernelResult,
  action: Action,
  index: number,
): readonly Obligation[] {
  const rules = rulesThatOblige(module, result);
  if (rules.length === 0 && result.masks.length === 0 && result.verdict !== "approve") return [];
  const masks = result.masks.map((mask) => maskObligation(module, action, index, mask));
  const approvals = result.verdict === "approve" ? approvalObligations(module, result, action, index) : [];
  return [...masks, ...approvals, ...limitObligations(rules, index), ...detectObligations(rules, index)];
}

/** Limits and masks of values that fire. A loop, because every decision comes through here and few have any. */
function rulesThatOblige({ meta }: LoadedModule, result: KernelResult): readonly ModuleMetaRule[] {
  const rules: ModuleMetaRule[] = [];
  for (const { rule } of result.rules) {
    const own = meta.rules[rule];
    if (own === undefined || own.level === "advisory") continue;
    if (own.limit !== null || own.detect !== null) rules.push(own);
  }
  return rules;
}

/** Modules whose default is the base verdict: those that govern the family and are not definitely out of scope. */
export function usedDefaults({ meta }: LoadedModule, result: KernelResult, family: string): readonly number[] {
  if (result.defaults === null) return [];
  const used: number[] = [];
  for (const [i, module] of meta.modules.entries()) {
    const applies = module.families.includes(family) && result.scopes[i] !== FALSE;
    if (applies && module.default === result.defaults) used.push(i);
  }
  return used;
}

function maskObligation(
  module: LoadedModule,
  action: Action,
  index: number,
  mask: KernelResult["masks"][number],
): MaskObligation {
  const column = action.opaque || action.family !== "sql" ? undefined : itemsOf(action.facts.columns)[mask.column];
  const isKnown = column !== undefined && !isUnknown(column);
  return {
    type: "mask",
    action: index,
    index: mask.column,
    name: isKnown && typeof column.name === "string" ? column.name : "?",
    source: isKnown ? itemsOf(column.sources).flatMap((source) => (isUnknown(source) ? [] : [source])) : [],
    transform: module.meta.transforms[mask.transform] ?? "redact",
    rule: module.meta.rules[mask.rule]?.id ?? "?",
  };
}

/**
 * All approvals an action needs: the greatest count a group, the shortest time. None when it is held for the sake of the action
 * it is part of alone: that one says who is asked.
 */
function approvalObligations(
  module: LoadedModule,
  result: KernelResult,
  action: Action,
  index: number,
): readonly Obligation[] {
  const approvals = [
    ...result.rules.flatMap(({ rule, asks }) => approvalOf(module.meta.rules[rule], asks)),
    ...usedDefaults(module, result, action.family).flatMap((i) => module.meta.modules[i]?.approval ?? []),
  ];
  if (approvals.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { group, count } of approvals.flatMap((approval) => approval.all)) {
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  }
  const all = [...counts].map(([group, count]) => ({ group, count })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  const within_s = Math.min(...approvals.map((approval) => approval.within_s));
  return [{ type: "approval", action: index, all, within_s, binding: module.meta.semantic_digest }];
}

function approvalOf(rule: ModuleMetaRule | undefined, asks: boolean): readonly ModuleMetaApproval[] {
  if (rule === undefined || rule.level === "advisory") return [];
  if (asks) return typeof rule.on_unknown === "string" ? [] : [rule.on_unknown];
  return rule.approval === null ? [] : [rule.approval];
}

/** At most one: the least of each amount that any rule limits. */
function limitObligations(rules: readonly ModuleMetaRule[], action: number): readonly LimitObligation[] {
  const limits = rules.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  if (limits.length === 0) return [];
  const rows = least(limits.map((limit) => limit.rows));
  const time_ms = least(limits.map((limit) => limit.time_ms));
  const bytes = least(limits.map((limit) => limit.bytes));
  return [
    {
      type: "limit",
      action,
      ...(rows === null ? {} : { rows }),
      ...(time_ms === null ? {} : { time_ms }),
      ...(bytes === null ? {} : { bytes }),
    },
  ];
}

function least(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : Math.min(...known);
}

const detectObligations = (rules: readonly ModuleMetaRule[], action: number): readonly DetectObligation[] =>
  rules.flatMap(({ id, detect }) =>
    detect === null ? [] : [{ type: "detect", action, set: detect.set, transform: detect.transform, rule: id }],
  );

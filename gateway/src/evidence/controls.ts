/**
 * Which controls the rules of a policy serve, and which decisions show them at work.
 *
 * In: the policies of a period, their modules beside the log. Out: for each decision the controls of the rules that took part;
 * for each control its rules and how often each took part. A control that no rule serves, a rule that never took part, are
 * told: both are findings of an audit. Absent: what a control asks for.
 */
import { loadPolicy } from "@hpl/runtime";
import { readBlob } from "../audit/blobs.js";
import type { Item, PeriodRecord, Revision } from "./read-period.js";

/** Controls by rule id, of one policy. */
export type ControlsByRule = ReadonlyMap<string, readonly string[]>;

export interface ControlSummary {
  readonly control: string;
  readonly rules: readonly { readonly id: string; readonly decisions: number }[];
  readonly decisions: number;
  /** What an auditor must be told; empty when there is nothing. */
  readonly findings: readonly string[];
}

/** The controls of each revision's rules, by its digest. A module that is not there has none. */
export function controlsOf(
  folder: string,
  revisions: ReadonlyMap<string, Revision>,
): ReadonlyMap<string, ControlsByRule> {
  return new Map(
    [...revisions].map(([digest, { module_sha256 }]) => [digest, readControls(folder, module_sha256)] as const),
  );
}

function readControls(folder: string, module_sha256: string | null): ControlsByRule {
  const bytes = module_sha256 === null ? null : readBlob(folder, module_sha256);
  const loaded = bytes === null ? null : loadPolicy(bytes);
  if (!loaded?.ok) return new Map();
  const byRule = new Map<string, readonly string[]>();
  for (const { id, controls } of loaded.policy.meta.rules) byRule.set(id, [...(byRule.get(id) ?? []), ...controls]);
  return byRule;
}

/** Rules of an item that serve `control`, or any control when it is null. */
export function servingRules(
  { decision: { detail } }: Item,
  controls: ReadonlyMap<string, ControlsByRule>,
  control: string | null,
): readonly { readonly rule: string; readonly controls: readonly string[] }[] {
  const byRule = controls.get(detail.policy_digest) ?? new Map<string, readonly string[]>();
  const ids: readonly string[] = detail.decision.rules.map(({ id }: { readonly id: string }) => id);
  return [...new Set(ids)]
    .map((rule) => ({ rule, controls: byRule.get(rule) ?? [] }))
    .filter((each) => (control === null ? each.controls.length > 0 : each.controls.includes(control)));
}

/** Every control of the period's policies, and `asked`, with its rules and findings. Sorted by name. */
export function summarize(
  { items, revisions }: PeriodRecord,
  controls: ReadonlyMap<string, ControlsByRule>,
  asked: string | null,
): readonly ControlSummary[] {
  const used = new Set([...items.map(({ decision }) => decision.detail.policy_digest), ...revisions.keys()]);
  const rulesOf = new Map<string, Set<string>>();
  for (const digest of used)
    for (const [rule, names] of controls.get(digest) ?? [])
      for (const name of names) rulesOf.set(name, (rulesOf.get(name) ?? new Set()).add(rule));
  const names = asked === null ? [...rulesOf.keys()] : [asked];
  return names.toSorted().map((control) => {
    const serving = items.map((item) => servingRules(item, controls, control)).filter((rules) => rules.length > 0);
    const decisionsOf = (id: string): number => serving.filter((rules) => rules.some(({ rule }) => rule === id)).length;
    const rules = [...(rulesOf.get(control) ?? [])].toSorted().map((id) => ({ id, decisions: decisionsOf(id) }));
    return { control, rules, decisions: serving.length, findings: findingsOf(control, rules) };
  });
}

function findingsOf(control: string, rules: ControlSummary["rules"]): readonly string[] {
  if (rules.length === 0) return [`no rule of any policy in the period serves ${control}`];
  return rules
    .filter(({ decisions }) => decisions === 0)
    .map(({ id }) => `the rule ${id} took part in no decision of the period`);
}

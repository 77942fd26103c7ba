import type { MaskObligation, Refusal } from "@hpl/runtime/abi";
import { type Fact, isUnknown, itemsOf, type SqlColumn } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedRule, Mask, Transform } from "../3-check/checked.js";
import { transformText } from "../3-check/items/transforms.js";
import { evaluate, matchesAny } from "./condition.js";
import type { Judged } from "./judge.js";
import { readFact, type Scope, type Value } from "./read-fact.js";

/** Labels of the statement's columns, and what about them is not certain. */
export interface LabelledColumns {
  readonly columns: readonly { readonly labels: ReadonlySet<number>; readonly exact: boolean }[];
  readonly predicates: ReadonlySet<number>;
  readonly outputUncertain: boolean;
  readonly predicatesUncertain: boolean;
}

const statement = (step: string) => ({ root: "statement", steps: [step] });

export function labelColumns(policy: CheckedPolicy, scope: Scope): LabelledColumns {
  const columns = readFact(statement("columns"), scope);
  const predicates = readFact(statement("predicate_columns"), scope);
  const complete = readFact(statement("columns_complete"), scope);
  const isCertain = complete.kind === "scalar" && complete.value === true;
  const outputs = columns.kind === "list" ? columns.items.map((column) => labelColumn(policy, column)) : [];
  const isOutputOpen = columns.kind !== "list" || columns.open || outputs.some((column) => column.uncertain);
  return {
    columns: outputs,
    predicates: labelsOfNames(policy, predicates),
    outputUncertain: isOutputOpen || !isCertain,
    predicatesUncertain: isUncertainList(predicates) || !isCertain,
  };
}

function labelColumn(policy: CheckedPolicy, column: Value) {
  const scope: Scope = { roots: {}, zones: {}, items: [column] };
  const sources = readFact({ root: { item: 0 }, steps: ["sources"] }, scope);
  const exact = readFact({ root: { item: 0 }, steps: ["exact"] }, scope);
  return {
    labels: labelsOfNames(policy, sources),
    exact: exact.kind === "scalar" && exact.value === true,
    uncertain: column.kind !== "record" || isUncertainList(sources),
  };
}

const isUncertainList = (list: Value): boolean =>
  list.kind === "unknown" || (list.kind === "list" && (list.open || list.items.some((item) => item.kind !== "scalar")));

function labelsOfNames(policy: CheckedPolicy, names: Value): ReadonlySet<number> {
  const items = names.kind === "list" ? names.items : [];
  const texts = items.flatMap((item) => (item.kind === "scalar" ? [String(item.value)] : []));
  const indices = policy.labels.flatMap((label, i) =>
    texts.some((text) => matchesAny(label.columns, text)) ? [i] : [],
  );
  return new Set(indices);
}

/** The label facts, which the policy itself works out, as the front end would have written them. */
export function labelFacts(policy: CheckedPolicy, labelled: LabelledColumns): Readonly<Record<string, unknown>> {
  const output = new Set(labelled.columns.flatMap((column) => [...column.labels]));
  const list = (labels: ReadonlySet<number>, open: boolean): unknown => {
    const items = policy.labels.filter((_, i) => labels.has(i)).map(({ path }) => path);
    return open ? { items, open: true } : items;
  };
  return {
    output_labels: list(output, labelled.outputUncertain),
    predicate_labels: list(labelled.predicates, labelled.predicatesUncertain),
    labels: list(
      new Set([...output, ...labelled.predicates]),
      labelled.outputUncertain || labelled.predicatesUncertain,
    ),
  };
}

/** What one mask rule does to one statement. */
export interface MaskEffect {
  readonly columns: readonly { readonly index: number; readonly transform: Transform }[];
  readonly hidesPredicate: boolean;
  readonly losesLineage: boolean;
}

const strengths = ["clear", "partial", "redact", "null"];
export const strengthOf = (transform: Transform): number => strengths.indexOf(transform.kind);
const redact: Transform = { kind: "redact" };

/** Of `transforms` the one of extreme strength; two different ones of that strength redact. Null when there are none. */
function extreme(transforms: readonly Transform[], of: (...strengths: number[]) => number): Transform | null {
  const strength = of(...transforms.map(strengthOf));
  const texts = new Map(transforms.filter((t) => strengthOf(t) === strength).map((t) => [transformText(t), t]));
  return texts.size > 1 ? redact : (texts.values().next().value ?? null);
}

export const strongest = (transforms: readonly Transform[]): Transform | null => extreme(transforms, Math.max);

export function applyMask(mask: Mask, labelled: LabelledColumns, scope: Scope): MaskEffect {
  const own = new Set(mask.labels);
  const onLabels = (labels: Iterable<number>): Transform | null =>
    strongest([...labels].filter((label) => own.has(label)).map((label) => transformOf(mask, label, scope)));
  const hides = (transform: Transform | null): boolean => transform !== null && transform.kind !== "clear";
  const columns = labelled.columns.flatMap(({ labels, exact }, index) => {
    const transform = onLabels(labels);
    if (transform === null) return [];
    return [{ index, transform: transform.kind === "partial" && !exact ? redact : transform }];
  });
  return {
    columns,
    hidesPredicate: mask.predicates !== "allow" && hides(onLabels(labelled.predicates)),
    losesLineage: (labelled.outputUncertain || labelled.predicatesUncertain) && hides(onLabels(own)),
  };
}

/** The weakest of the mask's own transform and those of its tiers for `label` that are definitely true. */
function transformOf(mask: Mask, label: number, scope: Scope): Transform {
  const tiers = mask.tiers
    .filter((tier) => tier.labels === null || tier.labels.includes(label))
    .filter((tier) => evaluate(tier.condition, scope) === "true")
    .map((tier) => tier.transform);
  return extreme([...tiers, mask.transform], Math.min) ?? mask.transform;
}

/** What all mask rules together do to one action. */
export interface MaskedAction {
  readonly masks: readonly MaskObligation[];
  readonly refusals: readonly Refusal[];
  /** The mask rules that changed or refused something. */
  readonly rules: ReadonlySet<CheckedRule>;
}

export function maskAction({ labelled, scope, action, firing }: Judged, index: number): MaskedAction {
  const effects = firing.flatMap((rule) =>
    rule.effect.kind === "mask" && rule.level !== "advisory"
      ? [{ rule, ...applyMask(rule.effect.mask, labelled, scope) }]
      : [],
  );
  const refusals: Refusal[] = [];
  if (effects.some((effect) => effect.hidesPredicate)) refusals.push("masked_predicate");
  if (effects.some((effect) => effect.losesLineage)) refusals.push("lineage_lost");
  const used = effects.filter(
    ({ columns, hidesPredicate, losesLineage }) => columns.length > 0 || hidesPredicate || losesLineage,
  );
  const outputs = action.family === "sql" && !action.opaque ? itemsOf(action.facts.columns) : [];
  const masks = outputs.flatMap((output, column): readonly MaskObligation[] => {
    const wanted = effects.flatMap(({ rule, columns }) =>
      columns.filter((mask) => mask.index === column).map(({ transform }) => ({ transform, rule })),
    );
    const transform = strongest(wanted.map((mask) => mask.transform));
    if (transform === null || transform.kind === "clear") return [];
    const described = { ...describeColumn(output), transform: transformText(transform), rule: attributed(wanted) };
    return [{ type: "mask", action: index, index: column, ...described }];
  });
  return { masks, refusals, rules: new Set(used.map(({ rule }) => rule)) };
}

function describeColumn(column: Fact<SqlColumn>): { readonly name: string; readonly source: readonly string[] } {
  if (isUnknown(column)) return { name: "?", source: [] };
  const source = itemsOf(column.sources).flatMap((text) => (isUnknown(text) ? [] : [text]));
  return { name: typeof column.name === "string" ? column.name : "?", source };
}

/** The first rule that asks for the greatest strength any single rule asks for. */
function attributed(wanted: readonly { readonly transform: Transform; readonly rule: CheckedRule }[]): string {
  const greatest = Math.max(...wanted.map(({ transform }) => strengthOf(transform)));
  return wanted.find(({ transform }) => strengthOf(transform) === greatest)?.rule.id ?? "";
}

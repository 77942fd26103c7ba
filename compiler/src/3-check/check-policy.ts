/**
 * Phase 3: modules in force -> the checked policy, the border to the back of the compiler.
 *
 * In: names with their declarations. Out: rules whose every name is written out, every type holds, and all sugar is gone
 * (`checked.ts` says what is left), and what is wrong with them. Shape: one module after another; a rule is checked at a
 * `Site`, which collects the facts it reads, and these settle its family and what it may not depend on. `let`s are checked
 * once, in their own module; `define`s once there and again wherever they are called. Warnings are given only for a policy
 * without errors: an error elsewhere may be their cause. Absent: anything that looks at two rules together, except whether
 * an approval can let something through.
 *
 * Folders: `operands` says what a name or value stands for, `conditions` what tests are made of them, `items` what each item
 * of a file becomes, `examples` what stands behind `hit`, `miss` and `test`; `regex` and `data` are about texts of other
 * languages, and `warnings` looks at what is right.
 */
import type { DefaultItem, Item } from "../1-parse/ast.js";
import { rootsWith } from "../2-resolve/fact-types.js";
import type { LabelTree } from "../2-resolve/label-tree.js";
import type { ResolvedModule, ResolvedPolicy } from "../2-resolve/resolve.js";
import { allowWithoutDefault, tooManyLabels, tooManyRules } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { limits } from "../source/limits.js";
import type { SourceFile } from "../source/source-file.js";
import type { CheckedDefault, CheckedLabel, CheckedModule, CheckedPolicy, CheckedRule } from "./checked.js";
import { checkCondition } from "./conditions/condition.js";
import { emptySessionIn, fixtureFacts } from "./examples/fixture.js";
import { catalogOf } from "./examples/fixture-catalog.js";
import { testOf } from "./examples/test-items.js";
import { approvalOf } from "./items/approval.js";
import { checkAttributes } from "./items/attributes.js";
import { counterOf } from "./items/counters.js";
import { numberDetectors } from "./items/detector-numbers.js";
import { detectorOf } from "./items/detectors.js";
import { exceptionOf } from "./items/exceptions.js";
import { reportScopeReads } from "./items/families.js";
import { grantOf } from "./items/grants.js";
import { assumptionOf, comparisonOf, proofOf } from "./items/proofs.js";
import { checkRule, type RuleOutput } from "./items/rule.js";
import { checkDefine } from "./operands/calls.js";
import { dataAt } from "./operands/data-operand.js";
import { windowAt } from "./operands/declared-operand.js";
import { columnGlobsOf } from "./operands/globs.js";
import { meaningOf } from "./operands/lets.js";
import { newRegexCache } from "./regex/compile-regex.js";
import { type Checker, newSite, placeIn, report } from "./site.js";
import { findUnreachableApprovals } from "./warnings/approval-reach.js";
import { findWarnings } from "./warnings/warnings.js";

export interface CheckPolicyOutput {
  /** Whole only when nothing is an error. */
  readonly policy: CheckedPolicy;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the caller knows beside the policy. */
export interface CheckPolicyOptions {
  /** JSON files beside the policy files. */
  readonly data: readonly SourceFile[];
  /** What time it is, in milliseconds since 1970, for warnings; null when nobody says. */
  readonly now_ms: number | null;
  /** Whether an earlier phase found errors. */
  readonly hasErrors: boolean;
}

/** Checks `policy`. Reports HPL2nnn to HPL6nnn; never throws. O(nodes), with sets, globs and calls written out. */
export function checkPolicy(
  policy: ResolvedPolicy,
  sources: readonly SourceFile[],
  { data, now_ms, hasErrors }: CheckPolicyOptions,
): CheckPolicyOutput {
  const { facts, attributes, diagnostics: wrongAttributes } = checkAttributes(policy.attributes);
  const diagnostics: Diagnostic[] = [...wrongAttributes];
  const checker = newChecker(policy, rootsWith(facts), data, diagnostics);
  const labels = checkLabels(policy.labels, policy.modules, checker);
  for (const module of policy.modules) checkNames(module, checker);
  const governing = policy.modules.filter((module) => module.header.declares === "policy").sort(byName);
  const modules = governing.map((module) => checkModule(module, checker));
  const outputs = governing.flatMap((module, index) => rulesOf(module, index, checker));
  const found = outputs.flatMap((output) => output.rules);
  const declared = declarationsOf(policy.modules, checker);
  const exceptions = governing.flatMap((module, index) =>
    itemsOf(module, "Exception").flatMap((item) => exceptionOf(item, module, index, found, checker) ?? []),
  );
  const { rules, detectors } = numberDetectors(found, declared.detectors, checker.usedDetectors);
  const examples = outputs
    .flatMap((output) => output.examples)
    .sort((a, b) => a.span.file - b.span.file || a.span.start - b.span.start);
  const own = policy.modules.filter((module) => module.isSource);
  const tests = own.flatMap((module) => itemsOf(module, "Test").map((item) => testOf(item, module, checker)));
  const proofs = own.flatMap((module) => itemsOf(module, "Proof").map((item) => proofOf(item, module, checker)));
  const assumptions = own.flatMap((module) =>
    itemsOf(module, "Assumption").map((item) => assumptionOf(item, module, checker)),
  );
  const comparisons = own.flatMap((module) => itemsOf(module, "Comparison").map((item) => comparisonOf(item, module)));
  reportSizes(rules, labels, diagnostics);
  const [broken] = checker.broken;
  if (broken !== undefined && !hasErrors && diagnostics.length === 0)
    throw new Error(`a condition at ${broken.file}:${broken.start} is broken, and nobody said why`);
  const checked: CheckedPolicy = {
    ...{ sources, modules, labels, attributes, examples, tests, proofs, assumptions, comparisons, detectors },
    rules: rules.toSorted(byIdThenKind),
    exceptions: exceptions.sort(byId),
    grants: declared.grants,
    counters: declared.counters,
    zones: [...checker.zones].sort(),
  };
  if (!hasErrors && diagnostics.length === 0)
    diagnostics.push(...findUnreachableApprovals(checked), ...findWarnings(checked, policy, checker, now_ms));
  return { policy: checked, diagnostics };
}

function newChecker(
  policy: ResolvedPolicy,
  roots: Checker["roots"],
  files: readonly SourceFile[],
  diagnostics: Diagnostic[],
): Checker {
  return {
    ...{ policy, roots, files, diagnostics },
    emptySession: emptySessionIn(policy.modules),
    regexes: newRegexCache(),
    data: new Map(),
    windows: new Map(),
    zones: new Set(),
    expanding: new Set(),
    lets: new Map(),
    usedNames: new Set(),
    usedLabels: new Set(),
    usedDetectors: new Set(),
    broken: [],
    fixtures: new Map(),
    catalogs: new Map(),
  };
}

const itemsOf = <K extends Item["kind"]>(module: ResolvedModule, kind: K): readonly Extract<Item, { kind: K }>[] =>
  module.tree.items.filter((item): item is Extract<Item, { kind: K }> => item.kind === kind);

/** What gateways give, count and look for, each sorted by id. */
function declarationsOf(modules: readonly ResolvedModule[], checker: Checker) {
  const placeOf = (module: ResolvedModule) => placeIn(newSite(checker, module, null, true));
  return {
    grants: modules
      .flatMap((module) => itemsOf(module, "Grant").map((item) => grantOf(item, module, placeOf(module))))
      .sort(byId),
    counters: modules
      .flatMap((module) => itemsOf(module, "Counter").map((item) => counterOf(item, module, placeOf(module))))
      .sort(byId),
    detectors: modules
      .flatMap((module) => itemsOf(module, "Detector").map((item) => detectorOf(item, module, placeOf(module))))
      .sort(byId),
  };
}

function reportSizes(rules: readonly CheckedRule[], labels: readonly CheckedLabel[], diagnostics: Diagnostic[]): void {
  const [excess] = rules.slice(limits.rules_max);
  if (excess !== undefined) diagnostics.push(tooManyRules(excess.span, { rules: rules.length }));
  const [label] = labels.slice(limits.labels_max);
  if (label !== undefined) diagnostics.push(tooManyLabels(label.span, { labels: labels.length }));
}

function checkLabels(labels: LabelTree, modules: readonly ResolvedModule[], checker: Checker): readonly CheckedLabel[] {
  return labels.map(({ path, columns, span, module }) => {
    const globs = columns.flatMap(({ value, span: place }) => {
      const output = columnGlobsOf(value, place);
      const declaring = modules[module];
      if (declaring === undefined) return output.globs;
      for (const diagnostic of output.diagnostics) report(newSite(checker, declaring, null, true), diagnostic);
      return output.globs;
    });
    return { path, columns: globs, span };
  });
}

/** Checks what a module declares whether it is used or not. */
function checkNames(module: ResolvedModule, checker: Checker): void {
  for (const item of module.tree.items) {
    const place = placeIn(newSite(checker, module, null, false));
    if (item.kind === "Fixture") {
      checker.fixtures.set(item, fixtureFacts(item, place));
      checker.catalogs.set(item, catalogOf(item, module.tree, place));
    }
    if (item.kind === "Let") meaningOf(item, module, place, item.name.span);
    if (item.kind === "Define") checkDefine(item, module, place);
    if (item.kind === "Window") windowAt(item, place);
    if (item.kind === "Data") dataAt(item, module, place);
  }
}

function checkModule(module: ResolvedModule, checker: Checker): CheckedModule {
  const { header, name, families } = module;
  const place = placeIn(newSite(checker, module, null, false));
  const scope = header.scope === null ? null : checkCondition(header.scope, place);
  reportScopeReads(place);
  const item = module.tree.items.find((found) => found.kind === "Default");
  return {
    name,
    families,
    scope: scope ?? { kind: "Constant", value: true, span: header.span },
    default: item === undefined ? null : defaultOf(item, module, checker),
    span: header.span,
  };
}

function defaultOf(item: DefaultItem, module: ResolvedModule, checker: Checker): CheckedDefault {
  const { verdict, approvers, span } = item;
  if (verdict !== "approve" || approvers === null) return { verdict: verdict === "allow" ? "allow" : "block", span };
  const place = placeIn(newSite(checker, module, `${module.name}/default`, true));
  return { verdict, approval: approvalOf(approvers, place), span };
}

function rulesOf(module: ResolvedModule, index: number, checker: Checker): readonly RuleOutput[] {
  const { items } = module.tree;
  const governs = items.some((item) => item.kind === "Default" || (item.kind === "Broken" && item.word === "default"));
  return items.flatMap((item: Item) => {
    if (item.kind !== "Rule") return [];
    if (item.rule.kind === "allow" && !governs) {
      const site = newSite(checker, module, `${module.name}/${item.id.value}`, false);
      report(site, allowWithoutDefault(item.head, { rule: item.id.value }));
    }
    return [checkRule(item, module, index, checker)];
  });
}

const byName = (a: ResolvedModule, b: ResolvedModule): number => compareText(a.name, b.name);

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compareText(a.id, b.id);

const byIdThenKind = (a: CheckedRule, b: CheckedRule): number =>
  compareText(a.id, b.id) || compareText(a.effect.kind, b.effect.kind);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

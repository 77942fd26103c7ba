import type { Item, ModuleTree } from "../../1-parse/ast.js";
import type { Declaration, ResolvedModule, ResolvedPolicy } from "../../2-resolve/resolve.js";
import { guardSkipsRule, unusedName, verbList } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { CheckedPolicy, CheckedRule, Condition, Constant, FactPath } from "../checked.js";
import { isSamePath } from "../conditions/presence.js";
import { kindNames } from "../operands/declared-operand.js";
import { findItemWarnings } from "./item-warnings.js";

/** What the warnings need to know beside the checked policy. */
export interface Uses {
  readonly usedNames: ReadonlySet<Declaration>;
  readonly usedLabels: ReadonlySet<number>;
}

/** Warnings about a policy without errors (HPL5nnn). */
export function findWarnings(
  policy: CheckedPolicy,
  resolved: ResolvedPolicy,
  uses: Uses,
  now_ms: number | null,
): readonly Diagnostic[] {
  const restrictions = policy.rules.filter(
    ({ effect, id }, i) => effect.kind !== "allow" && policy.rules[i - 1]?.id !== id,
  );
  return [
    ...resolved.modules.flatMap((module) => unusedNames(module, uses)),
    ...unusedLabels(policy, resolved, uses),
    ...findItemWarnings(resolved, now_ms),
    ...restrictions.flatMap((rule) => [...verbLists(rule), ...skippingGuards(rule, policy)]),
  ];
}

/** Names of a policy nobody uses. A library's names are for others, but what it uses itself it should need. */
function unusedNames(module: ResolvedModule, { usedNames }: Uses): readonly Diagnostic[] {
  const isLibrary = module.header.declares === "library";
  return [...module.scope].flatMap(([name, declaration]) => {
    if (usedNames.has(declaration) || declaration.kind === "Broken") return [];
    if (isLibrary && declaration.kind !== "Module") return [];
    const what = kindNames[declaration.kind].replace(/^an? /, "");
    return [unusedName(nameSpan(declaration.item), { what, name })];
  });
}

type NamingItem = Exclude<Declaration, { kind: "Broken" }>["item"];

const nameSpan = (item: NamingItem): Item["span"] => {
  if (item.kind !== "Use") return item.name.span;
  return item.alias?.span ?? item.module.span;
};

function unusedLabels(policy: CheckedPolicy, resolved: ResolvedPolicy, { usedLabels }: Uses): readonly Diagnostic[] {
  return policy.labels.flatMap(({ path }, index) => {
    const declared = resolved.labels[index];
    const tree = declared && resolved.modules[declared.module];
    if (declared === undefined || usedLabels.has(index) || tree?.header.declares !== "policy") return [];
    return [unusedName(labelSpan(tree.tree, path) ?? declared.span, { what: "label", name: path })];
  });
}

function labelSpan(tree: ModuleTree, path: string): Item["span"] | null {
  for (const item of tree.items)
    if (item.kind === "Label" && item.path.words.map((word) => word.text).join(".") === path) return item.path.span;
  return null;
}

/** Statement kinds and the effects other statements share with them. Kinds without relatives are not here. */
const effectsOfKind: ReadonlyMap<Constant, readonly string[]> = new Map<Constant, readonly string[]>([
  ["select", ["read"]],
  ...["insert", "update", "delete", "merge"].map((kind) => [kind, ["write"]] as const),
  ["truncate", ["truncate"]],
  ["create", ["create"]],
  ["drop", ["drop"]],
  ...["alter", "rename", "comment"].map((kind) => [kind, ["alter"]] as const),
  ...["grant", "revoke", "role"].map((kind) => [kind, ["grant"]] as const),
  ["copy", ["read", "write", "file_read", "file_write", "exec"]],
  ...["call", "do", "execute"].map((kind) => [kind, ["exec", "dynamic"]] as const),
  ...["set", "reset"].map((kind) => [kind, ["config"]] as const),
  ["lock", ["lock"]],
  ["load", ["exec"]],
]);

function verbLists(rule: CheckedRule): readonly Diagnostic[] {
  return [...testsIn(rule.condition)].flatMap((test) => {
    if (test.kind !== "In" && test.kind !== "Compare") return [];
    const isKind = test.path.root === "statement" && test.path.steps.join(".") === "kind";
    const kinds = test.kind === "In" ? test.values : [test.value];
    const effects = [...new Set(kinds.flatMap((kind) => effectsOfKind.get(kind) ?? []))];
    if (!isKind || effects.length === 0 || test.span.file !== rule.span.file) return [];
    return [{ ...verbList(test.span, { effects }), rule: rule.id }];
  });
}

/** A restriction that tests presence and then the value says nothing where the value is absent. */
function skippingGuards(rule: CheckedRule, { sources }: CheckedPolicy): readonly Diagnostic[] {
  const parts = rule.condition.kind === "And" ? rule.condition.operands.flatMap(conjuncts) : [];
  return parts.flatMap((part) => {
    if (part.kind !== "IsPresent" || part.span.file !== rule.span.file) return [];
    const others = parts.filter((other) => other !== part);
    if (!others.some((other) => reads(other, part.path))) return [];
    const written = sources[part.span.file]?.text.slice(part.span.start, part.span.end) ?? "";
    // `unless x is absent` says in so many words that the rule does not fire then.
    if (written.endsWith("absent")) return [];
    const path = written.replace(/\s+is\s+present$/, "");
    return [{ ...guardSkipsRule(part.span, { path, rule: rule.id.slice(rule.id.indexOf("/") + 1) }), rule: rule.id }];
  });
}

const conjuncts = (condition: Condition): readonly Condition[] =>
  condition.kind === "And" ? condition.operands.flatMap(conjuncts) : [condition];

function reads(condition: Condition, path: FactPath): boolean {
  return [...testsIn(condition)].some(
    (test) => "path" in test && test.kind !== "IsPresent" && isSamePath(test.path, path),
  );
}

/** The single tests of a condition, in order. */
function* testsIn(condition: Condition): Generator<Condition> {
  switch (condition.kind) {
    case "And":
    case "Or":
      for (const operand of condition.operands) yield* testsIn(operand);
      return;
    case "Not":
      yield* testsIn(condition.operand);
      return;
    case "Quantified":
      yield* testsIn(condition.body);
      return;
    default:
      yield condition;
  }
}

import type { CheckedModule, CheckedPolicy, CheckedRule } from "../../3-check/checked.js";
import { columnByName, denyList, predicatesOnMasked } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { readsAction, testsIn } from "../tests-in.js";

/** Modules that grant everything but what some rules name: whatever these forget goes through. */
export function findDenyLists({ modules, rules }: CheckedPolicy): readonly Diagnostic[] {
  return modules.flatMap((module, index) => {
    const listing = rules.filter((rule) => rule.module === index && isOnDenyList(rule));
    // Nobody can list the texts that are wanted.
    const isOfTexts = module.families.every((family) => family === "text");
    if (module.default?.verdict !== "allow" || listing.length === 0 || isOfTexts) return [];
    return [denyList(defaultSpan(module), { module: module.name, rules: listing.map(shortId) })];
  });
}

const isOnDenyList = (rule: CheckedRule): boolean =>
  rule.effect.kind === "block" && rule.level !== "advisory" && readsAction(rule.condition);

const defaultSpan = (module: CheckedModule) => module.default?.span ?? module.span;

/** A rule that goes by the name a column has in the output, which `AS` changes, and not by where its values come from. */
export function findColumnsByName(rule: CheckedRule): readonly Diagnostic[] {
  return [...testsIn(rule.condition)].flatMap(({ test, lists }) => {
    if (!("path" in test) || typeof test.path.root === "string" || test.path.steps.join(".") !== "name") return [];
    const list = lists[test.path.root.item];
    if (list?.root !== "statement" || list.steps.join(".") !== "columns") return [];
    const span = test.span.file === rule.span.file ? test.span : rule.span;
    return [{ ...columnByName(span, { rule: shortId(rule) }), rule: rule.id }];
  });
}

/** A mask whose columns anyone may still filter by: values are guessed one condition at a time. */
export function findOpenPredicates(rule: CheckedRule): readonly Diagnostic[] {
  const isOpen =
    rule.effect.kind === "mask" &&
    rule.effect.mask.predicates === "allow" &&
    rule.effect.mask.transform.kind !== "clear";
  return isOpen ? [{ ...predicatesOnMasked(rule.span, { rule: shortId(rule) }), rule: rule.id }] : [];
}

import type { RuleItem, Text } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { unknownRule } from "../../diagnostics/catalog.js";
import { type Place, report, suggest } from "../site.js";

export interface NamedRule {
  /** `module/id`. */
  readonly id: string;
  readonly item: RuleItem;
}

/** The rule that `text` names: `id` in this module, or `module/id`. Null, and reported (HPL2030), when there is none. */
export function ruleNamed(text: Text, place: Place): NamedRule | null {
  const { module, rule } = modulePart(text.value, place);
  const item = module?.tree.items.find((found) => found.kind === "Rule" && found.id.value === rule);
  if (module !== undefined && item?.kind === "Rule") return { id: `${module.name}/${rule}`, item };
  reportUnknownRule(text, place);
  return null;
}

/** The id of the rule or exception that `text` names, for a test that says who took part. Reports HPL2030. */
export function decidingIdNamed(text: Text, place: Place): string | null {
  const { module, rule } = modulePart(text.value, place);
  const isNamed = module?.tree.items.some(
    ({ kind, ...item }) => (kind === "Rule" || kind === "Exception") && "id" in item && item.id.value === rule,
  );
  if (module !== undefined && (isNamed || rule === "default")) return `${module.name}/${rule}`;
  reportUnknownRule(text, place);
  return null;
}

function modulePart(
  text: string,
  place: Place,
): { readonly module: ResolvedModule | undefined; readonly rule: string } {
  const at = text.lastIndexOf("/");
  if (at < 0) return { module: place.module, rule: text };
  const name = text.slice(0, at);
  return { module: place.site.checker.policy.modules.find((found) => found.name === name), rule: text.slice(at + 1) };
}

function reportUnknownRule({ value, span }: Text, place: Place): void {
  report(
    place.site,
    unknownRule(span, { rule: value.slice(0, 64), nearest: suggest(place.site, value, idsAt(place)) }),
  );
}

/** Ids of this module, then those of all, with their modules. */
function* idsAt({ module, site }: Place): Generator<string> {
  for (const item of module.tree.items) if (item.kind === "Rule" || item.kind === "Exception") yield item.id.value;
  for (const { name, tree } of site.checker.policy.modules)
    for (const item of tree.items) if (item.kind === "Rule") yield `${name}/${item.id.value}`;
}

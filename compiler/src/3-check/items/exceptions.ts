import type { ExceptionItem, RuleItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { exceptionNotPossible, exceptionOfOtherFamily, knowledgeInRestriction } from "../../diagnostics/catalog.js";
import type { CheckedException } from "../checked.js";
import { type Checker, newSite, type Place, placeIn, report } from "../site.js";
import { conditionOf, type RuleBeforeNumbers, reportSize } from "./rule.js";
import { ruleNamed } from "./rule-names.js";

/**
 * An `exception`, and the soft restriction it lifts. Its condition is that of something that grants: it counts only where it
 * is definitely true, reads facts of the families of its rule, and nothing about what is known. Reports HPL2030, HPL4010,
 * HPL4021 and HPL4028; null when there is no such rule.
 */
export function exceptionOf(
  item: ExceptionItem,
  module: ResolvedModule,
  moduleIndex: number,
  rules: readonly RuleBeforeNumbers[],
  checker: Checker,
): CheckedException | null {
  const id = `${module.name}/${item.id.value}`;
  const place = placeIn(newSite(checker, module, id, false));
  const condition = conditionOf(item, place);
  reportSize(item.head, place);
  const target = ruleNamed(item.to, place);
  if (target === null) return null;
  const named = { id: target.id, text: item.to.value };
  reportLevel(item, target.item, place);
  reportReads(item, named, rules, place);
  return {
    id,
    module: moduleIndex,
    rule: target.id,
    condition,
    until_ms: item.until.value,
    reason: item.reason.value,
    approved_by: item.approvedBy.value,
    span: item.head,
  };
}

/** Only a soft restriction can have an exception; an `allow .. after approval` has one in its approval. */
function reportLevel(item: ExceptionItem, rule: RuleItem, { site }: Place): void {
  const restricts = rule.rule.kind !== "allow" || rule.rule.after !== null;
  if (restricts && rule.level === "soft") return;
  const levels = { hard: "is hard", advisory: "is advisory" };
  const level = restricts && rule.level !== "soft" ? levels[rule.level] : "allows";
  report(site, exceptionNotPossible(item.to.span, { rule: item.to.value, level }));
}

function reportReads(
  item: ExceptionItem,
  { id, text }: { readonly id: string; readonly text: string },
  rules: readonly RuleBeforeNumbers[],
  { site }: Place,
): void {
  const families = rules.find((rule) => rule.id === id)?.families ?? [];
  const foreign = site.reads.find(
    (read) => read.family !== null && families.length > 0 && !families.includes(read.family),
  );
  if (foreign !== undefined)
    report(site, exceptionOfOtherFamily(foreign.span, { rule: text, family: families[0] ?? "", path: foreign.text }));
  const knowledge = site.reads.find((read) => read.knowledge);
  if (knowledge !== undefined)
    report(
      site,
      knowledgeInRestriction(knowledge.span, { path: knowledge.text, rule: item.id.value, afterApproval: false }),
    );
}

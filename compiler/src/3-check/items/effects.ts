import type { BodyLine, RuleItem } from "../../1-parse/ast.js";
import {
  advisoryAllow,
  badAmount,
  incompleteRestriction,
  misplacedOnUnknown,
  misplacedPredicates,
} from "../../diagnostics/catalog.js";
import type { CheckedRule, Detect, Limit, Mask } from "../checked.js";
import { choiceOf } from "../choices.js";
import { type Place, report } from "../site.js";
import { approvalOf } from "./approval.js";
import { detectOf, maskOf } from "./mask.js";

/** The effect of a rule before the detectors of the policy have their numbers: a `detect` names them by id. */
export type EffectBeforeNumbers =
  | Exclude<CheckedRule["effect"], { readonly kind: "detect" }>
  | { readonly kind: "detect"; readonly detect: DetectByIds };

export type DetectByIds = Omit<Detect, "detectors"> & { readonly detectors: readonly string[] };

/** What a rule does: one effect, or two for `allow .. after approval`; none where it could not be made out. */
export function effectsOf({ rule, body, head }: RuleItem, place: Place): readonly EffectBeforeNumbers[] {
  switch (rule.kind) {
    case "allow": {
      const evenIfIncomplete = body.some((line) => line.kind === "even if incomplete");
      const allow: EffectBeforeNumbers = { kind: "allow", evenIfIncomplete };
      if (rule.after === null) return [allow];
      return [allow, { kind: "approve", approval: approvalOf(rule.after, place) }];
    }
    case "block":
      return [{ kind: "block" }];
    case "approve":
      return [{ kind: "approve", approval: approvalOf(rule.approvers, place) }];
    case "limit":
      return [{ kind: "limit", limit: limitOf(body, head, place) }];
    case "mask": {
      const { subject } = rule;
      if (subject.kind === "labels")
        return [{ kind: "mask", mask: maskOf(rule, subject.labels, predicatesOf(body, place), place) }];
      const detect = detectOf(rule, subject, place);
      return detect === null ? [] : [{ kind: "detect", detect }];
    }
  }
}

/** Reports HPL3022. That there is an amount, and each at most once, is a matter of syntax. */
function limitOf(body: readonly BodyLine[], head: RuleItem["head"], place: Place): Limit {
  const amountOf = (kind: "rows" | "time" | "bytes"): number | null => {
    const line = body.find((found) => found.kind === kind);
    if (line === undefined || !("value" in line)) return null;
    if (!Number.isSafeInteger(line.value) || line.value < 1)
      report(
        place.site,
        badAmount(line.span, { problem: `a limit of no ${kind}`, help: "to let nothing through, write a `block`" }),
      );
    return line.value;
  };
  const limit: Limit = { rows: amountOf("rows"), time_ms: amountOf("time"), bytes: amountOf("bytes") };
  if (limit.rows === null && limit.time_ms === null && limit.bytes === null) place.site.checker.broken.push(head);
  return limit;
}

function predicatesOf(body: readonly BodyLine[], place: Place): Mask["predicates"] | null {
  const line = body.find((found) => found.kind === "predicates");
  if (line === undefined || !("word" in line)) return null;
  return choiceOf(line.word, ["deny", "scan", "equality", "allow"], "what a predicate may do", place);
}

/** What a rule does when it does not know, and how it is put on record. Reports HPL2031 and HPL4022. */
export function settingsOf(item: RuleItem, place: Place): Pick<CheckedRule, "onUnknown" | "audit"> {
  let onUnknown: CheckedRule["onUnknown"] = "restrict";
  let audit: CheckedRule["audit"] = null;
  for (const line of item.body) {
    if (line.kind === "on unknown") {
      onUnknown = line.approvers === null ? "ignore" : approvalOf(line.approvers, place);
      const isAllow = item.rule.kind === "allow";
      if (isAllow || (line.approvers !== null && item.rule.kind !== "block"))
        report(place.site, misplacedOnUnknown(line.span, { rule: item.id.value, isAllow }));
    }
    if (line.kind === "audit") audit = choiceOf(line.word, ["durable", "timely"], "a way to audit", place);
  }
  return { onUnknown, audit };
}

/** Reports what a rule of this kind cannot say (HPL4013, HPL4014, HPL4023). */
export function reportLevel(item: RuleItem, { site }: Place): void {
  const rule = item.id.value;
  if (item.rule.kind === "allow" && item.level === "advisory") report(site, advisoryAllow(item.head, { rule }));
  const isLabelMask = item.rule.kind === "mask" && item.rule.subject.kind === "labels";
  for (const { kind, span } of item.body) {
    if (kind === "even if incomplete" && item.rule.kind !== "allow")
      report(site, incompleteRestriction(span, { rule }));
    if (kind === "predicates" && !isLabelMask) report(site, misplacedPredicates(span, { rule }));
  }
}

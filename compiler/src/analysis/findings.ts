/**
 * What is wrong with the rules of a policy, whatever is asked of it.
 *
 * In: a checked policy, and what was found out before. Out: findings in no order. One file a question in `findings/`: `rules` looks at a rule
 * by itself, `shadows` at those that others make superfluous, `approvals` and `exceptions` at what never changes anything,
 * `masks` at what two keep of one column, `people` at who may, `connections` at what nobody governs, `gaps` at what falls to a
 * default, for those who ask. `study` is what they share: diagrams over tests, searched with values of facts. They speak of
 * known facts, and say only what is certain; what a search cannot tell is not said. Absent: proofs (`prove`), and what needs no
 * search (`lints`).
 */
import type { CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { type AnalysisCache, type Memo, openMemo } from "./cache.js";
import { findDeadApprovals, reportDeadApproval } from "./findings/approvals.js";
import { findVoidException, reportVoidException } from "./findings/exceptions.js";
import { findMaskTies, reportMaskTie } from "./findings/masks.js";
import { isInProductionOnly, isPeerApproval, reportAdvisory, reportPeers } from "./findings/people.js";
import { type RuleProblem, reportRuleProblem, studyRule } from "./findings/rules.js";
import { findShadows, reportShadow, type Shadow, shadowGroupOf } from "./findings/shadows.js";
import { openStudy, type Study } from "./findings/study.js";
import { conditionOfRule } from "./verdicts.js";

/** All that searches find about the rules of `policy`. Cost: a few searches a rule, less what `cache` knows. */
export function findRuleProblems(policy: CheckedPolicy, cache: AnalysisCache = new Map()): readonly Diagnostic[] {
  const study = openStudy(policy);
  const memo = openMemo(cache);
  const ids = new Map(policy.rules.map((rule) => [rule, idOfRule(policy, rule, memo)]));
  const idOf = (rule: CheckedRule): string => ids.get(rule) ?? "";
  const problems = policy.rules.map((rule) => ({
    rule,
    found: memo.once("rule", [idOf(rule)], () => aboutRule(study, rule)),
  }));
  const alive = problems.filter(({ found }) => !found.problems.some(({ kind }) => kind === "never fires"));
  const rules = alive.map(({ rule }) => rule);
  return [
    ...problems.flatMap(({ rule, found }) => found.problems.map((each) => reportRuleProblem(study, rule, each))),
    ...alive.flatMap(({ rule, found }) => [
      ...(found.isPeerApproval ? [reportPeers(rule)] : []),
      ...(found.isInProductionOnly ? [reportAdvisory(rule)] : []),
    ]),
    ...shadowsOf(study, rules, memo, idOf).map(reportShadow),
    ...approvalsOf(study, rules, memo, idOf),
    ...exceptionsOf(study, memo, idOf),
    ...findMaskTies(study).map(reportMaskTie),
  ];
}

interface AboutRule {
  readonly problems: readonly RuleProblem[];
  readonly isPeerApproval: boolean;
  readonly isInProductionOnly: boolean;
}

const aboutRule = (study: Study, rule: CheckedRule): AboutRule => ({
  problems: studyRule(study, rule),
  isPeerApproval: isPeerApproval(study, rule),
  isInProductionOnly: isInProductionOnly(study, rule),
});

/** All that a finding about the rule by itself reads. */
function idOfRule(policy: CheckedPolicy, rule: CheckedRule, memo: Memo): string {
  const { families, level, effect, onUnknown, unless = [] } = rule;
  const operands = unless.map(({ operand }) => operand);
  const { members } = policy.attributes.find(({ path }) => path.steps.join(".") === "env") ?? { members: null };
  return memo.idOf([
    families,
    level,
    effect,
    onUnknown,
    operands,
    members,
    rule.condition,
    conditionOfRule(policy, rule),
  ]);
}

/** A shadow depends on all rules of its group: those with the same effect, and of allows those of one module. */
function shadowsOf(
  study: Study,
  rules: readonly CheckedRule[],
  memo: Memo,
  idOf: (rule: CheckedRule) => string,
): readonly Shadow[] {
  const groups = new Map<string, CheckedRule[]>();
  for (const rule of rules) {
    const group = shadowGroupOf(rule);
    const key = `${group} ${rule.families.join(" ")}`;
    if (group !== null) groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()].flatMap((group) => {
    // Which of two equal rules is superfluous, their names say.
    const parts = group.flatMap((rule) => [rule.id, idOf(rule)]);
    const found = memo.once("shadows", parts, () =>
      findShadows(study, group).map(({ rule, by }) => ({ index: group.indexOf(rule), by })),
    );
    return found.flatMap(({ index, by }) => {
      const rule = group[index];
      return rule === undefined || isHalf(study.policy, rule) ? [] : [{ rule, by }];
    });
  });
}

/** An `allow .. after approval` still asks where another one allows: only half of it is superfluous. */
const isHalf = ({ rules }: CheckedPolicy, rule: CheckedRule): boolean =>
  rule.effect.kind === "allow" && rules.some(({ id, effect }) => id === rule.id && effect.kind === "approve");

/** Whether an approval lets something through depends on the allows, the hard blocks and the modules of its family. */
function approvalsOf(
  study: Study,
  rules: readonly CheckedRule[],
  memo: Memo,
  idOf: (rule: CheckedRule) => string,
): readonly Diagnostic[] {
  const { policy } = study;
  const families = [...new Set(policy.modules.flatMap((module) => module.families))];
  return families.flatMap((family) => {
    const isOfFamily = (each: { readonly families: readonly string[] }): boolean => each.families.includes(family);
    const approvals = rules.filter((rule) => rule.effect.kind === "approve" && rule.families[0] === family);
    const weighed = policy.rules.filter(
      (rule) => isOfFamily(rule) && (rule.effect.kind === "allow" || rule.level === "hard"),
    );
    const modules = policy.modules.filter(isOfFamily).map((module) => memo.idOf([module.scope, module.default]));
    const parts = [...approvals.map(idOf), "of", ...weighed.map(idOf), "in", ...modules];
    const dead = memo.once("approvals", parts, () =>
      [...findDeadApprovals(study, approvals)].map(([rule, why]) => ({ index: approvals.indexOf(rule), why })),
    );
    return dead.flatMap(({ index, why }) => {
      const rule = approvals[index];
      return rule === undefined ? [] : [reportDeadApproval(rule, why)];
    });
  });
}

function exceptionsOf(study: Study, memo: Memo, idOf: (rule: CheckedRule) => string): readonly Diagnostic[] {
  const { policy } = study;
  return policy.exceptions.flatMap((exception) => {
    const weighed = policy.rules.filter(({ id, level }) => id === exception.rule || level === "hard");
    const own = memo.idOf([exception.condition, policy.modules[exception.module]?.scope, exception.rule]);
    const parts = [own, ...weighed.flatMap((rule) => [rule.id, idOf(rule)])];
    const found = memo.once("exception", parts, () => findVoidException(study, exception));
    return found === null ? [] : [reportVoidException(exception, found)];
  });
}

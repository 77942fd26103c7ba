/**
 * Mutation: would anybody notice?
 *
 * In: a checked policy and a judge, as verification has them. Out: the small mistakes, made in the checked tree one at a time,
 * that no `hit`, `miss` or test sees. Each question is put to the production evaluator once, for its facts; mutants are
 * decided by the reference evaluator on the same facts, and the first answer that is wrong ends it. Some mutants mean what the
 * policy means, and nothing can see them: a count of survivors is a hint, not a proof. Absent: mutants of labels, windows,
 * detectors and data.
 */
import type { Decision } from "@hpl/runtime/abi";
import type { Request } from "@hpl/runtime/facts";
import type { CheckedPolicy } from "../3-check/checked.js";
import { decide } from "../reference/evaluate.js";
import type { QuestionJudge } from "../verify/question.js";
import { verifyExample } from "../verify/verify-examples.js";
import { verifyTestCase } from "../verify/verify-tests.js";
import { type Mutant, mutantsOf } from "./mutants.js";

export interface MutationOptions {
  /** Of the policy's sources, the first ones that are the author's own. */
  readonly files_count: number;
  /** More are not tried; which are is spread evenly over the policy. */
  readonly mutants_max: number;
  /** Called after each mutant. */
  readonly onProgress?: (done_count: number, of_count: number) => void;
}

export interface MutationReport {
  readonly mutants_count: number;
  /** Tried: all of them, or as many as the limit allows. */
  readonly tried_count: number;
  readonly survivors: readonly Mutant[];
}

/** A question with its facts, and whether a decision is what its line asks for. */
interface Probe {
  /** The rule whose firing it is about; null when it is about the whole decision. */
  readonly rule: string | null;
  readonly holds: (policy: CheckedPolicy) => boolean;
}

/**
 * Tries mutants of `policy`; null when one of its own lines fails already. O(mutants x lines) decisions of the reference
 * evaluator at worst.
 */
export function mutate(policy: CheckedPolicy, judge: QuestionJudge, options: MutationOptions): MutationReport | null {
  const probes = [...exampleProbes(policy, judge), ...testProbes(policy, judge)];
  if (!probes.every(({ holds }) => holds(policy))) return null;
  const mutants = mutantsOf(policy, options.files_count);
  const tried = spread(mutants, options.mutants_max);
  const survivors = tried.filter((mutant, i) => {
    const isKilled = dies(mutant, policy, probes);
    options.onProgress?.(i + 1, tried.length);
    return !isKilled;
  });
  return { mutants_count: mutants.length, tried_count: tried.length, survivors };
}

/** At most `count_max` of `mutants`, evenly. */
function spread(mutants: readonly Mutant[], count_max: number): readonly Mutant[] {
  if (mutants.length <= count_max) return mutants;
  return Array.from({ length: count_max }, (_, i) => mutants[Math.floor((i * mutants.length) / count_max)]).flatMap(
    (mutant) => mutant ?? [],
  );
}

function dies(mutant: Mutant, policy: CheckedPolicy, probes: readonly Probe[]): boolean {
  const changed = mutant.policy();
  const isTouched = touchedBy(policy, changed);
  return probes.some(({ rule, holds }) => (rule === null || isTouched(rule)) && !holds(changed));
}

/**
 * Whether a rule may fire otherwise. That depends on the rule, its module and its exceptions alone; of masks only the strongest
 * fire, so each depends on all. Without this, every line would be asked about every mutant.
 */
function touchedBy(policy: CheckedPolicy, changed: CheckedPolicy): (rule: string) => boolean {
  const [before, after] = [new Set<unknown>(partsOf(policy)), new Set<unknown>(partsOf(changed))];
  const different = [...partsOf(policy), ...partsOf(changed)].filter((part) => !(before.has(part) && after.has(part)));
  const ids = new Set<string>();
  let all = false;
  for (const part of different) {
    if (!("id" in part) || ("effect" in part && part.effect.kind === "mask")) all = true;
    else ids.add("effect" in part ? part.id : part.rule);
  }
  return (rule) => all || ids.has(rule);
}

const partsOf = ({ rules, modules, exceptions }: CheckedPolicy) => [...rules, ...modules, ...exceptions];

const decisionOf = (policy: CheckedPolicy, request: Request): Decision => decide(policy, request, "");

function exampleProbes(policy: CheckedPolicy, judge: QuestionJudge): readonly Probe[] {
  return policy.examples.flatMap((example) => {
    const answer = judge(example);
    if (answer === null) return [];
    const { request } = answer;
    const holds = (changed: CheckedPolicy): boolean =>
      verifyExample(changed, example, { request, decision: decisionOf(changed, request) }) === null;
    return [{ rule: example.rule, holds }];
  });
}

function testProbes(policy: CheckedPolicy, judge: QuestionJudge): readonly Probe[] {
  return policy.tests.flatMap(({ id, cases }) =>
    cases.flatMap((each) => {
      const answer = judge(each);
      if (answer === null) return [];
      const { request } = answer;
      const holds = (changed: CheckedPolicy): boolean =>
        verifyTestCase(changed, id, each, { request, decision: decisionOf(changed, request) }).length === 0;
      return [{ rule: null, holds }];
    }),
  );
}

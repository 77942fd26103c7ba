/** How long analysis takes to find what is wrong with a policy, the first time and after an edit. */
import { type AnalysisCache, analyse, type CheckedPolicy, check } from "@hpl/compiler";
import { type Bench, expectSame, type Findings, type GoalCheck, type RunSize } from "./bench.js";
import { timeInTurns } from "./meter.js";
import { mixedPolicyText } from "./mixed-policy.js";
import { ratio, shown } from "./report.js";

const sizes = { full: [10, 100, 1_000], tiny: [10, 40] } as const;
const goals_ms: ReadonlyMap<number, number> = new Map([
  [100, 50],
  [1_000, 500],
]);

export const analysisBench: Bench = {
  name: "analysis",
  question: "How long do all findings of a policy take?",
  goal: "100 rules: 50 ms. 1,000 rules: 500 ms.",
  worst_case: "A policy without a fault: every search has to go on to its end.",
  run,
};

/** Rules that are wrong in ways that `mixedPolicyText` has none of: what is timed must still find them. */
const faults = `
block "never" when statement.effects has drop and principal.kind == agent unless principal.kind == agent
block "wide" when statement.effects has drop
block "narrow" when statement.effects has drop and principal in team1
block "excused" when statement.effects has alter unless connection.env == dev
require approval "dead" from dba within 30m when statement.effects has grant
`;
const expected = ["HPL4002", "HPL4003", "HPL5008", "HPL5011"];

interface AnalysisTimes {
  readonly rules_count: number;
  readonly all_ms: number;
  readonly edited_ms: number;
}

async function run(size: RunSize): Promise<Findings> {
  const times: AnalysisTimes[] = [];
  for (const rules_count of sizes[size]) times.push(await runSize(size, rules_count));
  const base_ms = times[0]?.all_ms ?? Number.NaN;
  const rows = times.map((each) => [each.rules_count, each.all_ms, ratio(each.all_ms, base_ms), each.edited_ms]);
  const columns = ["rules", "all findings ms", "to the least", "after an edit ms"];
  return { tables: [{ title: "Analysis, p50", columns, rows }], goals: times.flatMap(goalsOf), notes };
}

const notes = ["After an edit: one rule of all changes, and the cache is that of the version before."];

async function runSize(size: RunSize, rules_count: number): Promise<AnalysisTimes> {
  const text = mixedPolicyText(rules_count);
  const policy = policyOf(text);
  expectSame("findings of a policy without a fault", codesOf(policy).join(), "");
  expectSame("findings of one with some", codesOf(policyOf(text + faults)).join(), expected.join());
  const edited = policyOf(text.replace('"area0_*"', '"zone0_*"'));
  const cache: AnalysisCache = new Map();
  codesOf(policy, cache);
  const { all, edit } = await timeInTurns(size, {
    all: () => codesOf(policy),
    edit: () => codesOf(edited, new Map(cache)),
  });
  return { rules_count, all_ms: all.p50_ns / 1e6, edited_ms: edit.p50_ns / 1e6 };
}

function policyOf(text: string): CheckedPolicy {
  const { policy, diagnostics } = check({ sources: [{ path: "policy.hpl", text }], libraries: [] });
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return policy;
}

const codesOf = (policy: CheckedPolicy, cache?: AnalysisCache): readonly string[] =>
  analyse(policy, () => null, cache === undefined ? {} : { cache })
    .map(({ code }) => code)
    .toSorted();

function goalsOf({ rules_count, all_ms }: AnalysisTimes): readonly GoalCheck[] {
  const goal_ms = goals_ms.get(rules_count);
  if (goal_ms === undefined) return [];
  const found = `${shown(all_ms)} ms`;
  return [{ what: `all findings, ${rules_count} rules`, goal: `${goal_ms} ms`, found, is_met: all_ms <= goal_ms }];
}

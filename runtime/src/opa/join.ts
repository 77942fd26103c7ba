import {
  type ApprovalObligation,
  type Decision,
  joinVerdicts,
  type LimitObligation,
  type Obligation,
  type Verdict,
  verdicts,
} from "../abi/decision.js";
import type { RegoAnswer, RegoResult } from "./answer.js";

/** What a join needs to know beside the two decisions. */
export interface JoinContext {
  /** Name of the entrypoint that was asked. */
  readonly entrypoint: string;
  /** Number of the request's actions: Rego's approval is for each of them. */
  readonly actionsCount: number;
  /** What approvals of the joined decision bind to. */
  readonly binding: string;
}

/**
 * HPL's `decision` and Rego's `result` together: the stricter verdict; approvals conjoin, and limits take the minimum. Where
 * both are equally strict, HPL has the word.
 */
export function joinRego(decision: Decision, result: RegoResult, context: JoinContext): Decision {
  const { entrypoint } = context;
  if (result.kind === "failure") return refuse(decision, "HPL8030", entrypoint, `gave no decision: ${result.why}`);
  const { answer } = result;
  if (answer.verdict === "allow" && !decision.complete && !answer.even_if_incomplete)
    return refuse(decision, "HPL8031", entrypoint, "allows this without knowing all of it");
  const verdict = joinVerdicts(decision.verdict, answer.verdict);
  const joined = {
    ...decision,
    verdict,
    obligations: verdict === "block" ? [] : uniteObligations(decision.obligations, answer, context),
    reasons: answer.verdict === "allow" ? decision.reasons : withReasons(decision.reasons, entrypoint, answer.reasons),
  };
  return isStricter(answer.verdict, decision.verdict) ? withWordsOfRego(joined, answer, entrypoint) : joined;
}

const isStricter = (a: Verdict, b: Verdict): boolean => verdicts.indexOf(a) > verdicts.indexOf(b);

const fixes = {
  HPL8030: "Run the Rego policy on this input, and compare its result with docs/guide/rego.md.",
  HPL8031:
    "Rewrite the request in plain statements, or let the Rego policy say `even_if_incomplete` where it may allow this.",
} as const;

/** Block, because of how the Rego policy answered. A decision that HPL had blocked already keeps HPL's words. */
function refuse(decision: Decision, code: keyof typeof fixes, entrypoint: string, what: string): Decision {
  const reason = code === "HPL8030" ? "rego_failed" : "rego_allow_incomplete";
  const reasons = sorted([...decision.reasons, reason, `rego/${entrypoint}`]);
  const refused = { ...decision, verdict: "block" as const, obligations: [], reasons };
  if (decision.verdict === "block") return refused;
  return { ...refused, message: `the Rego policy \`${entrypoint}\` ${what}`, fix: fixes[code], code };
}

const withReasons = (reasons: readonly string[], entrypoint: string, more: readonly string[]): readonly string[] =>
  sorted([...reasons, `rego/${entrypoint}`, ...more.map((reason) => `rego/${entrypoint}: ${reason}`)]);

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

const words = { allow: "allowed by", approve: "needs approval by", block: "blocked by" } as const;

/** The fix and the code of HPL's part belong to a verdict that is no longer the one. */
function withWordsOfRego(decision: Decision, { verdict, reasons }: RegoAnswer, entrypoint: string): Decision {
  const { fix: _, code: __, ...rest } = decision;
  const because = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  return { ...rest, message: `${words[verdict]} the Rego policy \`${entrypoint}\`${because}` };
}

/** In the order of actions, and of an action in HPL's order: masks, approval, limit, detectors. */
function uniteObligations(
  own: readonly Obligation[],
  answer: RegoAnswer,
  { actionsCount, binding }: JoinContext,
): readonly Obligation[] {
  return Array.from({ length: actionsCount }, (_, action) => {
    const ofAction = own.filter((obligation) => obligation.action === action);
    const approvals = [
      ...ofAction.filter((each) => each.type === "approval"),
      ...(answer.approval === null ? [] : [answer.approval]),
    ];
    const limits = [
      ...ofAction.filter((each) => each.type === "limit"),
      ...answer.limits.filter((each) => each.action === action),
    ];
    return [
      ...ofAction.filter((each) => each.type === "mask"),
      ...(approvals.length === 0 ? [] : [conjoin(approvals, action, binding)]),
      ...(limits.length === 0 ? [] : [leastOf(limits, action)]),
      ...ofAction.filter((each) => each.type === "detect"),
    ];
  }).flat();
}

/** The greatest count a group, the shortest time. */
function conjoin(
  approvals: readonly Pick<ApprovalObligation, "all" | "within_s">[],
  action: number,
  binding: string,
): ApprovalObligation {
  const counts = new Map<string, number>();
  for (const { group, count } of approvals.flatMap(({ all }) => all))
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  const all = [...counts].map(([group, count]) => ({ group, count })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return { type: "approval", action, all, within_s: Math.min(...approvals.map(({ within_s }) => within_s)), binding };
}

function leastOf(limits: readonly LimitObligation[], action: number): LimitObligation {
  const least = (["rows", "time_ms", "bytes"] as const).flatMap((amount) => {
    const values = limits.flatMap((limit) => limit[amount] ?? []);
    return values.length === 0 ? [] : [[amount, Math.min(...values)] as const];
  });
  return { type: "limit", action, ...Object.fromEntries(least) };
}

import type { ApprovalObligation, ApproverCount, Decision } from "@hpl/runtime";
import { type Approval, type ApprovalBinding, wordsOf } from "../approvals/approval.js";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { Hold, HoldOutcome } from "./enforcement.js";

/** What a hold needs to know beside the decision. */
export interface HoldRequest {
  readonly decision: Decision;
  readonly binding: ApprovalBinding;
  readonly statement: string;
  /** Where people decide. */
  readonly address: string;
}

/** Asks for approval of one decided statement. An approval given earlier for exactly this is used at once. */
export function holdFor(approvals: ApprovalRegistry, { decision, binding, statement, address }: HoldRequest): Hold {
  const needed = decision.obligations.filter((obligation) => obligation.type === "approval");
  const rules = decision.rules.filter(({ effect, advisory }) => effect === "approve" && !advisory).map(({ id }) => id);
  const { needs, within_s } = conjoin(needed);
  const approval = approvals.request({ binding, statement, rules, message: decision.message, needs, within_s });
  const outcome = approvals.settled(approval.id).then((settled) => outcomeOf(approvals, settled, binding));
  return { approval: approval.id, needs, within_s, address, outcome, cancel: () => approvals.cancel(approval.id) };
}

/** Approvals of several statements in one text: the greatest count a group, the shortest time. */
function conjoin(obligations: readonly ApprovalObligation[]): {
  readonly needs: readonly ApproverCount[];
  readonly within_s: number;
} {
  const counts = new Map<string, number>();
  for (const { group, count } of obligations.flatMap(({ all }) => all)) {
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  }
  const needs = [...counts]
    .map(([group, count]) => ({ group, count }))
    .toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return { needs, within_s: Math.min(...obligations.map(({ within_s }) => within_s)) };
}

function outcomeOf(approvals: ApprovalRegistry, approval: Approval, binding: ApprovalBinding): HoldOutcome {
  if (approval.state === "approved") {
    const step = approvals.use(approval.id, binding);
    return step.ok
      ? { state: "approved", approval: approval.id }
      : { state: "refused", approval: approval.id, message: step.why };
  }
  const message = messageOf(approval);
  const state = approval.state === "rejected" || approval.state === "expired" ? approval.state : "cancelled";
  return { state, approval: approval.id, message };
}

function messageOf({ state, decisions, needs }: Approval): string {
  const last = decisions.findLast(({ decision }) => decision === "reject");
  if (state === "rejected" && last !== undefined) return `rejected by ${last.user}: ${last.reason}`;
  if (state === "expired") return `nobody decided in time; needed ${wordsOf(needs)}`;
  return "the request was withdrawn";
}

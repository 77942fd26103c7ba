import type { ApprovalObligation, ApproverCount, Decision } from "@hpl/runtime";
import { type Approval, type ApprovalBinding, wordsOf } from "../approvals/approval.js";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { Hold, HoldOutcome } from "./enforcement.js";

/** What a hold needs to know beside the decision. */
export interface HoldRequest {
  readonly decision: Decision;
  readonly binding: ApprovalBinding;
  readonly statement: string;
  readonly facts: Approval["facts"];
  /** Where people decide. */
  readonly address: string;
  /** Whether the policy that asked is still the one in force. */
  readonly isInForce: () => boolean;
  /** False when the client is told to come again: then an approval given later is for that second attempt. */
  readonly waits: boolean;
}

/**
 * Asks for approval of one decided statement. An approval given earlier for exactly this is used at once. Never throws: what
 * cannot be asked for is refused.
 */
export function holdFor(approvals: ApprovalRegistry, request: HoldRequest): Hold {
  const { decision, binding, statement, facts, address } = request;
  const needed = decision.obligations.filter((obligation) => obligation.type === "approval");
  const places = askingRules(decision).map(({ id, span: { file, line } }) => ({ rule: id, file, line }));
  const { needs, within_s } = conjoin(needed);
  const refused = (message: string): Hold => {
    const outcome = Promise.resolve({ state: "refused", approval: "none", message } as const);
    return { approval: "none", needs, within_s, address, isGiven: false, outcome, cancel: () => {} };
  };
  try {
    const step = approvals.request({ binding, statement, facts, places, message: decision.message, needs, within_s });
    if (!step.ok) return refused(step.why);
    return { needs, within_s, address, approval: step.approval.id, ...waitFor(approvals, step.approval, request) };
  } catch (error) {
    return refused(unwritten(error));
  }
}

/** The rules of a decision that ask for approval. */
export const askingRules = ({ rules }: Decision): Decision["rules"] =>
  rules.filter(({ effect, advisory }) => effect === "approve" && !advisory);

/** Every hold settles by itself: several may wait for one approval, and one of them going does not end the others. */
function waitFor(
  approvals: ApprovalRegistry,
  { id, state }: Approval,
  request: HoldRequest,
): Pick<Hold, "outcome" | "isGiven" | "cancel"> {
  const isGiven = state === "approved";
  let end: "waiting" | "cancelled" | "settled" = "waiting";
  let leave = (_outcome: HoldOutcome): void => {};
  const left = new Promise<HoldOutcome>((resolve) => {
    leave = resolve;
  });
  const decided = approvals.settled(id).then((approval): HoldOutcome | Promise<HoldOutcome> => {
    if (end === "cancelled") return left;
    end = "settled";
    if (!isGiven && !request.waits) return refusal(id, "it was decided later: send the statement again");
    return outcomeOf(approvals, approval, request);
  });
  const cancel = (): void => {
    if (end !== "waiting") return;
    end = "cancelled";
    leave({ state: "cancelled", approval: id, message: withdrawn });
    approvals.withdraw(id);
  };
  return { isGiven, outcome: Promise.race([decided, left]), cancel };
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
  const times_s = obligations.map(({ within_s }) => within_s);
  return { needs, within_s: times_s.length === 0 ? 0 : Math.min(...times_s) };
}

async function outcomeOf(
  approvals: ApprovalRegistry,
  approval: Approval,
  { binding, isInForce }: HoldRequest,
): Promise<HoldOutcome> {
  const refused = (message: string): HoldOutcome => refusal(approval.id, message);
  if (approval.state === "approved") {
    if (!isInForce()) return refused(changedMeanwhile);
    try {
      const step = await approvals.use(approval.id, binding);
      if (!step.ok) return refused(step.why);
      // Writing the use down may have taken a moment.
      return isInForce() ? { state: "approved", approval: approval.id } : refused(changedMeanwhile);
    } catch (error) {
      return refused(unwritten(error));
    }
  }
  const state = approval.state === "rejected" || approval.state === "expired" ? approval.state : "cancelled";
  return { state, approval: approval.id, message: messageOf(approval) };
}

const refusal = (approval: string, message: string): HoldOutcome => ({ state: "refused", approval, message });

const changedMeanwhile = "the policy changed while the statement waited: send it again";

const withdrawn = "the request was withdrawn";

/** Only our own words go to the client: an exception may name paths of the gateway's machine. */
const unwritten = (error: unknown): string =>
  error instanceof Error && error.name === "AuditUnavailable"
    ? "the audit log cannot be written"
    : "the approval cannot be stored";

function messageOf({ state, decisions, needs }: Approval): string {
  const last = decisions.findLast(({ decision }) => decision === "reject");
  if (state === "rejected" && last !== undefined) return `rejected by ${last.user}: ${last.reason}`;
  if (state === "expired") return `nobody decided in time; needed ${wordsOf(needs)}`;
  return withdrawn;
}

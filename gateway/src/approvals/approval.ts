/**
 * Approvals: the life of one request for consent, as a pure state machine.
 *
 * In: a request bound to exactly one statement, then what people and time do. Out: the next state, or why a step is not
 * allowed. Rules that hold whatever the caller does: nobody decides on their own request, nor on one an agent made for
 * them; one person counts once, for one group; a rationale is required; the first rejection ends it; a time that has
 * passed ends it as not run; an approval is used once. Absent: clocks (`now` is given), storage, channels.
 */
import type { ApproverCount } from "@hpl/runtime";

export type ApprovalState = "pending" | "approved" | "rejected" | "expired" | "cancelled" | "used";

/** What an approval is for: nothing else may use it (DESIGN section 7). */
export interface ApprovalBinding {
  readonly principal: string;
  readonly on_behalf_of: string | null;
  readonly connection: string;
  /** Hex SHA-256 of the exact bytes that are forwarded. */
  readonly statement_sha256: string;
  /** Hex SHA-256 of the parameters; the digest of none for a plain statement. */
  readonly parameters_sha256: string;
  /** Semantic digest of the policy that asked. */
  readonly policy_digest: string;
}

export interface ApprovalDecision {
  readonly user: string;
  readonly decision: "approve" | "reject";
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  /** Needed groups the person belongs to. */
  readonly groups: readonly string[];
}

export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly binding: ApprovalBinding;
  /** The statement as the approver must see it. */
  readonly statement: string;
  readonly rules: readonly string[];
  readonly message: string;
  readonly needs: readonly ApproverCount[];
  readonly requested_at: string;
  readonly expires_at: string;
  readonly decisions: readonly ApprovalDecision[];
}

/** Somebody who wants to decide. */
export interface Approver {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Longest rationale, in characters: enough for a paragraph and a link. */
export const reasonLengthMax = 2_000;

export type Step = { readonly ok: true; readonly approval: Approval } | { readonly ok: false; readonly why: string };

const refuse = (why: string): Step => ({ ok: false, why });

/** Adds one person's decision. */
export function decideApproval(
  approval: Approval,
  approver: Approver,
  decision: "approve" | "reject",
  reason: string,
  now: Date,
): Step {
  const current = expireApproval(approval, now);
  if (current.state !== "pending") return refuse(`approval ${approval.id} is ${current.state}`);
  const { principal, on_behalf_of } = approval.binding;
  if (approver.user === principal || approver.user === on_behalf_of) {
    return refuse("nobody decides on a request of their own, or one made on their behalf");
  }
  const groups = approval.needs.map(({ group }) => group).filter((group) => approver.groups.includes(group));
  if (groups.length === 0) return refuse(`only ${wordsOf(approval.needs)} may decide on this`);
  if (reason.trim() === "") return refuse("a reason is required");
  if (reason.length > reasonLengthMax) return refuse(`the reason is longer than ${reasonLengthMax} characters`);
  if (approval.decisions.some(({ user }) => user === approver.user)) return refuse("a person decides once");
  const decisions = [...approval.decisions, { user: approver.user, decision, reason, at: now.toISOString(), groups }];
  const isDone = decision === "reject" || isSatisfied(approval.needs, decisions);
  const state = isDone ? (decision === "reject" ? "rejected" : "approved") : "pending";
  return { ok: true, approval: { ...approval, decisions, state } };
}

/** The approval as time leaves it. An approval that was given lapses too, when it is not used in time. */
export function expireApproval(approval: Approval, now: Date): Approval {
  const isOpen = approval.state === "pending" || approval.state === "approved";
  return isOpen && now.getTime() >= Date.parse(approval.expires_at) ? { ...approval, state: "expired" } : approval;
}

/** Uses an approval for the one run it is for. */
export function useApproval(approval: Approval, binding: ApprovalBinding, now: Date): Step {
  const current = expireApproval(approval, now);
  if (current.state !== "approved") return refuse(`approval ${approval.id} is ${current.state}`);
  if (!sameBinding(current.binding, binding)) return refuse(`approval ${approval.id} is for something else`);
  return { ok: true, approval: { ...current, state: "used" } };
}

/** The requester is gone, or does not want it any more. */
export const cancelApproval = (approval: Approval): Approval =>
  approval.state === "pending" ? { ...approval, state: "cancelled" } : approval;

export const sameBinding = (a: ApprovalBinding, b: ApprovalBinding): boolean =>
  a.principal === b.principal &&
  a.on_behalf_of === b.on_behalf_of &&
  a.connection === b.connection &&
  a.statement_sha256 === b.statement_sha256 &&
  a.parameters_sha256 === b.parameters_sha256 &&
  a.policy_digest === b.policy_digest;

/**
 * Whether the people who approved fill every seat, each of them one: a matching of seats to people (Kuhn's algorithm).
 * O(seats x people x groups).
 */
export function isSatisfied(needs: readonly ApproverCount[], decisions: readonly ApprovalDecision[]): boolean {
  const people = decisions.filter(({ decision }) => decision === "approve");
  const seats = needs.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
  const seatOf = new Map<number, number>();
  const seat = (index: number, tried: Set<number>): boolean =>
    people.some((person, i) => {
      if (tried.has(i) || !person.groups.includes(seats[index] ?? "")) return false;
      tried.add(i);
      const taken = seatOf.get(i);
      if (taken !== undefined && !seat(taken, tried)) return false;
      seatOf.set(i, index);
      return true;
    });
  return seats.every((_, index) => seat(index, new Set()));
}

/** `2 of dba and 1 of security`. */
export const wordsOf = (needs: readonly ApproverCount[]): string =>
  needs.map(({ group, count }) => `${count} of ${group}`).join(" and ");

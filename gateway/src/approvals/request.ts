/** Asking for an approval: what a request holds, whether an earlier approval answers it, what the audit log says of each state. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ApproverCount } from "@hpl/runtime";
import type { AuditEvent, AuditKind } from "../audit/event.js";
import { type Approval, type ApprovalBinding, covers, type Step, sameBinding } from "./approval.js";

/** What a held statement asks for. */
export interface ApprovalRequest {
  readonly binding: ApprovalBinding;
  readonly statement: string;
  readonly facts: Approval["facts"];
  readonly places: Approval["places"];
  readonly message: string;
  readonly needs: readonly ApproverCount[];
  readonly within_s: number;
}

/** Pending approvals of one principal: more than people can read, and a bound on what an agent can pile up. */
export const pendingMax = 100;
/** Longest time to answer, in seconds: a year. */
export const withinMax_s = 366 * 86_400;

export const isOpen = ({ state }: Approval): boolean => state === "pending" || state === "approved";

/**
 * Whether `approval` answers `request`. The policy may have come to ask for other people, or for a quicker answer (another
 * hour, another network), and then an earlier approval is not what it asks for now.
 */
export function isFor(approval: Approval, { binding, needs, within_s }: ApprovalRequest, now: Date): boolean {
  if (!isOpen(approval)) return false;
  if (!(approval.state === "approved" ? covers(approval, binding) : sameBinding(approval.binding, binding)))
    return false;
  const isInTime = now.getTime() < Date.parse(approval.requested_at) + within_s * 1000;
  return isInTime && isDeepStrictEqual(approval.needs, needs);
}

/** What a decision made of it: still pending, approved or rejected. */
export function kindOf({ state }: Approval): AuditKind {
  if (state === "approved") return "approval.approved";
  return state === "rejected" ? "approval.rejected" : "approval.decided";
}

export function createApproval(request: ApprovalRequest, known: readonly Approval[], now: Date): Step {
  const { within_s, ...asked } = request;
  if (asked.needs.length === 0 || !(within_s > 0)) return { ok: false, why: "the policy names nobody to ask" };
  const { principal } = asked.binding;
  const pending = known.filter(({ state, binding }) => state === "pending" && binding.principal === principal);
  if (pending.length >= pendingMax) return { ok: false, why: `${pendingMax} approvals of ${principal} are pending` };
  const approval: Approval = {
    ...asked,
    id: randomBytes(5).toString("hex"),
    state: "pending",
    requested_at: now.toISOString(),
    expires_at: new Date(now.getTime() + Math.min(within_s, withinMax_s) * 1000).toISOString(),
    decisions: [],
    scope: "statement",
    uses: 0,
  };
  return { ok: true, approval };
}

/** The approval block of the audit log: who, when and why, and what it is bound to. The statement stays out. */
export function eventOf(approval: Approval, kind: AuditKind, more: Readonly<Record<string, string>> = {}): AuditEvent {
  const { id, state, binding, needs, requested_at, expires_at, decisions, scope, uses } = approval;
  const detail = {
    approval: id,
    state,
    binding: { ...binding },
    rules: binding.rules,
    needs: needs.map((need) => ({ ...need })),
    requested_at,
    expires_at,
    decisions: decisions.map((decision) => ({ ...decision })),
    scope,
    uses,
    ...more,
  };
  return { kind, detail };
}

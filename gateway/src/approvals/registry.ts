import { randomBytes } from "node:crypto";
import type { ApproverCount } from "@hpl/runtime";
import type { AuditKind } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import {
  type Approval,
  type ApprovalBinding,
  type Approver,
  cancelApproval,
  decideApproval,
  expireApproval,
  type Step,
  sameBinding,
  useApproval,
} from "./approval.js";
import type { ApprovalStore } from "./store.js";

/** What a held statement asks for. */
export interface ApprovalRequest {
  readonly binding: ApprovalBinding;
  readonly statement: string;
  readonly rules: readonly string[];
  readonly message: string;
  readonly needs: readonly ApproverCount[];
  readonly within_s: number;
}

/** Told of every new state; used by webhooks. Must not throw. */
export type ApprovalListener = (event: AuditKind, approval: Approval) => void;

/** All approvals of a gateway. Times come from one clock; every change is in the audit log before anybody sees it. */
export interface ApprovalRegistry {
  /** An approved and unused one for the same binding, or a pending one, else a new one. */
  request(request: ApprovalRequest): Approval;
  /** Settles when the approval is no longer pending. Never rejects. */
  settled(id: string): Promise<Approval>;
  decide(id: string, approver: Approver, decision: "approve" | "reject", reason: string): Step;
  use(id: string, binding: ApprovalBinding): Step;
  cancel(id: string): void;
  /** Newest first. */
  list(): readonly Approval[];
  close(): void;
}

/** Longest wait of a timer in Node; a longer one is waited for in parts. */
const timerMax_ms = 2 ** 31 - 1;

export interface RegistryOptions {
  readonly store: ApprovalStore;
  readonly audit: AuditLog;
  readonly onChange: ApprovalListener;
  readonly now: () => Date;
}

export function openApprovals(options: RegistryOptions): ApprovalRegistry {
  const approvals = new Map(options.store.load().map((approval) => [approval.id, approval]));
  const waiting = new Map<string, ((approval: Approval) => void)[]>();
  const timers = new Map<string, NodeJS.Timeout>();

  const settle = (approval: Approval): void => {
    clearTimeout(timers.get(approval.id));
    timers.delete(approval.id);
    for (const resolve of waiting.get(approval.id) ?? []) resolve(approval);
    waiting.delete(approval.id);
  };
  const put = (approval: Approval, kind: AuditKind): void => {
    options.audit.append({ kind, detail: auditDetail(approval) }, { durable: true });
    options.store.save(approval);
    approvals.set(approval.id, approval);
    options.onChange(kind, approval);
    if (approval.state !== "pending") settle(approval);
  };
  /** The approval as time leaves it. */
  const current = (id: string): Approval | undefined => {
    const approval = approvals.get(id);
    if (approval === undefined) return undefined;
    const aged = expireApproval(approval, options.now());
    if (aged.state !== approval.state) put(aged, "approval.expired");
    return aged;
  };
  const startTimer = (id: string, expires_at: string): void => {
    const left_ms = Date.parse(expires_at) - options.now().getTime();
    const timer = setTimeout(
      () => {
        if (current(id)?.state === "pending") startTimer(id, expires_at);
      },
      Math.min(Math.max(left_ms, 0) + 1, timerMax_ms),
    );
    timer.unref();
    timers.set(id, timer);
  };
  /** Those that a process that ended left pending: nobody waits for them any more. */
  for (const { id, state } of [...approvals.values()]) {
    const approval = current(id);
    if (state === "pending" && approval?.state === "pending") put(cancelApproval(approval), "approval.cancelled");
  }

  return {
    request: (request) => {
      const open = [...approvals.keys()].flatMap((id) => current(id) ?? []);
      const known = open.find(({ state, binding }) => isOpen(state) && sameBinding(binding, request.binding));
      if (known !== undefined) return known;
      const approval = newApproval(request, options.now());
      put(approval, "approval.requested");
      startTimer(approval.id, approval.expires_at);
      return approval;
    },
    settled: (id) => {
      const approval = current(id);
      if (approval === undefined) return Promise.reject(new Error(`HPL9001: no approval ${id}`));
      if (approval.state !== "pending") return Promise.resolve(approval);
      return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]));
    },
    decide: (id, approver, decision, reason) => {
      const approval = current(id);
      if (approval === undefined) return { ok: false, why: `there is no approval ${id}` };
      const step = decideApproval(approval, approver, decision, reason, options.now());
      if (step.ok) put(step.approval, kindOf(step.approval));
      return step;
    },
    use: (id, binding) => {
      const approval = current(id);
      if (approval === undefined) return { ok: false, why: `there is no approval ${id}` };
      const step = useApproval(approval, binding, options.now());
      if (step.ok) put(step.approval, "approval.used");
      return step;
    },
    cancel: (id) => {
      const approval = current(id);
      if (approval?.state === "pending") put(cancelApproval(approval), "approval.cancelled");
    },
    list: () => [...approvals.keys()].flatMap((id) => current(id) ?? []).toReversed(),
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const isOpen = (state: Approval["state"]): boolean => state === "pending" || state === "approved";

/** What a decision made of it: still pending, approved or rejected. */
function kindOf({ state }: Approval): AuditKind {
  if (state === "approved") return "approval.approved";
  return state === "rejected" ? "approval.rejected" : "approval.decided";
}

function newApproval(request: ApprovalRequest, now: Date): Approval {
  const { binding, statement, rules, message, needs, within_s } = request;
  return {
    id: randomBytes(5).toString("hex"),
    state: "pending",
    binding,
    statement,
    rules,
    message,
    needs,
    requested_at: now.toISOString(),
    expires_at: new Date(now.getTime() + within_s * 1000).toISOString(),
    decisions: [],
  };
}

/** The approval block of the audit log: who, when and why, and what it is bound to. The statement stays out. */
function auditDetail(approval: Approval) {
  const { id, state, binding, rules, needs, requested_at, expires_at, decisions } = approval;
  return {
    approval: id,
    state,
    binding: { ...binding },
    rules,
    needs: needs.map((need) => ({ ...need })),
    requested_at,
    expires_at,
    decisions: decisions.map((decision) => ({ ...decision })),
  };
}

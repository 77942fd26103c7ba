/**
 * All approvals of a gateway: the state machine of `approval.ts` with a clock, a store, and the audit log.
 *
 * In: what sessions ask for and what people decide. Out: the state everybody sees. What loosens (a request, an approval) is
 * first in the audit log, then in the store, both on the disk, and only then in memory: when one of them fails, nothing has
 * happened, and the caller is told by an exception. What ends an approval by somebody's act (a rejection, a use) is first in
 * the log, then in memory, then in the store: a store that fails cannot bring it back, and a use that is not stored does not
 * run. What only time or absence does (expiry, withdrawal) is in memory first and never fails; at the next start the clock,
 * and the rule that nobody waits for what is pending, come to the same. Absent: channels, passwords, several gateways.
 */
import type { AuditKind } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import {
  type Approval,
  type ApprovalBinding,
  type ApprovalScope,
  type Approver,
  cancelApproval,
  decideApproval,
  expireApproval,
  revokeApproval,
  type Step,
  useApproval,
} from "./approval.js";
import { createDeadlines } from "./deadlines.js";
import { type ApprovalRequest, createApproval, eventOf, isFor, isOpen, kindOf } from "./request.js";
import type { ApprovalStore } from "./store.js";

/** Told of every new state; used by webhooks. Must not throw. */
export type ApprovalListener = (event: AuditKind, approval: Approval) => void;

/** `request`, `decide` and `use` throw or reject when the audit log or the store cannot be written: then nothing may run. */
export interface ApprovalRegistry {
  /** An approved and unused one for the same, or a pending one, else a new one. Refused past the limit of pending ones. */
  request(request: ApprovalRequest): Step;
  /** Settles when the approval is no longer pending, at the latest when the registry closes. Rejects for an unknown id. */
  settled(id: string): Promise<Approval>;
  decide(
    id: string,
    approver: Approver,
    decision: "approve" | "reject",
    reason: string,
    scope?: ApprovalScope,
  ): Step | Promise<Step>;
  /** Takes back an approval that was given; from then on nothing runs by it. */
  revoke(id: string, by: Approver, reason: string): Step | Promise<Step>;
  use(id: string, binding: ApprovalBinding): Step | Promise<Step>;
  /** One of those who asked is gone; the last one's going cancels what is pending. Never throws. */
  withdraw(id: string): void;
  /** Newest first. Never throws. */
  list(): readonly Approval[];
  /** Cancels what is pending. */
  close(): void | Promise<void>;
}

/** The registry of one gateway, which answers at once. */
export interface LocalApprovals extends ApprovalRegistry {
  decide(id: string, approver: Approver, decision: "approve" | "reject", reason: string, scope?: ApprovalScope): Step;
  revoke(id: string, by: Approver, reason: string): Step;
  use(id: string, binding: ApprovalBinding): Step;
  close(): void;
}

/** Approvals kept that are over; of older ones the audit log tells. */
export const closedMax = 1_000;

export interface RegistryOptions {
  readonly store: ApprovalStore;
  readonly audit: AuditLog;
  readonly onChange: ApprovalListener;
  readonly now: () => Date;
  /** Told of what could not be written down. */
  readonly log: (line: string) => void;
}

export function openApprovals(options: RegistryOptions): LocalApprovals {
  const { store, audit, now, log } = options;
  const approvals = new Map(store.load().map((approval) => [approval.id, approval]));
  const waiting = new Map<string, ((approval: Approval) => void)[]>();
  const deadlines = createDeadlines(
    () => now().getTime(),
    (id) => void current(id),
  );
  /** How many asked for an approval and have not gone. */
  const askers = new Map<string, number>();

  const remember = (approval: Approval, kind: AuditKind): void => {
    approvals.set(approval.id, approval);
    if (isOpen(approval)) deadlines.set(approval.id, Date.parse(approval.expires_at));
    else deadlines.clear(approval.id);
    options.onChange(kind, approval);
    if (approval.state === "pending") return;
    for (const resolve of waiting.get(approval.id) ?? []) resolve(approval);
    waiting.delete(approval.id);
    if (isOpen(approval)) return;
    askers.delete(approval.id);
    dropOldest();
  };
  const loosen = (approval: Approval, kind: AuditKind): void => {
    audit.append(eventOf(approval, kind), { durable: true });
    store.save(approval);
    remember(approval, kind);
  };
  const finish = (approval: Approval, kind: AuditKind): void => {
    audit.append(eventOf(approval, kind), { durable: true });
    remember(approval, kind);
    store.save(approval);
  };
  const restrict = (approval: Approval, kind: AuditKind, more: Readonly<Record<string, string>> = {}): void => {
    remember(approval, kind);
    try {
      audit.append(eventOf(approval, kind, more), { durable: true });
      store.save(approval);
    } catch (error) {
      log(`${kind} of approval ${approval.id} could not be written down: ${messageOf(error)}`);
    }
  };
  /** The approval as time leaves it. */
  const current = (id: string): Approval | undefined => {
    const approval = approvals.get(id);
    if (approval === undefined) return undefined;
    const aged = expireApproval(approval, now());
    if (aged.state !== approval.state) restrict(aged, "approval.expired");
    return aged;
  };
  const all = (): readonly Approval[] => [...approvals.keys()].flatMap((id) => current(id) ?? []);

  function dropOldest(): void {
    const closed = [...approvals.values()].filter((approval) => !isOpen(approval));
    for (const { id } of closed.slice(0, Math.max(closed.length - closedMax, 0))) {
      approvals.delete(id);
      try {
        store.remove(id);
      } catch (error) {
        log(`approval ${id} could not be removed: ${messageOf(error)}`);
      }
    }
  }
  const cancelPending = (): void => {
    for (const approval of all())
      if (approval.state === "pending") restrict(cancelApproval(approval), "approval.cancelled");
  };

  // Nobody waits any more for what a process that ended left pending; what was approved can still be used.
  cancelPending();
  for (const approval of all()) if (isOpen(approval)) deadlines.set(approval.id, Date.parse(approval.expires_at));
  dropOldest();

  return {
    request: (request) => {
      const known = all().find((approval) => isFor(approval, request, now()));
      const step =
        known === undefined ? createApproval(request, all(), now()) : ({ ok: true, approval: known } as const);
      if (!step.ok) return step;
      if (known === undefined) loosen(step.approval, "approval.requested");
      askers.set(step.approval.id, (askers.get(step.approval.id) ?? 0) + 1);
      return step;
    },
    settled: (id) => {
      const approval = current(id);
      if (approval === undefined) return Promise.reject(new Error(`HPL9001: no approval ${id}`));
      if (approval.state !== "pending") return Promise.resolve(approval);
      return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]));
    },
    decide: (id, approver, decision, reason, scope) => {
      const approval = current(id);
      if (approval === undefined) return { ok: false, why: "there is no such approval" };
      const step = decideApproval(approval, approver, decision, reason, now(), scope);
      if (!step.ok) return step;
      const write = step.approval.state === "rejected" ? finish : loosen;
      write(step.approval, kindOf(step.approval));
      return step;
    },
    revoke: (id, by, reason) => {
      const approval = current(id);
      if (approval === undefined) return { ok: false, why: "there is no such approval" };
      const step = revokeApproval(approval, by, reason, now());
      if (step.ok) restrict(step.approval, "approval.revoked", { revoked_by: by.user, revoked_because: reason });
      return step;
    },
    use: (id, binding) => {
      const approval = current(id);
      if (approval === undefined) return { ok: false, why: "there is no such approval" };
      const step = useApproval(approval, binding, now());
      if (step.ok) finish(step.approval, "approval.used");
      return step;
    },
    withdraw: (id) => {
      const left = (askers.get(id) ?? 1) - 1;
      askers.set(id, left);
      const approval = current(id);
      if (left <= 0 && approval?.state === "pending") restrict(cancelApproval(approval), "approval.cancelled");
    },
    list: () => all().toReversed(),
    close: () => {
      cancelPending();
      deadlines.clearAll();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

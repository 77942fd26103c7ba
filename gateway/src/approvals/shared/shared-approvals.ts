/**
 * The approvals of several gateways, in one PostgreSQL database.
 *
 * In: what sessions of this gateway ask for, and what people decide through it. Out: the same states on every gateway. Each step
 * of an approval is one transaction: the row is locked, the state machine of `approval.ts` is asked with the database's clock,
 * the step is stored, the audit log of this gateway has it on the disk, and only then is it committed. So two steps that race end
 * in one state, whoever loses writes nothing, and nothing runs by what may not have been committed. What is known here of the
 * others' steps is a copy, read again at every wake-up; it answers who asks anew and what people look at, never whether a statement
 * may run. While the database is away a statement stays held, and expires by this gateway's own clock as not run.
 *
 * A request joins an approval that was given through any gateway, but waits only for requests of its own gateway: who asks
 * elsewhere may go, and their going must not end what is waited for here.
 */
import type { AuditKind } from "../../audit/event.js";
import type { AuditLog } from "../../audit/log.js";
import {
  type Approval,
  cancelApproval,
  decideApproval,
  expireApproval,
  revokeApproval,
  type Step,
  useApproval,
} from "../approval.js";
import { createDeadlines } from "../deadlines.js";
import { type ApprovalListener, type ApprovalRegistry, closedMax } from "../registry.js";
import { createApproval, eventOf, isFor, isOpen, kindOf, withinMax_s } from "../request.js";
import { coalesced } from "./coalesced.js";
import type { SharedDatabase } from "./database.js";
import { insertRow, lockRow, readRows, removeOld, type StoredRow, storeStep } from "./rows.js";

export interface SharedApprovalsOptions {
  /** Is closed by whoever opened it. */
  readonly database: SharedDatabase;
  /** Name of this gateway, the same after a restart. */
  readonly gateway: string;
  readonly audit: Pick<AuditLog, "append">;
  readonly onChange: ApprovalListener;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** A request that is not in the database yet. */
interface Unsent {
  readonly approval: Approval;
  readonly within_s: number;
}

/** What was last read of an approval. `version` is 0 for what is only known here. */
type Copy = Pick<StoredRow, "approval" | "gateway" | "version">;

/** Opens the registry. Does not wait for the database. */
export function openSharedApprovals(options: SharedApprovalsOptions): ApprovalRegistry {
  const { database, gateway, audit, now, log } = options;
  /** What was last read of each approval, and whose it is. */
  const known = new Map<string, Copy>();
  const unsent = new Map<string, Unsent>();
  const waiting = new Map<string, ((approval: Approval) => void)[]>();
  /** How many asked here for an approval and have not gone. */
  const askers = new Map<string, number>();
  const deadlines = createDeadlines(
    () => now().getTime(),
    (id) => void atDeadline(id),
  );
  let [since, isFirst, isClosed]: [Date | null, boolean, boolean] = [null, true, false];

  const adopt = (copy: Copy, left_ms: number): void => {
    const { approval } = copy;
    known.set(approval.id, copy);
    if (isOpen(approval)) deadlines.set(approval.id, now().getTime() + left_ms);
    else deadlines.clear(approval.id);
    if (approval.state === "pending") return;
    for (const resolve of waiting.get(approval.id) ?? []) resolve(approval);
    waiting.delete(approval.id);
    if (!isOpen(approval)) askers.delete(approval.id);
  };
  /** Copies are read while steps are taken: an earlier one never takes the place of a later one. */
  const adoptRow = (row: StoredRow): void => {
    const { approval, version, now: read_at } = row;
    unsent.delete(approval.id);
    if (version < (known.get(approval.id)?.version ?? 0)) return;
    adopt(row, Date.parse(approval.expires_at) - read_at.getTime());
  };
  /** Takes one step of a stored approval, or finds that time has ended it. */
  const step = async (
    id: string,
    next: (approval: Approval, at: Date) => Step,
    kind: (approval: Approval) => AuditKind,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Step> => {
    const done = await database.transaction(async (ask) => {
      const row = await lockRow(ask, id);
      if (row === null) return null;
      const aged = expireApproval(row.approval, row.now);
      const isOver = aged.state !== row.approval.state;
      const taken = next(aged, row.now);
      const stored = isOver ? aged : taken.ok && taken.approval !== row.approval ? taken.approval : null;
      if (stored === null) return { row, taken, told: null };
      const told = isOver ? ("approval.expired" as const) : kind(stored);
      await storeStep(ask, stored, row);
      audit.append(eventOf(stored, told, isOver ? {} : more), { durable: true });
      return { row: { ...row, approval: stored, version: row.version + 1 }, taken, told };
    });
    if (done === null) {
      if (!unsent.has(id)) giveUp(id, "it is not in the shared database any more");
      return { ok: false, why: "there is no such approval" };
    }
    adoptRow(done.row);
    if (done.told !== null) options.onChange(done.told, done.row.approval);
    return done.taken;
  };
  const expire = (id: string): Promise<Step> =>
    step(
      id,
      (approval) => ({ ok: true, approval }),
      () => "approval.expired",
    );
  const cancel = (id: string): Promise<Step> =>
    step(
      id,
      (approval) =>
        approval.state === "pending"
          ? { ok: true, approval: cancelApproval(approval) }
          : { ok: false, why: `approval ${id} is ${approval.state}` },
      () => "approval.cancelled",
    );
  const orLog = (what: string, id: string, promise: Promise<Step>): Promise<unknown> =>
    promise.catch((error: unknown) => log(`approval ${id} could not be ${what}: ${messageOf(error)}`));

  /** Nobody can be asked any more: what waits here is told so, whatever the database comes to say of it. */
  const giveUp = (id: string, why: string): void => {
    const copy = known.get(id);
    if (copy === undefined || !isOpen(copy.approval)) return;
    log(`approval ${id} has expired here: ${why}`);
    adopt({ ...copy, approval: { ...copy.approval, state: "expired" } }, 0);
  };
  async function atDeadline(id: string): Promise<void> {
    const request = unsent.get(id);
    if (request !== undefined) {
      unsent.delete(id);
      restrictUnsent({ ...request.approval, state: "expired" }, "approval.expired");
      return;
    }
    try {
      await expire(id); // The database's clock may be behind: then there is a new deadline.
    } catch {
      giveUp(id, "the shared database is away");
    }
  }
  /** Ends what the database has never seen. */
  const restrictUnsent = (approval: Approval, kind: AuditKind): void => {
    adopt({ approval, gateway, version: 0 }, 0);
    options.onChange(kind, approval);
    try {
      audit.append(eventOf(approval, kind), { durable: true });
    } catch (error) {
      log(`${kind} of approval ${approval.id} could not be written down: ${messageOf(error)}`);
    }
  };

  const send = async ({ approval, within_s }: Unsent): Promise<void> => {
    const row = await database.transaction(async (ask) => {
      await insertRow(ask, approval, gateway, within_s);
      return lockRow(ask, approval.id);
    });
    if (row === null) throw new Error("the request cannot be read back");
    // It may have ended while it was sent: then the database must not keep it open.
    if (unsent.has(approval.id)) adoptRow(row);
    else await cancel(approval.id);
  };
  const read = async (): Promise<void> => {
    const open = [...known.values()].filter(({ approval }) => isOpen(approval)).map(({ approval }) => approval.id);
    const rows = await readRows(database.ask, open, since, closedMax);
    for (const row of rows) adoptRow(row);
    since = rows.reduce<Date | null>((last, row) => (last === null || row.now > last ? row.now : last), since);
    for (const { approval, now: at } of rows)
      if (expireApproval(approval, at).state !== approval.state) await expire(approval.id);
    forgetOldest();
  };
  const forgetOldest = (): void => {
    const closed = [...known.values()].filter(({ approval }) => !isOpen(approval));
    for (const { approval } of closed.slice(0, Math.max(closed.length - closedMax, 0))) known.delete(approval.id);
  };
  /** Nobody waits any more for what a process of this gateway that ended left pending. */
  const clearOwn = async (): Promise<void> => {
    if (!isFirst) return;
    await removeOld(database.ask, closedMax);
    for (const { approval, gateway: of } of [...known.values()])
      if (of === gateway && approval.state === "pending" && !askers.has(approval.id)) await cancel(approval.id);
    isFirst = false;
  };
  const scan = coalesced(async () => {
    if (isClosed) return;
    try {
      // One that the database does not take keeps no other from being sent; it is tried again.
      await Promise.allSettled([...unsent.values()].map(send));
      await read();
      await clearOwn();
    } catch {
      // Told once by the database's own connection; the next wake-up tries again.
    }
  });

  database.onChange(() => void scan());
  return {
    request: (request) => {
      const mine = [...known.values()].filter((each) => each.approval.state === "approved" || each.gateway === gateway);
      const earlier = mine.find(({ approval }) => isFor(approval, request, now()))?.approval;
      const all = [...known.values()].map(({ approval }) => approval);
      const asked =
        earlier === undefined ? createApproval(request, all, now()) : ({ ok: true, approval: earlier } as const);
      if (!asked.ok) return asked;
      const { approval } = asked;
      if (earlier === undefined) {
        audit.append(eventOf(approval, "approval.requested"), { durable: true });
        const within_s = Math.min(request.within_s, withinMax_s);
        unsent.set(approval.id, { approval, within_s });
        adopt({ approval, gateway, version: 0 }, within_s * 1000);
        options.onChange("approval.requested", approval);
        void scan();
      }
      askers.set(approval.id, (askers.get(approval.id) ?? 0) + 1);
      return asked;
    },
    settled: (id) => {
      const approval = known.get(id)?.approval;
      if (approval === undefined) return Promise.reject(new Error(`HPL9001: no approval ${id}`));
      if (approval.state !== "pending") return Promise.resolve(approval);
      return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) ?? []), resolve]));
    },
    decide: (id, approver, decision, reason, scope) =>
      step(id, (approval, at) => decideApproval(approval, approver, decision, reason, at, scope), kindOf),
    revoke: (id, by, reason) =>
      step(
        id,
        (approval, at) => revokeApproval(approval, by, reason, at),
        () => "approval.revoked",
        {
          revoked_by: by.user,
          revoked_because: reason,
        },
      ),
    use: (id, binding) =>
      step(
        id,
        (approval, at) => useApproval(approval, binding, at),
        () => "approval.used",
      ),
    withdraw: (id) => {
      const left = (askers.get(id) ?? 1) - 1;
      askers.set(id, left);
      if (left > 0 || known.get(id)?.approval.state !== "pending") return;
      const request = unsent.get(id);
      unsent.delete(id);
      if (request !== undefined) restrictUnsent(cancelApproval(request.approval), "approval.cancelled");
      else void orLog("withdrawn", id, cancel(id));
    },
    list: () => [...known.values()].map(({ approval }) => approval).toReversed(),
    close: async () => {
      isClosed = true;
      const own = [...known.values()].filter((each) => each.gateway === gateway && each.approval.state === "pending");
      for (const { approval } of own) {
        if (unsent.delete(approval.id)) restrictUnsent(cancelApproval(approval), "approval.cancelled");
        else await orLog("cancelled", approval.id, cancel(approval.id));
      }
      deadlines.clearAll();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

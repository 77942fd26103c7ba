/**
 * A statement that waits for people.
 *
 * Nothing of it may keep the server busy meanwhile: a Bind already holds locks and a snapshot, so an extended cycle that has
 * run nothing yet is ended upstream with a Sync of ours, and its portals are bound again afterwards. Where something has run,
 * in a transaction or earlier in the same cycle, waiting is refused. Names may mean something else when people have decided:
 * the catalog is read again, and a difference asks for the statement to be sent again.
 */
import type { ExactStatement, Hold, HoldOutcome, Judgement } from "../../session/enforcement.js";
import { limits } from "./limits.js";
import type { Portal } from "./names.js";
import { refresh } from "./own-queries.js";
import {
  approvalPending,
  cancelled,
  changedWhileHeld,
  holdEnded,
  holdInTransaction,
  stillWaiting,
  waiting,
} from "./refusals.js";
import { noticeResponse, type ReportFields, syncMessage } from "./server-messages.js";
import { expectReply, reportNotRun, type SessionState, settled } from "./session-state.js";

/** Null when people have agreed and the statement may go up now; else the error for the client. */
export async function askPeople(
  state: SessionState,
  judgement: Judgement,
  statement: ExactStatement,
): Promise<ReportFields | null> {
  const error = await ask(state, judgement, statement);
  if (error !== null) reportNotRun(state, judgement);
  return error;
}

async function ask(state: SessionState, judgement: Judgement, statement: ExactStatement): Promise<ReportFields | null> {
  const { cycle } = state;
  if (state.status !== "I" || cycle.executed || cycle.transactionChanged) return holdInTransaction(judgement);
  const hold = state.enforcement.hold(judgement, statement);
  const portals = await releaseServer(state);
  const outcome = await outcomeOf(state, hold, judgement);
  if (outcome === null) return approvalPending(hold, judgement);
  if (outcome.state === "cancelled") return cancelled();
  if (outcome.state !== "approved") return holdEnded(hold.approval, outcome.message);
  const version = state.catalog.version;
  const failure = await refresh(state);
  if (failure !== null) return failure;
  if (state.catalog.version !== version) return changedWhileHeld(hold.approval);
  bindAgain(state, portals);
  return null;
}

/** Ends the server's implicit transaction, if there is one; the portals that end with it. */
async function releaseServer(state: SessionState): Promise<readonly Portal[]> {
  if (!state.cycle.touched) return [];
  const portals = [...state.names.portals.asked.values()].filter((portal) => portal !== null);
  expectReply(state, { kind: "sync", audience: "nobody" }, syncMessage());
  await settled(state);
  state.cycle.touched = false;
  return portals;
}

function bindAgain(state: SessionState, portals: readonly Portal[]): void {
  for (const portal of portals) {
    state.names.portals.asked.set(portal.name, portal);
    expectReply(state, { kind: "bind", portal, redactErrors: true, audience: "nobody" }, portal.bind);
  }
}

/** Calls `remind` now and then until `outcome` is there: what says nothing for minutes is cut off by firewalls. */
export async function reminding<T>(outcome: Promise<T>, remind: () => void): Promise<T> {
  const timer = setInterval(remind, limits.hold_reminder_ms);
  timer.unref();
  try {
    return await outcome;
  } finally {
    clearInterval(timer);
  }
}

/** Null when the client does not wait and nobody has decided yet. */
async function outcomeOf(state: SessionState, hold: Hold, judgement: Judgement): Promise<HoldOutcome | null> {
  if (hold.isGiven) return hold.outcome;
  const undecided = new Promise<null>((resolve) => {
    setImmediate(() => resolve(null));
  });
  const early = await Promise.race([hold.outcome, undecided]);
  if (early !== null || state.holdMode === "refuse") return early;
  state.wire.toClient(noticeResponse(waiting(hold, judgement)));
  state.cancelHold = () => hold.cancel();
  const outcome = await reminding(hold.outcome, () => state.wire.toClient(noticeResponse(stillWaiting(hold))));
  state.cancelHold = null;
  return outcome;
}

/**
 * Everything a session knows between two messages, and the few ways to change it that both sides use.
 *
 * A session is two small state machines over this data: `client-side.ts` takes the client's messages, one at a time and in
 * order, and decides what goes up; `server-side.ts` takes the server's and decides what goes down. Neither touches a socket:
 * bytes leave through `Wire`. The client's messages come in *cycles*: the messages up to a Sync, or one Query.
 */
import type { Catalog } from "@hpl/runtime";
import type { Enforcement, Judgement } from "../../session/enforcement.js";
import { type Deadline, followDeadline, noDeadline } from "./deadline.js";
import { type Execution, notRun, reportOf } from "./execution.js";
import { createNames, forgetAsked, type Names } from "./names.js";
import type { Reply } from "./replies.js";
import { createRowArena, type RowArena } from "./row-arena.js";
import type { CellMasks } from "./row-mask.js";
import { errorResponse, type ReportFields, readyForQuery, type TransactionStatus } from "./server-messages.js";

/** One statement that returns one row of one JSON text: what the database holds, as this session sees it. */
export interface CatalogReader {
  readonly query: string;
  /** Throws when the text is not a catalog. */
  parse(json: string): Catalog;
}

/** What all sessions of a listener share: how often one of them changed the database's definitions for the others. */
export interface SharedCatalog {
  generation: number;
}

/** Where bytes go. All calls are cheap; nothing is sent while a handler runs, everything right after it. */
export interface Wire {
  toClient(bytes: Uint8Array): void;
  toUpstream(bytes: Uint8Array): void;
  /** The next message of the client may be taken. */
  wake(): void;
  /** Says goodbye and closes both sides. */
  fatal(code: string, message: string): void;
  /** Closes both sides once everything is sent. */
  end(): void;
}

export interface Cycle {
  /** Something of it went up: the server may hold an implicit transaction. */
  touched: boolean;
  /** A statement of it went up to run. */
  executed: boolean;
  /** An error ended it: the client's messages are dropped up to its Sync. `local`: the server has seen nothing of it. */
  skipping: "no" | "upstream" | "local";
  /** Its Sync or Query went up: the client waits for ReadyForQuery. */
  closed: boolean;
  /** The client has had its error: nothing from the server passes before ReadyForQuery. */
  muted: boolean;
  /** A COPY that was decided runs, or is about to. */
  copying: boolean;
  /** A statement that may have changed names, settings or the transaction is on its way, or was not looked at yet. */
  unsettled: boolean;
  /** Transaction control ran in it: whether a transaction is open is not known before ReadyForQuery. */
  transactionChanged: boolean;
}

export interface SessionState {
  readonly wire: Wire;
  readonly enforcement: Enforcement;
  readonly catalogReader: CatalogReader;
  readonly cellMasks: CellMasks;
  readonly rowArena: RowArena;
  readonly holdMode: "wait" | "refuse";
  /** Asks the server to cancel what it runs for this session. */
  readonly cancelRunning: () => void;
  readonly deadline: Deadline;
  readonly serverVersion: number;
  readonly replies: Reply[];
  readonly names: Names;
  readonly shared: SharedCatalog;
  readonly catalog: {
    current: Catalog | null;
    /** As read: an equal text keeps the version, and with it everything that was bound under it. */
    json: string;
    version: number;
    stale: boolean;
    /** By the clock that nobody sets (`performance.now`). */
    readAt_ms: number;
    generation: number;
    /** Something in this transaction changed it: it changes back when the transaction does. */
    changedInTransaction: boolean;
    /** What changed it is seen by other sessions too, once it is committed. */
    changedForOthers: boolean;
  };
  /** Prepared statements may have been removed or replaced by a statement: ask the server before the next decision. */
  namesSuspect: boolean;
  status: TransactionStatus;
  /** Something ran in this transaction whose errors may carry values: constraints may be checked as late as its end. */
  transactionRedacts: boolean;
  cycle: Cycle;
  /** The server takes copy data. */
  copyIn: boolean;
  /** LISTEN was run: notifications may pass. */
  listening: boolean;
  /** Set while people decide; ends the waiting. */
  cancelHold: (() => void) | null;
  /** The client asked to cancel while the gateway's own query ran: its next statement is the one that is cancelled. */
  cancelNext: boolean;
  /** A query of the gateway's own is running. */
  ownQueryRuns: boolean;
  settledWaiters: (() => void)[];
}

export const newCycle = (): Cycle => ({
  touched: false,
  executed: false,
  skipping: "no",
  closed: false,
  muted: false,
  copying: false,
  unsettled: false,
  transactionChanged: false,
});

export type SessionSettings = Pick<
  SessionState,
  "wire" | "enforcement" | "catalogReader" | "cellMasks" | "holdMode" | "cancelRunning" | "serverVersion" | "shared"
>;

export function createSessionState(settings: SessionSettings): SessionState {
  const catalog = {
    current: null,
    json: "",
    version: 0,
    stale: true,
    readAt_ms: 0,
    generation: settings.shared.generation,
  };
  return {
    ...settings,
    deadline: noDeadline(),
    rowArena: createRowArena(),
    replies: [],
    names: createNames(),
    catalog: { ...catalog, changedInTransaction: false, changedForOthers: false },
    namesSuspect: false,
    status: "I",
    transactionRedacts: false,
    cycle: newCycle(),
    copyIn: false,
    listening: false,
    cancelHold: null,
    cancelNext: false,
    ownQueryRuns: false,
    settledWaiters: [],
  };
}

/** The client broke the protocol: the session ends, as the server would end it. */
export class ClientProtocolError extends Error {
  override readonly name = "ClientProtocolError";
}

/** The server sent what nothing asked for: nothing of it can be trusted to be what it seems. */
export class ServerProtocolError extends Error {
  override readonly name = "ServerProtocolError";
}

/** Sends `bytes` upstream and notes what must come back. */
export function expectReply(state: SessionState, reply: Reply, bytes: Uint8Array): void {
  state.replies.push(reply);
  followDeadline(state.deadline, state.replies[0], state.cancelRunning);
  state.wire.toUpstream(bytes);
  if (typeof reply.audience === "string") state.cycle.touched = true;
}

/** Resolves when the server owes nothing. */
export function settled(state: SessionState): Promise<void> {
  if (state.replies.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    state.settledWaiters.push(resolve);
  });
}

/** To be called whenever replies have left the queue. */
export function noticeSettled(state: SessionState): void {
  followDeadline(state.deadline, state.replies[0], state.cancelRunning);
  if (state.replies.length > 0) return;
  const waiters = state.settledWaiters;
  state.settledWaiters = [];
  for (const wake of waiters) wake();
}

/** A cycle has ended with ReadyForQuery. */
export function startCycle(state: SessionState): void {
  forgetAsked(state.names);
  state.cycle = newCycle();
  state.wire.wake();
}

/** Ends a cycle of which the server has seen nothing, as it would end it. */
export function endCycleLocally(state: SessionState): void {
  state.wire.toClient(readyForQuery(state.status));
  startCycle(state);
}

/** Gives the client its error and drops what it sends up to its Sync. The server is, or will be, doing the same. */
export function skipToSync(state: SessionState, where: "upstream" | "local", error: ReportFields | null): void {
  if (error !== null) state.wire.toClient(errorResponse(error));
  forgetAsked(state.names);
  state.cycle.skipping = where;
}

export const report = (state: SessionState, execution: Execution): void =>
  state.enforcement.report(reportOf(execution));

export const reportNotRun = (state: SessionState, judgement: Judgement): void =>
  state.enforcement.report(notRun(judgement));

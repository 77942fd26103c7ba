/**
 * The server's half of a session: what the server sends to what the client sees.
 *
 * In: the header of a message, then the message; or, for rows and copy data that nobody needs to see, runs of bytes. Out:
 * bytes for the client, changes of names, catalog and transaction that the server has confirmed, and reports of what ran.
 * Each message must be one that the head of the queue of replies can have; anything else ends the session, because a gateway
 * that has lost its place cannot tell a masked row from another.
 */
import type { JudgedStatement } from "../../session/enforcement.js";
import { timeIsUp } from "./deadline.js";
import { currentStatement, type Execution, endMasks, touchesStatements } from "./execution.js";
import type { FramePlan } from "./framer.js";
import { limits } from "./limits.js";
import { server } from "./message-types.js";
import { confirm, failingPortal, forgetAsked, forgetPortals } from "./names.js";
import { withheld } from "./refusals.js";
import { dropUntilSync, type Reply } from "./replies.js";
import { admitRow, cutTag, limitsRows, nothingPassed, resultEnded } from "./result-limit.js";
import { maskRow, planRowMask } from "./row-mask.js";
import {
  errorResponse,
  executeMessage,
  noticeResponse,
  readCommandTag,
  readDataRow,
  readParameterStatus,
  readReport,
  readRowDescription,
  readStatus,
  redactReport,
  rowsOfTag,
} from "./server-messages.js";
import {
  expectReply,
  noticeSettled,
  report,
  reportNotRun,
  ServerProtocolError,
  type SessionState,
  startCycle,
} from "./session-state.js";

type Running = Extract<Reply, { kind: "query" | "execute" }>;

const unexpectedResult = "the server sends a result that no statement asks for";
const knownTypes: ReadonlySet<number> = new Set(Object.values(server));
const isRunning = (reply: Reply | undefined): reply is Running => reply?.kind === "query" || reply?.kind === "execute";

// --- Rows and copy data ---

/** Whether a message must be seen whole. Only rows and copy data that pass as they are need not be. */
export function planServerMessage(state: SessionState, type: number, size: number): FramePlan | { broken: string } {
  const plan = planOf(state, type);
  if (plan === "whole" && size > limits.server_message_bytes_max) return { broken: "a server message is too long" };
  return plan;
}

function planOf(state: SessionState, type: number): FramePlan | { broken: string } {
  if (type !== server.dataRow && type !== server.copyData) {
    return knownTypes.has(type) ? "whole" : { broken: `unknown server message type ${type}` };
  }
  const [head] = state.replies;
  if (!isRunning(head)) return { broken: "the server sent rows that nothing asked for" };
  if (head.execution === null)
    return typeof head.audience === "string" ? { broken: "rows of a failed query" } : "whole";
  if (head.execution.withheld || state.cycle.muted) return "drop";
  if (type === server.copyData) return head.execution.copyOut ? "pass" : { broken: "copy data without a copy" };
  const statement = currentStatement(head.execution);
  if (statement === null || !passesUnseen(statement) || statement.columns_count === 0) return "whole";
  return isShown(state, head.execution) ? "whole" : "pass";
}

/** Whether the next row is one that is looked on at. */
const isShown = ({ enforcement }: SessionState, { rowsSent }: Execution): boolean =>
  rowsSent < enforcement.rows_shown_max;

const passesUnseen = (statement: JudgedStatement): boolean => !changesRows(statement) && !limitsRows(statement.limit);

/** Whether cells of the statement's rows may be replaced: then its result must be described. */
const changesRows = ({ masks, search }: JudgedStatement): boolean => masks.length > 0 || search !== null;

/** Bytes of rows or copy data that pass as they came. */
export function passServerBytes(state: SessionState, bytes: Uint8Array, headersCount: number): void {
  const [head] = state.replies;
  if (isRunning(head) && head.execution !== null) {
    head.execution.bytesSent += bytes.length;
    if (!head.execution.copyOut) head.execution.rowsSent += headersCount;
  }
  state.wire.toClient(bytes);
}

function dataRow(state: SessionState, head: Running, bytes: Uint8Array) {
  const { execution, audience } = head;
  if (typeof audience !== "string") {
    audience.cells.push(readDataRow(bytes)?.[0]?.slice() ?? null);
    return;
  }
  if (execution === null) throw new ServerProtocolError("a row of a failed query");
  const statement = currentStatement(execution);
  if (statement === null) return withhold(state, head, execution, unexpectedResult);
  if (!changesRows(statement)) {
    // Expected to have no columns: `SELECT FROM t` sends empty rows; a rule of the database may send what nobody asked for.
    const isExpected = statement.columns_count !== 0 || readDataRow(bytes)?.length === 0;
    return isExpected ? sendRow(state, execution, bytes) : withhold(state, head, execution, unexpectedResult);
  }
  const mask = execution.mask ?? planOfPortal(state, execution, statement);
  if (typeof mask === "string") return withhold(state, head, execution, mask);
  execution.mask = mask;
  const masked = maskRow(mask, bytes, state.rowArena);
  if (masked === null) return withhold(state, head, execution, "a row does not fit its description");
  sendRow(state, execution, masked);
}

function planOfPortal({ cellMasks }: SessionState, { portal }: Execution, statement: JudgedStatement) {
  const fields = portal === null ? null : (portal.fields ?? portal.statement.fields);
  return planRowMask(statement, fields, portal?.resultFormats ?? [], cellMasks);
}

/** Sends a row as the client may see it, unless the policy ends the result before it. */
function sendRow(state: SessionState, execution: Execution, row: Uint8Array): void {
  if (!admitRow(currentStatement(execution)?.limit ?? null, execution.passed, row.length)) return;
  if (isShown(state, execution)) state.enforcement.show(execution.judgement.decision_id, row);
  execution.rowsSent += 1;
  execution.bytesSent += row.length;
  state.wire.toClient(row);
}

/** The client gets an error in place of the result. What has run is rolled back where that is still possible. */
function withhold(state: SessionState, head: Running, execution: Execution, reason: string): void {
  execution.withheld = true;
  execution.sqlstate = "XX000";
  state.enforcement.note({ kind: "withheld", detail: { reason } });
  if (!state.cycle.muted) state.wire.toClient(errorResponse(withheld(reason)));
  if (head.kind === "query") return;
  state.cycle.muted = true;
  if (state.cycle.closed || state.cycle.skipping !== "no") return;
  state.cycle.skipping = "upstream";
  expectReply(state, { kind: "failure", error: null, audience: "nobody" }, executeMessage(failingPortal));
}

function rowDescription(state: SessionState, head: Reply, bytes: Uint8Array) {
  if (head.kind === "describe") {
    if (head.of !== null) head.of.fields = readRowDescription(bytes);
    return complete(state, head, bytes);
  }
  if (head.kind !== "query" || head.execution === null) throw new ServerProtocolError("a description out of place");
  const { execution } = head;
  if (execution.withheld) return;
  const statement = currentStatement(execution);
  if (statement === null) return withhold(state, head, execution, unexpectedResult);
  const fields = readRowDescription(bytes);
  if (statement.columns_count === 0 && fields?.length !== 0) return withhold(state, head, execution, unexpectedResult);
  if (changesRows(statement)) {
    const plan = planRowMask(statement, fields, [], state.cellMasks);
    if (typeof plan === "string") return withhold(state, head, execution, plan);
    execution.mask = plan;
  }
  forward(state, head, bytes);
}

// --- The answer to one message ---

function forward(state: SessionState, head: Reply, bytes: Uint8Array): void {
  if (head.audience === "client" && !state.cycle.muted) state.wire.toClient(bytes);
}

/** `bytes` ended the answer to `head`. */
function complete(state: SessionState, head: Reply, bytes: Uint8Array): void {
  forward(state, head, bytes);
  state.replies.shift();
  noticeSettled(state);
}

export function handleServerMessage(state: SessionState, type: number, bytes: Uint8Array) {
  if (type === server.noticeResponse) return notice(state, bytes);
  if (type === server.notificationResponse) return state.listening ? state.wire.toClient(bytes) : undefined;
  if (type === server.parameterStatus) return parameterStatus(state, bytes);
  const [head] = state.replies;
  if (type === server.errorResponse) return error(state, head, bytes);
  if (head === undefined) throw new ServerProtocolError(`message ${String.fromCharCode(type)} that nothing asked for`);
  if (type === server.readyForQuery) return ready(state, head, bytes);
  if (type === server.rowDescription) return rowDescription(state, head, bytes);
  if (isRunning(head)) return running(state, head, type, bytes);
  confirmation(state, head, type, bytes);
}

function confirmation(state: SessionState, head: Reply, type: number, bytes: Uint8Array) {
  if (head.kind === "parse" && type === server.parseComplete) {
    if (head.statement !== null) confirm(state.names.statements, head.statement.name, head.statement);
  } else if (head.kind === "bind" && type === server.bindComplete) {
    if (head.portal !== null) confirm(state.names.portals, head.portal.name, head.portal);
  } else if (head.kind === "close" && type === server.closeComplete) {
    if (head.target === "statement") confirm(state.names.statements, head.name, null);
    else confirm(state.names.portals, head.name, null);
  } else if (head.kind === "describe" && type === server.parameterDescription) return forward(state, head, bytes);
  else if (head.kind === "describe" && type === server.noData) {
    if (head.of !== null) head.of.fields = [];
  } else throw new ServerProtocolError(`message ${String.fromCharCode(type)} in answer to ${head.kind}`);
  complete(state, head, bytes);
}

function running(state: SessionState, head: Running, type: number, bytes: Uint8Array) {
  const { execution } = head;
  switch (type) {
    case server.dataRow:
      return dataRow(state, head, bytes);
    case server.commandComplete:
    case server.emptyQueryResponse:
    case server.portalSuspended:
      return statementEnded(state, head, type, bytes);
    case server.copyInResponse:
    case server.copyOutResponse:
      if (execution === null || !execution.copies) throw new ServerProtocolError("a copy that was not decided");
      if (!passesCopy(execution)) throw new ServerProtocolError("a copy of masked columns");
      if (type === server.copyInResponse) state.copyIn = true;
      else execution.copyOut = true;
      forward(state, head, bytes);
      return state.wire.wake();
    case server.copyDone:
      if (execution === null || !execution.copyOut) throw new ServerProtocolError("the end of no copy");
      execution.copyOut = false;
      return forwardUnlessWithheld(state, head, bytes);
    default:
      throw new ServerProtocolError(`message ${String.fromCharCode(type)} in answer to ${head.kind}`);
  }
}

/** Copy data is not looked into. */
function passesCopy(execution: Execution): boolean {
  const statement = currentStatement(execution);
  return statement !== null && !changesRows(statement);
}

function forwardUnlessWithheld(state: SessionState, head: Running, bytes: Uint8Array): void {
  if (head.execution?.withheld !== true) forward(state, head, bytes);
}

/** One statement of a query, or the one of a portal, has ended or paused. */
function statementEnded(state: SessionState, head: Running, type: number, bytes: Uint8Array): void {
  const { execution } = head;
  const end = execution === null ? bytes : endOfResult(state, head, execution, bytes);
  forwardUnlessWithheld(state, head, end);
  if (execution !== null) {
    const tag = type === server.commandComplete ? readCommandTag(end) : "";
    execution.rows += Math.max(execution.rowsSent, rowsOfTag(tag)); // INSERT .. RETURNING sends and changes the same rows.
    execution.rowsSent = 0;
    if (type !== server.portalSuspended) noteEffects(state, execution, tag);
    endMasks(execution);
    execution.index += 1;
    if (execution.portal === null) execution.passed = nothingPassed();
  }
  if (head.kind !== "execute") return;
  state.replies.shift();
  if (execution !== null) endExecution(state, execution);
  noticeSettled(state);
}

/** The message that ends a result; of one that was cut, after a notice that says so, with the rows that were sent. */
function endOfResult(state: SessionState, head: Running, execution: Execution, bytes: Uint8Array): Uint8Array {
  const limit = currentStatement(execution)?.limit ?? null;
  if (!execution.passed.ended || limit === null) return bytes;
  state.enforcement.note({ kind: "limited", detail: { reason: "the result was ended by a limit of the policy" } });
  forwardUnlessWithheld(state, head, noticeResponse(resultEnded(limit)));
  return cutTag(bytes[0] === server.commandComplete ? readCommandTag(bytes) : "", execution.rowsSent) ?? bytes;
}

function endExecution(state: SessionState, execution: Execution): void {
  report(state, execution);
  if (execution.copies) {
    state.cycle.copying = false;
    state.copyIn = false;
    state.wire.wake();
  }
}

/** What the statement that has just ended may have changed for the ones after it. */
function noteEffects(state: SessionState, execution: Execution, tag: string): void {
  const { catalog } = state;
  const statement = currentStatement(execution);
  if (statement === null) return;
  if (statement.changes_catalog) {
    catalog.stale = true;
    catalog.changedInTransaction = true;
    if (!["set", "reset", "show", "discard"].includes(statement.kind)) catalog.changedForOthers = true;
  }
  if (statement.kind === "discard" || (statement.kind === "transaction" && tag.startsWith("ROLLBACK"))) {
    catalog.stale ||= statement.kind === "discard" || catalog.changedInTransaction;
  }
  if (touchesStatements(statement)) state.namesSuspect = true;
  const keepsPortals = /^(SAVEPOINT|RELEASE|BEGIN|START TRANSACTION)$/u.test(tag);
  if (!keepsPortals && (statement.changes_catalog || !isRowStatement(statement.kind))) forgetPortals(state.names);
}

const isRowStatement = (kind: string): boolean =>
  ["select", "insert", "update", "delete", "merge", "copy", "explain", "show"].includes(kind);

// --- Errors and asynchronous messages ---

function error(state: SessionState, head: Reply | undefined, bytes: Uint8Array) {
  const { catalog, cycle } = state;
  const { code, severity } = readReport(bytes);
  if (head === undefined || severity === "FATAL" || severity === "PANIC") {
    state.wire.toClient(mustRedact(state) ? redactReport(server.errorResponse, bytes) : bytes);
    return state.wire.end();
  }
  if (catalog.changedInTransaction) catalog.stale = true;
  state.copyIn = false;
  if (head.kind === "query") return queryError(state, head, code, bytes);
  if (head.kind === "sync") return commitError(state, head, code, bytes);
  if (typeof head.audience !== "string") head.audience.failure = code;
  else {
    if (!cycle.muted) sendError(state, head, bytes);
    forgetAsked(state.names);
    cycle.skipping = "upstream";
  }
  if (head.kind === "execute" && head.execution !== null) {
    head.execution.sqlstate ??= code;
    noteEffects(state, head.execution, "");
    endExecution(state, head.execution);
  }
  const [, ...unanswered] = dropUntilSync(state.replies);
  reportUnanswered(state, unanswered);
  // A Query behind the error is ignored by the server like all else, and brings no ReadyForQuery: the client must send Sync.
  cycle.closed &&= state.replies.some((reply) => reply.kind === "sync" && reply.audience === "client");
  cycle.copying = false;
  noticeSettled(state);
  state.wire.wake();
}

/** The implicit transaction could not be committed: a constraint was checked at its end. ReadyForQuery follows. */
function commitError(state: SessionState, head: Reply, code: string, bytes: Uint8Array): void {
  if (head.audience !== "client") throw new ServerProtocolError("an error in answer to a Sync of the gateway's own");
  state.enforcement.note({ kind: "not_committed", detail: { sqlstate: code } });
  if (!state.cycle.muted)
    state.wire.toClient(state.transactionRedacts ? redactReport(server.errorResponse, bytes) : bytes);
}

function reportUnanswered(state: SessionState, replies: readonly Reply[]): void {
  for (const reply of replies) {
    if (isRunning(reply) && reply.execution !== null) reportNotRun(state, reply.execution.judgement);
  }
}

function sendError(state: SessionState, head: Reply, bytes: Uint8Array): void {
  if (head.kind === "failure") {
    if (head.error !== null) state.wire.toClient(head.error);
    return;
  }
  const execution = head.kind === "execute" ? head.execution : null;
  const redacts = (head.kind === "bind" && head.redactErrors) || execution?.redactErrors === true;
  if (execution?.timedOut === true && readReport(bytes).code === "57014")
    state.wire.toClient(errorResponse(timeIsUp(execution)));
  else state.wire.toClient(redacts ? redactReport(server.errorResponse, bytes) : bytes);
}

function queryError(state: SessionState, head: Running & { kind: "query" }, code: string, bytes: Uint8Array): void {
  const { execution } = head;
  if (execution === null) {
    if (head.error !== null) state.wire.toClient(head.error);
    return;
  }
  noteEffects(state, execution, "");
  if (execution.withheld) return;
  execution.sqlstate = code;
  if (execution.timedOut && code === "57014") state.wire.toClient(errorResponse(timeIsUp(execution)));
  else state.wire.toClient(execution.redactErrors ? redactReport(server.errorResponse, bytes) : bytes);
}

function ready(state: SessionState, head: Reply, bytes: Uint8Array): void {
  const status = readStatus(bytes);
  if ((head.kind !== "query" && head.kind !== "sync") || status === null) {
    throw new ServerProtocolError(`ReadyForQuery in answer to ${head.kind}`);
  }
  state.status = status;
  state.copyIn = false;
  if (status === "I") transactionEnded(state);
  if (head.kind === "query" && head.execution !== null) report(state, head.execution);
  state.replies.shift();
  if (state.replies.length > 0) throw new ServerProtocolError("ReadyForQuery before its time");
  if (head.audience === "client") {
    state.wire.toClient(bytes);
    startCycle(state);
  }
  noticeSettled(state);
}

function transactionEnded(state: SessionState): void {
  const { catalog } = state;
  state.transactionRedacts = false;
  forgetPortals(state.names);
  if (catalog.changedInTransaction) catalog.stale = true;
  if (catalog.changedForOthers) state.shared.generation += 1;
  catalog.changedInTransaction = false;
  catalog.changedForOthers = false;
}

/** Whether a text the server makes now could carry values that the client may not see. */
function mustRedact(state: SessionState): boolean {
  if (state.transactionRedacts && state.replies[0]?.kind === "sync") return true;
  return state.replies.some((reply) => isRunning(reply) && reply.execution?.redactErrors === true);
}

function notice(state: SessionState, bytes: Uint8Array): void {
  const [head] = state.replies;
  if (state.cycle.muted || (head !== undefined && head.audience !== "client")) return;
  state.wire.toClient(mustRedact(state) ? redactReport(server.noticeResponse, bytes) : bytes);
}

/** Settings whose value is free text: a function could put anything there. */
const freeText: ReadonlySet<string> = new Set(["application_name", "search_path"]);

function parameterStatus(state: SessionState, bytes: Uint8Array) {
  const { name, value } = readParameterStatus(bytes);
  if ((name === "client_encoding" && value !== "UTF8") || (name === "standard_conforming_strings" && value !== "on")) {
    return state.wire.fatal("0A000", `${name} must not be changed through the gateway`);
  }
  if (name === "search_path") state.catalog.stale = true;
  if (!(freeText.has(name) && mustRedact(state))) state.wire.toClient(bytes);
}

/** The session ends: what still runs is reported as broken off. Whether the server finished it nobody can know. */
export function abandonReplies(state: SessionState): void {
  const abandoned = state.replies.splice(0);
  noticeSettled(state);
  for (const reply of abandoned) {
    if (!isRunning(reply) || reply.execution === null) continue;
    reply.execution.sqlstate ??= "08006";
    report(state, reply.execution);
  }
}

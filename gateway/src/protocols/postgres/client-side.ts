/**
 * The client's half of a session: one message of the client at a time, in order, to what goes up.
 *
 * In: a whole message. Out: bytes for the server with the replies they bring, or an error for the client; sometimes a promise,
 * and then no other message is taken before it resolves. Nothing that runs goes up without a ruling: Query and Execute are
 * judged each time, Parse is refused only when it is blocked for every parameter. A refusal acts as the server's own error
 * would: where the server has begun a transaction, explicit or implicit, it is given a message that fails, and our error
 * takes the place of its own, so that whatever came before is rolled back by the server itself.
 */
import type { ExactStatement, Judgement } from "../../session/enforcement.js";
import { isBlank } from "./blank.js";
import { readBind, readExecute, readNamed, readParse, readQuery } from "./client-messages.js";
import { hasDeadline } from "./deadline.js";
import { createExecution, type Execution, isCalm } from "./execution.js";
import { askPeople } from "./holds.js";
import { limits } from "./limits.js";
import { client } from "./message-types.js";
import { failingPortal, forgetUnnamed, hasRoom, lookUp, type Portal, reservedPrefix, type Statement } from "./names.js";
import { isReady, makeReady } from "./own-queries.js";
import * as refusals from "./refusals.js";
import { nothingPassed } from "./result-limit.js";
import { previewOf, rule } from "./rulings.js";
import {
  closeMessage,
  describeMessage,
  errorResponse,
  executeMessage,
  flushMessage,
  queryMessage,
  type ReportFields,
} from "./server-messages.js";
import { ClientProtocolError, endCycleLocally, expectReply, type SessionState, skipToSync } from "./session-state.js";

export interface ClientMessage {
  readonly type: number;
  /** Empty when the message was too long and was swallowed. */
  readonly bytes: Uint8Array;
  readonly tooLong: boolean;
}

/** Messages that wait until the catalog is fresh: they name things. */
const naming: ReadonlySet<number> = new Set([client.query, client.parse, client.bind, client.execute]);
const copying: ReadonlySet<number> = new Set([client.copyData, client.copyDone, client.copyFail]);

/** Whether the next message of the client, of `type`, may be handled now. */
export function mayTake(state: SessionState, type: number): boolean {
  if (state.copyIn || type === client.terminate) return true;
  return !state.cycle.closed && !state.cycle.copying;
}

export function handleClientMessage(state: SessionState, message: ClientMessage) {
  if (message.type === client.terminate) return state.wire.end();
  if (copying.has(message.type)) return copyData(state, message);
  if (state.copyIn) return duringCopy(state, message);
  if (state.cycle.skipping !== "no") return skip(state, message);
  const over = state.enforcement.over();
  if (over !== null) return state.wire.fatal("28000", over);
  if (!naming.has(message.type) || isReady(state)) return act(state, message);
  return makeReady(state).then((failure) => {
    if (state.cycle.skipping !== "no") return skip(state, message);
    return failure === null ? act(state, message) : refuse(state, message.type, failure);
  });
}

/** Without a copy that was decided, copy data goes nowhere; the server ignores it too. */
function copyData(state: SessionState, { type, bytes }: ClientMessage): void {
  if (!state.copyIn) return;
  state.wire.toUpstream(bytes);
  if (type === client.copyData) return;
  state.copyIn = false;
  // The Sync behind it waits for the answer, and the server keeps the answer back until it is asked.
  if (!state.cycle.closed) state.wire.toUpstream(flushMessage());
}

/** The server takes no notice of Sync and Flush while it reads copy data, and so the client gets no answer to them. */
function duringCopy(_state: SessionState, { type }: ClientMessage): void {
  if (type !== client.sync && type !== client.flush) {
    throw new ClientProtocolError("unexpected message type during COPY from stdin");
  }
}

function skip(state: SessionState, message: ClientMessage): void {
  if (message.type !== client.sync) return;
  if (state.cycle.skipping === "local") endCycleLocally(state);
  else sync(state, message);
}

function act(state: SessionState, message: ClientMessage) {
  switch (message.type) {
    case client.query:
      return query(state, message);
    case client.parse:
      return parse(state, message);
    case client.bind:
      return bind(state, message);
    case client.describe:
      return describe(state, message);
    case client.execute:
      return execute(state, message);
    case client.close:
      return close(state, message);
    case client.sync:
      return sync(state, message);
    case client.flush:
      return state.wire.toUpstream(message.bytes);
    case client.functionCall:
      return refuse(state, message.type, refusals.functionCall());
    default:
      throw new ClientProtocolError(`unexpected message type ${message.type}`);
  }
}

/** What is not exactly of its form ends the session: the server and we might read it differently. */
function required<T>(value: T | null): T {
  if (value === null) throw new ClientProtocolError("invalid message format");
  return value;
}

// --- Refusals ---

/** Answers as the server answers an error in a message of `type`. */
function refuse(state: SessionState, type: number, error: ReportFields): void {
  state.enforcement.note({ kind: "refused", detail: { sqlstate: error.code, message: error.message } });
  if (type === client.query || type === client.functionCall) refuseQuery(state, error);
  else refuseExtended(state, error);
}

/** A text that never parses; the server's log then shows who sent it. */
const failingQuery = "refused by hpl";

function refuseQuery(state: SessionState, error: ReportFields) {
  if (!state.cycle.touched && state.status !== "T") {
    state.wire.toClient(errorResponse(error));
    return endCycleLocally(state);
  }
  const reply = { kind: "query", execution: null, error: errorResponse(error), audience: "client" } as const;
  forgetUnnamed(state.names);
  expectReply(state, reply, queryMessage(failingQuery));
  state.cycle.closed = true;
}

function refuseExtended(state: SessionState, error: ReportFields) {
  if (!state.cycle.touched && state.status !== "T") return skipToSync(state, "local", error);
  const reply = { kind: "failure", error: errorResponse(error), audience: "client" } as const;
  expectReply(state, reply, executeMessage(failingPortal));
  skipToSync(state, "upstream", null);
}

// --- Simple query ---

function query(state: SessionState, { type, bytes, tooLong }: ClientMessage) {
  if (tooLong) return refuse(state, type, refusals.tooLong(limits.sql_bytes_max));
  const { text } = required(readQuery(bytes));
  if (text === null) return refuse(state, type, refusals.notUtf8());
  if (isBlank(text)) return forwardBlankQuery(state, bytes);
  const statement: ExactStatement = { text, parameters: [] };
  const ruling = rule(state, statement, false);
  if (ruling.kind === "refuse") return refuse(state, type, ruling.error);
  if (ruling.kind === "forward") return forwardQuery(state, bytes, ruling.judgement);
  return askPeople(state, ruling.judgement, statement).then((error) => {
    if (error !== null) refuse(state, type, error);
    else forwardQuery(state, bytes, ruling.judgement);
  });
}

/** There is nothing in it to decide; drivers send it to see whether the server is there. */
function forwardBlankQuery(state: SessionState, bytes: Uint8Array): void {
  forgetUnnamed(state.names);
  expectReply(state, { kind: "query", execution: null, error: null, audience: "client" }, bytes);
  state.cycle.closed = true;
}

function forwardQuery(state: SessionState, bytes: Uint8Array, judgement: Judgement): void {
  const execution = createExecution(judgement, null, state.transactionRedacts);
  forgetUnnamed(state.names);
  expectReply(state, { kind: "query", execution, error: null, audience: "client" }, bytes);
  noteExecution(state, execution);
  state.cycle.closed = true;
}

function noteExecution(state: SessionState, { judgement, redactErrors }: Execution): void {
  state.cycle.executed = true;
  state.transactionRedacts ||= redactErrors;
  if (!judgement.statements.every((statement) => isCalm(statement) && !statement.is_counted))
    state.cycle.unsettled = true;
  if (judgement.statements.some(({ kind }) => kind === "transaction")) state.cycle.transactionChanged = true;
  if (judgement.statements.some(({ kind }) => kind === "listen")) state.listening = true;
}

// --- Extended query ---

function checkName(name: string): ReportFields | null {
  if (name.length > limits.name_bytes_max) return refusals.nameTooLong(limits.name_bytes_max);
  return name.startsWith(reservedPrefix) ? refusals.nameReserved() : null;
}

function parse(state: SessionState, { type, bytes, tooLong }: ClientMessage) {
  if (tooLong) return refuse(state, type, refusals.tooLong(limits.sql_bytes_max));
  const { name, text, parameterTypes } = required(readParse(bytes));
  const badName = checkName(name);
  if (badName !== null) return refuse(state, type, badName);
  if (text === null) return refuse(state, type, refusals.notUtf8());
  if (name !== "" && !hasRoom(state.names, bytes.length)) return refuse(state, type, refusals.tooManyStatements());
  const preview = isBlank(text) ? null : previewOf(state, text);
  if (!isBlank(text) && (preview === null || preview.decision.verdict === "block")) {
    // Blocked for every parameter: the decision is made and recorded here, because no Execute will come.
    const ruling = rule(state, { text, parameters: [] }, true);
    const error = ruling.kind === "refuse" ? ruling.error : refusals.readDifferently();
    return refuse(state, type, error);
  }
  const redactErrors = preview?.statements.some((statement) => statement.redact_errors) ?? false;
  const statement = { name, text, parameterTypes, parse: bytes.slice(), redactErrors };
  sendParse(state, { ...statement, catalogVersion: state.catalog.version, fields: null, described: false }, "client");
}

function sendParse(state: SessionState, statement: Statement, audience: "client" | "nobody"): void {
  state.names.statements.asked.set(statement.name, statement);
  expectReply(state, { kind: "parse", statement, audience }, statement.parse);
}

/**
 * A statement that was parsed under another catalog is parsed again first. The server itself would keep the old meaning
 * where a new table only hides the old one, while we judge by the new.
 */
function parseAgain(state: SessionState, statement: Statement): Statement {
  const { name } = statement;
  const fresh = { ...statement, catalogVersion: state.catalog.version, fields: null, described: false };
  const close = { kind: "close", target: "statement", name, audience: "nobody" } as const;
  if (name !== "") expectReply(state, close, closeMessage("statement", name));
  sendParse(state, fresh, "nobody");
  return fresh;
}

function bind(state: SessionState, { type, bytes }: ClientMessage) {
  const message = required(readBind(bytes));
  const badName = checkName(message.portal);
  if (badName !== null) return refuse(state, type, badName);
  const known = lookUp(state.names.statements, message.statement);
  if (known === null) return refuse(state, type, refusals.unknownStatement(message.statement));
  const statement = known.catalogVersion === state.catalog.version ? known : parseAgain(state, known);
  const { parameters, parameterFormats, resultFormats } = message;
  const name = message.portal;
  const portal = { name, statement, parameters, parameterFormats, resultFormats, bind: bytes };
  sendBind(state, { ...portal, passed: nothingPassed(), started: false, fields: null, described: false }, "client");
}

function sendBind(state: SessionState, portal: Portal, audience: "client" | "nobody"): void {
  state.names.portals.asked.set(portal.name, portal);
  const { redactErrors } = portal.statement;
  expectReply(state, { kind: "bind", portal, redactErrors, audience }, portal.bind);
}

/** A portal whose statement was parsed under another catalog, bound again; null when it has begun to run. */
function bindAgain(state: SessionState, portal: Portal): Portal | null {
  if (portal.started) return null;
  const { name } = portal;
  const fresh = { ...portal, statement: parseAgain(state, portal.statement), fields: null, described: false };
  const close = { kind: "close", target: "portal", name, audience: "nobody" } as const;
  if (name !== "") expectReply(state, close, closeMessage("portal", name));
  sendBind(state, fresh, "nobody");
  return fresh;
}

function describe(state: SessionState, { bytes }: ClientMessage): void {
  const { target, name } = required(readNamed(bytes));
  const table = target === "statement" ? state.names.statements : state.names.portals;
  const of: Statement | Portal | null = lookUp<Statement | Portal>(table, name);
  if (of !== null) of.described = true;
  expectReply(state, { kind: "describe", of, audience: "client" }, bytes);
}

function close(state: SessionState, { type, bytes }: ClientMessage) {
  const { target, name } = required(readNamed(bytes));
  const badName = checkName(name);
  if (badName !== null) return refuse(state, type, badName);
  const table = target === "statement" ? state.names.statements : state.names.portals;
  table.asked.set(name, null);
  expectReply(state, { kind: "close", target, name, audience: "client" }, bytes);
}

function sync(state: SessionState, { bytes }: ClientMessage): void {
  expectReply(state, { kind: "sync", audience: "client" }, bytes);
  state.cycle.closed = true;
}

function execute(state: SessionState, { type, bytes }: ClientMessage) {
  const message = required(readExecute(bytes));
  const known = lookUp(state.names.portals, message.portal);
  const isCurrent = known?.statement.catalogVersion === state.catalog.version;
  const portal = known === null || isCurrent ? known : bindAgain(state, known);
  if (portal === null) return refuse(state, type, refusals.unknownPortal(message.portal));
  if (isBlank(portal.statement.text)) {
    return expectReply(state, { kind: "execute", execution: null, audience: "client" }, bytes);
  }
  const statement: ExactStatement = {
    text: portal.statement.text,
    parameters: portal.parameters,
    parameter_formats: portal.parameterFormats,
    parameter_types: portal.statement.parameterTypes,
  };
  const ruling = rule(state, statement, true);
  if (ruling.kind === "refuse") return refuse(state, type, ruling.error);
  if (ruling.kind === "forward") return forwardExecute(state, bytes, portal, ruling.judgement);
  return askPeople(state, ruling.judgement, statement).then((error) => {
    if (error !== null) refuse(state, type, error);
    else forwardExecute(state, bytes, portal, ruling.judgement);
  });
}

function forwardExecute(state: SessionState, bytes: Uint8Array, portal: Portal, judgement: Judgement): void {
  const execution = createExecution(judgement, portal, state.transactionRedacts);
  const masks = judgement.statements.some(({ masks, search }) => masks.length > 0 || search !== null);
  if (masks && !portal.described && !portal.statement.described) {
    portal.described = true;
    expectReply(state, { kind: "describe", of: portal, audience: "nobody" }, describeMessage("portal", portal.name));
  }
  portal.started = true;
  // A server keeps its answers until it is asked for them: without a Flush nobody could tell when it comes to this one.
  if (hasDeadline(execution)) state.wire.toUpstream(flushMessage());
  expectReply(state, { kind: "execute", execution, audience: "client" }, bytes);
  noteExecution(state, execution);
  if (!execution.copies) return;
  // What the server does with a Sync depends on whether it reads copy data then: nothing follows before it has said so.
  state.cycle.copying = true;
  state.wire.toUpstream(flushMessage());
}

/**
 * The gateway's own queries on the client's session: the catalog, and whether what our reading of SQL rests on still holds.
 *
 * They run on the client's own upstream session because names mean what *it* sees: its search path, its temporary tables,
 * its uncommitted changes. They go over the extended protocol under reserved names, so that the client's unnamed statement
 * lives on; between cycles they end with a Sync, inside a cycle with a Flush and in the client's transaction.
 */
import { limits } from "./limits.js";
import { keepListed, reservedPrefix } from "./names.js";
import { strictUtf8 } from "./read-message.js";
import { catalogUnreadable } from "./refusals.js";
import type { OwnQuery } from "./replies.js";
import {
  bindMessage,
  closeMessage,
  executeMessage,
  flushMessage,
  parseMessage,
  type ReportFields,
  syncMessage,
} from "./server-messages.js";
import { expectReply, type SessionState, settled, skipToSync } from "./session-state.js";

const ownName = `${reservedPrefix}own`;

/** Settings that change how SQL text is read, and the protocol's prepared statements. */
const checkQuery = `SELECT pg_catalog.json_build_object(
  'client_encoding', pg_catalog.current_setting('client_encoding'),
  'standard_conforming_strings', pg_catalog.current_setting('standard_conforming_strings'),
  'statements', (SELECT pg_catalog.json_object_agg(name, statement) FROM pg_catalog.pg_prepared_statements
                 WHERE NOT from_sql))::pg_catalog.text`;

/** Whether a decision must wait for `makeReady`. Cheap: asked before every one. */
export function isReady(state: SessionState): boolean {
  const { catalog, cycle, shared } = state;
  if (cycle.unsettled) return false;
  if (state.status === "E") return true; // Nothing but the end of the transaction can run; nothing of ours either.
  const isOld = performance.now() - catalog.readAt_ms > limits.catalog_age_max_ms;
  return !catalog.stale && !isOld && !state.namesSuspect && catalog.generation === shared.generation;
}

/**
 * Waits until the server has done what it was given, then reads what may have changed. Afterwards the cycle may be skipping.
 * An answer means that the client's message must be refused with it.
 */
export async function makeReady(state: SessionState): Promise<ReportFields | null> {
  if (state.replies.length > 0) {
    state.wire.toUpstream(flushMessage());
    await settled(state);
  }
  state.cycle.unsettled = false;
  if (state.cycle.skipping !== "no" || isReady(state)) return null;
  const insideCycle = state.cycle.touched;
  const failure = await refresh(state);
  if (failure === null || !insideCycle) return failure;
  skipToSync(state, "upstream", failure);
  return null;
}

/** Reads the catalog now, whether or not it seems fresh. */
export async function refresh(state: SessionState): Promise<ReportFields | null> {
  const { catalog, shared } = state;
  const generation = shared.generation;
  const check = await runOwn(state, checkQuery);
  if (check.failure !== null) return catalogUnreadable(check.failure);
  checkSession(state, textOf(check));
  const read = await runOwn(state, state.catalogReader.query);
  if (read.failure !== null) return catalogUnreadable(read.failure);
  const json = textOf(read);
  if (json !== catalog.json) {
    catalog.current = state.catalogReader.parse(json);
    catalog.json = json;
    catalog.version += 1;
  }
  catalog.stale = false;
  catalog.readAt_ms = performance.now();
  catalog.generation = generation;
  return null;
}

function checkSession(state: SessionState, json: string): void {
  const { client_encoding, standard_conforming_strings, statements } = JSON.parse(json);
  if (client_encoding !== "UTF8" || standard_conforming_strings !== "on") {
    state.wire.fatal("0A000", "client_encoding must stay UTF8 and standard_conforming_strings must stay on");
  }
  keepListed(state.names, statements ?? {});
  state.namesSuspect = false;
}

/** One row of one text: anything else is our mistake or a server that cannot be trusted. */
function textOf({ cells }: OwnQuery): string {
  const [cell] = cells;
  const text = cell === null || cell === undefined ? null : strictUtf8(cell);
  if (text === null || cells.length !== 1) throw new Error("a query of the gateway's own gave no text");
  return text;
}

async function runOwn(state: SessionState, sql: string): Promise<OwnQuery> {
  const query: OwnQuery = { cells: [], failure: null };
  const audience = query;
  expectReply(state, { kind: "parse", statement: null, audience }, parseMessage(ownName, sql));
  expectReply(state, { kind: "bind", portal: null, redactErrors: false, audience }, bindMessage(ownName, ownName));
  expectReply(state, { kind: "execute", execution: null, audience }, executeMessage(ownName));
  for (const target of ["portal", "statement"] as const) {
    expectReply(state, { kind: "close", target, name: ownName, audience }, closeMessage(target, ownName));
  }
  if (state.cycle.touched) state.wire.toUpstream(flushMessage());
  else expectReply(state, { kind: "sync", audience }, syncMessage());
  state.ownQueryRuns = true;
  await settled(state);
  state.ownQueryRuns = false;
  return query;
}

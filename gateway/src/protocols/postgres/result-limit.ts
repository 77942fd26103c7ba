/**
 * Results end where the policy says.
 *
 * In: the limit of a statement, and its rows one by one. Out: whether a row passes. Once one does not, no later one does, the
 * client is told so by a notice, and the command tag counts the rows that passed. The server still makes the rest: to break it
 * off would undo what a statement with RETURNING has changed. What a portal has sent counts over all its fetches.
 */
import type { StatementLimit } from "../../session/enforcement.js";
import { buildMessage } from "./build-message.js";
import { server } from "./message-types.js";
import type { ReportFields } from "./server-messages.js";

/** What has passed of one result. */
export interface Passed {
  rows: number;
  bytes: number;
  /** A row was held back. */
  ended: boolean;
}

export const nothingPassed = (): Passed => ({ rows: 0, bytes: 0, ended: false });

export const limitsRows = (limit: StatementLimit | null): limit is StatementLimit =>
  limit !== null && (limit.rows !== null || limit.bytes !== null);

/** Whether one more row of `size` bytes, as the client would see it, may pass; counts it if so. */
export function admitRow(limit: StatementLimit | null, passed: Passed, size: number): boolean {
  if (!limitsRows(limit)) return true;
  const isBeyond =
    passed.ended ||
    (limit.rows !== null && passed.rows >= limit.rows) ||
    (limit.bytes !== null && passed.bytes + size > limit.bytes);
  passed.ended = isBeyond;
  if (isBeyond) return false;
  passed.rows += 1;
  passed.bytes += size;
  return true;
}

export function resultEnded({ rows, bytes }: StatementLimit): ReportFields {
  const amounts = [...(rows === null ? [] : [`${rows} rows`]), ...(bytes === null ? [] : [`${bytes} bytes`])];
  return {
    severity: "NOTICE",
    code: "01000",
    message: `the result ends here: the policy limits it to ${amounts.join(" and ")}`,
    hint: "Ask for less: a WHERE, an aggregate.",
  };
}

/** The end of a result that was cut: its tag counts what was sent. Null for a tag that counts something else. */
export function cutTag(tag: string, rowsSent: number): Uint8Array | null {
  const [, verb] = /^(SELECT|FETCH) \d+$/u.exec(tag) ?? [];
  return verb === undefined ? null : buildMessage(server.commandComplete).cstring(`${verb} ${rowsSent}`).end();
}

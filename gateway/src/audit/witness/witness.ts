/**
 * A witness: somebody elsewhere who remembers how far this log was, so that a log put back to an older state shows.
 *
 * In: a log that signs, and a place that keeps its checkpoints (PostgreSQL, or another gateway). Out: at the start and at each
 * heartbeat, whether the log contains the last checkpoint that the witness has; then the newest one goes there. A log that does
 * not contain it is not gone on with: nothing is sent over what the witness has, the log and its sinks are told, and statements
 * are refused until the two agree. A witness that does not answer changes nothing, in either direction: two gateways that
 * witness each other must be able to start, and a rollback is found at the first answer, because what the witness has is
 * compared before it gets anything new. Absent: consistency proofs asked by the witness; whoever has the log's key and the
 * witness's place can make both agree.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { readCheckpoint } from "../checkpoint.js";
import type { AuditEvent } from "../event.js";
import type { OpenedLog } from "../log.js";
import { isSameHash, rangeRoot, type TreeHead } from "../merkle.js";
import { tileReader } from "../tiles.js";

/** A place that keeps the checkpoints of logs. Both calls end by themselves, after a wait to connect and one to be answered. */
export interface WitnessPlace {
  /** Names it in events and lines: no credentials. */
  readonly name: string;
  /** The note of the largest checkpoint kept of `origin`; null when there is none. */
  latest(origin: string): Promise<string | null>;
  /** Keeps a note of `origin`. */
  keep(origin: string, note: string): Promise<void>;
}

/** Longest wait for an answer of a witness that is connected: it is waited for when a gateway starts. */
export const witnessTimeout_ms = 3_000;
/** Longest note that is looked at, and written down; ours have 250 bytes. */
export const noteSize_max = 4_096;

export interface WitnessStatus {
  /** What the witness last said; null until it has said anything. */
  readonly agrees: boolean | null;
  /** Whether it answered when it was last asked. */
  readonly isReached: boolean;
}

export interface Witnessed {
  /** Compares, and sends the newest checkpoint. Never rejects. */
  compare(): Promise<void>;
  status(): WitnessStatus;
  /** Compares once more, and then never again; an answer that is still awaited is not listened to. */
  stop(patience_ms: number): Promise<void>;
}

/** Has `place` witness `log`. `append` writes an event; `report` tells the operator. */
export function witness(
  log: OpenedLog,
  place: WitnessPlace,
  append: (event: AuditEvent) => void,
  report: (line: string) => void,
): Witnessed {
  let status: WitnessStatus = { agrees: null, isReached: false };
  let [isStopped, isAwaySaid] = [false, false];
  const { name: origin } = log.verifier;

  const compareOnce = async (): Promise<void> => {
    const note = (await place.latest(origin))?.slice(0, noteSize_max) ?? null;
    // The log may be closed by now.
    if (isStopped) return;
    isAwaySaid = false;
    const signed = await log.checkpoint();
    const fault = note === null ? null : faultOf(log, signed, note);
    const before = status.agrees;
    status = { agrees: fault === null, isReached: true };
    if (fault !== null && note !== null) {
      if (before === false) return;
      report(`the audit log does not agree with its witness ${place.name}: ${fault.reason}; statements are refused`);
      append({
        kind: "witness.disagreed",
        detail: { witness: place.name, reason: fault.reason, size: fault.size, note },
      });
      return;
    }
    if (before === false) append({ kind: "witness.agreed", detail: { witness: place.name, size: signed.size } });
    await place.keep(origin, signed.note);
  };
  const compare = async (): Promise<void> => {
    if (isStopped) return;
    try {
      await compareOnce();
    } catch (error) {
      status = { ...status, isReached: false };
      if (!isAwaySaid) report(`the audit log's witness ${place.name} was not reached: ${messageOf(error)}`);
      isAwaySaid = true;
    }
  };
  return {
    status: () => status,
    compare,
    stop: async (patience_ms) => {
      await Promise.race([compare(), sleep(patience_ms, undefined, { ref: false })]);
      isStopped = true;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface WitnessFault {
  readonly reason: string;
  readonly size: number;
}

/** Why the log, signed as `signed`, does not contain what `note` says; null when it does. */
function faultOf(log: OpenedLog, signed: TreeHead, note: string): WitnessFault | null {
  const head = readCheckpoint(note, log.verifier);
  if (head === null) return { reason: "what the witness has was not signed by this log's key", size: 0 };
  const { size } = head;
  if (size > signed.size) return { reason: `the witness knows ${size} lines, the log has ${signed.size}`, size };
  if (size === 0 || isSameHash(rootAt(log, signed, size), head.root)) return null;
  return { reason: `the first ${size} lines are not those that the witness knows`, size };
}

const rootAt = (log: OpenedLog, signed: TreeHead, size: number): Uint8Array =>
  rangeRoot(tileReader(log.path, signed.size), 0, size);

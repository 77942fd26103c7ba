/**
 * Shows that the population is all there is: the period's lines are neighbours in a log whose growth is proved.
 *
 * In: the period's lines, the log's tiles and checkpoints. Out: the first and last index and how many lines of each kind lie
 * between, with none missing; a consistency proof from the last checkpoint before the period to the log's last one; and every
 * stretch of time in which nothing was written, with the reason the log gives for it. Absent: trust in the export itself;
 * `docs/guide/soc2.md` says how each figure is checked.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCheckpoint, readVerifier } from "../audit/checkpoint.js";
import { consistencyProof } from "../audit/merkle.js";
import { queryAuditLog } from "../audit/query.js";
import { checkpointPath } from "../audit/recover.js";
import { tileReader } from "../audit/tiles.js";
import { type AuditCheck, verifyAuditLog } from "../audit/verify.js";
import type { LineMark, Period, PeriodRecord } from "./read-period.js";

/** A stretch of the period without any line. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  /** What the log says: the gateway was stopped, it ended without a word, or nothing at all. */
  readonly reason: string;
}

export interface Completeness {
  readonly log: string;
  readonly key: string;
  readonly log_check: AuditCheck;
  readonly lines: {
    readonly first: number | null;
    readonly last: number | null;
    readonly count: number;
    readonly contiguous: boolean;
  };
  readonly counts: Readonly<Record<string, number>>;
  readonly gaps: readonly Gap[];
  /** Notes of two checkpoints, and hashes that show the second tree begins with the first (RFC 6962 section 2.1.2). */
  readonly consistency: {
    readonly before: string | null;
    readonly after: string;
    readonly proof: readonly string[];
  } | null;
}

/** Gathers the proof for the log in `folder`. O(bytes of the log). */
export async function proveCompleteness(folder: string, record: PeriodRecord, period: Period): Promise<Completeness> {
  const key = existsSync(join(folder, "key")) ? readFileSync(join(folder, "key"), "utf8").trim() : "";
  const { lines } = record;
  const [first, last] = [lines[0]?.index ?? null, lines.at(-1)?.index ?? null];
  return {
    log: readVerifier(key)?.name ?? "unknown",
    key,
    log_check: await verifyAuditLog(folder),
    lines: { first, last, count: lines.length, contiguous: lines.every(({ index }, i) => index === (first ?? 0) + i) },
    counts: countKinds(lines),
    gaps: gapsOf(record, period),
    consistency: await consistencyOf(folder, key, first ?? 0),
  };
}

function countKinds(lines: readonly LineMark[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { kind } of lines) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Shortest stretch that is named, whatever the heartbeat. */
const gapMin_ms = 180_000;

/** Stretches without a line longer than three heartbeats, the edges of the period included. */
export function gapsOf(
  { lines, before }: Pick<PeriodRecord, "lines" | "before">,
  { from_ms, to_ms }: Period,
): readonly Gap[] {
  const longest_ms = Math.max(gapMin_ms, 3 * heartbeatOf(lines));
  const marks = [
    { time_ms: from_ms, kind: before?.kind ?? "log.begin" },
    ...lines,
    { time_ms: Math.min(to_ms, Math.max(lines.at(-1)?.time_ms ?? to_ms, to_ms)), kind: "period.end" },
  ];
  return marks.slice(1).flatMap((mark, i) => {
    const previous = marks[i];
    if (previous === undefined) return [];
    const length_ms = mark.time_ms - previous.time_ms;
    if (length_ms >= 0 && length_ms <= longest_ms) return [];
    const [from, to] = [previous, mark].map(({ time_ms }) => new Date(time_ms).toISOString()) as [string, string];
    return [{ from, to, seconds: Math.round(length_ms / 1000), reason: reasonOf(previous.kind, mark.kind, length_ms) }];
  });
}

function reasonOf(before: string, after: string, length_ms: number): string {
  if (length_ms < 0) return "the gateway's clock was set back";
  if (before === "gateway.stopped") return "the gateway was stopped";
  if (after === "gateway.started") return "the gateway ended without saying so, and was started again";
  if (before === "log.begin") return "before the log's first line";
  return after === "period.end" ? "after the log's last line" : "unexplained: nothing was written, no heartbeat either";
}

/** The usual time between heartbeats; 0 when there are too few to tell. */
function heartbeatOf(lines: readonly LineMark[]): number {
  const beats = lines.filter(({ kind }) => kind === "audit.checkpoint").map(({ time_ms }) => time_ms);
  const between = beats.slice(1).map((time_ms, i) => time_ms - (beats[i] ?? time_ms));
  return between.toSorted((a, b) => a - b)[Math.floor(between.length / 2)] ?? 0;
}

async function consistencyOf(folder: string, key: string, first: number): Promise<Completeness["consistency"]> {
  const verifier = readVerifier(key);
  if (verifier === null || !existsSync(checkpointPath(folder))) return null;
  const after = readFileSync(checkpointPath(folder), "utf8");
  const head = readCheckpoint(after, verifier);
  let before: { readonly note: string; readonly size: number } | null = null;
  for await (const { event } of queryAuditLog(folder, { kind: "audit.checkpoint" })) {
    const noted = readCheckpoint(event.detail.note ?? "", verifier);
    if (noted !== null && noted.size > 0 && noted.size <= first) before = { note: event.detail.note, size: noted.size };
  }
  if (head === null) return null;
  try {
    const hashes = before === null ? [] : consistencyProof(tileReader(folder, head.size), before.size, head.size);
    return { before: before?.note ?? null, after, proof: hashes.map((hash) => Buffer.from(hash).toString("base64")) };
  } catch {
    return null;
  }
}

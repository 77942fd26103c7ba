/**
 * Ships the log to somewhere else: every event at least once, in order, however often either side goes away.
 *
 * In: a log that grows, and a sink that takes batches. Out: batches delivered one after the other; the index behind the last
 * one that was taken is kept in the state folder, and shipping goes on there after a restart. A sink that refuses is asked again,
 * less and less often, for ever: the backlog is the log itself. How far a sink lags behind can be asked. Absent: any influence
 * on the gateway's decisions.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventFormat } from "../format/index.js";
import { formatEvent } from "../format/index.js";
import { readEvent } from "../query.js";
import { replaceFile } from "../replace-file.js";
import { readFrom } from "./follow.js";

/** Events of one batch, as text in the sink's format. */
export interface Shipment {
  /** Index of the first line of the batch, those included that the format leaves out. */
  readonly first: number;
  readonly events: readonly {
    readonly index: number;
    readonly time: string;
    readonly kind: string;
    readonly text: string;
  }[];
}

export interface Sink {
  readonly name: string;
  readonly format: EventFormat;
  /** Takes a batch; rejects to be asked again. */
  send(shipment: Shipment, signal: AbortSignal): Promise<void>;
}

export interface SinkStatus {
  readonly name: string;
  /** Lines that it has not taken yet. */
  readonly lag: number;
  readonly failures: number;
}

export interface ShippedLog {
  readonly folder: string;
  /** Names the log in the events. */
  readonly origin: string;
  readonly size: () => number;
}

/** How often a sink that has everything looks for more. */
const idle_ms = 100;
/** Waits after the first and later refusals; the last one is repeated. */
const retryDelays_ms: readonly number[] = [250, 1_000, 5_000, 15_000, 60_000];

export interface Shipping {
  status(): SinkStatus;
  /** Ends it; what is not delivered is delivered after the next start. With `patience_ms`, what is left is tried for so long. */
  stop(patience_ms?: number): Promise<void>;
}

/** Ships `source` to `sink`, from the index kept in the file `position` on. */
export function ship(source: ShippedLog, sink: Sink, position: string, log: (line: string) => void): Shipping {
  const abort = new AbortController();
  let [taken, failures, isEnding] = [readPosition(position, source.size()), 0, false];
  const run = async (): Promise<void> => {
    const reader = readFrom(source.folder, taken);
    while (!abort.signal.aborted) {
      const { first, lines } = await reader.next(source.size());
      if (lines.length === 0) {
        if (isEnding && taken >= source.size()) return;
        await sleep(idle_ms, undefined, { signal: abort.signal, ref: false });
        continue;
      }
      await deliver({ first, events: lines.flatMap((line) => formatted(line, sink, source.origin)) });
      taken = first + lines.length;
      await replaceFile(position, `${JSON.stringify({ index: taken })}\n`);
    }
  };
  const deliver = async (shipment: Shipment): Promise<void> => {
    for (let attempt = 0; shipment.events.length > 0; attempt++) {
      try {
        return await sink.send(shipment, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) throw error;
        failures++;
        if (attempt === 0)
          log(`audit sink ${sink.name} did not take its events, and is asked again: ${messageOf(error)}`);
        const delay_ms = retryDelays_ms[Math.min(attempt, retryDelays_ms.length - 1)];
        await sleep(delay_ms, undefined, { signal: abort.signal, ref: false });
      }
    }
  };
  mkdirSync(dirname(position), { recursive: true, mode: 0o700 });
  const running = run().catch((error: unknown) => {
    if (!abort.signal.aborted) log(`audit sink ${sink.name} ended: ${messageOf(error)}`);
  });
  return {
    status: () => ({ name: sink.name, lag: source.size() - taken, failures }),
    stop: async (patience_ms = 0) => {
      isEnding = true;
      const timer = setTimeout(() => abort.abort(), patience_ms);
      await running;
      clearTimeout(timer);
    },
  };
}

function formatted(line: Buffer, { format }: Sink, origin: string): Shipment["events"] {
  const event = readEvent(line);
  const text = event === null ? null : formatEvent(event, line.toString("utf8"), format, origin);
  if (event === null || text === null) return [];
  return [{ index: event.index, time: event.time, kind: event.kind, text }];
}

/** 0 when nothing was ever taken. A position behind the end of the log belongs to another log. */
function readPosition(path: string, size: number): number {
  if (!existsSync(path)) return 0;
  try {
    const { index } = JSON.parse(readFileSync(path, "utf8"));
    return Number.isSafeInteger(index) && index >= 0 && index <= size ? index : 0;
  } catch {
    return 0;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

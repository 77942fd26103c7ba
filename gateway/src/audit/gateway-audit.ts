/**
 * All of a gateway's audit in one piece: the log, its heartbeat, its sinks, the counts of what is in it.
 *
 * In: the state folder and the settings. Out: the log that the other parts write to, whose events are counted and carry keyed
 * digests only; what is known about its health. Parts are ended in the opposite order of their start, and sinks are given a
 * moment to take the last events. Absent: what events say.
 */
import { join } from "node:path";
import { startHeartbeat } from "./heartbeat.js";
import { keyedDigests } from "./keyed-digests.js";
import { type AuditLog, copyPath, type OpenedLog, openAuditLog } from "./log.js";
import { countEvents, type EventCounts, type Vitals } from "./metrics.js";
import { type OpenOriginals, openOriginals } from "./originals.js";
import { keepPolicy, type PolicyRecord } from "./policy-record.js";
import { type Shipping, ship } from "./sinks/ship.js";
import { openSink, type SinkSettings } from "./sinks/sinks.js";

export interface AuditSettings {
  /** File for a copy of each checkpoint; null for the one in the state folder. */
  readonly checkpoint_copy: string | null;
  readonly heartbeat_ms: number;
  readonly sinks: readonly SinkSettings[];
}

export interface GatewayAudit extends AuditLog {
  readonly counts: EventCounts;
  readonly vitals: Omit<Vitals, "hasPolicy">;
  /** The text of the key that checks the log. */
  readonly key: string;
  /** Digests of what is masked. */
  readonly openOriginals: OpenOriginals;
  /** Keeps a policy that comes into force. */
  keepPolicy(module: Uint8Array, path: string): PolicyRecord;
  close(): Promise<void>;
}

/** How long sinks may take for the last events when a gateway ends. */
const farewell_ms = 1_000;

/** Opens the audit of the gateway whose state is in `state`. Rejects like `openAuditLog`. */
export async function openGatewayAudit(
  state: string,
  settings: AuditSettings,
  report: (line: string) => void,
): Promise<GatewayAudit> {
  const log = await openAuditLog(state, { copy: settings.checkpoint_copy ?? copyPath(state), log: report });
  const counts = countEvents();
  const stopHeartbeat = startHeartbeat(log, settings.heartbeat_ms, report);
  const source = { folder: log.path, origin: log.verifier.name, size: log.size };
  const shipping: readonly Shipping[] = settings.sinks
    .map((sink) => openSink(sink, source.origin))
    .map((sink) => ship(source, sink, join(state, "sinks", `${sink.name}.json`), report));
  return {
    ...writing(log, counts),
    counts,
    vitals: {
      isWritable: log.isWritable,
      lines: log.size,
      signed: () => log.signed().size,
      sinks: () => shipping.map((each) => each.status()),
    },
    key: log.verifier.text,
    openOriginals: openOriginals(log.keys.digests),
    keepPolicy: (module, path) => keepPolicy(log.path, module, path),
    close: async () => {
      stopHeartbeat();
      await Promise.all(shipping.map((each) => each.stop(farewell_ms)));
      await log.close();
    },
  };
}

function writing(log: OpenedLog, counts: EventCounts): Pick<AuditLog, "path" | "append"> {
  const keyed = keyedDigests(log.keys.digests);
  return {
    path: log.path,
    append: (event, options) => {
      try {
        const index = log.append(keyed(event), options);
        counts.count(event);
        return index;
      } catch (error) {
        counts.refused();
        throw error;
      }
    },
  };
}

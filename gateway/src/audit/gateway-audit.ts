/**
 * All of a gateway's audit in one piece: the log, its heartbeat, its sinks, the counts of what is in it.
 *
 * In: the state folder and the settings. Out: the log that the other parts write to, whose events are counted and carry keyed
 * digests only; what is known about its health. Parts are ended in the opposite order of their start, and sinks are given a
 * moment to take the last events. Absent: what events say.
 */
import { join } from "node:path";
import { AuditUnavailable } from "../session/enforcement.js";
import type { NoteVerifier } from "./checkpoint.js";
import type { AuditEvent } from "./event.js";
import { startHeartbeat } from "./heartbeat.js";
import { keyedDigests } from "./keyed-digests.js";
import { type AuditLog, copyPath, type OpenedLog, openAuditLog } from "./log.js";
import { countEvents, type EventCounts, type Vitals } from "./metrics.js";
import { type OpenOriginals, openOriginals } from "./originals.js";
import { keepPolicy, type PolicyRecord } from "./policy-record.js";
import { type Shipping, ship } from "./sinks/ship.js";
import { openSink, type SinkSettings } from "./sinks/sinks.js";
import { type KeptCheckpoints, openKeptCheckpoints } from "./witness/kept-checkpoints.js";
import { type Witnessed, type WitnessPlace, witness } from "./witness/witness.js";

export interface AuditSettings {
  /** File for a copy of each checkpoint; null for the one in the state folder. */
  readonly checkpoint_copy: string | null;
  readonly heartbeat_ms: number;
  readonly sinks: readonly SinkSettings[];
  readonly witness: WitnessPlace | null;
  /** Logs of other gateways whose checkpoints are kept here. */
  readonly witness_for: readonly NoteVerifier[];
}

export interface GatewayAudit extends AuditLog {
  readonly counts: EventCounts;
  readonly vitals: Omit<Vitals, "hasPolicy" | "bundle" | "shadowSkipped">;
  /** The text of the key that checks the log. */
  readonly key: string;
  /** What this gateway keeps as the witness of others. */
  readonly kept: KeptCheckpoints;
  /** Digests of what is masked. */
  readonly openOriginals: OpenOriginals;
  /** Keeps a policy that comes into force. */
  keepPolicy(module: Uint8Array, sources: Parameters<typeof keepPolicy>[2]): PolicyRecord;
  close(): Promise<void>;
}

/** How long the witness, and then the sinks, may take for what is last when a gateway ends. */
const farewell_ms = 1_000;

/**
 * Opens the audit of the gateway whose state is in `state`, and asks its witness. Rejects like `openAuditLog`, and not for what
 * the witness says: a gateway that refuses every statement can still tell why.
 */
export async function openGatewayAudit(
  state: string,
  settings: AuditSettings,
  report: (line: string) => void,
): Promise<GatewayAudit> {
  const log = await openAuditLog(state, { copy: settings.checkpoint_copy ?? copyPath(state), log: report });
  const counts = countEvents();
  const append = (event: AuditEvent): void => {
    log.append(event, { durable: true });
    counts.count(event);
  };
  const witnessed = settings.witness === null ? null : witness(log, settings.witness, append, report);
  await witnessed?.compare();
  const stopHeartbeat = startHeartbeat(log, settings.heartbeat_ms, report, () => witnessed?.compare());
  const source = { folder: log.path, origin: log.verifier.name, size: log.size };
  const shipping: readonly Shipping[] = settings.sinks
    .map((sink) => openSink(sink, source.origin))
    .map((sink) => ship(source, sink, join(state, "sinks", `${sink.name}.json`), report));
  return {
    ...writing(log, counts, witnessed),
    counts,
    vitals: {
      isWritable: log.isWritable,
      lines: log.size,
      signed: () => log.signed().size,
      sinks: () => shipping.map((each) => each.status()),
      witness: () => witnessed?.status() ?? null,
    },
    kept: openKeptCheckpoints(state, settings.witness_for, append),
    key: log.verifier.text,
    openOriginals: openOriginals(log.keys.digests),
    keepPolicy: (module, sources) => keepPolicy(log.path, module, sources),
    close: async () => {
      stopHeartbeat();
      await witnessed?.stop(farewell_ms);
      await Promise.all(shipping.map((each) => each.stop(farewell_ms)));
      await log.close();
    },
  };
}

/** Decisions are not taken while the witness disagrees: what cannot be written down trustworthily is not done. */
function writing(log: OpenedLog, counts: EventCounts, witnessed: Witnessed | null): Pick<AuditLog, "path" | "append"> {
  const keyed = keyedDigests(log.keys.digests);
  return {
    path: log.path,
    append: (event, options) => {
      try {
        if (event.kind === "decision" && witnessed?.status().agrees === false)
          throw new AuditUnavailable("the audit log does not agree with its witness");
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

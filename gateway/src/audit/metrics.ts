/**
 * Counts of what a gateway does, and whether it is well, for those who run it.
 *
 * In: the events that are written down, and what can be asked of the log, the sinks and the policy. Out: `/metrics` in the
 * Prometheus text format, `/healthz` (the process answers) and `/readyz` (statements would be decided by a policy, and written
 * down); and the checkpoints of other gateways, which prove themselves. No names of people, statements or tables. Absent:
 * authentication, because nothing here is worth it: listen where only the collector and those gateways can reach.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuditEvent } from "./event.js";
import type { SinkStatus } from "./sinks/ship.js";
import type { KeptCheckpoints } from "./witness/kept-checkpoints.js";
import { answerWitness, type WitnessAnswer } from "./witness/serve-witness.js";
import type { WitnessStatus } from "./witness/witness.js";

/** What is asked at each look. */
export interface Vitals {
  readonly isWritable: () => boolean;
  readonly lines: () => number;
  readonly signed: () => number;
  readonly sinks: () => readonly SinkStatus[];
  readonly hasPolicy: () => boolean;
  /** Null when there is none. */
  readonly witness: () => WitnessStatus | null;
  /** Null for a policy that does not come in bundles. */
  readonly bundle: () => { readonly revision: number | null; readonly checked_at_ms: number | null } | null;
  /** Decisions that a shadow policy was not asked about; null without one. */
  readonly shadowSkipped: () => number | null;
}

export interface EventCounts {
  /** Counts an event. */
  count(event: AuditEvent): void;
  /** An event that could not be written. */
  refused(): void;
  /** Number by metric name with its labels. */
  read(): ReadonlyMap<string, number>;
}

export function countEvents(): EventCounts {
  const counts = new Map<string, number>();
  const add = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  add("hpl_sessions_open", 0);
  add("hpl_audit_refused_total", 0);
  return {
    count: ({ kind, detail }) => {
      add(`hpl_audit_events_total{kind="${kind}"}`);
      if (kind === "decision") add(`hpl_decisions_total{verdict="${verdictOf(detail)}"}`);
      if (kind === "execution") add(`hpl_executions_total{status="${String(detail.status)}"}`);
      if (kind === "session.opened") add("hpl_sessions_open");
      if (kind === "session.closed") add("hpl_sessions_open", -1);
    },
    refused: () => add("hpl_audit_refused_total"),
    read: () => counts,
  };
}

const verdictOf = ({ decision }: AuditEvent["detail"]): string =>
  typeof decision === "object" && decision !== null && "verdict" in decision ? String(decision.verdict) : "unknown";

const helpOf: Readonly<Record<string, string>> = {
  hpl_audit_events_total: "Events written to the audit log since the start.",
  hpl_decisions_total: "Statements decided since the start.",
  hpl_executions_total: "Statements that ended since the start.",
  hpl_sessions_open: "Sessions of clients that are open.",
  hpl_audit_refused_total: "Events that could not be written: each refused a statement.",
  hpl_audit_writable: "1 while the audit log can be written.",
  hpl_audit_lines: "Lines of the audit log.",
  hpl_audit_signed_lines: "Lines that the last checkpoint covers.",
  hpl_audit_witness_disagrees: "1 while the witness has a checkpoint that the log does not contain.",
  hpl_audit_witness_reached: "1 when the witness answered last time.",
  hpl_policy_loaded: "1 while a policy is in force.",
  hpl_policy_revision: "Revision of the bundle in force, 0 before the first.",
  hpl_policy_checked_time_seconds:
    "When the place that bundles come from last answered, in seconds since 1970, 0 before it did.",
  hpl_shadow_skipped_total: "Decisions that were not compared with the shadow policy because too many were waiting.",
  hpl_sink_lag_events: "Lines that a sink has not taken yet.",
  hpl_sink_failures_total: "Refusals of a sink since the start.",
  process_resident_memory_bytes: "Resident memory.",
  process_start_time_seconds: "When the process was started, in seconds since 1970.",
};

/** All metrics as text, Prometheus exposition format 0.0.4. */
export function metricsText(counts: EventCounts, vitals: Vitals): string {
  const samples: (readonly [name: string, value: number])[] = [
    ...counts.read(),
    ["hpl_audit_writable", Number(vitals.isWritable())],
    ["hpl_audit_lines", vitals.lines()],
    ["hpl_audit_signed_lines", vitals.signed()],
    ["hpl_policy_loaded", Number(vitals.hasPolicy())],
    ...witnessSamples(vitals.witness()),
    ...bundleSamples(vitals.bundle()),
    ...shadowSamples(vitals.shadowSkipped()),
    ...vitals
      .sinks()
      .flatMap(({ name, lag, failures }) => [
        [`hpl_sink_lag_events{sink="${name}"}`, lag] as const,
        [`hpl_sink_failures_total{sink="${name}"}`, failures] as const,
      ]),
    ["process_resident_memory_bytes", process.memoryUsage.rss()],
    ["process_start_time_seconds", Math.round(Date.now() / 1000 - process.uptime())],
  ];
  const families = groupByFamily(samples);
  return [...families]
    .flatMap(([family, lines]) => [...headOf(family), ...lines])
    .join("\n")
    .concat("\n");
}

const bundleSamples = (status: ReturnType<Vitals["bundle"]>): readonly (readonly [string, number])[] =>
  status === null
    ? []
    : [
        ["hpl_policy_revision", status.revision ?? 0],
        ["hpl_policy_checked_time_seconds", Math.floor((status.checked_at_ms ?? 0) / 1000)],
      ];

const witnessSamples = (status: WitnessStatus | null): readonly (readonly [string, number])[] =>
  status === null
    ? []
    : [
        ["hpl_audit_witness_disagrees", Number(status.agrees === false)],
        ["hpl_audit_witness_reached", Number(status.isReached)],
      ];

const shadowSamples = (skipped: number | null): readonly (readonly [string, number])[] =>
  skipped === null ? [] : [["hpl_shadow_skipped_total", skipped]];

function groupByFamily(samples: readonly (readonly [string, number])[]): ReadonlyMap<string, readonly string[]> {
  const families = new Map<string, string[]>();
  for (const [name, value] of samples) {
    const family = name.replace(/\{.*$/, "");
    families.set(family, [...(families.get(family) ?? []), `${name} ${value}`]);
  }
  return families;
}

const headOf = (family: string): readonly string[] => [
  `# HELP ${family} ${helpOf[family] ?? family}`,
  `# TYPE ${family} ${family.endsWith("_total") ? "counter" : "gauge"}`,
];

/** Why the gateway is not ready; empty when it is. */
export const obstaclesOf = (vitals: Vitals): readonly string[] => [
  ...(vitals.isWritable() ? [] : ["the audit log cannot be written"]),
  ...(vitals.witness()?.agrees === false ? ["the audit log does not agree with its witness"] : []),
  ...(vitals.hasPolicy() ? [] : ["no policy is in force"]),
];

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves metrics and health on `host`:`port`, and keeps checkpoints of others. Rejects when it cannot listen there. */
export async function listenMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  counts: EventCounts,
  vitals: Vitals,
  kept: KeptCheckpoints,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, async (request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/s, "");
    const witnessing = await answerWitness(request, path, kept);
    const answer = witnessing ?? (request.method === "GET" ? answerTo(path, counts, vitals) : notFound);
    response.writeHead(answer.status, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(answer.text);
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const notFound: WitnessAnswer = { status: 404, text: "there are /metrics, /healthz and /readyz\n" };

function answerTo(path: string, counts: EventCounts, vitals: Vitals): WitnessAnswer {
  switch (path) {
    case "/metrics":
      return { status: 200, text: metricsText(counts, vitals) };
    case "/healthz":
      return { status: 200, text: "ok\n" };
    case "/readyz": {
      const obstacles = obstaclesOf(vitals);
      return obstacles.length === 0
        ? { status: 200, text: "ready\n" }
        : { status: 503, text: `${obstacles.join("\n")}\n` };
    }
    default:
      return notFound;
  }
}

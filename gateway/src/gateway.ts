/**
 * The gateway: everything wired together.
 *
 * In: a checked configuration, and a compiler handed in by the host. Out: listeners that clients connect to, an API that
 * approvers use, an audit log. Starts as a whole or not at all: what was started is stopped again when a later part fails.
 */
import { mkdirSync } from "node:fs";
import { rememberFacts } from "@hpl/runtime";
import {
  knownMajors,
  loadPostgres,
  newestMajor,
  parameterize,
  parseCatalog,
  postgresCatalogQuery,
  postgresFrontEnd,
} from "@hpl/runtime/sql";
import { type GatewayAudit, openGatewayAudit } from "./audit/gateway-audit.js";
import { listenMetrics } from "./audit/metrics.js";
import { lockState } from "./audit/state-lock.js";
import type { GatewayConfig } from "./config/generated.js";
import { fieldName, type ResolvedConfig, type ResolvedConnection, resolveConfig } from "./config/resolve-config.js";
import type { PolicySettings } from "./config/resolve-policy.js";
import { pathIn } from "./config/secret.js";
import { openPeople, type People } from "./people.js";
import type { Candidate, PolicySource } from "./policy/in-force.js";
import { openPolicy } from "./policy/open-policy.js";
import type { CompilePolicy } from "./policy/policy-source.js";
import { type PolicyPart, policyEvent, policyLine } from "./policy/reload-report.js";
import { listenPostgres } from "./protocols/postgres/listener.js";
import { createCellMasks } from "./session/cell-masks.js";
import { AuditUnavailable, type ConnectionGuard } from "./session/enforcement.js";
import { openSession } from "./session/open-session.js";
import { openShadow, type Shadow } from "./session/shadow.js";
import { openUpstream } from "./upstream/open-upstream.js";
import { listenWeb } from "./web/server.js";

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Folder that the configuration's paths are relative to. */
  readonly folder: string;
  readonly compile: CompilePolicy;
  /** Lines for the operator. */
  readonly log: (line: string) => void;
}

export interface Listening {
  readonly connection: string;
  readonly host: string;
  readonly port: number;
  readonly engine: string;
}

export interface Gateway {
  readonly listeners: readonly Listening[];
  /** Where approvals are decided; null when the configuration has none. */
  readonly approvalsUrl: string | null;
  /** Where metrics and health are served; null when the configuration has no such place. */
  readonly metricsUrl: string | null;
  readonly auditPath: string;
  /** The key that checks the audit log, to be noted elsewhere. */
  readonly auditKey: string;
  readonly policies: PolicySource;
  close(): Promise<void>;
}

type Stop = () => Promise<void> | void;
type OnStop = (stop: Stop) => void;

/** Starts a gateway; rejects with a message for the operator. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stops: Stop[] = [];
  const close = (): Promise<void> => stopAll(stops.splice(0).toReversed(), options.log);
  try {
    return await start(options, (stop) => void stops.push(stop), close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Everything is stopped, whatever fails on the way. */
async function stopAll(stops: readonly Stop[], log: (line: string) => void): Promise<void> {
  for (const stop of stops) {
    try {
      await stop();
    } catch (error) {
      log(`while stopping: ${messageOf(error)}`);
    }
  }
}

const now = (): Date => new Date();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a part of the start; its failure names the field of the configuration. */
async function starting<T>(field: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`${field}: ${messageOf(error)}`);
  }
}

function resolved({ config, folder }: GatewayOptions): ResolvedConfig {
  const result = resolveConfig(config, folder);
  if (result.ok) return result.resolved;
  throw new Error(result.problems.map(({ path, message }) => `${fieldName(path)}: ${message}`).join("\n"));
}

async function start(options: GatewayOptions, onStop: OnStop, close: () => Promise<void>): Promise<Gateway> {
  const { config, folder, log } = options;
  const settings = resolved(options);
  const audit = await openState(options, settings, onStop);
  await loadGrammars(config);
  const open = async (part: PolicyPart, from: PolicySettings): Promise<PolicySource> => {
    const source = await openPolicy(from, {
      state: pathIn(folder, config.state),
      compile: options.compile,
      keys: new Set(settings.keys.keys()),
      onReload: (result, candidate) => {
        const kept = candidate === null ? null : keepPolicy(audit, candidate, from);
        audit.append(policyEvent(part, result, kept), { durable: true });
        log(policyLine(part, result));
      },
      now,
    });
    onStop(() => source.close());
    return source;
  };
  const policies = await open("policy", settings.policy);
  const shadow =
    settings.shadow === null ? null : openShadow({ policies: await open("shadow", settings.shadow), audit });
  const metricsUrl = await startMetrics(settings, audit, { policies, shadow }, onStop);
  const people = await openPeople({ options, settings, audit, gateway: audit.key, policies, now, onStop });
  const approvalsUrl = await startApi(settings, people, onStop);
  const parts = {
    frontEnds: { postgres: rememberFacts(postgresFrontEnd) },
    audit,
    ...people,
    policies,
    shadow,
    parameterize,
    address: approvalsUrl ?? "hpl approvals list",
    log,
    now,
  };
  const guardOf = ({ config: { hold } }: ResolvedConnection): ConnectionGuard => ({
    ...people.identities,
    openSession: (session) => openSession({ ...parts, waits: hold !== "refuse" }, session),
  });
  const cellMasks = createCellMasks(settings.keys, audit.openOriginals);
  const listeners: Listening[] = [];
  for (const [i, connection] of settings.connections.entries()) {
    const started = { field: `connections[${i}]`, guard: guardOf(connection), cellMasks, log, onStop };
    listeners.push(await startConnection(connection, started));
  }
  return { listeners, approvalsUrl, metricsUrl, auditPath: audit.path, auditKey: audit.key, policies, close };
}

/** The state folder, held for this process alone, and the audit log in it. */
async function openState(
  { config, folder, log }: GatewayOptions,
  settings: ResolvedConfig,
  onStop: OnStop,
): Promise<GatewayAudit> {
  return starting("state", async () => {
    const [state, { connections }] = [pathIn(folder, config.state), config];
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const lock = lockState(state);
    onStop(() => lock.release());
    const audit = await openGatewayAudit(state, settings.audit, log);
    onStop(() => audit.close());
    const detail = { connections: connections.map(({ name }) => name) };
    audit.append({ kind: "gateway.started", detail }, { durable: true });
    onStop(() => void audit.append({ kind: "gateway.stopped", detail: {} }, { durable: true }));
    return audit;
  });
}

/** A policy that cannot be kept beside the log does not come into force: its decisions could not be made again. */
function keepPolicy(
  audit: GatewayAudit,
  { module, sources }: Candidate,
  settings: PolicySettings,
): ReturnType<GatewayAudit["keepPolicy"]> {
  try {
    return audit.keepPolicy(module, sources ?? (settings.kind === "path" ? settings.path : []));
  } catch (error) {
    throw new AuditUnavailable(`the policy cannot be kept beside the audit log: ${messageOf(error)}`);
  }
}

/** Where metrics and health are served; null when the configuration has no such place. */
async function startMetrics(
  { metrics }: ResolvedConfig,
  { counts, vitals, kept }: GatewayAudit,
  { policies, shadow }: { readonly policies: PolicySource; readonly shadow: Shadow | null },
  onStop: OnStop,
): Promise<string | null> {
  if (metrics === null) return null;
  const hasPolicy = (): boolean => policies.current().kind === "loaded";
  const shadowSkipped = (): number | null => shadow?.skipped() ?? null;
  const server = await starting("metrics.listen", () =>
    listenMetrics(metrics, counts, { ...vitals, hasPolicy, bundle: policies.bundle, shadowSkipped }, kept),
  );
  onStop(() => server.close());
  return urlOf(metrics.host, server.port);
}

const urlOf = (host: string, port: number): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Grammars of every server version that may answer: a real server's is known only once a client is connected to it. */
async function loadGrammars({ connections }: GatewayConfig): Promise<void> {
  const isEmbeddedOnly = connections.every(({ upstream }) => "embedded" in upstream);
  await Promise.all((isEmbeddedOnly ? [newestMajor] : knownMajors).map(loadPostgres));
}

/** Where approvals are decided; null when the configuration has none. */
async function startApi({ approvals }: ResolvedConfig, people: People, onStop: OnStop): Promise<string | null> {
  if (approvals === null) return null;
  const { listen, viewers } = approvals;
  const { host, port } = listen;
  const { authenticate } = people.identities;
  const http = await starting("approvals.listen", () =>
    listenWeb({ host, port, parts: { ...people, viewers }, authenticate, now }),
  );
  onStop(() => http.close());
  return `http://${host.includes(":") ? `[${host}]` : host}:${http.port}`;
}

interface ConnectionParts {
  /** The connection's field in the configuration. */
  readonly field: string;
  readonly guard: ConnectionGuard;
  readonly cellMasks: ReturnType<typeof createCellMasks>;
  readonly log: (line: string) => void;
  readonly onStop: OnStop;
}

async function startConnection(
  { config, listen, upstream, tls }: ResolvedConnection,
  { field, guard, cellMasks, log, onStop }: ConnectionParts,
): Promise<Listening> {
  const { target, engine, stop } = await starting(`${field}.upstream`, () => openUpstream(upstream, log));
  onStop(stop);
  const { name, kind, env, labels = {} } = config;
  const listener = await starting(`${field}.listen`, () =>
    listenPostgres({
      ...listen,
      connection: { name, kind, env, database: target.database, labels },
      target,
      guard,
      readCatalog: { query: postgresCatalogQuery(), parse: parseCatalog },
      cellMasks,
      tls,
      hold: config.hold ?? "wait",
      log,
    }),
  );
  onStop(() => listener.close());
  return { connection: name, host: listen.host, port: listener.port, engine };
}

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
import { listenHttpApi } from "./approvals/http-api.js";
import { type ApprovalRegistry, openApprovals } from "./approvals/registry.js";
import { fileStore } from "./approvals/store.js";
import { sendWebhook } from "./approvals/webhook.js";
import { type AuditLog, openAuditLog } from "./audit/log.js";
import { lockState } from "./audit/state-lock.js";
import type { GatewayConfig } from "./config/generated.js";
import { fieldName, type ResolvedConfig, type ResolvedConnection, resolveConfig } from "./config/resolve-config.js";
import { pathIn } from "./config/secret.js";
import { openIdentities, type StaticIdentities } from "./identity/static-identities.js";
import { type CompilePolicy, openPolicySource, type PolicySource } from "./policy/policy-source.js";
import { policyEvent, policyLine } from "./policy/reload-report.js";
import { listenPostgres } from "./protocols/postgres/listener.js";
import { cellMasks } from "./session/cell-masks.js";
import type { ConnectionGuard } from "./session/enforcement.js";
import { openSession } from "./session/open-session.js";
import { openUpstream } from "./upstream/open-upstream.js";

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
  readonly auditPath: string;
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
  const audit = await openState(config, pathIn(folder, config.state), onStop);
  await loadGrammars(config);
  const policies = openPolicySource({
    path: pathIn(folder, config.policy),
    compile: options.compile,
    onReload: (result) => {
      audit.append(policyEvent(result), { durable: true });
      log(policyLine(result));
    },
  });
  onStop(() => policies.close());
  const approvals = openAnnouncedApprovals(options, settings, audit, onStop);
  const identities = openIdentities(settings.identities);
  const approvalsUrl = await startApi(settings, approvals, identities, onStop);
  const parts = {
    policies,
    frontEnds: { postgres: rememberFacts(postgresFrontEnd) },
    approvals,
    audit,
    parameterize,
    address: approvalsUrl ?? "hpl approvals list",
    log,
    now: () => new Date(),
  };
  const guardOf = ({ config: { hold } }: ResolvedConnection): ConnectionGuard => ({
    ...identities,
    openSession: (session) => openSession({ ...parts, waits: hold !== "refuse" }, session),
  });
  const listeners: Listening[] = [];
  for (const [i, connection] of settings.connections.entries()) {
    listeners.push(await startConnection(connection, `connections[${i}]`, guardOf(connection), log, onStop));
  }
  return { listeners, approvalsUrl, auditPath: audit.path, policies, close };
}

/** The state folder, held for this process alone, and the audit log in it. */
async function openState({ connections }: GatewayConfig, state: string, onStop: OnStop): Promise<AuditLog> {
  return starting("state", async () => {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const lock = lockState(state);
    onStop(() => lock.release());
    const audit = await openAuditLog(state);
    onStop(() => audit.close());
    const detail = { connections: connections.map(({ name }) => name) };
    audit.append({ kind: "gateway.started", detail }, { durable: true });
    onStop(() => void audit.append({ kind: "gateway.stopped", detail: {} }, { durable: true }));
    return audit;
  });
}

/** Grammars of every server version that may answer: a real server's is known only once a client is connected to it. */
async function loadGrammars({ connections }: GatewayConfig): Promise<void> {
  const isEmbeddedOnly = connections.every(({ upstream }) => "embedded" in upstream);
  await Promise.all((isEmbeddedOnly ? [newestMajor] : knownMajors).map(loadPostgres));
}

function openAnnouncedApprovals(
  { config, folder, log }: GatewayOptions,
  { approvals }: ResolvedConfig,
  audit: AuditLog,
  onStop: OnStop,
): ApprovalRegistry {
  const stopWebhooks = new AbortController();
  onStop(() => stopWebhooks.abort());
  const registry = openApprovals({
    store: fileStore(pathIn(folder, config.state), log),
    audit,
    now: () => new Date(),
    log,
    onChange: (kind, approval) => {
      for (const webhook of approvals?.webhooks ?? [])
        void sendWebhook(webhook, kind, approval, log, stopWebhooks.signal);
    },
  });
  onStop(() => registry.close());
  return registry;
}

/** Where approvals are decided; null when the configuration has none. */
async function startApi(
  { approvals }: ResolvedConfig,
  registry: ApprovalRegistry,
  { authenticate }: StaticIdentities,
  onStop: OnStop,
): Promise<string | null> {
  if (approvals === null) return null;
  const { host, port } = approvals.listen;
  const http = await starting("approvals.listen", () =>
    listenHttpApi({ host, port, approvals: registry, authenticate }),
  );
  onStop(() => http.close());
  return `http://${host.includes(":") ? `[${host}]` : host}:${http.port}`;
}

async function startConnection(
  { config, listen, upstream, tls }: ResolvedConnection,
  field: string,
  guard: ConnectionGuard,
  log: (line: string) => void,
  onStop: OnStop,
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

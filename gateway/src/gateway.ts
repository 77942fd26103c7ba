/**
 * The gateway: everything wired together.
 *
 * In: a checked configuration, and a compiler handed in by the host. Out: listeners that clients connect to, an API that
 * approvers use, an audit log. Starts as a whole or not at all: what was started is stopped again when a later part fails.
 */
import { mkdirSync, readFileSync } from "node:fs";
import type { Connection } from "@hpl/runtime";
import { maskCell, rememberFacts } from "@hpl/runtime";
import { knownMajors, loadPostgres, newestMajor, parameterize, parseCatalog, postgresCatalogQuery, postgresFrontEnd } from "@hpl/runtime/sql";
import { type HttpApi, listenHttpApi } from "./approvals/http-api.js";
import { openApprovals } from "./approvals/registry.js";
import { fileStore } from "./approvals/store.js";
import { sendWebhook, type Webhook } from "./approvals/webhook.js";
import { openAuditLog } from "./audit/log.js";
import { lockState } from "./audit/state-lock.js";
import type { ConnectionConfig, GatewayConfig } from "./config/generated.js";
import { pathIn, readSecret } from "./config/load-config.js";
import { openIdentities } from "./identity/static-identities.js";
import { type CompilePolicy, openPolicySource, type PolicySource, type ReloadResult } from "./policy/policy-source.js";
import { listenPostgres } from "./protocols/postgres/listener.js";
import type { ConnectionGuard, UpstreamTarget } from "./session/enforcement.js";
import { type EnforcementParts, openSession } from "./session/open-session.js";
import { startEmbeddedPostgres } from "./upstream/embedded-postgres.js";
import { parseUpstreamUrl } from "./upstream/upstream-url.js";

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Folder that the configuration's paths are relative to. */
  readonly folder: string;
  readonly compile: CompilePolicy;
  /** Lines for the operator. */
  readonly log: (line: string) => void;
}

export interface Gateway {
  readonly listeners: readonly {
    readonly connection: string;
    readonly host: string;
    readonly port: number;
    readonly engine: string;
  }[];
  /** Where approvals are decided; null when the configuration has none. */
  readonly approvalsUrl: string | null;
  readonly auditPath: string;
  readonly policies: PolicySource;
  close(): Promise<void>;
}

/** Starts a gateway; rejects with a message for the operator. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stops: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    return await start(options, (stop) => stops.push(stop), close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: GatewayOptions,
  onStop: (stop: () => Promise<void> | void) => void,
  close: () => Promise<void>,
): Promise<Gateway> {
  const { config, folder, log } = options;
  const state = pathIn(folder, config.state);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const lock = lockState(state);
  onStop(() => lock.release());
  const audit = await openAuditLog(state);
  onStop(() => audit.close());
  onStop(() => void audit.append({ kind: "gateway.stopped", detail: {} }, { durable: true }));
  audit.append({ kind: "gateway.started", detail: { connections: config.connections.map(({ name }) => name) } });

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

  const stopWebhooks = new AbortController();
  onStop(() => stopWebhooks.abort());
  const webhooks = (config.approvals?.webhooks ?? []).map(
    ({ url, secret_env }): Webhook => ({ url, secret: readSecret({ env: secret_env }, folder) }),
  );
  const approvals = openApprovals({
    store: fileStore(state),
    audit,
    now: () => new Date(),
    onChange: (kind, approval) => {
      for (const webhook of webhooks) void sendWebhook(webhook, kind, approval, log, stopWebhooks.signal);
    },
  });
  onStop(() => approvals.close());

  const identities = openIdentities(config.identity.static, folder);
  const api = await startApi(config, approvals, identities.authenticate);
  if (api !== null) onStop(() => api.http.close());
  const parts: EnforcementParts = {
    policies,
    frontEnds: { postgres: rememberFacts(postgresFrontEnd) },
    approvals,
    audit,
    parameterize,
    address: api?.url ?? "hpl approvals list",
    now: () => new Date(),
  };
  const guard: ConnectionGuard = { ...identities, openSession: (session) => openSession(parts, session) };

  const listeners = [];
  for (const connection of config.connections) {
    const upstream = await openUpstream(connection, folder, log);
    onStop(upstream.stop);
    const { host, port } = parseAddress(connection.listen);
    const listener = await listenPostgres({
      host,
      port,
      connection: connectionFacts(connection, upstream.target),
      target: upstream.target,
      guard,
      readCatalog: { query: postgresCatalogQuery(), parse: parseCatalog },
      maskCell,
      tls: readTls(connection, folder),
      hold: connection.hold ?? "wait",
      log,
    });
    onStop(() => listener.close());
    listeners.push({ connection: connection.name, host, port: listener.port, engine: upstream.engine });
  }
  return { listeners, approvalsUrl: api?.url ?? null, auditPath: audit.path, policies, close };
}

/** Grammars of every server version that may answer: a real server's is known only once a client is connected to it. */
async function loadGrammars({ connections }: GatewayConfig): Promise<void> {
  const isEmbeddedOnly = connections.every(({ upstream }) => "embedded" in upstream);
  await Promise.all((isEmbeddedOnly ? [newestMajor] : knownMajors).map(loadPostgres));
}

async function startApi(
  config: GatewayConfig,
  approvals: Parameters<typeof listenHttpApi>[0]["approvals"],
  authenticate: Parameters<typeof listenHttpApi>[0]["authenticate"],
): Promise<{ readonly http: HttpApi; readonly url: string } | null> {
  if (config.approvals === undefined) return null;
  const { host, port } = parseAddress(config.approvals.listen);
  const http = await listenHttpApi({ host, port, approvals, authenticate });
  return { http, url: `http://${host.includes(":") ? `[${host}]` : host}:${http.port}` };
}

interface OpenUpstream {
  readonly target: UpstreamTarget;
  readonly engine: string;
  readonly stop: () => Promise<void> | void;
}

async function openUpstream(
  { upstream }: ConnectionConfig,
  folder: string,
  log: (line: string) => void,
): Promise<OpenUpstream> {
  if ("url" in upstream) {
    return { target: parseUpstreamUrl(readSecret(upstream.url, folder)), engine: "postgres", stop: () => {} };
  }
  const seed = upstream.seed === undefined ? null : readFileSync(pathIn(folder, upstream.seed), "utf8");
  const embedded = await startEmbeddedPostgres({ seed, log });
  return { target: embedded.target, engine: `embedded ${embedded.engine}`, stop: () => embedded.stop() };
}

const connectionFacts = ({ name, kind, env, labels }: ConnectionConfig, { database }: UpstreamTarget): Connection => ({
  name,
  kind,
  env,
  database,
  labels: labels ?? {},
});

function readTls({ tls }: ConnectionConfig, folder: string): { readonly cert: string; readonly key: string } | null {
  if (tls === undefined) return null;
  return {
    cert: readFileSync(pathIn(folder, tls.cert), "utf8"),
    key: readFileSync(pathIn(folder, tls.key.file), "utf8"),
  };
}

/** `host:port`, `[::1]:port`. The schema has checked the form. */
function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(address.slice(at + 1)) };
}

const policyEvent = (result: ReloadResult) =>
  result.ok
    ? ({ kind: "policy.loaded", detail: { digest: result.digest, is_new: result.isNew } } as const)
    : ({ kind: "policy.refused", detail: { findings: result.findings.slice(0, 4_000) } } as const);

const policyLine = (result: ReloadResult): string =>
  result.ok
    ? `policy ${result.digest.slice(0, 12)} is in force`
    : `the policy was refused; what was in force stays\n${result.findings}`;

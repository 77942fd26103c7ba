/**
 * A configuration with all that it refers to: secrets, files, addresses.
 *
 * In: a configuration that fits its schema, and the folder its paths are relative to. Out: plain values the gateway starts
 * with, or everything that is missing or contradicts itself, each problem with its field. No message holds a secret.
 * Absent: the network; whether a port is free or a server answers is found out by trying.
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { MaskKeys } from "@hpl/runtime";
import type { Webhook } from "../approvals/webhook.js";
import type { AuditSettings } from "../audit/gateway-audit.js";
import { isSafeUrl, type OidcSettings } from "../identity/oidc.js";
import type { UpstreamTarget } from "../session/enforcement.js";
import type { RecordingSettings } from "../sessions/recording.js";
import { parseUpstreamUrl } from "../upstream/upstream-url.js";
import type { ConnectionConfig, GatewayConfig, StaticIdentity } from "./generated.js";
import { resolveMaskKeys } from "./mask-keys.js";
import { resolveAudit } from "./resolve-audit.js";
import { type PolicySettings, resolvePolicy } from "./resolve-policy.js";
import { pathIn, readSecret, readTextFile } from "./secret.js";

/** Where something is in a configuration. */
export type FieldPath = readonly (string | number)[];

export interface FieldProblem {
  readonly path: FieldPath;
  readonly message: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ResolvedConnection {
  readonly config: ConnectionConfig;
  readonly listen: Address;
  readonly upstream:
    | { readonly kind: "url"; readonly target: UpstreamTarget }
    | { readonly kind: "embedded"; readonly seed: string | null };
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** A user with the password as text. */
export type ResolvedIdentity = Omit<StaticIdentity, "password"> & { readonly password: string };

export interface ResolvedConfig {
  readonly policy: PolicySettings;
  /** A policy that is only compared with the one in force. */
  readonly shadow: PolicySettings | null;
  readonly connections: readonly ResolvedConnection[];
  readonly identities: readonly ResolvedIdentity[];
  readonly oidc: OidcSettings | null;
  readonly approvals: {
    readonly listen: Address;
    readonly webhooks: readonly Webhook[];
    /** Groups that may look at everybody's sessions. */
    readonly viewers: readonly string[];
  } | null;
  readonly recording: RecordingSettings | null;
  readonly audit: AuditSettings;
  /** The database that several gateways share; null for a gateway of its own. */
  readonly shared: UpstreamTarget | null;
  /** Keys of transforms, by name. */
  readonly keys: MaskKeys;
  /** Where metrics and health are served; null when nowhere. */
  readonly metrics: Address | null;
}

export type ResolveConfig =
  | { readonly ok: true; readonly resolved: ResolvedConfig }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** `connections[0].listen` */
export const fieldName = (path: FieldPath): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");

/** `host:port`, `[::1]:port`. Throws for a port that is none. */
export function parseAddress(address: string): Address {
  const at = address.lastIndexOf(":");
  const port = Number(address.slice(at + 1));
  if (port > 65_535) throw new Error(`the port ${port} is larger than 65535`);
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port };
}

/** Reads everything, and goes on after a problem. */
export function resolveConfig(config: GatewayConfig, folder: string): ResolveConfig {
  const problems: FieldProblem[] = [...findContradictions(config)];
  const policy = resolvePolicy(config, folder, (path, read) => attempt(path, problems, read));
  const resolved = {
    policy,
    shadow: config.shadow === undefined ? null : ({ kind: "path", path: pathIn(folder, config.shadow) } as const),
    connections: config.connections.flatMap(
      (connection, i) => resolveConnection(connection, ["connections", i], folder, problems) ?? [],
    ),
    identities: (config.identity.static ?? []).flatMap((identity, i) => {
      const path = ["identity", "static", i, "password"];
      const password = attempt(path, problems, () => readSecret(identity.password, folder));
      return password === null ? [] : [{ ...identity, password }];
    }),
    oidc: resolveOidc(config, problems),
    approvals: resolveApprovals(config, folder, problems),
    recording: resolveRecording(config),
    audit: resolveAudit(config, folder, (path, read) => attempt(path, problems, read)),
    keys: resolveMaskKeys(config, folder, (path, read) => attempt(path, problems, read)),
    metrics: resolveMetrics(config, problems),
    shared: resolveShared(config, folder, problems),
  };
  return problems.length > 0 || policy === null
    ? { ok: false, problems }
    : { ok: true, resolved: { ...resolved, policy } };
}

function resolveShared({ shared }: GatewayConfig, folder: string, problems: FieldProblem[]): ResolvedConfig["shared"] {
  if (shared === undefined) return null;
  return attempt(["shared", "postgres"], problems, () => parseUpstreamUrl(readSecret(shared.postgres, folder)));
}

const resolveMetrics = ({ metrics }: GatewayConfig, problems: FieldProblem[]): Address | null =>
  metrics === undefined ? null : attempt(["metrics", "listen"], problems, () => parseAddress(metrics.listen));

function attempt<T>(path: FieldPath, problems: FieldProblem[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    problems.push({ path, message: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

function resolveConnection(
  config: ConnectionConfig,
  path: FieldPath,
  folder: string,
  problems: FieldProblem[],
): ResolvedConnection | null {
  const listen = attempt([...path, "listen"], problems, () => parseAddress(config.listen));
  const upstream = resolveUpstream(config, [...path, "upstream"], folder, problems);
  const tls = config.tls === undefined ? null : attempt([...path, "tls"], problems, () => readTls(config.tls, folder));
  return listen === null || upstream === null ? null : { config, listen, upstream, tls };
}

function resolveUpstream(
  { upstream }: ConnectionConfig,
  path: FieldPath,
  folder: string,
  problems: FieldProblem[],
): ResolvedConnection["upstream"] | null {
  if ("url" in upstream) {
    return attempt([...path, "url"], problems, () => {
      return { kind: "url", target: parseUpstreamUrl(readSecret(upstream.url, folder)) };
    });
  }
  const { seed } = upstream;
  return attempt([...path, "seed"], problems, () => {
    return { kind: "embedded", seed: seed === undefined ? null : readTextFile(seed, folder) };
  });
}

/** A pair that does not fit would else be found by the first client. */
function readTls(tls: ConnectionConfig["tls"], folder: string): ResolvedConnection["tls"] {
  if (tls === undefined) return null;
  const [cert, key] = [readTextFile(tls.cert, folder), readTextFile(tls.key.file, folder)];
  const isPair = isKeyOf(cert, key, tls);
  if (!isPair) throw new Error(`the key in ${tls.key.file} is not that of the certificate in ${tls.cert}`);
  createSecureContext({ cert, key });
  return { cert, key };
}

function isKeyOf(cert: string, key: string, tls: NonNullable<ConnectionConfig["tls"]>): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new Error(`${tls.cert} and ${tls.key.file} are not a certificate and a key in PEM`);
  }
}

function resolveOidc({ identity: { oidc } }: GatewayConfig, problems: FieldProblem[]): OidcSettings | null {
  if (oidc === undefined) return null;
  if (!isSafeUrl(oidc.issuer))
    problems.push({ path: ["identity", "oidc", "issuer"], message: "must be on https, or on this machine" });
  const { issuer, audience, id_claim, groups_claim, kind_claim, on_behalf_of_claim, algorithms } = oidc;
  return {
    issuer,
    audience,
    names: {
      id: id_claim ?? "sub",
      groups: groups_claim ?? "groups",
      kind: kind_claim ?? null,
      on_behalf_of: on_behalf_of_claim ?? null,
    },
    algorithms: algorithms ?? ["RS256", "PS256", "ES256", "EdDSA"],
  };
}

const resolveRecording = ({ recording }: GatewayConfig): RecordingSettings | null =>
  recording === undefined
    ? null
    : { rows_max: recording.rows ?? 0, size_max: recording.size ?? 1 << 20, sessions_max: recording.sessions ?? 1_000 };

function resolveApprovals(
  { approvals }: GatewayConfig,
  folder: string,
  problems: FieldProblem[],
): ResolvedConfig["approvals"] {
  if (approvals === undefined) return null;
  const listen = attempt(["approvals", "listen"], problems, () => parseAddress(approvals.listen));
  const webhooks = (approvals.webhooks ?? []).flatMap(({ url, secret_env, format = "hpl" }, i) => {
    const path = ["approvals", "webhooks", i];
    const secret = attempt([...path, "secret_env"], problems, () =>
      webhookKey(readSecret({ env: secret_env }, folder)),
    );
    const target = attempt([...path, "url"], problems, () => webhookUrl(url));
    return secret === null || target === null ? [] : [{ url: target, secret, format }];
  });
  return listen === null ? null : { listen, webhooks, viewers: approvals.viewers ?? [] };
}

/** `whsec_` without a key behind it would sign for everybody. */
function webhookKey(secret: string): string {
  if (/^whsec_(?![A-Za-z0-9+/]{4,}=*$)/.test(secret)) throw new Error("the secret is not whsec_ and base64");
  return secret;
}

function webhookUrl(url: string): string {
  if (!URL.canParse(url)) throw new Error("is not a URL");
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") throw new Error("a webhook's URL may not hold a user or password");
  return url;
}

/** What the schema cannot say. */
export function findContradictions(config: GatewayConfig): readonly FieldProblem[] {
  const { connections, identity, approvals } = config;
  const listens = connections.map(({ listen }, i) => ({ value: listen, path: ["connections", i, "listen"] }));
  const api = approvals === undefined ? [] : [{ value: approvals.listen, path: ["approvals", "listen"] }];
  const metrics = config.metrics === undefined ? [] : [{ value: config.metrics.listen, path: ["metrics", "listen"] }];
  return [
    ...repeated(
      "the connection",
      connections.map(({ name }, i) => ({ value: name, path: ["connections", i, "name"] })),
    ),
    ...repeated(
      "the user",
      (identity.static ?? []).map(({ user }, i) => ({ value: user, path: ["identity", "static", i, "user"] })),
    ),
    // Port 0 is any free one.
    ...repeated(
      "the address",
      [...listens, ...api, ...metrics].filter(({ value }) => !/:0+$/.test(value)),
    ),
  ];
}

interface Named {
  readonly value: string;
  readonly path: FieldPath;
}

const repeated = (what: string, all: readonly Named[]): readonly FieldProblem[] =>
  all.flatMap(({ value, path }, i) =>
    all.findIndex((other) => other.value === value) < i
      ? [{ path, message: `${what} \`${value}\` is given twice` }]
      : [],
  );

/**
 * Requests as they go over a wire, before anything of them is understood.
 *
 * In: parsed JSON, as a gateway or a line of `hpl eval --ndjson` has it. Out: one of a few plain shapes, or the path of the
 * first field that is wrong. What a request means is for the folder of its system (`kubernetes/`, `git/`); how its facts are
 * joined with those of others is for `wire/`. Absent: decoding of bodies, streams, authentication.
 */

/** A request to a Kubernetes API server. `query` stands behind the question mark; `body` is JSON, or a text that may be JSON. */
export interface KubernetesRequest {
  readonly method: string;
  /** As it is sent, still percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  /** Undefined when nobody passed it on, or there is none. */
  readonly body?: unknown;
}

/** Any HTTP request. `url` is absolute. */
export interface HttpWireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: unknown;
}

/** Values by lower-case name, in the order they came. */
export type Headers = Readonly<Record<string, readonly string[]>>;

/** What a client sends to `git receive-pack`: commands, and then a pack that nobody looks at. */
export interface ReceivePack {
  /** The beginning of the stream; the pack itself may be cut off. */
  readonly bytes: Uint8Array;
  /** What the remote is called; empty when nobody says. */
  readonly remote: string;
  /** Refs whose new value is known to follow the old one, as a server can tell from its objects. */
  readonly fast_forward: readonly string[];
}

export type WireRequest =
  | { readonly kind: "k8s"; readonly request: KubernetesRequest }
  | { readonly kind: "http"; readonly request: HttpWireRequest }
  | { readonly kind: "git"; readonly push: ReceivePack }
  /** Arguments of one command, its name first. */
  | { readonly kind: "redis"; readonly command: readonly string[] }
  /** A command document; `database` is where it goes when it does not say so by `$db`. */
  | { readonly kind: "mongo"; readonly command: JsonObject; readonly database: string | null }
  /** A job as BigQuery's `jobs.insert` takes it, perhaps with the statistics of its dry run. */
  | { readonly kind: "bigquery"; readonly job: JsonObject };

export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether the action `name: value` of a request is in wire form. Everything else is facts, or a text. No schema of facts has
 * a field by one of these names but `redis` and `mongo`, where `command` is a text and not a list or a document.
 */
export function isWireForm(name: string, value: JsonObject): boolean {
  if (name === "k8s" || name === "http") return "request" in value;
  if (name === "git") return "receive_pack" in value;
  if (name === "redis") return Array.isArray(value.command);
  if (name === "mongo") return isJsonObject(value.command) && !("?" in value.command);
  return name === "bigquery";
}

/** Reads the action `name: value`, of which `isWireForm` holds; a text is the path of the first field that is wrong. */
export function readWireRequest(name: string, value: JsonObject): WireRequest | string {
  const path = `action.${name}`;
  switch (name) {
    case "k8s":
      return readOnly(value, ["request"], path) ?? readKubernetes(value.request, `${path}.request`);
    case "http":
      return readOnly(value, ["request"], path) ?? readHttp(value.request, `${path}.request`);
    case "git":
      return readReceivePack(value, path);
    case "redis":
      return readOnly(value, ["command"], path) ?? readRedis(value.command, `${path}.command`);
    case "mongo":
      return readMongo(value, path);
    default:
      return (
        readOnly(value, ["job"], path) ??
        (isJsonObject(value.job) ? { kind: "bigquery", job: value.job } : `${path}.job`)
      );
  }
}

/** The path of the first field of `value` that is none of `known`; null when there is none. */
function readOnly(value: JsonObject, known: readonly string[], path: string): string | null {
  const stray = Object.keys(value).find((name) => !known.includes(name));
  return stray === undefined ? null : `${path}.${stray}`;
}

function readKubernetes(value: unknown, path: string): WireRequest | string {
  if (!isJsonObject(value)) return path;
  const stray = readOnly(value, ["method", "path", "query", "headers", "body"], path);
  if (stray !== null) return stray;
  const { method, headers = {}, query = "", body } = value;
  if (!isText(method)) return `${path}.method`;
  if (!isText(value.path) || !value.path.startsWith("/")) return `${path}.path`;
  const [plain = "", ...behind] = value.path.split("?");
  const asked = queryText(query);
  if (asked === null) return `${path}.query`;
  const lines = readHeaders(headers);
  if (lines === null) return `${path}.headers`;
  const whole = [...behind, asked].filter((each) => each !== "").join("&");
  return {
    kind: "k8s",
    request: { method, path: plain, query: whole, headers: lines, ...(body === undefined ? {} : { body }) },
  };
}

function readHttp(value: unknown, path: string): WireRequest | string {
  if (!isJsonObject(value)) return path;
  const stray = readOnly(value, ["method", "url", "headers", "body"], path);
  if (stray !== null) return stray;
  const { method, url, headers = {}, body } = value;
  if (!isText(method)) return `${path}.method`;
  if (!isText(url)) return `${path}.url`;
  const lines = readHeaders(headers);
  if (lines === null) return `${path}.headers`;
  return { kind: "http", request: { method, url, headers: lines, ...(body === undefined ? {} : { body }) } };
}

/** A query as text, or as names with a value or several; null when it is neither. */
function queryText(query: unknown): string | null {
  if (isText(query)) return query.replace(/^\?/, "");
  const entries = entriesOf(query);
  if (entries === null) return null;
  const pairs = entries.flatMap(([name, values]) => values.map((each) => [name, each] as const));
  return pairs.map(([name, each]) => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`).join("&");
}

function readHeaders(headers: unknown): Headers | null {
  const entries = entriesOf(headers);
  if (entries === null) return null;
  const found = new Map<string, readonly string[]>();
  for (const [name, values] of entries) {
    const lower = name.toLowerCase();
    found.set(lower, [...(found.get(lower) ?? []), ...values]);
  }
  return Object.fromEntries(found);
}

/** Names with one text or several each; null when `value` is something else. */
function entriesOf(value: unknown): readonly (readonly [string, readonly string[]])[] | null {
  if (!isJsonObject(value)) return null;
  const entries = Object.entries(value).map(([name, each]) => [name, Array.isArray(each) ? each : [each]] as const);
  const isPlain = entries.every(([name, values]) => name.isWellFormed() && values.every(isText));
  return isPlain ? (entries as (readonly [string, readonly string[]])[]) : null;
}

/** How much base64 of a push is read. The commands stand in front: this is room for more than 10,000 of them. */
export const RECEIVE_PACK_TEXT_SIZE_MAX = 2 << 20;

function readReceivePack(value: JsonObject, path: string): WireRequest | string {
  const stray = readOnly(value, ["receive_pack", "remote", "fast_forward"], path);
  if (stray !== null) return stray;
  const { receive_pack, remote = "", fast_forward = [] } = value;
  if (!isText(remote)) return `${path}.remote`;
  if (!isTexts(fast_forward)) return `${path}.fast_forward`;
  const bytes = isText(receive_pack) ? readBase64(receive_pack) : null;
  return bytes === null ? `${path}.receive_pack` : { kind: "git", push: { bytes, remote, fast_forward } };
}

/** Bytes of base64, at most those of the first `RECEIVE_PACK_TEXT_SIZE_MAX` characters; null when it is none. */
function readBase64(text: string): Uint8Array | null {
  const head = text.slice(0, RECEIVE_PACK_TEXT_SIZE_MAX);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(head)) return null;
  try {
    return Uint8Array.from(atob(head), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function readRedis(command: unknown, path: string): WireRequest | string {
  return isTexts(command) && command.length > 0 ? { kind: "redis", command } : path;
}

function readMongo(value: JsonObject, path: string): WireRequest | string {
  const stray = readOnly(value, ["command", "database"], path);
  if (stray !== null) return stray;
  const { command, database = null } = value;
  if (database !== null && !isText(database)) return `${path}.database`;
  return isJsonObject(command) ? { kind: "mongo", command, database } : `${path}.command`;
}

const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed();
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

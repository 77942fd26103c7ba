import { type Action, families, type RequestContext } from "../facts/action.js";
import type { Catalog } from "../facts/catalog.js";
import { findIllTyped } from "../facts/check-shape.js";
import type { Estimate } from "../facts/front-end.js";
import type { Connection } from "../facts/generated.js";
import { schemaOfFamily, schemaOfRoot } from "../facts/schema.js";
import type { ShellContext } from "../facts/shell-context.js";
import {
  isJsonObject as isObject,
  isWireForm,
  type JsonObject as Json,
  readWireRequest,
  type WireRequest,
} from "../facts/wire.js";
import { isZoneOffset } from "../facts/zones.js";

/** A SQL text and what its meaning depends on. */
export interface SqlText {
  readonly dialect: "postgres" | "mysql" | "bigquery";
  readonly text: string;
  /** Null when there is none: names mean plain tables as written. */
  readonly catalog: Catalog | null;
  /** Major version of the server; null for the newest the front end knows. */
  readonly server_version: number | null;
  /** Modes of the session (`sql_mode`); null or missing when nobody told: the server's default. */
  readonly modes?: readonly string[] | null;
  /** What names that name no schema belong to, where no catalog says so: the connection's database. */
  readonly database?: string | null;
  /** What the server expects it to cost, from a dry run or a plan; null or missing when nobody asked. */
  readonly estimate?: Estimate | null;
}

/** A shell text and what its meaning depends on. */
export interface ShellText extends ShellContext {
  readonly text: string;
}

/** What a request asks about: a text still to be understood, or an action that came as facts. */
export type Subject =
  | { readonly kind: "sql"; readonly sql: SqlText }
  | { readonly kind: "shell"; readonly shell: ShellText }
  | { readonly kind: "wire"; readonly wire: WireRequest }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "facts"; readonly action: Action };

/** One line of `hpl eval --ndjson`, read. */
export interface JudgeRequest {
  readonly id: string | null;
  readonly context: RequestContext;
  readonly subject: Subject;
}

/** Why a request cannot be read: the field that is wrong. */
export interface BadRequest {
  readonly id: string | null;
  readonly field: string;
}

export type ReadRequest =
  | { readonly ok: true; readonly request: JudgeRequest }
  | { readonly ok: false; readonly bad: BadRequest };

const requestFields = new Set(["id", "principal", "connection", "session", "now", "zones", "action"]);

/**
 * Reads a request in the shape of DESIGN section 8 from parsed JSON. `catalog` is for SQL texts. Never throws; the first
 * field that has the wrong shape is named.
 */
export function readRequest(json: unknown, catalog: Catalog | null): ReadRequest {
  const id = isObject(json) && typeof json.id === "string" ? json.id : null;
  const bad = (field: string): ReadRequest => ({ ok: false, bad: { id, field } });
  if (!isObject(json)) return bad("request");
  const stray = Object.keys(json).find((name) => !requestFields.has(name));
  if (stray !== undefined) return bad(stray);
  const context = readContext(json);
  if (typeof context === "string") return bad(context);
  const subject = readSubject(json.action, catalog, context.connection);
  if (typeof subject === "string") return bad(subject);
  return { ok: true, request: { id, context, subject } };
}

/** The context, or the name of the field that is wrong. Parts that are missing are empty: all they require is unknown. */
function readContext(json: Json): RequestContext | string {
  const { principal = {}, session = {}, connection = {}, now, zones } = json;
  for (const [root, value] of Object.entries({ principal, session, connection, now })) {
    const wrong = findIllTyped(value, schemaOfRoot(root) ?? {}, root);
    if (wrong !== null) return wrong;
  }
  const badZone = zones === undefined ? null : findBadZone(zones);
  if (badZone !== null) return badZone;
  const time = { ...(now === undefined ? {} : { now }), ...(zones === undefined ? {} : { zones }) };
  return { principal, session, connection, ...time } as unknown as RequestContext;
}

/** The first of `zones` that is not a number of minutes a time zone can have; null when all are. */
function findBadZone(zones: unknown): string | null {
  if (!isObject(zones)) return "zones";
  const bad = Object.entries(zones).find(([, offset_min]) => !isZoneOffset(offset_min));
  return bad === undefined ? null : `zones.${bad[0]}`;
}

function readSubject(action: unknown, catalog: Catalog | null, connection: Connection): Subject | string {
  if (!isObject(action)) return "action";
  const [entry, ...more] = Object.entries(action);
  if (entry === undefined || more.length > 0) return "action";
  const [name, value] = entry;
  if (name === "sql" && isObject(value) && "text" in value) return readSql(value, catalog, connection);
  if (name === "text" && typeof value === "string") return { kind: "text", text: value };
  if (name === "shell" && isObject(value) && "text" in value) return readShell(value);
  if (isObject(value) && isWireForm(name, value)) {
    const wire = readWireRequest(name, value);
    return typeof wire === "string" ? wire : { kind: "wire", wire };
  }
  return readFacts(name, value);
}

const dialects = ["postgres", "mysql", "bigquery"] as const;

const sqlFields = new Set(["dialect", "text", "version", "modes", "search_path", "params", "estimate"]);
const shellFields = new Set(["text", "cwd", "env", "git", "kube"]);

/** The first field of `value` that is not one of `known`, as a path; null when there is none. */
function findStray(value: Json, known: ReadonlySet<string>, path: string): string | null {
  const stray = Object.keys(value).find((name) => !known.has(name));
  return stray === undefined ? null : `${path}.${stray}`;
}

function readShell(shell: Json): Subject | string {
  const stray = findStray(shell, shellFields, "action.shell");
  if (stray !== null) return stray;
  const { text, cwd, env = {}, git = {}, kube = {} } = shell;
  if (typeof text !== "string") return "action.shell.text";
  if (cwd !== undefined && !(typeof cwd === "string" && cwd.startsWith("/"))) return "action.shell.cwd";
  if (!isObject(env) || !Object.values(env).every((value) => typeof value === "string")) return "action.shell.env";
  const wrong = findWrongContext(git, kube);
  return wrong ?? { kind: "shell", shell: shell as unknown as ShellText };
}

/** The first field of a Git or Kubernetes context that is not of its type. */
function findWrongContext(git: unknown, kube: unknown): string | null {
  if (!isObject(git)) return "action.shell.git";
  if (!isObject(kube)) return "action.shell.kube";
  const { branch = "", remotes = [], ...more } = git;
  const { context = "", namespace = "", ...others } = kube;
  const [stray] = [
    ...Object.keys(more).map((name) => `git.${name}`),
    ...Object.keys(others).map((name) => `kube.${name}`),
  ];
  if (stray !== undefined) return `action.shell.${stray}`;
  if (typeof branch !== "string") return "action.shell.git.branch";
  if (!Array.isArray(remotes) || !remotes.every((name) => typeof name === "string")) return "action.shell.git.remotes";
  if (typeof context !== "string") return "action.shell.kube.context";
  return typeof namespace === "string" ? null : "action.shell.kube.namespace";
}

/** A text says its dialect; else the kind of its connection does. */
const dialectOf = (sql: Json, { kind }: Connection) =>
  sql.dialect === undefined ? (dialectNamed(kind) ?? "postgres") : dialectNamed(sql.dialect);

/** MySQL and MariaDB share a front end. */
const dialectNamed = (name: unknown) => dialects.find((each) => each === (name === "mariadb" ? "mysql" : name));

function readSql(sql: Json, catalog: Catalog | null, connection: Connection): Subject | string {
  const stray = findStray(sql, sqlFields, "action.sql");
  if (stray !== null) return stray;
  const dialect = dialectOf(sql, connection);
  if (dialect === undefined) return "action.sql.dialect";
  const { text, modes, estimate = null } = sql;
  if (typeof text !== "string") return "action.sql.text";
  if (modes !== undefined && !isTexts(modes)) return "action.sql.modes";
  const wrong = estimate === null ? null : findIllTyped(estimate, estimateSchema, "action.sql.estimate");
  if (wrong !== null) return wrong;
  const version = Number.parseInt(String(sql.version ?? ""), 10);
  const path = Array.isArray(sql.search_path) ? sql.search_path.map(String) : null;
  const known = catalog !== null && path !== null ? { ...catalog, search_path: path } : catalog;
  const server_version = Number.isNaN(version) ? null : version;
  const database = path?.[0] ?? (typeof connection.database === "string" ? connection.database : null);
  const context = { dialect, catalog: known, server_version, modes: modes ?? null, database };
  return { kind: "sql", sql: { ...context, text, ...(estimate === null ? {} : { estimate: estimate as Estimate }) } };
}

const estimateSchema = schemaOfFamily("sql")?.properties?.estimate ?? {};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

function readFacts(name: string, facts: unknown): Subject | string {
  const family = families.find((each) => each === name);
  const schema = family === undefined ? null : schemaOfFamily(family);
  if (family === undefined || schema === null || !isObject(facts)) return `action.${name}`;
  const wrong = findIllTyped(facts, schema, `action.${name}`);
  return wrong ?? { kind: "facts", action: { family, opaque: false, facts } as unknown as Action };
}

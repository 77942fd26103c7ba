/**
 * The HTTP API of approvals: list them, decide on them.
 *
 * In: requests with Basic authentication by the identities of the configuration. Out: JSON. Every answer that is not 2xx is
 * `{"error": ".."}`. A browser page of another origin can do nothing here: there are no cookies, and a body must say it is
 * JSON. Statements are shown only to those they concern. Absent: TLS (listen on the loopback, or behind a proxy that has it), sessions, pages.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AuditUnavailable } from "../session/enforcement.js";
import { type Approval, type Approver, isRequester, neededGroupsOf } from "./approval.js";
import type { ApprovalRegistry } from "./registry.js";

/** Largest request body, bytes: a rationale and some room. */
const bodySizeMax = 16_384;

/** Who a user is, if the password fits; null otherwise. */
export type Authenticate = (user: string, password: string) => Approver | null;

export interface HttpApiOptions {
  readonly host: string;
  readonly port: number;
  readonly approvals: ApprovalRegistry;
  readonly authenticate: Authenticate;
}

export interface HttpApi {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const failure = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: { error },
  headers,
});

/** Connections at a time: a bound on guesses in parallel. */
const connectionsMax = 64;
/** How long a wrong password waits for its answer. */
const wrongPasswordDelay_ms = 300;

export async function listenHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(options, request).then(
      (result) => send(response, result),
      (error) => send(response, answerTo(error)),
    );
  });
  server.maxConnections = connectionsMax;
  server.on("clientError", (_error, socket) => socket.end(rawBadRequest));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

/** What is no HTTP is told so in JSON too. */
const rawBadRequest = [
  "HTTP/1.1 400 Bad Request",
  "content-type: application/json; charset=utf-8",
  "connection: close",
  "",
  '{"error":"the request could not be read"}\n',
].join("\r\n");

/** Exceptions name files of this machine: they stay here. */
const answerTo = (error: unknown): Answer =>
  error instanceof AuditUnavailable
    ? failure(503, "the audit log cannot be written: nothing was decided")
    : failure(500, "the gateway could not store this: look at the list before you try again");

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function answer(options: HttpApiOptions, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "/").replace(/\?.*$/s, "");
  if (path === "/health") return only("GET", request, () => ({ status: 200, body: { status: "ok" } }));
  const approver = credentialsOf(request, options.authenticate);
  if (approver === null) {
    await sleep(wrongPasswordDelay_ms, undefined, { ref: false });
    return failure(401, "a user and password of the gateway's configuration are needed", {
      "www-authenticate": 'Basic realm="hpl approvals", charset="UTF-8"',
    });
  }
  if (path === "/v1/approvals") return only("GET", request, () => list(options, approver));
  const [, id, verb] = /^\/v1\/approvals\/([0-9a-f]{1,64})\/(approve|reject)$/.exec(path) ?? [];
  if (id === undefined || (verb !== "approve" && verb !== "reject")) return failure(404, "there is nothing here");
  return only("POST", request, () => decide(options, request, approver, id, verb));
}

function only(method: string, request: IncomingMessage, run: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
  return request.method === method ? run() : failure(405, `use ${method}`, { allow: method });
}

/** A statement holds values: it is shown to those who asked for it and to those who may decide. */
function list({ approvals }: HttpApiOptions, approver: Approver): Answer {
  const shown = approvals
    .list()
    .filter((approval) => isRequester(approval, approver) || neededGroupsOf(approval, approver).length > 0);
  return { status: 200, body: shown.map(listEntry) };
}

async function decide(
  { approvals }: HttpApiOptions,
  request: IncomingMessage,
  approver: Approver,
  id: string,
  verb: "approve" | "reject",
): Promise<Answer> {
  if (!/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? "")) {
    return failure(415, "send application/json");
  }
  const body = await readBody(request);
  if (body === null) return failure(413, `the body is larger than ${bodySizeMax} bytes`, { connection: "close" });
  const reason = reasonOf(body);
  if (reason === null) return failure(400, 'send {"reason": ".."}');
  const step = approvals.decide(id, approver, verb, reason);
  return step.ok ? { status: 200, body: listEntry(step.approval) } : failure(409, step.why);
}

function credentialsOf(request: IncomingMessage, authenticate: Authenticate): Approver | null {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (encoded === undefined) return null;
  const [, user, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return user === undefined || password === undefined ? null : authenticate(user, password);
}

/** Null past the limit. What comes behind it is passed over, so that the answer can still be sent. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodySizeMax) resolve(null);
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
  });
}

/** Null for what is not UTF-8, not JSON, or has more or other than a reason in it. */
function reasonOf(body: Buffer): string | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value !== "object" || value === null || !("reason" in value)) return null;
    return typeof value.reason === "string" && Object.keys(value).length === 1 ? value.reason : null;
  } catch {
    return null;
  }
}

/** An approval as DESIGN section 8 lists it. */
export function listEntry(approval: Approval) {
  const { id, state, binding, statement, rules, message, requested_at, expires_at, needs, decisions } = approval;
  const { principal, connection } = binding;
  return {
    id,
    state,
    principal,
    connection,
    statement,
    rule: rules[0] ?? "",
    rules,
    message,
    requested_at,
    expires_at,
    needs,
    decisions,
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}

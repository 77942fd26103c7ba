/**
 * The HTTP API of approvals: list them, decide on them.
 *
 * In: requests with Basic authentication by the identities of the configuration. Out: JSON. Every answer that is not 2xx is
 * `{"error": ".."}`. A browser page of another origin can do nothing here: there are no cookies, and a body must say it is
 * JSON. Absent: TLS (listen on the loopback, or behind a proxy that has it), sessions, pages.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Approval, Approver } from "./approval.js";
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
}

const failure = (status: number, error: string): Answer => ({ status, body: { error } });

export async function listenHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(options, request).then(
      (result) => send(response, result),
      () => send(response, failure(400, "the request could not be read")),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function answer(options: HttpApiOptions, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "GET" && pathname === "/health") return { status: 200, body: { status: "ok" } };
  const approver = credentialsOf(request, options.authenticate);
  if (approver === null) return failure(401, "a user and password of the gateway's configuration are needed");
  if (pathname === "/v1/approvals" && request.method === "GET") {
    return { status: 200, body: options.approvals.list().map(listEntry) };
  }
  const [, id, verb] = /^\/v1\/approvals\/([0-9a-f]{1,64})\/(approve|reject)$/.exec(pathname) ?? [];
  if (id === undefined || (verb !== "approve" && verb !== "reject")) return failure(404, "there is nothing here");
  if (request.method !== "POST") return failure(405, "use POST");
  return decide(options, request, approver, id, verb);
}

async function decide(
  { approvals }: HttpApiOptions,
  request: IncomingMessage,
  approver: Approver,
  id: string,
  verb: "approve" | "reject",
): Promise<Answer> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return failure(415, "send application/json");
  const body = await readBody(request);
  if (body === null) return failure(413, `the body is larger than ${bodySizeMax} bytes`);
  const reason = reasonOf(body);
  if (reason === null) return failure(400, 'send {"reason": ".."}');
  const step = approvals.decide(id, approver, verb, reason);
  return step.ok ? { status: 200, body: listEntry(step.approval) } : failure(409, step.why);
}

function credentialsOf(request: IncomingMessage, authenticate: Authenticate): Approver | null {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (encoded === undefined) return null;
  const [, user, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return user === undefined || password === undefined ? null : authenticate(user, password);
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodySizeMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reasonOf(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    const reason = typeof value === "object" && value !== null && "reason" in value ? value.reason : null;
    return typeof reason === "string" ? reason : null;
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

function send(response: ServerResponse, { status, body }: Answer): void {
  const headers: Record<string, string> = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  if (status === 401) headers["www-authenticate"] = 'Basic realm="hpl approvals", charset="UTF-8"';
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}

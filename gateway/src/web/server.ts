/**
 * The gateway's HTTP server: the API, and the page that uses it.
 *
 * In: where to listen, who may log in, and the parts of the gateway people look at and act on. Out: JSON, and the page's own
 * files. What comes from a page of another origin is refused. Absent: TLS (listen on the loopback, or behind a proxy that has
 * it), cookies.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Identities } from "../identity/identities.js";
import { AuditUnavailable } from "../session/enforcement.js";
import { type Answer, failure, ok, send } from "./answer.js";
import { type Credentials, openCredentials } from "./credentials.js";
import { isPageFile, pageFile } from "./page-files.js";
import { type ApiParts, type Route, routes } from "./routes.js";

export interface WebServerOptions {
  readonly host: string;
  readonly port: number;
  readonly parts: ApiParts;
  readonly authenticate: Identities["authenticate"];
  readonly now: () => Date;
}

export interface WebServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Connections at a time: a bound on guesses in parallel. */
const connections_max = 64;
/** How long a wrong password waits for its answer. */
const wrongPasswordDelay_ms = 300;

export async function listenWeb(options: WebServerOptions): Promise<WebServer> {
  const credentials = openCredentials(options.authenticate, options.now);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(options, credentials, request).then(
      (result) => send(response, result),
      (error) => send(response, answerTo(error)),
    );
  });
  server.maxConnections = connections_max;
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

async function answer(options: WebServerOptions, credentials: Credentials, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "/").replace(/\?.*$/s, "");
  if (isForeign(request)) return failure(403, "another origin may not call this");
  if (path === "/health") return only("GET", request, () => ok({ status: "ok" }));
  if (isPageFile(path)) return only("GET", request, () => pageFile(path));
  if (path === "/v1/login")
    return only("POST", request, async () => {
      const logIn = await credentials.logIn(request);
      return logIn === null ? unproved(request) : ok(logIn);
    });
  const person = await credentials.personOf(request);
  if (person === null) return unproved(request);
  if (path === "/v1/logout")
    return only("POST", request, () => {
      credentials.logOut(request);
      return ok({ state: "logged out" });
    });
  const found = routes.flatMap((route) => matched(route, path) ?? []);
  const [first] = found;
  if (first === undefined) return failure(404, "there is nothing here");
  const called = found.find(({ route }) => route.method === request.method);
  if (called === undefined) return notAllowed(found.map(({ route }) => route.method).join(", "));
  return called.route.run({ parts: options.parts, person, request, id: called.id });
}

/** A browser says where a call comes from. Programs say nothing, and prove themselves. */
function isForeign({ method, headers }: IncomingMessage): boolean {
  const { origin, host, "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  // A link to the page may stand anywhere.
  if (site === "cross-site" || site === "same-site") return !(mode === "navigate" && method === "GET");
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

/** A browser that is told of Basic asks for a password of its own accord, and then sends it always: the page asks itself. */
async function unproved({ headers }: IncomingMessage): Promise<Answer> {
  await sleep(wrongPasswordDelay_ms, undefined, { ref: false });
  const scheme = headers["sec-fetch-mode"] === undefined ? 'Basic realm="hpl", charset="UTF-8"' : "Bearer";
  return failure(401, "a user and password of the gateway's configuration, or a token, are needed", {
    "www-authenticate": scheme,
  });
}

const notAllowed = (methods: string): Answer => failure(405, `use ${methods}`, { allow: methods });

function only(method: string, request: IncomingMessage, run: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
  return request.method === method ? run() : notAllowed(method);
}

/** An id is of hexadecimal digits and dashes. */
function matched(route: Route, path: string): { readonly route: Route; readonly id: string } | null {
  const pattern = new RegExp(`^${route.path.replace("{id}", "([0-9a-f-]{1,64})")}$`);
  const match = pattern.exec(path);
  return match === null ? null : { route, id: match[1] ?? "" };
}

import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aBinding, anApproval } from "../../test/approval-fixture.js";
import { openApi } from "../../test/openapi-fixture.js";
import type { Step } from "../approvals/approval.js";
import { AuditUnavailable } from "../session/enforcement.js";
import type { Person } from "../sessions/grants.js";
import { idle_ms, logIns_max, openCredentials, whole_ms } from "./credentials.js";
import { routes } from "./routes.js";
import { listenWeb, type WebServer } from "./server.js";

const approval = anApproval({
  binding: { ...aBinding, on_behalf_of: null },
  statement: "SELECT '<script>\u001b[2J'",
});
const person = (user: string, kind: Person["kind"], ...groups: readonly string[]): Person => ({
  user,
  issuer: "static",
  names: [],
  kind,
  groups,
  on_behalf_of: null,
});
const users: Readonly<Record<string, Person>> = {
  bob: person("bob", "human", "dba"),
  carl: person("carl", "human", "sales"),
  agent: person("svc-coder", "agent"),
};

let api: WebServer;
/** A gateway in which nothing else happens. */
const emptyParts = {
  grants: { ask: () => ({ state: "refused", why: "" }) as const, list: () => [], revoke: () => null },
  live: { sessions: () => [], decisions: () => [] },
  policies: { current: () => ({ kind: "none", reason: "test" }) as const },
  recordings: { list: () => [], read: () => null },
  viewers: [],
};
let decide: () => Step;
const decided: string[] = [];
beforeAll(async () => {
  api = await listenWeb({
    host: "127.0.0.1",
    port: 0,
    now: () => new Date(),
    authenticate: (user, password) => {
      const found = password === "p:w" && Object.hasOwn(users, user) ? users[user] : undefined;
      return Promise.resolve(found === undefined ? null : { person: found, expires_at_ms: null });
    },
    parts: {
      ...emptyParts,
      approvals: {
        list: () => [approval],
        decide: (id, { user }, verb, reason) => {
          decided.push(`${user} ${verb} ${id}: ${reason}`);
          return decide();
        },
        request: () => ({ ok: false, why: "" }),
        settled: () => Promise.resolve(approval),
        use: () => ({ ok: false, why: "" }),
        revoke: () => ({ ok: false, why: "" }),
        withdraw: () => {},
        close: () => {},
      },
    },
  });
});
afterAll(() => api.close());
beforeEach(() => {
  decided.length = 0;
  decide = () => ({ ok: true, approval: { ...approval, state: "approved" } });
});

const basic = (user: string, password = "p:w"): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const json = { "content-type": "application/json" };
const approve = "/v1/approvals/a1/approve";
const reason = JSON.stringify({ reason: "fine" });

interface Case {
  readonly method?: string;
  readonly path?: string;
  readonly auth?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
const cases: readonly (readonly [string, number, Case])[] = [
  ["a decision", 200, { body: reason }],
  [
    "parameters of the content type",
    200,
    { body: reason, headers: { "content-type": "application/json; charset=utf-8" } },
  ],
  ["the scheme in another case", 200, { body: reason, auth: basic("bob").replace("Basic", "basic") }],
  ["no credentials", 401, { body: reason, auth: "" }],
  ["another scheme", 401, { body: reason, auth: "Bearer x" }],
  ["not base64", 401, { body: reason, auth: "Basic %%%" }],
  ["no colon", 401, { body: reason, auth: `Basic ${Buffer.from("bob").toString("base64")}` }],
  ["a wrong password", 401, { body: reason, auth: basic("bob", "x") }],
  ["a user that is a name of every object", 401, { body: reason, auth: basic("constructor", "x") }],
  ["the wrong method", 405, { method: "PUT", body: reason }],
  ["the wrong method for the list", 405, { path: "/v1/approvals", body: reason }],
  ["the wrong method for health", 405, { path: "/health", body: reason }],
  ["an unknown path", 404, { path: "/v1/approvals/a1/approve/", body: reason }],
  ["a path that climbs", 404, { path: "/v1/approvals/..%2f..%2fx/approve", body: reason }],
  ["an id that is none", 404, { path: "/v1/approvals/A1%0a/approve", body: reason }],
  ["a form", 415, { body: reason, headers: { "content-type": "application/x-www-form-urlencoded" } }],
  ["text that begins like JSON", 415, { body: reason, headers: { "content-type": "application/jsonp" } }],
  ["no JSON", 400, { body: "{" }],
  ["an empty body", 400, { body: "" }],
  ["a list", 400, { body: "[]" }],
  ["null", 400, { body: "null" }],
  ["no reason", 400, { body: "{}" }],
  ["a reason that is no text", 400, { body: '{"reason":1}' }],
  ["something beside the reason", 400, { body: '{"reason":"x","as":"carl"}' }],
  ["a scope", 200, { body: '{"reason":"x","scope":"session"}' }],
  ["a scope that is none", 400, { body: '{"reason":"x","scope":"everything"}' }],
  ["a call from a page of another origin", 403, { body: reason, headers: { origin: "https://evil.example" } }],
  ["a call from a page without an origin", 403, { body: reason, headers: { origin: "null" } }],
  ["a cookie in place of credentials", 401, { body: reason, auth: "", headers: { cookie: "token=hpl_x" } }],
  ["a log-in nobody made", 401, { body: reason, auth: "Bearer hpl_AAAAAAAA" }],
  ["a body of the largest size", 200, { body: `{"reason":"${"x".repeat(16_384 - 13)}"}` }],
  ["a byte more", 413, { body: `{"reason":"${"x".repeat(16_384 - 12)}"}` }],
  ["far too much", 413, { body: "x".repeat(3_000_000) }],
];
test.each(cases)(
  "%s: %d",
  async (_name, status, { method = "POST", path = approve, auth = basic("bob"), headers, body }) => {
    const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
      method,
      headers: { ...json, ...headers, ...(auth === "" ? {} : { authorization: auth }) },
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const answer = await response.json();
    expect(status === 200 ? answer.id : Object.keys(answer)).toEqual(status === 200 ? "a1" : ["error"]);
    expect(decided.length).toBe(status === 200 ? 1 : 0);
  },
);

test.each([
  ["a refused step", 409, (): Step => ({ ok: false, why: "a person decides once" })],
  [
    "no audit log",
    503,
    (): Step => {
      throw new AuditUnavailable("/var/lib/state: ENOSPC");
    },
  ],
  [
    "no store",
    500,
    (): Step => {
      throw new Error("/var/lib/state: ENOSPC");
    },
  ],
])("%s: %d, and nothing of this machine", async (_name, status, step) => {
  decide = step;
  const headers = { ...json, authorization: basic("bob") };
  const response = await fetch(`http://127.0.0.1:${api.port}${approve}`, { method: "POST", headers, body: reason });
  expect(response.status).toBe(status);
  expect((await response.json()).error).not.toContain("/var");
});

test.each([
  ["bob", 1],
  ["agent", 1],
  ["carl", 0],
])("%s sees what they asked for or may decide", async (user, count) => {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/approvals`, {
    headers: { authorization: basic(user) },
  });
  expect((await response.json()).length).toBe(count);
});

test.each([["GARBAGE\r\n\r\n"], ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"]])(
  "what is no HTTP gets JSON: %j",
  async (bytes) => {
    const socket = connect(api.port, "127.0.0.1");
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toHaveProperty("error");
  },
);

test("the document of the API has these calls and no others", () => {
  const listed = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const outside = ["GET /health", "POST /v1/login", "POST /v1/logout"];
  expect(listed.toSorted()).toEqual([...outside, ...routes.map(({ method, path }) => `${method} ${path}`)].toSorted());
});

test.each(["/", "/page.js", "/elements.js", "/replay.js", "/page.css"])(
  "%s can be framed by nobody, runs nothing but its own files, and is never told of Basic",
  async (path) => {
    const response = await fetch(`http://127.0.0.1:${api.port}${path}`);
    expect(response.status).toBe(200);
    const { headers } = response;
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none';.*script-src 'self';.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
    );
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBeNull();
    expect(await response.text()).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|\beval\(|https?:\/\//);
  },
);

test.each([
  ["a program", {}, 401, /^Basic/],
  ["the page", { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" }, 401, /^Bearer/],
  ["a page of the same site", { "sec-fetch-mode": "cors", "sec-fetch-site": "same-site" }, 403, null],
  ["a page elsewhere, without credentials", { "sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site" }, 403, null],
])("who is asked for a password, and how: %s", async (_name, headers, status, scheme) => {
  const answered = await raw("/v1/me", headers);
  expect(answered.status).toBe(status);
  if (scheme === null) expect(answered.challenge).toBeUndefined();
  else expect(answered.challenge).toMatch(scheme);
});

/** `fetch` sets headers of its own; this does not. */
function raw(path: string, headers: Readonly<Record<string, string>>) {
  return new Promise<{ status: number | undefined; challenge: string | undefined }>((resolve, reject) => {
    get({ port: api.port, host: "127.0.0.1", path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, challenge: response.headers["www-authenticate"] });
    }).on("error", reject);
  });
}

test("a log-in of the page ends when nobody uses it, with the day, and with the token it was given for", async () => {
  let now_ms = Date.parse("2026-11-20T08:00:00Z");
  let expires_at_ms: number | null = null;
  const bob = users.bob ?? person("bob", "human");
  const credentials = openCredentials(
    () => Promise.resolve({ person: bob, expires_at_ms }),
    () => new Date(now_ms),
  );
  const request = (authorization: string) => ({ headers: { authorization } }) as IncomingMessage;
  const logIn = async () => `Bearer ${(await credentials.logIn(request(basic("bob"))))?.token}`;
  const isIn = async (bearer: string) => (await credentials.personOf(request(bearer))) !== null;
  const idle = await logIn();
  now_ms += idle_ms - 1;
  expect(await isIn(idle)).toBe(true);
  now_ms += idle_ms;
  expect(await isIn(idle)).toBe(false);
  const busy = await logIn();
  const begun = now_ms;
  while (now_ms + idle_ms / 2 < begun + whole_ms) {
    now_ms += idle_ms / 2;
    expect(await isIn(busy)).toBe(true);
  }
  now_ms = begun + whole_ms;
  expect(await isIn(busy)).toBe(false);
  expires_at_ms = now_ms + 1_000;
  const short = await logIn();
  now_ms += 1_000;
  expect(await isIn(short)).toBe(false);
  expires_at_ms = null;
  const all = await Promise.all(Array.from({ length: logIns_max + 1 }, logIn));
  expect([await isIn(all[0] ?? ""), await isIn(all[1] ?? "")]).toEqual([false, true]);
});

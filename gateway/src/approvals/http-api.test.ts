import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AuditUnavailable } from "../session/enforcement.js";
import type { Approval, Approver, Step } from "./approval.js";
import { type HttpApi, listenHttpApi } from "./http-api.js";

const approval: Approval = {
  id: "a1",
  state: "pending",
  binding: {
    principal: "svc-coder",
    on_behalf_of: null,
    connection: "orders",
    statement_sha256: "aa",
    parameters_sha256: "bb",
    policy_digest: "cc",
  },
  statement: "SELECT '<script>\u001b[2J'",
  rules: ["shop/change"],
  message: "ask",
  needs: [{ group: "dba", count: 1 }],
  requested_at: "2026-11-20T12:00:00.000Z",
  expires_at: "2026-11-20T12:30:00.000Z",
  decisions: [],
};
const users: Readonly<Record<string, Approver>> = {
  bob: { user: "bob", names: [], kind: "human", groups: ["dba"] },
  carl: { user: "carl", names: [], kind: "human", groups: ["sales"] },
  agent: { user: "svc-coder", names: ["agent"], kind: "agent", groups: [] },
};

let api: HttpApi;
let decide: () => Step;
const decided: string[] = [];
beforeAll(async () => {
  api = await listenHttpApi({
    host: "127.0.0.1",
    port: 0,
    authenticate: (user, password) => (password === "p:w" ? (users[user] ?? null) : null),
    approvals: {
      list: () => [approval],
      decide: (id, { user }, verb, reason) => {
        decided.push(`${user} ${verb} ${id}: ${reason}`);
        return decide();
      },
      request: () => ({ ok: false, why: "" }),
      settled: () => Promise.resolve(approval),
      use: () => ({ ok: false, why: "" }),
      withdraw: () => {},
      close: () => {},
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

import { expect, test } from "vitest";
import type { Policy } from "../../src/engine/policy.js";
import { besideRego, loadRego, type RegoPolicy, type RegoResult, regoInputOf } from "../../src/opa/index.js";
import { type Evaluation, makeRegoModule } from "./rego-module.js";
import { decisionOf, incompleteAction, opaqueAction, requestOf, selectAction } from "./requests.js";

const request = requestOf(selectAction);

async function load(evaluation: Evaluation, options: { data?: object; pages_max?: number } = {}): Promise<RegoPolicy> {
  const loaded = await loadRego(makeRegoModule(evaluation), { entrypoint: "authz/allow", ...options });
  if (!loaded.ok) throw new Error(loaded.failure.message);
  return loaded.policy;
}

const resultOf = (result: unknown): Evaluation => ({ kind: "return", text: JSON.stringify([{ result }]) });
const whyOf = (result: RegoResult): string => (result.kind === "failure" ? result.why : "an answer");

test.each([
  [true, "allow"],
  [false, "block"],
] as const)("the result %s is %s", async (result, verdict) => {
  const policy = await load(resultOf(result));
  const plain = { verdict, reasons: [], approval: null, limits: [], even_if_incomplete: false };
  expect(policy.ask(request)).toEqual({ kind: "answer", answer: plain });
});

test("a result with everything in it", async () => {
  const approval = { all: [{ group: "dba", count: 2 }], within_s: 600 };
  const limit = { type: "limit", action: 0, rows: 10, time_ms: 500, bytes: 1_000 };
  const result = {
    verdict: "approve",
    reasons: ["a change"],
    approval,
    obligations: [limit],
    even_if_incomplete: true,
  };
  const answer = { verdict: "approve", reasons: ["a change"], approval, limits: [limit], even_if_incomplete: true };
  expect((await load(resultOf(result))).ask(request)).toEqual({ kind: "answer", answer });
});

test("the policy is asked the whole request, in the shape of the OPA target", async () => {
  const both = requestOf(selectAction, opaqueAction);
  const input = regoInputOf({ ...both, zones: { "Europe/Berlin": 60 } });
  expect(Object.keys(input)).toEqual(["principal", "connection", "session", "now", "zones", "actions"]);
  expect(input.actions).toEqual([
    { sql: selectAction.opaque ? {} : selectAction.facts },
    { sql: { complete: false, reasons: ["parse_error"] } },
  ]);
  const policy = await load({ kind: "expect_input", text: JSON.stringify(regoInputOf(both)) });
  expect(policy.ask(both)).toMatchObject({ answer: { verdict: "allow" } });
  expect(policy.ask(request)).toMatchObject({ answer: { verdict: "block" } });
});

const unreadable: readonly (readonly [string, string, string])[] = [
  ["no result", "[]", "undefined"],
  ["several results", '[{"result":true},{"result":true}]', "several results"],
  ["no result set", "true", "no result set"],
  ["an entry that is no object", "[true]", "not an object"],
  ["an entry without a result", "[{}]", "not an object"],
  ["an entry with something else", '[{"result":true,"bindings":{}}]', "`bindings`"],
  ["null", '[{"result":null}]', "not an object"],
  ["a number", '[{"result":1}]', "not an object"],
  ["a text", '[{"result":"allow"}]', "not an object"],
  ["a set of messages", '[{"result":["no"]}]', "not an object"],
  ["no verdict", '[{"result":{}}]', "`verdict`"],
  ["an unknown verdict", '[{"result":{"verdict":"permit"}}]', "`verdict`"],
  ["a misspelt field", '[{"result":{"verdict":"allow","obligation":[]}}]', "`obligation`"],
  ["reasons that are no list", '[{"result":{"verdict":"block","reasons":"x"}}]', "`reasons`"],
  ["a reason that is no text", '[{"result":{"verdict":"block","reasons":[1]}}]', "a reason"],
  ["approve without an approval", '[{"result":{"verdict":"approve"}}]', "`approval`"],
  [
    "allow with an approval",
    '[{"result":{"verdict":"allow","approval":{"all":[{"group":"a","count":1}],"within_s":1}}}]',
    "`approval`",
  ],
  ["nobody to ask", '[{"result":{"verdict":"approve","approval":{"all":[],"within_s":1}}}]', "empty"],
  [
    "no time to ask in",
    '[{"result":{"verdict":"approve","approval":{"all":[{"group":"a","count":1}]}}}]',
    "`approval.within_s`",
  ],
  [
    "none of a group",
    '[{"result":{"verdict":"approve","approval":{"all":[{"group":"a","count":0}],"within_s":1}}}]',
    "`approval.all.count`",
  ],
  ["a mask", '[{"result":{"verdict":"allow","obligations":[{"type":"mask","action":0}]}}]', "limit"],
  ["a limit of nothing", '[{"result":{"verdict":"allow","obligations":[{"type":"limit","action":0}]}}]', "no amount"],
  [
    "a limit on no action",
    '[{"result":{"verdict":"allow","obligations":[{"type":"limit","action":1,"rows":1}]}}]',
    "`obligations.action`",
  ],
  [
    "a negative limit",
    '[{"result":{"verdict":"allow","obligations":[{"type":"limit","action":0,"rows":-1}]}}]',
    "`obligations.rows`",
  ],
  ["even_if_incomplete as a text", '[{"result":{"verdict":"allow","even_if_incomplete":"yes"}}]', "even_if"],
  ["JSON that is none", '[{"result":tru', ""],
];

test.each(unreadable)("%s is a failure", async (_name, text, why) => {
  const result = (await load({ kind: "return", text })).ask(request);
  expect(result.kind).toBe("failure");
  expect(whyOf(result)).toContain(why);
});

test.each<readonly [Evaluation, string]>([
  [{ kind: "trap" }, "unreachable"],
  [{ kind: "abort", text: "cannot go on" }, "cannot go on"],
  [{ kind: "call_missing_builtin" }, "made.up"],
  [{ kind: "run_out_of_memory" }, "memory access out of bounds"],
])("%o is a failure, again and again", async (evaluation, why) => {
  const policy = await load(evaluation);
  for (let i = 0; i < 3; i++) expect(whyOf(policy.ask(request))).toContain(why);
});

test("what a failed evaluation left behind does not decide the next one", async () => {
  const policy = await load({ kind: "trap_first" });
  for (let i = 0; i < 3; i++) expect(policy.ask(request).kind).toBe("failure");
});

test("an input that needs more memory than the module may have is a failure, and the next one is none", async () => {
  const policy = await load(resultOf(true), { pages_max: 2 });
  const long = { ...request, connection: { ...request.connection, name: "x".repeat(200_000) } };
  expect(policy.ask(long).kind).toBe("failure");
  expect(policy.ask(request)).toMatchObject({ answer: { verdict: "allow" } });
});

test.each([
  ["bytes that are no module", new Uint8Array([1, 2, 3]), "authz/allow", "cannot be loaded"],
  ["an empty module", Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), "authz/allow", "not a Rego policy"],
  ["an entrypoint it does not have", makeRegoModule(resultOf(true)), "authz/deny", "`authz/allow`, `other/rule`"],
  ["a name every object has", makeRegoModule(resultOf(true)), "toString", "no entrypoint `toString`"],
])("%s is not loaded", async (_name, bytes, entrypoint, message) => {
  const loaded = await loadRego(bytes, { entrypoint });
  expect(loaded).toMatchObject({ ok: false, failure: { code: "HPL7030", message: expect.stringContaining(message) } });
});

test("the digest stands for the module, the entrypoint and the data", async () => {
  const digestOf = async (evaluation: Evaluation, data?: object) =>
    (await load(evaluation, data === undefined ? {} : { data })).digest;
  const digests = [
    await digestOf(resultOf(true)),
    await digestOf(resultOf(false)),
    await digestOf(resultOf(true), { frozen: ["orders"] }),
  ];
  expect(new Set(digests).size).toBe(3);
  expect(await digestOf(resultOf(true), {})).toBe(digests[0]);
});

/** Allows everything, and remembers for ever. */
function allowing(complete: boolean): Policy {
  const decision = decisionOf("allow", [], { complete });
  return {
    digest: "d1",
    meta: { semantic_digest: "d1" } as Policy["meta"],
    decide: () => decision,
    session: () => ({ decide: () => decision }),
  };
}

test("a policy beside another decides as both, and approvals bind to both", async () => {
  const approval = { all: [{ group: "dba", count: 1 }], within_s: 60 };
  const rego = await load(resultOf({ verdict: "approve", reasons: ["a change"], approval }));
  const both = besideRego(allowing(true), rego);
  expect(both.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(both.meta.semantic_digest).toBe(both.digest);
  expect(both.digest).not.toBe(besideRego(allowing(true), await load(resultOf(true))).digest);
  expect(both.decide(request)).toEqual({
    verdict: "approve",
    rules: [],
    obligations: [{ type: "approval", action: 0, ...approval, binding: both.digest }],
    complete: true,
    reasons: ["rego/authz/allow", "rego/authz/allow: a change"],
    message: "needs approval by the Rego policy `authz/allow`: a change",
  });
});

test("an allow of what is not fully known counts only where it says so", async () => {
  const asked = requestOf(incompleteAction);
  const plain = besideRego(allowing(false), await load(resultOf(true)));
  const knowing = besideRego(allowing(false), await load(resultOf({ verdict: "allow", even_if_incomplete: true })));
  expect(plain.decide(asked)).toMatchObject({ verdict: "block", code: "HPL8031" });
  expect(knowing.decide(asked)).toMatchObject({ verdict: "allow", message: "HPL says allow" });
});

test("in a session Rego is asked each time, for nobody knows what it looks at", async () => {
  const { principal, session, connection, now = 0, actions } = request;
  const rego = await load({ kind: "expect_input", text: JSON.stringify(regoInputOf(request)) });
  const asked = besideRego(allowing(true), rego).session(principal, connection);
  const verdictAt = (ms: number) => asked.decide(actions, { session, now: ms }).verdict;
  expect([Number(now), Number(now) + 1, Number(now)].map(verdictAt)).toEqual(["allow", "block", "allow"]);
});

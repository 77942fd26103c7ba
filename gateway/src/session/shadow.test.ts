import { type Action, type Decision, loadPolicy, openDetectors } from "@hpl/runtime";
import { expect, test } from "vitest";
import { compiled } from "../../test/bundle-fixture.js";
import type { AuditEvent } from "../audit/event.js";
import type { PolicyInForce } from "../policy/in-force.js";
import type { SessionInfo } from "./enforcement.js";
import { openShadow, waitingMax } from "./shadow.js";

const session: SessionInfo = {
  id: "s1",
  identity: { principal: { id: "svc", issuer: "static", kind: "agent", groups: [], mfa: false } },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  ip: "127.0.0.1",
  client: "psql",
};
const action: Action = {
  family: "sql",
  opaque: false,
  facts: {
    dialect: "postgres",
    kind: "select",
    effects: ["read"],
    relations: [],
    targets: [],
    columns: [
      {
        name: "email",
        sources: ["public.people.email"],
        exact: true,
      },
    ],
    columns_complete: true,
    predicate_columns: [],
    functions: [],
    identifiers: [],
    estimate: { "?": "not_asked" },
    complete: true,
    reasons: [],
  },
};

function loaded(text: string): PolicyInForce {
  const module = compiled(text);
  const [policy, detectors] = [loadPolicy(module), openDetectors(module)];
  if (!policy.ok || !detectors.ok) throw new Error("no policy");
  return { kind: "loaded", policy: policy.policy, detectors: detectors.detectors };
}

const rules = (more: string): string => `policy shop governs sql\ndefault block\n${more}`;
const reads = 'allow "read" when statement.effects only {read}\n';
const live = rules(reads);
const masked = `label pii on column "public.people.email"\nmask "personal" pii with redact\n`;

const moment = {
  now: Date.parse("2026-12-24T12:00:00Z"),
  session: {
    id: "s1",
    ip: "127.0.0.1",
    client: "psql",
    origin: "native",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
} as const;

function decide(inForce: PolicyInForce): Decision {
  if (inForce.kind === "none") throw new Error("no policy");
  const { principal } = session.identity;
  return inForce.policy.session(principal, session.connection).decide([action], moment);
}

/** The events of one decision by the policy `live`, with a shadow beside it. */
async function compare(shadow: PolicyInForce, times = 1) {
  const events: AuditEvent[] = [];
  const book = openShadow({ policies: { current: () => shadow }, audit: { append: (event) => events.push(event) } });
  const watch = book.watch(session);
  const decision = decide(loaded(live));
  for (let i = 0; i < times; i++) watch({ decision_id: `d${i}`, actions: [action], moment, decision });
  const atOnce = events.length;
  for (let i = 0; i < 1_000; i++) await new Promise((resolve) => setImmediate(resolve));
  return { events, atOnce, skipped: book.skipped() };
}

/** Shadow policies, and what is told of them; null for nothing. */
const shadows: readonly (readonly [string, PolicyInForce, string | null])[] = [
  ["the same policy", loaded(live), null],
  ["another name of a rule", loaded(live.replace('read"', 'look"')), null],
  ["no policy", { kind: "none", reason: "the policy is missing" }, null],
  ["a block", loaded(rules("")), "block"],
  ["a block by a rule", loaded(`${live}block "b" when statement.kind == select\n`), "block"],
  [
    "an approval",
    loaded(`${live}group dba\nrequire approval "a" from dba within 5m when statement.kind == select\n`),
    "approve",
  ],
  ["a mask", loaded(live + masked), "allow"],
  ["a limit", loaded(`${live}limit "l" when always { rows 10 }\n`), "allow"],
  ["an advisory rule", loaded(`${live}block "b" advisory when statement.kind == select\n`), null],
  [
    "a window in a zone that only it has",
    loaded(`${live}window w = mon to sun 00:00 to 24:00 in "Asia/Tokyo"\nblock "b" when now in w\n`),
    "block",
  ],
];
test.each(shadows)("%s", async (_name, shadow, verdict) => {
  const { events, atOnce } = await compare(shadow);
  expect(atOnce).toBe(0);
  const told = {
    kind: "shadow.decision",
    detail: { decision_id: "d0", principal: "svc", verdict: "allow", would_be: { verdict } },
  };
  expect(events).toMatchObject(verdict === null ? [] : [told]);
});

test.each([
  [waitingMax, 0],
  [waitingMax + 1, 1],
])("of %i decisions at once, %i are let go", async (count, skipped) => {
  const result = await compare(loaded(rules("")), count);
  expect([result.events.length, result.skipped]).toEqual([waitingMax, skipped]);
});

test("a log that cannot be written stops nothing", async () => {
  let calls = 0;
  const book = openShadow({
    policies: { current: () => loaded(rules("")) },
    audit: {
      append: () => {
        calls += 1;
        throw new Error("disk full");
      },
    },
  });
  const watch = book.watch(session);
  for (const decision_id of ["a", "b"])
    watch({ decision_id, actions: [action], moment, decision: decide(loaded(live)) });
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(2);
});

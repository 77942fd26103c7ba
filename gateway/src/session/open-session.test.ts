import type { Action, Decision, FrontEnd, Policy, SqlFrontEndContext } from "@hpl/runtime";
import { beforeEach, expect, test } from "vitest";
import type { Approval } from "../approvals/approval.js";
import { type LocalApprovals, openApprovals } from "../approvals/registry.js";
import type { AuditEvent } from "../audit/event.js";
import { openCounters } from "../sessions/counters.js";
import { watchTogether } from "../sessions/watch.js";
import { AuditUnavailable, type Enforcement, type JudgeContext, type SessionInfo } from "./enforcement.js";
import { statementsOf } from "./judgement.js";
import { openSession } from "./open-session.js";
import { shownLengthMax, shownText } from "./shown-text.js";

const events: AuditEvent[] = [];
/** Whether each event was asked to be stored before the call returned. */
const durable: boolean[] = [];
let auditFails: boolean;
let registry: LocalApprovals;
let digest: string;
const lines: string[] = [];
const audit = {
  path: "",
  append: (event: AuditEvent, options?: { readonly durable: boolean }) => {
    durable.push(options?.durable ?? false);
    if (auditFails) throw new AuditUnavailable("disk full");
    return events.push(event) - 1;
  },
  close: () => {},
};
beforeEach(() => {
  events.length = 0;
  durable.length = 0;
  lines.length = 0;
  auditFails = false;
  digest = "p1";
  const store = { load: () => [], save: () => {}, remove: () => {} };
  registry = openApprovals({ store, audit, onChange: () => {}, now: () => new Date(), log: () => {} });
});

/** Facts of a plain SELECT, with changes. */
const action = (facts: object = {}): Action => ({
  family: "sql",
  opaque: false,
  facts: {
    dialect: "postgres",
    kind: "select",
    effects: ["read"],
    relations: [],
    targets: [],
    columns: [],
    columns_complete: true,
    predicate_columns: [],
    functions: [],
    complete: true,
    reasons: [],
    ...facts,
  },
});
const opaqueAction: Action = { family: "sql", opaque: true, reasons: ["parse_error"] };
const need = (group: string, count: number, within_s: number) =>
  ({ type: "approval", action: 0, all: [{ group, count }], within_s, binding: "p1" }) as const;
const decisionOf = (more: Partial<Decision> = {}): Decision => ({
  verdict: "approve",
  rules: [],
  obligations: [need("dba", 1, 60)],
  complete: true,
  reasons: [],
  message: "ask",
  ...more,
});

const session: SessionInfo = {
  id: "s1",
  identity: { principal: { id: "svc", issuer: "static", kind: "agent", groups: [], mfa: false, on_behalf_of: "al" } },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  ip: "127.0.0.1",
  client: "clientsecret",
};
const context: JudgeContext = { catalog: { search_path: [], schemas: {} }, in_transaction: false, server_version: 18 };

function open(decision = decisionOf(), waits = true): Enforcement {
  const postgres: FrontEnd<SqlFrontEndContext> = { analyse: () => ({ actions: [action()] }) };
  const policy = (): Policy => ({
    digest,
    meta: {
      rules: [{ id: "m/kept", effect: "allow", audit: "durable", detect: null }],
      zones: [],
      counters: [],
      grants: [],
    } as unknown as Policy["meta"],
    decide: () => decision,
    labels: () => [],
    session: () => ({ decide: () => decision }),
  });
  return openSession(
    {
      policies: {
        current: () => ({ kind: "loaded", policy: policy(), detectors: { types: [], detect: () => [] } }),
      },
      frontEnds: { postgres },
      approvals: registry,
      audit,
      counters: openCounters(() => new Date()),
      grants: { inForce: () => [] },
      shadow: null,
      watch: () => watchTogether([]),
      parameterize: (text) => text,
      address: "here",
      log: (line) => lines.push(line),
      waits,
      now: () => new Date(),
    },
    session,
  );
}
const statement = { text: "UPDATE t SET a = 1", parameters: [] };
/** What happened; the facts that stand in the log for its decisions aside. */
const happened = () => events.filter(({ kind }) => kind !== "facts.seen");
const kinds = (): readonly string[] => happened().map(({ kind }) => kind);
const onlyApproval = (): Approval => {
  const [approval] = registry.list();
  if (approval === undefined) throw new Error("no approval");
  return approval;
};
const approve = () =>
  registry.decide(onlyApproval().id, { user: "bob", names: [], kind: "human", groups: ["dba"] }, "approve", "ok");

test("one decision event a judgement, none for a preview, behind one opening; notes keep only our own words", () => {
  const enforcement = open();
  enforcement.preview(statement.text, context);
  expect(kinds()).toEqual([]);
  enforcement.note({ kind: "opened", detail: { user: "agent", ip: "1" } });
  enforcement.judge(statement, context);
  enforcement.judge(statement, context);
  enforcement.note({ kind: "refused", detail: { sqlstate: "26000", message: 'statement "secret" does not exist' } });
  enforcement.note({ kind: "closed", detail: {} });
  expect(kinds()).toEqual(["session.opened", "decision", "decision", "session.noted", "session.closed"]);
  expect(events[0]?.detail).toMatchObject({ user: "agent", principal: "svc" });
  expect(happened()[3]?.detail).toEqual({ session: "s1", what: "refused", sqlstate: "26000" });
  expect(JSON.stringify(events)).not.toContain("secret");
});

test("without the audit log nothing is judged, and what has happened is not a reason to fail", () => {
  const enforcement = open();
  auditFails = true;
  enforcement.note({ kind: "opened", detail: { user: "agent" } });
  expect(() => enforcement.judge(statement, context)).toThrow(AuditUnavailable);
  enforcement.report({ decision_id: "d", status: "ok", rows: 1, sqlstate: null, masked: [] });
  enforcement.note({ kind: "closed", detail: {} });
  expect(lines).toHaveLength(3);
  auditFails = false;
  enforcement.judge(statement, context);
  expect(kinds()).toEqual(["session.opened", "decision"]);
});

test("approvals of several statements conjoin: the greatest count a group, the shortest time", () => {
  const obligations = [need("dba", 1, 600), need("sec", 1, 60), need("dba", 2, 900)];
  const enforcement = open(decisionOf({ obligations }));
  const hold = enforcement.hold(enforcement.judge(statement, context), statement);
  const needs = [
    { group: "dba", count: 2 },
    { group: "sec", count: 1 },
  ];
  expect(hold).toMatchObject({ needs, within_s: 60 });
  expect(onlyApproval()).toMatchObject({ needs, binding: { principal: "svc", on_behalf_of: "al" } });
});

test.each([
  ["nobody to ask", decisionOf({ obligations: [] }), false, "names nobody to ask"],
  ["no audit log", decisionOf(), true, "the audit log cannot be written"],
])("a hold with %s is refused, and does not throw", async (_name, decision, fails, message) => {
  const enforcement = open(decision);
  const judgement = enforcement.judge(statement, context);
  auditFails = fails;
  const outcome = await enforcement.hold(judgement, statement).outcome;
  expect(outcome).toMatchObject({ state: "refused", message: expect.stringContaining(message) });
});

test.each(["approved", "cancelled", "policy", "audit"])("a wait ends: %s", async (how) => {
  const enforcement = open();
  const hold = enforcement.hold(enforcement.judge(statement, context), statement);
  if (how === "policy") digest = "p2";
  if (how === "cancelled") {
    hold.cancel();
    hold.cancel();
  } else expect(approve().ok).toBe(true);
  if (how === "audit") auditFails = true;
  const { state } = await hold.outcome;
  expect(state).toBe(how === "policy" || how === "audit" ? "refused" : how);
  expect(kinds().filter((kind) => kind === "approval.used").length).toBe(how === "approved" ? 1 : 0);
});

test("two who wait for the same: one runs, and one who leaves does not end the other's wait", async () => {
  const enforcement = open();
  const [one, two, three] = [1, 2, 3].map(() => enforcement.hold(enforcement.judge(statement, context), statement));
  three?.cancel();
  expect((await three?.outcome)?.state).toBe("cancelled");
  approve();
  const states = await Promise.all([one?.outcome, two?.outcome].map(async (outcome) => (await outcome)?.state));
  expect(states).toEqual(["approved", "refused"]);
});

test("who does not wait uses an approval only by coming again", async () => {
  const enforcement = open(decisionOf(), false);
  const hold = () => enforcement.hold(enforcement.judge(statement, context), statement);
  const first = hold();
  approve();
  expect((await first.outcome).state).toBe("refused");
  expect(onlyApproval().state).toBe("approved");
  expect((await hold().outcome).state).toBe("approved");
  expect(onlyApproval().state).toBe("used");
});

const unknown = { "?": "x" };
test.each<readonly [string, Action, object]>([
  ["opaque", opaqueAction, { kind: "unknown", changes_catalog: true, columns_count: null, redact_errors: true }],
  ["a plain read", action(), { changes_catalog: false, columns_count: 0, redact_errors: false }],
  [
    "open effects",
    action({ effects: { items: ["read"], open: true } }),
    { changes_catalog: true, redact_errors: true },
  ],
  ["unknown effects", action({ effects: unknown }), { effects: [], changes_catalog: true, redact_errors: true }],
  [
    "an unknown effect among known ones",
    action({ effects: ["read", unknown] }),
    { changes_catalog: true, redact_errors: true },
  ],
  ["an unknown kind", action({ kind: unknown }), { kind: "unknown" }],
  ["unknown columns", action({ columns: unknown }), { columns_count: null }],
  ["open columns", action({ columns: { items: [], open: true } }), { columns_count: null }],
  ["columns not known to be all", action({ columns_complete: unknown }), { columns_count: null }],
  ["unknown predicates", action({ predicate_columns: unknown }), { redact_errors: true }],
  ...["write", "create", "alter", "truncate", "exec", "dynamic", "network", "config"].map(
    (effect) => [effect, action({ effects: [effect] }), { redact_errors: true }] as const,
  ),
])("what a protocol is told errs on the safe side: %s", (_name, one, expected) => {
  const searchOf = () => null;
  expect(statementsOf([one], decisionOf({ obligations: [] }), true, searchOf, () => false)).toEqual([
    expect.objectContaining(expected),
  ]);
});

test.each<readonly [string, readonly Action[], string | null]>([
  ["understood", [action()], "x"],
  ["no action", [], null],
  ["one not understood", [action(), opaqueAction], null],
  ["a setting", [action({ effects: ["config"] })], null],
])("the log shows the text of what is %s", (_name, actions, expected) => {
  expect(shownText("x", actions, (text) => text)).toBe(expected);
});

test("a shown text has a limit", () => {
  const shown = (length: number) => shownText("x".repeat(length), [action()], (text) => text)?.length;
  expect([shown(shownLengthMax), shown(shownLengthMax + 1)]).toEqual([shownLengthMax, shownLengthMax + 3]);
});

const span = { file: "p.hpl", line: 1, character: 1, end_line: 1, end_character: 2 };
test.each([
  ["what needs approval", decisionOf(), true],
  ["what is allowed", decisionOf({ verdict: "allow", obligations: [] }), false],
  [
    "what a rule with `audit durable` allows",
    decisionOf({
      verdict: "allow",
      obligations: [],
      rules: [{ id: "m/kept", effect: "allow", certainty: "must", span }],
    }),
    true,
  ],
])("%s: stored before it runs: %#", (_name, decision, expected) => {
  open(decision).judge(statement, context);
  expect(durable.at(-1)).toBe(expected);
});

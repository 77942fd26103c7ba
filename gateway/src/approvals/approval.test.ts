import fc from "fast-check";
import { expect, test } from "vitest";
import { aBinding, anApproval } from "../../test/approval-fixture.js";
import {
  type Approval,
  type ApprovalScope,
  type Approver,
  cancelApproval,
  decideApproval,
  expireApproval,
  isSatisfied,
  revokeApproval,
  useApproval,
} from "./approval.js";

const now = new Date("2026-11-20T12:00:00Z");
const later = new Date("2026-11-20T12:30:00Z");

const pending = anApproval({
  needs: [
    { group: "dba", count: 1 },
    { group: "security", count: 1 },
  ],
});

const person = (user: string, ...groups: string[]): Approver => ({ user, names: [], kind: "human", groups });

/** Applies decisions in turn and gives the state after each, or the refusal. */
function play(...steps: readonly (readonly [Approver, "approve" | "reject", string])[]): readonly string[] {
  let approval = pending;
  return steps.map(([approver, decision, reason]) => {
    const step = decideApproval(approval, approver, decision, reason, now);
    if (!step.ok) return step.why;
    approval = step.approval;
    return approval.state;
  });
}

test.each([
  [
    "one person of each group",
    [
      [person("ann", "dba"), "approve", "ok"],
      [person("bob", "security"), "approve", "ok"],
    ],
    ["pending", "approved"],
  ],
  ["a person of two groups fills one seat", [[person("ann", "dba", "security"), "approve", "ok"]], ["pending"]],
  [
    "the seats are dealt so that both are filled",
    [
      [person("ann", "dba", "security"), "approve", "ok"],
      [person("bob", "dba"), "approve", "ok"],
    ],
    ["pending", "approved"],
  ],
  [
    "the first rejection ends it",
    [
      [person("ann", "dba"), "reject", "no"],
      [person("bob", "security"), "approve", "ok"],
    ],
    ["rejected", "approval a1 is rejected"],
  ],
  [
    "the requester",
    [[person("svc-coder", "dba"), "approve", "ok"]],
    ["nobody decides on a request of their own, or one made on their behalf"],
  ],
  [
    "the person an agent acts for",
    [[person("carol", "dba"), "approve", "ok"]],
    ["nobody decides on a request of their own, or one made on their behalf"],
  ],
  [
    "the requester under another login",
    [[{ user: "u1", names: ["ann", "SVC-Coder "], kind: "human", groups: ["dba"] }, "approve", "ok"]],
    ["nobody decides on a request of their own, or one made on their behalf"],
  ],
  [
    "somebody who acts for the person it was asked for",
    [[{ user: "u2", names: ["carol"], kind: "human", groups: ["dba"] }, "reject", "no"]],
    ["nobody decides on a request of their own, or one made on their behalf"],
  ],
  [
    "an agent",
    [[{ user: "bot", names: [], kind: "agent", groups: ["dba"] }, "approve", "ok"]],
    ["only people decide, not agents or services"],
  ],
  ["a reason with controls", [[person("ann", "dba"), "approve", "ok\0"]], ["the reason holds control characters"]],
  [
    "the same person under another name",
    [
      [person("ann", "dba"), "approve", "ok"],
      [{ user: "u1", names: ["ann"], kind: "human", groups: ["security"] }, "approve", "ok"],
    ],
    ["pending", "a person decides once"],
  ],
  ["a stranger", [[person("eve", "sales"), "approve", "ok"]], ["only 1 of dba and 1 of security may decide on this"]],
  ["no reason", [[person("ann", "dba"), "approve", "  "]], ["a reason is required"]],
  [
    "the same person twice",
    [
      [person("ann", "dba"), "approve", "ok"],
      [person("ann", "security"), "approve", "ok"],
    ],
    ["pending", "a person decides once"],
  ],
] as const)("%s", (_name, steps, expected) => {
  expect(play(...steps)).toEqual(expected);
});

test("time ends what is pending and what was not used", () => {
  expect(expireApproval(pending, later).state).toBe("expired");
  expect(expireApproval({ ...pending, state: "approved" }, later).state).toBe("expired");
  expect(expireApproval({ ...pending, state: "used" }, later).state).toBe("used");
  expect(decideApproval(pending, person("ann", "dba"), "approve", "ok", later)).toEqual({
    ok: false,
    why: "approval a1 is expired",
  });
});

test("an approval is used once, and for nothing else", () => {
  const approved: Approval = { ...pending, state: "approved" };
  const used = useApproval(approved, approved.binding, now);
  expect(used.ok && used.approval.state).toBe("used");
  expect(used.ok && useApproval(used.approval, approved.binding, now).ok).toBe(false);
});

/** What may differ from what was approved, by scope; anything else is for something else. */
const free: Readonly<Record<ApprovalScope, readonly string[]>> = {
  statement: ["session", "rules", "shape_sha256"],
  shape: ["session", "statement_sha256", "parameters_sha256"],
  session: ["statement_sha256", "parameters_sha256", "shape_sha256"],
};
test.each(Object.entries(free))("an approval for one %s covers that and nothing else", (scope, fields) => {
  const approved = { ...pending, state: "approved", scope } as Approval;
  const covered = Object.keys(aBinding).filter(
    (field) => useApproval(approved, { ...aBinding, [field]: field === "rules" ? ["x"] : "x" }, now).ok,
  );
  expect(covered).toEqual(fields);
  const used = useApproval(approved, aBinding, now);
  expect(used.ok && [used.approval.state, used.approval.uses]).toEqual([
    scope === "statement" ? "used" : "approved",
    1,
  ]);
});

test.each<readonly [readonly ApprovalScope[], ApprovalScope]>([
  [["session", "session"], "session"],
  [["session", "statement"], "statement"],
  [["shape", "session"], "statement"],
])("more than one run counts only where everybody agreed: %j", ([first, second], expected) => {
  const one = decideApproval(pending, person("ann", "dba"), "approve", "ok", now, first);
  const two = one.ok ? decideApproval(one.approval, person("bob", "security"), "approve", "ok", now, second) : one;
  expect(two.ok && [two.approval.state, two.approval.scope]).toEqual(["approved", expected]);
});

test.each<readonly [string, Approver, string, boolean]>([
  ["who may decide", person("ann", "dba"), "wrong table", true],
  ["who asked", { ...person("svc-coder"), kind: "agent" }, "done", true],
  ["on whose behalf it was asked", person("carol"), "done", true],
  ["a stranger", person("eve", "sales"), "no", false],
  ["an agent of the right group", { ...person("bot", "dba"), kind: "agent" }, "no", false],
  ["without a reason", person("ann", "dba"), " ", false],
])("revoking: %s", (_name, by, reason, expected) => {
  const step = revokeApproval({ ...pending, state: "approved" }, by, reason, now);
  expect(step.ok).toBe(expected);
  if (step.ok) expect(useApproval(step.approval, aBinding, now).ok).toBe(false);
});

test.each(["pending", "rejected", "expired", "used", "revoked", "cancelled"] as const)(
  "what is %s is not revoked",
  (state) => expect(revokeApproval({ ...pending, state }, person("ann", "dba"), "r", now).ok).toBe(false),
);

test("a decided approval is not cancelled", () => {
  expect(cancelApproval(pending).state).toBe("cancelled");
  expect(cancelApproval({ ...pending, state: "approved" }).state).toBe("approved");
});

test("seats are filled exactly when some way to deal them exists", () => {
  const groups = ["a", "b", "c"];
  const needs = fc.array(fc.record({ group: fc.constantFrom(...groups), count: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  const people = fc.array(fc.subarray(groups), { maxLength: 4 });
  fc.assert(
    fc.property(needs, people, (all, memberships) => {
      const decisions = memberships.map((own, i) => ({
        user: `u${i}`,
        decision: "approve" as const,
        reason: "r",
        at: "",
        groups: own,
        scope: "statement" as const,
      }));
      const seats = all.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
      expect(isSatisfied(all, decisions)).toBe(canDeal(seats, memberships));
    }),
  );
});

/** Tries every way. */
function canDeal(seats: readonly string[], people: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = seats;
  if (first === undefined) return true;
  return people.some((groups, i) => groups.includes(first) && canDeal(rest, people.toSpliced(i, 1)));
}

import type { Action, Decision, Obligation } from "@hpl/runtime";
import { expect, test } from "vitest";
import { honour } from "./honour.js";

const mask: Obligation = {
  type: "mask",
  action: 0,
  index: 0,
  name: "email",
  source: ["public.users.email"],
  transform: "redact",
  rule: "m/pii",
};
const approval: Obligation = {
  type: "approval",
  action: 0,
  all: [{ group: "dba", count: 1 }],
  within_s: 60,
  binding: "digest",
};

const detect: Obligation = { type: "detect", action: 0, set: "m.keys", transform: "redact", rule: "m/keys" };

const decisionWith = (verdict: Decision["verdict"], ...obligations: readonly Obligation[]): Decision => ({
  verdict,
  rules: [],
  obligations,
  complete: true,
  reasons: ["no_catalog"],
  message: "allowed by `m/read`",
});

const select = { family: "sql", opaque: false, facts: { kind: "select" } } as unknown as Action;
const listen = { family: "sql", opaque: false, facts: { kind: "listen" } } as unknown as Action;
const copy = { family: "sql", opaque: false, facts: { kind: "copy" } } as unknown as Action;

test("what can be honoured stays as it is decided", () => {
  const decision = decisionWith("approve", mask, approval, detect, { type: "limit", action: 0, rows: 10, time_ms: 50 });
  expect(honour(decision, [select])).toBe(decision);
  const timed = decisionWith("allow", { type: "limit", action: 0, time_ms: 50 });
  expect(honour(timed, [copy])).toBe(timed);
});

const cases: readonly (readonly [string, Obligation, Action, string])[] = [
  ["a mask on the output of COPY", mask, copy, "cannot_be_masked"],
  ["rows of COPY", { type: "limit", action: 0, rows: 10 }, copy, "cannot_be_limited"],
  ["bytes of COPY", { type: "limit", action: 0, bytes: 10 }, copy, "cannot_be_limited"],
  ["a detector on the output of COPY", detect, copy, "cannot_be_searched"],
  ["a detector on what LISTEN lets in", detect, listen, "cannot_be_searched"],
];

for (const [name, obligation, action, reason] of cases) {
  for (const verdict of ["allow", "approve"] as const) {
    test(`${name} is block, whether it was ${verdict}, and nothing is left to do half`, () => {
      const honoured = honour(decisionWith(verdict, obligation, approval), [action]);
      expect(honoured).toMatchObject({ verdict: "block", obligations: [], code: "HPL8008" });
      expect(honoured.reasons).toEqual(["no_catalog", reason].toSorted());
      expect(honoured.message).not.toContain("allowed");
    });
  }
}

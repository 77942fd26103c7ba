import type { Decision } from "@hpl/runtime";
import { expect, test } from "vitest";
import type { SessionInfo } from "../session/enforcement.js";
import { decisions_max, openLive } from "./live.js";

const session: SessionInfo = {
  id: "s1",
  identity: { principal: { id: "svc", issuer: "static", kind: "agent", groups: [], mfa: false, on_behalf_of: "al" } },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  ip: "127.0.0.1",
  client: "clientsecret",
};
const span = { file: "p.hpl", line: 3, character: 1, end_line: 3, end_character: 2 };
const decision: Decision = {
  verdict: "allow",
  rules: [{ id: "m/read", effect: "allow", certainty: "must", span }],
  obligations: [],
  complete: true,
  reasons: [],
  message: "allowed by `m/read`",
};
const made = (decision_id: string) => ({ decision_id, text: "SELECT ?", decision, actions: [] });

test("who is connected, what they ran, and what became of it", () => {
  const live = openLive(() => new Date("2026-11-20T12:00:00Z"));
  const watch = live.watch(session);
  watch.decided(made("d1"));
  watch.executed({ decision_id: "d1", status: "ok", rows: 3, bytes: 9, sqlstate: null, masked: [] });
  expect(live.sessions()).toMatchObject([
    { id: "s1", on_behalf_of: "al", connection: "orders", statements: 1, rows: 3 },
  ]);
  expect(live.decisions()).toMatchObject([
    {
      decision_id: "d1",
      statement: "SELECT ?",
      rules: [{ id: "m/read", file: "p.hpl", line: 3 }],
      status: "ok",
      rows: 3,
    },
  ]);
  expect(JSON.stringify([live.sessions(), live.decisions()])).not.toContain("clientsecret");
  watch.closed();
  expect([live.sessions().length, live.decisions().length]).toEqual([0, 1]);
});

test("of the decisions the newest are kept", () => {
  const live = openLive(() => new Date());
  const watch = live.watch(session);
  for (let i = 0; i < decisions_max; i++) watch.decided(made(`d${i}`));
  expect(live.decisions().at(-1)?.decision_id).toBe("d0");
  watch.decided(made("last"));
  const kept = live.decisions();
  expect([kept.length, kept[0]?.decision_id, kept.at(-1)?.decision_id]).toEqual([decisions_max, "last", "d1"]);
});

import { loadPolicy, type Policy } from "@hpl/runtime";
import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy } from "../src/3-check/checked.js";
import { lower } from "../src/4-lower/lower.js";
import { timeBoundsOf } from "../src/4-lower/time-bounds.js";
import { emit } from "../src/5-emit/emit.js";
import { checkText } from "./check-text.js";
import { instant, request } from "./generators/facts.js";
import { policy } from "./generators/policies.js";

function compiled(checked: CheckedPolicy): Policy {
  const loaded = loadPolicy(emit(lower(checked), checked));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  return loaded.policy;
}

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const pick = fc.nat(2);
/** Which actions, which facts of the session, which zones, and when. */
const step = fc.record({ actions: pick, session: pick, zones: pick, now: fc.option(instant, { nil: undefined }) });

test("a session decides as the policy does, whatever it remembers", () => {
  fc.assert(
    fc.property(
      policy,
      fc.array(request, { minLength: 3, maxLength: 3 }),
      fc.array(step, { minLength: 4, maxLength: 20 }),
      (checked, requests: Request[], steps) => {
        const module = compiled(checked);
        const [{ principal, connection } = requests[0] as Request] = requests;
        const session = module.session(principal, connection);
        const at = (index: number): Request => requests[index] as Request;
        for (const { actions, session: facts, zones, now } of steps) {
          const moment = { session: at(facts).session, ...(at(zones).zones ? { zones: at(zones).zones } : {}) };
          const timed = now === undefined ? moment : { ...moment, now };
          const asked = { ...timed, principal, connection, actions: at(actions).actions } as Request;
          expect(session.decide(at(actions).actions, timed as typeof moment)).toEqual(module.decide(asked));
        }
      },
    ),
    { numRuns },
  );
});

test("what was decided is remembered while nothing it depends on changes", () => {
  const text = `policy p governs http
default allow
window freeze = 2026-12-20T00:00Z to 2027-01-02T00:00Z
block "freeze" when now in freeze
block "late" when now > 2027-06-01T00:00Z
`;
  const { policy: checked } = checkText(text);
  if (checked === null) throw new Error("the policy has errors");
  const day = (date: string): number => Date.parse(`${date}Z`);
  const bounds = ["2026-12-20T00:00", "2027-01-02T00:00", "2027-06-01T00:00", "2027-06-01T00:00:00.001"].map(day);
  expect(timeBoundsOf(checked)).toEqual({ instants_ms: bounds, weekly: false });
  const facts = { method: "GET", host: "a", path: "/", complete: true, reasons: [] };
  const actions = [{ family: "http", opaque: false, facts }] as const;
  const of = { id: "s", ip: "10.0.0.1", client: "c", origin: "cli", in_transaction: false, sandboxed: false } as const;
  const facts_of = { ...of, grants: [], counters: {} };
  const session = compiled(checked).session(
    { id: "ann", issuer: "test", kind: "human", groups: [], mfa: true },
    { name: "x", kind: "http", env: "prod" },
  );
  const decide = (now: number, own: typeof facts_of = facts_of) => session.decide(actions, { session: own, now });
  const first = decide(day("2026-12-01T00:00"));
  expect(decide(day("2026-12-19T23:59:59.999"))).toBe(first);
  expect(decide(day("2026-12-19T23:00"), { ...facts_of })).toBe(first);
  expect(decide(day("2026-12-20T00:00")).verdict).toBe("block");
  const again = decide(day("2026-12-19T23:00"));
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
  expect(decide(day("2026-12-19T23:00"), { ...facts_of, in_transaction: true as never })).not.toBe(again);
});

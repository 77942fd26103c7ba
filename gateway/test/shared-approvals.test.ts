/**
 * Approvals that several gateways share: what is done to one of them at the same time through several processes must end in one
 * state, on all of them and in the logs.
 */
import { expect, test } from "vitest";
import type { Approval } from "../src/approvals/approval.js";
import {
  type Act,
  agree,
  approve,
  ask,
  eventsOf,
  type GatewayProcess,
  isLong,
  person,
  reject,
  requestOf,
  useSharedGateways,
} from "./shared-fixture.js";

/** Each round is a race of its own. */
const rounds = isLong ? 40 : 3;

const gateways = useSharedGateways("a", "b", "c");
const three = (): readonly [GatewayProcess, GatewayProcess, GatewayProcess] => {
  const [a, b, c] = gateways();
  if (a === undefined || b === undefined || c === undefined) throw new Error("there are not three gateways");
  return [a, b, c];
};

test("asked for through one gateway, given through another, used through a third, once", async () => {
  const [a, b, c] = three();
  const { id, binding } = await ask(a);
  const settled = a.call("settled", id);
  await agree(id, "pending");
  expect(await b.call("decide", id, person("bob"), "approve", "fine")).toMatchObject({ ok: true });
  expect(await settled).toMatchObject({ state: "approved" });
  await agree(id, "approved");
  expect(await c.call("request", requestOf({ binding }))).toMatchObject({
    ok: true,
    approval: { id, state: "approved" },
  });
  expect(await c.call("use", id, { ...binding, connection: "other" })).toMatchObject({ ok: false });
  expect(await c.call("use", id, binding)).toMatchObject({ ok: true });
  expect(await a.call("use", id, binding)).toMatchObject({ ok: false, why: expect.stringContaining("is used") });
  await agree(id, "used");
  expect(eventsOf(id)).toEqual(["approval.approved", "approval.requested", "approval.used"]);
});

/** Things done at once to one approval through two gateways, and what may come of it. */
const races: readonly (readonly [string, (approval: Approval) => readonly Act[], boolean, readonly string[]])[] = [
  ["two approvers", ({ id }) => [approve("bob", id), approve("eve", id)], false, ["approved"]],
  ["the same answer twice", ({ id }) => [approve("bob", id), approve("bob", id)], false, ["approved"]],
  ["one approves, one rejects", ({ id }) => [approve("bob", id), reject("eve", id)], false, ["approved", "rejected"]],
  [
    "two uses",
    ({ id, binding }) => [
      ["use", id, binding],
      ["use", id, binding],
    ],
    true,
    ["used"],
  ],
  [
    "a use and a revocation",
    ({ id, binding }) => [
      ["use", id, binding],
      ["revoke", id, person("bob"), "no longer"],
    ],
    true,
    ["used", "revoked"],
  ],
];
test.each(races)("%s at once: one of them happens", async (_name, acts, isGiven, states) => {
  const [a, b, c] = three();
  for (let round = 0; round < rounds; round++) {
    const approval = await ask(a);
    const { id } = approval;
    await agree(id, "pending");
    if (isGiven) expect(await a.call("decide", id, person("ann"), "approve", "yes")).toMatchObject({ ok: true });
    const before = eventsOf(id).length;
    const results = await Promise.all(
      acts(approval).map(([method, ...args], i) => (i % 2 ? b : c).call(method, ...args)),
    );
    expect(results.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    const final = results.find(({ ok }) => ok).approval.state;
    expect(states).toContain(final);
    await agree(id, final);
    expect(eventsOf(id).length).toBe(before + 1);
  }
});

test("approve against expiry by three clocks: the database's decides, and exactly one thing is written down", async () => {
  const [a, b, c] = three();
  const asked = await Promise.all(Array.from({ length: 16 }, () => ask(a, { within_s: 1 })));
  await Promise.all(asked.map(({ id }) => agree(id, "pending")));
  await Promise.all(
    asked.map(async ({ id, binding }, i) => {
      await new Promise((resolve) => setTimeout(resolve, 600 + i * 40));
      const given = await (i % 2 ? b : c).call(...approve("bob", id));
      const used = await a.call("use", id, binding);
      if (used.ok) expect(given.ok).toBe(true);
      await agree(id, used.ok ? "used" : "expired");
      const ends = eventsOf(id).filter((kind) => kind === "approval.used" || kind === "approval.expired");
      expect(ends).toEqual([used.ok ? "approval.used" : "approval.expired"]);
    }),
  );
}, 20_000);

test("two of two people through two gateways at once are both counted", async () => {
  const [a, b, c] = three();
  for (let round = 0; round < rounds; round++) {
    const { id } = await ask(a, { needs: [{ group: "dba", count: 2 }] });
    await agree(id, "pending");
    const results = await Promise.all([b.call(...approve("bob", id)), c.call(...approve("eve", id))]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    await agree(id, "approved");
    expect(eventsOf(id)).toEqual(["approval.approved", "approval.decided", "approval.requested"]);
  }
});

/** Approvals that several gateways share, while gateways and the database come and go. */
import pg from "pg";
import { expect, test } from "vitest";
import {
  agree,
  approve,
  ask,
  eventually,
  type GatewayProcess,
  isLong,
  killGateway,
  person,
  start,
  stateAt,
  theServer,
  useSharedServer,
} from "./shared-fixture.js";

useSharedServer();

test("a gateway that is killed leaves nothing pending after its restart; what was given stays", async () => {
  const [a, b] = [start("a"), start("b")];
  const [left, given] = [await ask(a), await ask(a)];
  await agree(left.id, "pending");
  await agree(given.id, "pending");
  await b.call(...approve("bob", given.id));
  killGateway(a);
  const again = start("a");
  await agree(left.id, "cancelled");
  expect(await again.call("use", given.id, given.binding)).toMatchObject({ ok: true });
});

test("without the database a request stays held, and then expires as not run", async () => {
  await theServer().crash();
  const a = start("a");
  const { id, binding } = await ask(a, { within_s: 2 });
  expect(await a.call("decide", id, person("bob"), "approve", "yes")).toHaveProperty("error");
  expect(await stateAt(a, id)).toBe("pending");
  expect(await a.call("settled", id)).toMatchObject({ state: "expired" });
  expect(await a.call("use", id, binding)).toHaveProperty("error");
  expect(a.lines.filter((line) => line.includes("is away")).length).toBe(1);
  await theServer().start();
  expect(
    await eventually(
      () => a.call("use", id, binding),
      (result) => result.error === undefined,
    ),
  ).toMatchObject({ ok: false });
}, 20_000);

test("a server that restarts in the middle: a request made meanwhile is sent, what was given is still given", async () => {
  const [a, b] = [start("a"), start("b")];
  const early = await ask(a);
  await agree(early.id, "pending");
  await b.call(...approve("bob", early.id));
  await theServer().crash();
  const late = await ask(a);
  const settled = a.call("settled", late.id);
  await theServer().start();
  await agree(late.id, "pending");
  expect(await b.call(...approve("bob", late.id))).toMatchObject({ ok: true });
  expect(await settled).toMatchObject({ state: "approved" });
  for (const { id, binding } of [early, late]) expect(await a.call("use", id, binding)).toMatchObject({ ok: true });
}, 30_000);

/** What somebody with the database's password may do to a row. */
const tampering = {
  "it is removed": "DELETE FROM hpl_approvals WHERE id = $1",
  "it is said to be approved": "UPDATE hpl_approvals SET state = 'approved' WHERE id = $1",
  "it is given by nobody":
    "UPDATE hpl_approvals SET state = 'approved', document = replace(document, '\"pending\"', '\"approved\"') WHERE id = $1",
  "it is no approval": "UPDATE hpl_approvals SET document = '{}' WHERE id = $1",
};

test("a row that is none counts for nothing, and its statement does not wait for ever", async () => {
  const [a, b] = [start("a"), start("b")];
  const client = new pg.Client({ connectionString: theServer().url });
  await client.connect();
  const results: Record<string, unknown> = {};
  for (const [what, change] of Object.entries(tampering)) {
    const { id, binding } = await ask(a, { within_s: 2 });
    const settled = a.call("settled", id);
    await agree(id, "pending");
    await client.query(change, [id]);
    const [used, decided] = [await b.call("use", id, binding), await b.call(...approve("bob", id))];
    results[what] = settled.then(({ state }) => [used.ok, decided.ok, state]);
  }
  await client.end();
  for (const what of Object.keys(tampering))
    expect([what, await results[what]]).toEqual([what, [false, false, "expired"]]);
});

test("crashes under load: no approval is used twice, and all gateways agree in the end", async () => {
  const all = [start("a"), start("b"), start("c")];
  const uses = new Map<string, number>();
  const ids: string[] = [];
  const one = async (i: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, i * 30));
    const [asker, first, second] = [0, 1, 2].map((shift) => all[(i + shift) % 3] as GatewayProcess) as [
      GatewayProcess,
      GatewayProcess,
      GatewayProcess,
    ];
    const { id, binding } = await ask(asker, { within_s: 8 });
    ids.push(id);
    const decide = async (gateway: GatewayProcess, user: string): Promise<void> => {
      for (let tries = 0; tries < 20; tries++) {
        const result = await gateway.call(...approve(user, id));
        if (result.error === undefined && !/no such/.test(result.why ?? "")) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    await Promise.all([decide(first, "bob"), decide(second, "eve")]);
    const used = await Promise.all(all.map((gateway) => gateway.call("use", id, binding)));
    uses.set(id, used.filter(({ ok }) => ok).length);
  };
  const load = Promise.all(Array.from({ length: isLong ? 60 : 8 }, (_, i) => one(i)));
  for (const wait_ms of [300, 500]) {
    await new Promise((resolve) => setTimeout(resolve, wait_ms));
    await theServer().crash();
    await theServer().start();
  }
  await load;
  for (const count of uses.values()) expect(count).toBeLessThanOrEqual(1);
  const client = new pg.Client({ connectionString: theServer().url });
  await client.connect();
  for (const id of ids) {
    const [first, ...others] = await eventually(
      () => Promise.all(all.map((gateway) => stateAt(gateway, id))),
      (states) => states.every((state) => state === states[0] && state !== "pending" && state !== "approved"),
    );
    expect(others).toEqual([first, first]);
    const { rows } = await client.query("SELECT state FROM hpl_approvals WHERE id = $1", [id]);
    // What the database never saw has ended here alone.
    if (rows.length > 0) expect(rows[0].state).toBe(first);
    if (uses.get(id) === 1) expect(first).toBe("used");
  }
  await client.end();
}, 60_000);

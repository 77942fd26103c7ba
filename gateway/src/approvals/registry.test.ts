import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aBinding } from "../../test/approval-fixture.js";
import type { AuditEvent } from "../audit/event.js";
import { AuditUnavailable } from "../session/enforcement.js";
import { type Approval, type ApprovalScope, type Approver, approvalScopes } from "./approval.js";
import { closedMax, type LocalApprovals, openApprovals } from "./registry.js";
import { type ApprovalRequest, pendingMax } from "./request.js";
import { fileStore } from "./store.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-approvals-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const request: ApprovalRequest = {
  binding: aBinding,
  statement: "UPDATE orders SET paid = true",
  facts: [],
  places: [],
  message: "ask",
  needs: [{ group: "dba", count: 1 }],
  within_s: 60,
};
const person = (user: string): Approver => ({ user, names: [], kind: "human", groups: ["dba"] });

/** A registry on real files with a clock of its own, a log and a store that can be made to fail. */
interface Bench {
  readonly registry: LocalApprovals;
  readonly events: AuditEvent[];
  readonly lines: string[];
  auditFails: boolean;
  storeFails: boolean;
  now: number;
}

function open(now = Date.parse("2026-11-20T12:00:00Z")): Bench {
  const store = fileStore(folder, (line) => bench.lines.push(line));
  const bench: Omit<Bench, "registry"> = { events: [], lines: [], auditFails: false, storeFails: false, now };
  const registry = openApprovals({
    store: {
      ...store,
      save: (approval) => {
        if (bench.storeFails) throw new Error("disk full");
        store.save(approval);
      },
    },
    audit: {
      path: "",
      append: (event) => {
        if (bench.auditFails) throw new AuditUnavailable("disk full");
        return bench.events.push(event);
      },
      close: () => {},
    },
    onChange: () => {},
    now: () => new Date(bench.now),
    log: (line) => bench.lines.push(line),
  });
  return Object.assign(bench, { registry });
}

function ask(registry: LocalApprovals, more: Partial<ApprovalRequest> = {}): Approval {
  const step = registry.request({ ...request, ...more });
  if (!step.ok) throw new Error(step.why);
  return step.approval;
}
const stateOf = (registry: LocalApprovals, id: string) => registry.list().find((each) => each.id === id)?.state;
const kinds = ({ events }: Bench) => events.map(({ kind }) => kind.slice("approval.".length));

test("asked, approved, used once", async () => {
  const bench = open();
  const { registry } = bench;
  const { id, binding } = ask(registry);
  const settled = registry.settled(id);
  expect(registry.decide(id, person("bob"), "approve", "fine").ok).toBe(true);
  expect((await settled).state).toBe("approved");
  expect(registry.use(id, { ...binding, policy_digest: "p2" }).ok).toBe(false);
  expect([registry.use(id, binding).ok, registry.use(id, binding).ok]).toEqual([true, false]);
  expect(kinds(bench)).toEqual(["requested", "approved", "used"]);
});

test.each(["bob", "carol", "svc-coder"])("%s deciding twice, or on their own, changes nothing more", (user) => {
  const { registry } = open();
  const { id } = ask(registry, { needs: [{ group: "dba", count: 2 }] });
  const results = [1, 2].map(() => registry.decide(id, person(user), "approve", "fine").ok);
  expect(results).toEqual([user === "bob", false]);
  expect(stateOf(registry, id)).toBe("pending");
});

test("pending ones of a process that crashed are cancelled; an approved one is used once, over two restarts", () => {
  const first = open();
  const [pending, approved] = [
    ask(first.registry),
    ask(first.registry, { within_s: 50, needs: [{ group: "dba", count: 2 }] }),
  ];
  for (const name of ["bob", "eve"]) first.registry.decide(approved.id, person(name), "approve", "fine");
  const second = open();
  expect(kinds(second)).toEqual(["cancelled"]);
  expect([pending, approved].map(({ id }) => stateOf(second.registry, id))).toEqual(["cancelled", "approved"]);
  expect(second.registry.use(approved.id, approved.binding).ok).toBe(true);
  const third = open();
  expect(third.registry.use(approved.id, approved.binding).ok).toBe(false);
  expect(kinds(third)).toEqual([]);
});

test.each([
  ["not JSON", "{"],
  ["another shape", "{}"],
  ["approved by nobody", null],
])("a file that is %s does not count and stops nothing", (_name, content) => {
  const first = open();
  const { id } = ask(first.registry);
  const path = join(folder, "approvals", `${id}.json`);
  writeFileSync(path, content ?? readFileSync(path, "utf8").replace('"pending"', '"approved"'));
  const second = open();
  expect(second.registry.list()).toEqual([]);
  expect(second.lines).toEqual([expect.stringContaining(`renamed to ${id}.json.damaged`)]);
  expect(readdirSync(join(folder, "approvals"))).toEqual([`${id}.json.damaged`]);
});

test("the same request finds the same approval, another one does not", () => {
  const bench = open();
  const { id } = ask(bench.registry);
  expect(ask(bench.registry).id).toBe(id);
  const others: readonly Partial<ApprovalRequest>[] = [
    { needs: [{ group: "dba", count: 2 }] },
    { binding: { ...request.binding, parameters_sha256: "cd".repeat(32) } },
    { binding: { ...request.binding, policy_digest: "p2" } },
  ];
  for (const other of others) expect(ask(bench.registry, other).id).not.toBe(id);
  bench.now += 30_000;
  expect(ask(bench.registry, { within_s: 20 }).id).not.toBe(id); // A quicker answer is wanted now.
  expect(ask(bench.registry).id).toBe(id);
});

test.each<readonly [ApprovalScope, object, boolean]>([
  ["shape", { statement_sha256: "cd".repeat(32), parameters_sha256: "cd".repeat(32), session: "s2" }, true],
  ["shape", { shape_sha256: "cd".repeat(32), statement_sha256: "cd".repeat(32) }, false],
  ["session", { shape_sha256: "cd".repeat(32), statement_sha256: "cd".repeat(32) }, true],
  ["session", { session: "s2", statement_sha256: "cd".repeat(32) }, false],
  ["session", { rules: ["shop/other"], statement_sha256: "cd".repeat(32) }, false],
])("approved for one %s, another statement finds it or not: %j", (scope, change, isFound) => {
  const bench = open();
  const { id } = ask(bench.registry);
  const other = { binding: { ...request.binding, ...change } };
  const early = ask(bench.registry, other);
  expect(early.id).not.toBe(id); // What is only asked for covers nothing else.
  bench.registry.withdraw(early.id);
  bench.registry.decide(id, person("bob"), "approve", "fine", scope);
  expect(ask(bench.registry, other).id === id).toBe(isFound);
  if (!isFound) return;
  for (const _ of [1, 2]) expect(bench.registry.use(id, other.binding).ok).toBe(true);
  expect(
    open(bench.now)
      .registry.list()
      .find((each) => each.id === id)?.uses,
  ).toBe(2);
  expect(bench.registry.revoke(id, person("bob"), "enough").ok).toBe(true);
  expect(bench.registry.use(id, other.binding).ok).toBe(false);
  expect(ask(bench.registry, other).id).not.toBe(id);
});

test("of several who wait, the last one's going cancels", () => {
  const { registry } = open();
  const { id } = ask(registry);
  ask(registry);
  registry.withdraw(id);
  expect(stateOf(registry, id)).toBe("pending");
  registry.withdraw(id);
  expect(stateOf(registry, id)).toBe("cancelled");
});

test("nobody piles up requests, and what is over is kept up to a limit", () => {
  const { registry } = open();
  const one = (i: number) => ({ ...request, binding: { ...request.binding, connection: `c${i}` } });
  for (let i = 0; i < pendingMax; i++) expect(registry.request(one(i)).ok).toBe(true);
  expect(registry.request(one(pendingMax))).toEqual({ ok: false, why: "100 approvals of svc-coder are pending" });
  for (const { id } of registry.list()) registry.withdraw(id);
  expect(registry.list().length).toBeLessThanOrEqual(closedMax);
});

test.each([[{ needs: [] }], [{ within_s: 0 }], [{ within_s: Number.NaN }]])(
  "a request that nobody could answer is refused: %j",
  (more) => {
    expect(open().registry.request({ ...request, ...more }).ok).toBe(false);
  },
);

test.each(["auditFails", "storeFails"] as const)("%s: no request, no approval, no use", (failing) => {
  const bench = open();
  const { registry } = bench;
  const { id, binding } = ask(registry);
  bench[failing] = true;
  expect(() => ask(registry, { within_s: 9, needs: [{ group: "ops", count: 1 }] })).toThrow();
  expect(() => registry.decide(id, person("bob"), "approve", "fine")).toThrow();
  expect(stateOf(registry, id)).toBe("pending");
  bench[failing] = false;
  expect(registry.decide(id, person("bob"), "approve", "fine").ok).toBe(true);
  bench[failing] = true;
  expect(() => registry.use(id, binding)).toThrow();
  bench[failing] = false;
  // A use that is in the log is over, even if it could not be stored and so did not run.
  expect(registry.use(id, binding).ok).toBe(failing === "auditFails");
});

test.each(["auditFails", "storeFails"] as const)(
  "%s: what restricts happens all the same, and waits end",
  async (failing) => {
    const bench = open();
    const { registry } = bench;
    const [late, gone] = [ask(registry), ask(registry, { needs: [{ group: "dba", count: 2 }], within_s: 90 })];
    const waits = [registry.settled(late.id), registry.settled(gone.id)];
    bench[failing] = true;
    registry.withdraw(gone.id);
    bench.now += 60_000;
    expect(registry.list().map(({ state }) => state)).toEqual(["cancelled", "expired"]);
    expect((await Promise.all(waits)).map(({ state }) => state)).toEqual(["expired", "cancelled"]);
    expect(bench.lines.length).toBe(2);
    const next = open(bench.now);
    expect(next.registry.list().every(({ state }) => state === "expired" || state === "cancelled")).toBe(true);
  },
);

test("a rejection that could not be stored is not followed by an approval", () => {
  const bench = open();
  const { id } = ask(bench.registry);
  bench.storeFails = true;
  expect(() => bench.registry.decide(id, person("bob"), "reject", "no")).toThrow();
  bench.storeFails = false;
  expect(bench.registry.decide(id, person("eve"), "approve", "yes").ok).toBe(false);
  expect(kinds(bench)).toEqual(["requested", "rejected"]);
});

test("time settles a wait without anybody asking, and closing settles the rest", async () => {
  const bench = open();
  const short = ask(bench.registry, { within_s: 0.05 });
  const long = ask(bench.registry, { within_s: 3_000, needs: [{ group: "x", count: 1 }] });
  const waits = [bench.registry.settled(short.id), bench.registry.settled(long.id)];
  bench.now += 60;
  expect((await waits[0])?.state).toBe("expired");
  bench.registry.close();
  expect((await waits[1])?.state).toBe("cancelled");
});

test("a pending approval keeps no process alive", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  ask(open().registry);
  expect(timers()).toBe(before);
});

// --- Any order of steps, on real files, against the simplest model: a state and who has approved. ---

const needed = 2;
const people = ["bob", "eve", "svc-coder"] as const;

interface Model {
  state: Approval["state"];
  approvers: Set<string>;
  scopes: Set<ApprovalScope>;
  late: boolean;
}
interface Real {
  bench: Bench;
  readonly id: string;
  readonly binding: ApprovalRequest["binding"];
  outcomes: string[];
}

const final = (state: Approval["state"]): boolean => state !== "pending" && state !== "approved";
/** The model as the clock leaves it. */
function age(model: Model): void {
  if (model.late && !final(model.state)) model.state = "expired";
}

const command = (name: string, run: (model: Model, real: Real) => void): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model, real) => {
    const before = model.state;
    run(model, real);
    expect(stateOf(real.bench.registry, real.id)).toBe(model.state);
    if (final(before)) expect(model.state).toBe(before);
  },
  toString: () => name,
});

const decideBy = (user: (typeof people)[number], decision: "approve" | "reject", scope: ApprovalScope) =>
  command(`${user} ${decision} ${scope}`, (model, { bench, id }) => {
    const { ok } = bench.registry.decide(id, person(user), decision, "r", scope);
    age(model);
    const counts = model.state === "pending" && user !== "svc-coder" && !model.approvers.has(user);
    expect(ok).toBe(counts);
    if (!counts) return;
    model.scopes.add(scope);
    if (decision === "reject") model.state = "rejected";
    else if (model.approvers.add(user).size === needed) model.state = "approved";
  });

const commands = [
  ...people.flatMap((user) =>
    approvalScopes
      .map((scope) => fc.constant(decideBy(user, "approve", scope)))
      .concat(fc.constant(decideBy(user, "reject", "statement"))),
  ),
  fc.constant(
    command("use", (model, { bench, id, binding, outcomes }) => {
      const { ok } = bench.registry.use(id, binding);
      age(model);
      expect(ok).toBe(model.state === "approved");
      if (!ok) return;
      const isReusable = model.scopes.size === 1 && !model.scopes.has("statement");
      if (!isReusable) model.state = "used";
      outcomes.push("ran");
      if (!isReusable) expect(outcomes).toEqual(["ran"]);
    }),
  ),
  fc.constant(
    command("revoke", (model, { bench, id }) => {
      const { ok } = bench.registry.revoke(id, person("bob"), "r");
      age(model);
      expect(ok).toBe(model.state === "approved");
      if (ok) model.state = "revoked";
    }),
  ),
  fc.constant(
    command("withdraw", (model, { bench, id }) => {
      bench.registry.withdraw(id);
      age(model);
      if (model.state === "pending") model.state = "cancelled";
    }),
  ),
  fc.constant(
    command("time passes", (model, { bench }) => {
      bench.now += 60_000;
      model.late = true;
      age(model);
    }),
  ),
  fc.constant(
    command("crash and restart", (model, real) => {
      real.bench = open(real.bench.now);
      age(model);
      if (model.state === "pending") model.state = "cancelled";
    }),
  ),
];

test("whatever happens in whatever order, there is one final state, and one run unless all agreed to more", () => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 12 }), (steps) => {
      rmSync(join(folder, "approvals"), { recursive: true, force: true });
      const setup = () => {
        const bench = open();
        const { id, binding } = ask(bench.registry, { needs: [{ group: "dba", count: needed }] });
        const model: Model = { state: "pending", approvers: new Set(), scopes: new Set(), late: false };
        return { model, real: { bench, id, binding, outcomes: [] } satisfies Real };
      };
      fc.modelRun(setup, steps);
    }),
    { numRuns: 150 },
  );
});

import type { ModuleMetaGrant } from "@hpl/runtime";
import { beforeEach, expect, test } from "vitest";
import { openApprovals } from "../approvals/registry.js";
import type { AuditEvent } from "../audit/event.js";
import type { PolicyInForce } from "../policy/in-force.js";
import { AuditUnavailable } from "../session/enforcement.js";
import { localGrants } from "./grant-store.js";
import { type GrantBook, openGrants, type Person } from "./grants.js";

const glass: ModuleMetaGrant = {
  id: "m.break_glass",
  to: ["oncall"],
  approval: null,
  asking: "incident number",
  lasting_s: 60,
  telling: ["security"],
};
const consented: ModuleMetaGrant = {
  ...glass,
  id: "m.reach",
  approval: { all: [{ group: "dba", count: 1 }], within_s: 600 },
};
const person = (user: string, ...groups: readonly string[]): Person => ({
  user,
  issuer: "static",
  names: [],
  kind: "human",
  groups,
  on_behalf_of: null,
});
const [ann, bob] = [person("ann", "oncall"), person("bob", "dba", "security")];

let declared: readonly ModuleMetaGrant[];
let now_ms: number;
let auditFails: boolean;
let book: GrantBook;
let approvals: ReturnType<typeof openApprovals>;
const events: AuditEvent[] = [];
const told: string[] = [];
beforeEach(() => {
  declared = [glass, consented];
  now_ms = Date.parse("2026-11-20T12:00:00Z");
  auditFails = false;
  events.length = 0;
  told.length = 0;
  const audit = {
    path: "",
    append: (event: AuditEvent) => {
      if (auditFails) throw new AuditUnavailable("disk full");
      return events.push(event);
    },
    close: () => {},
  };
  const now = () => new Date(now_ms);
  const store = { load: () => [], save: () => {}, remove: () => {} };
  approvals = openApprovals({ store, audit, onChange: () => {}, now, log: () => {} });
  const policies = {
    current: () =>
      ({ kind: "loaded", policy: { digest: "p", meta: { grants: declared } } }) as unknown as PolicyInForce,
  };
  const onChange = (kind: string): void => void told.push(kind);
  book = openGrants({ store: localGrants(), policies, approvals, audit, now, log: () => {}, onChange });
});

const held = (who: Person = ann): readonly string[] => book.inForce({ ...who, id: who.user }, declared);
const kinds = () => events.map(({ kind }) => kind);

test("taken without anybody's consent: flagged, told, and over in time", async () => {
  expect(await book.ask(ann, "break_glass", "INC-1")).toMatchObject({
    state: "given",
    grant: { telling: ["security"] },
  });
  expect(events).toMatchObject([{ kind: "grant.given", detail: { without_approval: true, reason: "INC-1" } }]);
  expect(told).toEqual(["grant.given"]);
  expect([held(), held(bob)]).toEqual([["m.break_glass"], []]);
  now_ms += 59_999;
  expect(held()).toEqual(["m.break_glass"]);
  now_ms += 1;
  expect([held(), book.list()]).toEqual([[], []]);
});

test("with others' consent it is given when they agree, and not by whoever asks", async () => {
  const asked = await book.ask(ann, "m.reach", "INC-2");
  if (asked.state !== "pending") throw new Error(asked.state);
  expect(held()).toEqual([]);
  expect(approvals.decide(asked.approval, { ...ann, groups: ["dba"] }, "approve", "me").ok).toBe(false);
  expect(approvals.decide(asked.approval, bob, "approve", "seen").ok).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(held()).toEqual(["m.reach"]);
  expect(kinds()).toEqual(["approval.requested", "approval.approved", "approval.used", "grant.given"]);
  expect(events.at(-1)?.detail).toMatchObject({ without_approval: false, approval: asked.approval });
});

test.each<readonly [string, Person, string, string, RegExp]>([
  ["not of the group", bob, "break_glass", "INC-1", /only oncall may ask/],
  ["no reason", ann, "break_glass", "  ", /a reason is required; say this: incident number/],
  ["a reason with controls", ann, "break_glass", "INC\u001b[2J", /control characters/],
  ["nothing of that name", ann, "glass", "INC-1", /declares no such grant/],
  ["a part of a name", ann, "_glass", "INC-1", /declares no such grant/],
])("refused: %s", async (_name, who, name, reason, why) => {
  const asked = await book.ask(who, name, reason);
  expect(asked.state === "refused" && asked.why).toMatch(why);
  expect(events).toEqual([]);
});

test("a name that two policies have must be whole", async () => {
  declared = [glass, { ...glass, id: "other.break_glass" }];
  expect(await book.ask(ann, "break_glass", "INC-1")).toMatchObject({
    state: "refused",
    why: expect.stringContaining("several"),
  });
  expect((await book.ask(ann, "other.break_glass", "INC-1")).state).toBe("given");
});

test("what cannot be written down is not given; what is revoked ends all the same", async () => {
  auditFails = true;
  await expect(book.ask(ann, "break_glass", "INC-1")).rejects.toThrow(AuditUnavailable);
  expect(held()).toEqual([]);
  auditFails = false;
  const asked = await book.ask(ann, "break_glass", "INC-1");
  if (asked.state !== "given") throw new Error(asked.state);
  expect(await book.ask(ann, "break_glass", "INC-1")).toMatchObject({ why: expect.stringContaining("given already") });
  auditFails = true;
  expect(await book.revoke(asked.grant.id, bob, "over")).toBeNull();
  expect(held()).toEqual([]);
});

test.each<readonly [string, Person, boolean]>([
  ["its holder", ann, true],
  ["who is told of it", bob, true],
  ["a stranger", person("eve", "oncall"), false],
  ["an agent of the group that is told", { ...bob, kind: "agent" }, false],
  ["the same name from another issuer", { ...ann, issuer: "https://evil", groups: [] }, false],
])("revoking: %s", async (_name, who, expected) => {
  const asked = await book.ask(ann, "break_glass", "INC-1");
  expect(asked.state === "given" && (await book.revoke(asked.grant.id, who, "done")) === null).toBe(expected);
  expect(held().length).toBe(expected ? 0 : 1);
});

test.each<readonly [string, readonly ModuleMetaGrant[], number]>([
  ["no longer declares it", [], 0],
  ["gives it to others", [{ ...glass, to: ["sre"] }], 0],
  ["lets it last shorter", [{ ...glass, lasting_s: 10 }], 10_000],
])("a policy that %s ends it", async (_name, changed, wait_ms) => {
  await book.ask(ann, "break_glass", "INC-1");
  declared = changed;
  now_ms += wait_ms;
  expect(held()).toEqual([]);
});

test("somebody of the same id from another issuer has nothing of it", async () => {
  await book.ask(ann, "break_glass", "INC-1");
  expect(held({ ...ann, issuer: "https://issuer.example" })).toEqual([]);
  expect(held({ ...ann, groups: [] })).toEqual([]);
});

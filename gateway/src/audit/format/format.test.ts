/** Events in the words of other systems: every kind fits the schema, and nothing an event says can break a line. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoggedEvent } from "../query.js";
import { toCef } from "./cef.js";
import { toEcs } from "./ecs.js";
import { formatEvent } from "./index.js";
import { toOcsf } from "./ocsf.js";

const subset = new URL("../../../test/ocsf-subset.schema.json", import.meta.url);
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(subset, "utf8")));

const connection = { name: "shop", kind: "postgres", env: "prod" };
const principal = { id: "svc", kind: "agent", groups: ["engineers"], on_behalf_of: "alice" };
const rule = { id: "m/no-ddl", effect: "block", certainty: "must", file: "p.hpl", line: 3 };
const sqlFacts = (effects: readonly string[]) => ({
  family: "sql",
  kind: "select",
  effects,
  relations: [{ schema: "public", name: "users", access: "read" }],
  complete: true,
  reasons: [],
});
const decided = (
  verdict: string,
  facts: readonly object[],
  masks: readonly object[] = [],
  text: string | null = "SELECT $1",
) => ({
  decision_id: "d1",
  session: "s1",
  principal,
  connection,
  statement: { statement_sha256: "a".repeat(64), parameters_sha256: "b".repeat(64), text },
  facts,
  decision: { verdict, rules: [rule], masks, obligations: [], complete: true, reasons: [], message: "no", code: null },
  policy_digest: "c".repeat(64),
  inputs: null,
});
const approval = (state: string, decisions: readonly object[] = []) => ({
  approval: "0a",
  state,
  binding: {
    principal: "svc",
    on_behalf_of: null,
    connection: "shop",
    statement_sha256: "",
    parameters_sha256: "",
    policy_digest: "",
  },
  rules: ["m/change"],
  needs: [{ group: "dba", count: 1 }],
  requested_at: "2026-11-01T00:00:00.000Z",
  expires_at: "2026-11-01T00:10:00.000Z",
  decisions,
});
const bob = { user: "bob", decision: "approve", reason: "ok", at: "2026-11-01T00:01:00.000Z", groups: ["dba"] };
const executed = (status: string, masked: readonly object[] = []) => ({
  session: "s1",
  decision_id: "d1",
  status,
  rows: 3,
  sqlstate: status === "ok" ? null : "22012",
  masked,
});

/** kind, detail, class, activity, action, disposition. */
const cases: readonly (readonly [kind: string, detail: object, ocsf: readonly (number | undefined)[]])[] = [
  ["decision", decided("allow", [sqlFacts(["read"])]), [6005, 1, 1, 1]],
  ["decision", decided("allow", [sqlFacts(["read"])], [{ column: "email" }]), [6005, 1, 1, 11]],
  ["decision", decided("approve", [sqlFacts(["write", "read"])]), [6005, 2, 0, 14]],
  ["decision", decided("block", [sqlFacts(["drop"])]), [6005, 7, 2, 2]],
  ["decision", decided("block", [sqlFacts(["create"])]), [6005, 6, 2, 2]],
  [
    "decision",
    decided("block", [{ family: "sql", complete: false, reasons: ["parse_error"] }], [], null),
    [6005, 4, 2, 2],
  ],
  ["decision", { ...decided("block", []), policy_digest: null }, [6005, 4, 2, 2]],
  ["decision", decided("allow", [{ family: "shell", complete: false, reasons: [] }]), [6003, 99, 1, 1]],
  ["execution", executed("ok"), [6005, 4, 1, 1]],
  ["execution", executed("error", [{ index: 0 }]), [6005, 4, 1, 11]],
  ["session.opened", { session: "s1", user: "agent", principal: "svc", connection, ip: "10.0.0.9" }, [3003, 1]],
  ["session.closed", { session: "s1" }, [3003, 99]],
  ["session.noted", { session: "s1", what: "refused", reason: "no replication" }, [6005, 99]],
  ["policy.loaded", { digest: "c".repeat(64), is_new: true }, [3004, 10]],
  ["policy.refused", { reason: "the policy has errors", codes: ["HPL1001"] }, [3004, 99]],
  ["approval.requested", approval("pending"), [3004, 1, 2, 14]],
  ["approval.decided", approval("pending", [bob]), [3004, 3, 2, 14]],
  ["approval.approved", approval("approved", [bob]), [3004, 8, 1, 8]],
  ["approval.used", approval("used", [bob]), [3004, 10, 1, 8]],
  ["approval.rejected", approval("rejected", [bob]), [3004, 9, 2, 25]],
  ["approval.expired", approval("expired"), [3004, 11, 2, 2]],
  ["gateway.started", { connections: ["shop"] }, [6002, 3]],
  ["gateway.stopped", {}, [6002, 4]],
  ["audit.recovered", { torn_bytes: 3, refused_events: 2 }, [2004, 1]],
  ["something.new", { session: "s1" }, [6002, 99]],
];

const eventOf = (kind: string, detail: object): LoggedEvent => ({
  index: 7,
  time: "2026-11-01T12:00:00.000Z",
  kind,
  detail,
});

test.each(cases)(
  "%s %#: OCSF as its schema has it, with nothing left out",
  (kind, detail, [class_uid, activity_id, action_id, disposition_id]) => {
    const ocsf = toOcsf(eventOf(kind, detail), "log/1");
    expect(validate(ocsf) ? null : validate.errors).toBe(null);
    expect(ocsf).toMatchObject({ class_uid, activity_id, type_uid: (class_uid ?? 0) * 100 + (activity_id ?? 0) });
    expect([ocsf?.action_id, ocsf?.disposition_id]).toEqual([action_id, disposition_id]);
    expect(ocsf?.unmapped).toEqual({ hpl: { kind, ...detail } });
  },
);

test("the schema of the tests knows a wrong event", () => {
  const right = toOcsf(eventOf("decision", decided("allow", [])), "log/1");
  const wrong = [
    { class_uid: 6004 },
    { actor: undefined },
    { database: undefined },
    { invented: 1 },
    { activity_id: 42 },
    { metadata: {} },
  ];
  for (const change of wrong)
    expect([change, validate(JSON.parse(JSON.stringify({ ...right, ...change })))]).toEqual([change, false]);
});

test("ECS says who, what, where and what came of it", () => {
  expect(toEcs(eventOf("decision", decided("block", [sqlFacts(["drop"])])), "log/1")).toMatchObject({
    "@timestamp": "2026-11-01T12:00:00.000Z",
    event: { action: "decision", category: ["database"], type: ["denied"], outcome: "failure", id: "log/1#7" },
    user: { id: "svc", roles: ["engineers"] },
    rule: { id: ["m/no-ddl"] },
    related: { entity: ["public.users"] },
    service: { name: "shop" },
  });
});

test("CEF: a line an event", () => {
  expect(toCef(eventOf("decision", decided("block", [sqlFacts(["drop"])], [], "a=b|c\\d\ne")), "log/1")).toBe(
    "CEF:0|HPL|gateway|1|600507|statement: block|6|rt=1793534400000 externalId=log/1#7 cat=decision act=block suid=svc " +
      "destinationServiceName=shop cs1Label=rules cs1=m/no-ddl cs2Label=tables cs2=public.users cs3Label=statement " +
      "cs3=a\\=b|c\\\\d\\ne msg=no",
  );
});

test("no text in an event ends a line, or a field, of any format", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, id) => {
      const detail = { ...decided("allow", [sqlFacts(["read"])], [], text), principal: { ...principal, id } };
      const event = eventOf("decision", detail);
      for (const format of ["ocsf", "ecs", "cef"] as const) {
        const line = formatEvent(event, "", format, "log/1") ?? "";
        expect(line).not.toMatch(/[\r\n]/);
        if (format !== "cef")
          expect(JSON.parse(line)).toEqual(
            JSON.parse(JSON.stringify(format === "ocsf" ? toOcsf(event, "log/1") : toEcs(event, "log/1"))),
          );
      }
    }),
  );
});

test.each(["facts.seen", "audit.checkpoint"])("%s is the log's own business, but in the log's own format", (kind) => {
  const event = eventOf(kind, {});
  expect(["ocsf", "ecs", "cef"].map((format) => formatEvent(event, "line", format as "ocsf", "o"))).toEqual([
    null,
    null,
    null,
  ]);
  expect(formatEvent(event, "line", "hpl", "o")).toBe("line");
});
